"""A change of standard over 20,000 families that receive help: computed part by part, sealed, released.

    python bench/adjust.py [--families 20000]

A real PostgreSQL and the office's own flows under its own rights. Every family has a word on each fact that the
programme asks for; the rules run for each. Equal means: what rises, stays and falls is counted and is what the amounts
say, and every rise is an amount of its own, every fall a review. Printed are processor seconds of Python and of the
database apart, statements, and whether the last thousand cost more than the first.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import django
import psycopg

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure.processor import load, processor_seconds  # noqa: E402 - on the path only from here on

AT = datetime.fromisoformat("2026-11-24T09:00:00+08:00")
BEFORE = datetime.fromisoformat("2026-10-20T09:00:00+08:00")
COUNTY, VILLAGE, PROGRAMME = "419901", "419901101001", "dibao"
# The county's rural standard for one person, and what is paid to every tenth, every fifth, and everybody else.
STANDARD, ABOVE, BELOW = 42_000, 45_000, 40_000


def amount(number: int) -> int:
    """What a family receives before the change."""
    return ABOVE if number % 10 == 0 else STANDARD if number % 5 == 0 else BELOW


def fill(families: int, user_id: int) -> None:
    """Families of one old person with a decided entitlement and a word on everything that is asked."""
    from doudi.office.bulk import insert_rows, take_ids  # noqa: PLC0415 - Django is set up by now, not before
    from doudi.office.casework.models import Case, Decision  # noqa: PLC0415
    from doudi.office.entitlements.models import Entitlement  # noqa: PLC0415
    from doudi.office.evidence.models import Assessment, Fact  # noqa: PLC0415
    from doudi.office.evidence.rulebook import asked_vocabulary  # noqa: PLC0415
    from doudi.office.registry.models import Household, Membership, Person  # noqa: PLC0415

    def put(model: Any, ids: list[int] | None = None, **columns: Any) -> list[int]:
        """Write a row for each family; a column is one value for all, or a list."""
        ids = ids or take_ids(model, families)
        given = {"id": ids, **columns}
        cells = [each if isinstance(each, list) else [each] * families for each in given.values()]
        insert_rows(model, tuple(given), list(zip(*cells, strict=True)))
        return ids

    numbers = range(families)
    amounts, decided = [amount(number) for number in numbers], {"area": VILLAGE}
    people = put(Person, key=[f"a-{n}" for n in numbers], name="张三", id_number="", id_tail_index="", phone="",
                 birth_date=date(1950, 1, 1), sex="1", status="met", **decided)  # fmt: skip
    homes = put(Household, key=[f"ah-{n}" for n in numbers], number=[f"A{n:07d}" for n in numbers], address="",
                basis="office", residence="rural", **decided)  # fmt: skip
    put(Membership, household_id=homes, person_id=people, relation="02", from_date=date(2020, 1, 1), end_reason="",
        recorded_at=BEFORE, **decided)  # fmt: skip
    assessments = put(Assessment, household_id=homes, programme=PROGRAMME, as_of=BEFORE.date(), outcome="eligible",
                      amount_fen=amounts, pack_release="bench", pack_hash="0" * 64, inputs={}, result={},
                      explanation_zh={}, explanation_en={}, made_at=BEFORE, made_by_id=user_id, **decided)  # fmt: skip
    cases = put(Case, number=[f"A{n:08d}" for n in numbers], household_id=homes, programme=PROGRAMME, channel="window",
                applicant_id=people, state="open", opened_at=BEFORE, opened_by_id=user_id, **decided)  # fmt: skip
    decisions = put(Decision, case_id=cases, stage="confirm", step="confirm", outcome="approve", recommended="eligible",
                    reason="符合条件", assessment_id=assessments, amount_fen=amounts, actor_id=user_id,
                    decided_at=BEFORE, **decided)  # fmt: skip
    Case.objects.filter(state="open").update(state="approved")
    put(Entitlement, household_id=homes, programme=PROGRAMME, case_id=cases, decision_id=decisions,
        assessment_id=assessments, amount_fen=amounts, start_month="2026-11", granted_at=BEFORE,
        granted_by_id=user_id, **decided)  # fmt: skip
    asked = asked_vocabulary(PROGRAMME)
    for column, subjects, definitions in (
        ("person_id", people, asked.person),
        ("household_id", homes, asked.household),
    ):
        for name, definition in definitions.items():
            if name not in ("birth_date", "residence"):
                is_text = definition.type == "text"
                value = {"value_text": next(iter(definition.codes))} if is_text else {"value_int": 0}
                said = {column: subjects, "name": name, "valid_from": date(2026, 10, 1), "origin": "department"}
                put(
                    Fact,
                    **said,
                    **value,
                    source="bench",
                    batch="",
                    recorded_at=BEFORE,
                    recorded_by_id=user_id,
                    **decided,
                )


class Meter:
    """Seconds and statements since it was asked last."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster, self.statements = postmaster, 0
        original = psycopg.Cursor.execute

        def counted(cursor: Any, *given: Any, **more: Any) -> Any:
            self.statements += 1
            return original(cursor, *given, **more)

        psycopg.Cursor.execute = counted  # type: ignore[method-assign,assignment]
        self._last = self._now()

    def since(self) -> tuple[float, float, float, int]:
        """Seconds on the clock, of Python's and of the database's processor time, and statements."""
        last, self._last = self._last, self._now()
        return tuple(now - then for now, then in zip(self._last, last, strict=True))  # type: ignore[return-value]

    def _now(self) -> tuple[float, float, float, int]:
        return time.perf_counter(), time.process_time(), processor_seconds(self.postmaster), self.statements


def measured(families: int, postmaster: int) -> None:
    """Fill, compute, release, compare."""
    from doudi.engine.values.period import Month  # noqa: PLC0415 - Django is set up by now, not before
    from doudi.office.entitlements.models import AmountVersion, Review  # noqa: PLC0415
    from doudi.office.flows import adjust  # noqa: PLC0415
    from doudi.office.org.models import User  # noqa: PLC0415
    from doudi.office.org.scope import job_scope  # noqa: PLC0415

    reviewer, approver = User.objects.get(username="reviewer1"), User.objects.get(username="approver1")
    meter = Meter(postmaster)
    with job_scope(COUNTY, "benchmark"):
        fill(families, approver.pk)
    figures = {"filled": meter.since()}
    with job_scope(COUNTY, "benchmark"):
        change = adjust.begin_adjustment(
            actor=reviewer, at=AT, programme=PROGRAMME, from_month=Month(2026, 12), reason="基准测试"
        )
    parts = []
    meter.since()
    while change.state == "computing":
        with job_scope(COUNTY, "benchmark"):
            change = adjust.compute_part(actor=reviewer, at=AT, adjustment_id=change.pk)
        parts.append(meter.since())
    full = [part for part in parts if part[3]][: families // adjust.PART]
    whole = tuple(sum(part[place] for part in parts) for place in range(4))
    figures["computed"] = (whole[0], whole[1], whole[2], whole[3])
    print(f"first {adjust.PART}: {full[0][1] + full[0][2]:.2f} s, last: {full[-1][1] + full[-1][2]:.2f} s of processor")
    with job_scope(COUNTY, "benchmark"):
        done = adjust.release_adjustment(actor=approver, at=AT, adjustment_id=change.pk, reason="基准测试")
    figures["released"] = meter.since()
    with job_scope(COUNTY, "benchmark"):
        falls = sum(amount(number) > STANDARD for number in range(families))
        rises = sum(amount(number) < STANDARD for number in range(families))
        assert (done.raised, done.raised_fen, done.to_review) == (rises, rises * (STANDARD - BELOW), falls), done
        assert (AmountVersion.objects.count(), Review.objects.count()) == (rises, falls)
    for what, each in figures.items():
        told(what, families, each)


def told(what: str, families: int, figures: tuple[float, ...]) -> None:
    clock, python, database, statements = figures
    print(
        f"RESULT adjust:{what} families={families} seconds={clock:.1f} python={python:.1f} database={database:.1f}"
        f" statements={statements:.0f} equal=yes {load()}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, default=20_000)
    wishes = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="doudi-b-", dir="/tmp"))
    state.chmod(0o711)
    os.environ |= {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "doudi.office.settings", "DOUDI_DB_ROLE": "worker"}
    office = str(Path(sys.executable).with_name("doudi-office"))
    try:
        subprocess.run([office, "setup-demo"], check=True, stdout=subprocess.DEVNULL)
        django.setup()
        from doudi.office.console.database import database_running, embedded  # noqa: PLC0415 - as above

        with database_running():
            measured(wishes.families, int((embedded().data / "postmaster.pid").read_text("utf-8").split()[0]))
    finally:
        subprocess.run([office, "stop", "--remove"], check=False, capture_output=True)
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
