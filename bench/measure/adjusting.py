"""Computing and releasing a change of standard, measured. Django is set up before this is imported."""

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import connection

from doudi.engine.values.period import Month
from doudi.office.bulk import insert_rows, take_ids
from doudi.office.casework.models import Case, Decision
from doudi.office.entitlements.models import AmountVersion, Entitlement, Review
from doudi.office.evidence.models import Assessment, Fact
from doudi.office.evidence.rulebook import asked_vocabulary
from doudi.office.flows import adjust
from doudi.office.org.models import User
from doudi.office.org.scope import job_scope
from doudi.office.registry.models import Household, Membership, Person
from measure.processor import load, processor_seconds

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
        connection.execute_wrappers.append(self._counted)
        self._last = self._now()

    def since(self) -> tuple[float, float, float, int]:
        """Seconds on the clock, of Python's and of the database's processor time, and statements."""
        last, self._last = self._last, self._now()
        clock, python, database, statements = self._last
        return clock - last[0], python - last[1], database - last[2], statements - last[3]

    def _counted(self, execute: Callable[..., Any], *given: Any) -> Any:
        self.statements += 1
        return execute(*given)

    def _now(self) -> tuple[float, float, float, int]:
        return time.perf_counter(), time.process_time(), processor_seconds(self.postmaster), self.statements


def measured(families: int, postmaster: int) -> None:
    """Fill, compute, release, compare."""

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
