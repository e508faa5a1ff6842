"""10,000 findings of a night come into a fresh office: `doudi-office load-night`, as an operator runs it.

The night is written by the engine's own writers: 10,000 families of one to four invented people, one finding each, with
fourteen facts. A second night, of which 8,000 are reported again, 1,000 have gone and 1,000 are new, is loaded into the
same office. Counts in the database are compared with the night before a time is told.

    python bench/load_findings.py
"""

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from doudi.engine.pipeline.manifest import Manifest, PackUsed, publish, write_sealed, write_table
from doudi.engine.tables import TABLES, table_from_columns
from doudi.engine.values.identity import check_digit
from doudi.engine.values.keys import Keyring
from doudi.office.postgres import EmbeddedPostgres

FINDINGS = 10_000
FACTS_EACH = 14
BIN = Path(sys.executable).parent
VILLAGES = ("419901101001", "419901101002", "419901102002", "419901201003")


def write_night(lake: Path, keyring: Keyring, as_of: date, statuses: dict[int, str]) -> str:
    """Seal a night with one finding for each family of `statuses`. Returns its id."""
    run_id = f"{as_of}-{hashlib.sha256(str(as_of).encode()).hexdigest()[:8]}"
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("households", "memberships", "facts", "findings", "finding_facts", "identity")
    }
    for number, status in statuses.items():
        key, area = keyring.pseudonym("household", f"bench/{number}"), VILLAGES[number % len(VILLAGES)]
        rows["households"].append({"household_key": key, "basis": "register", "area": area})
        rows["findings"].append(_finding(number, key, area, status))
        for place in range(1 + number % 4):
            serial = number * 4 + place
            born = date(1940, 1, 1) + timedelta(days=serial // 900)
            head = f"419901{born:%Y%m%d}{1 + serial % 900:03d}"
            person = keyring.pseudonym("person", f"{number}/{place}")
            relation = ("02", "10", "20", "30")[place]
            rows["memberships"].append({"household_key": key, "person_key": person, "relation": relation})
            rows["identity"].append(_who(person, head + check_digit(head), born, area, serial))
        rows["finding_facts"] += [_fact(number, place, key) for place in range(FACTS_EACH if status != "closed" else 0)]
    tables, sealed = lake / "bench" / run_id, lake / "bench" / f"{run_id}-sealed"
    tables.mkdir(parents=True)
    sealed.mkdir()
    identity = write_sealed(sealed, TABLES["identity"], _arrow("identity", rows.pop("identity")), keyring, run_id)
    digests = {name: write_table(tables, TABLES[name], [_arrow(name, content)]) for name, content in rows.items()}
    manifest = Manifest(
        run_id=run_id,
        as_of=as_of,
        sealed_at=datetime.fromisoformat(f"{as_of}T23:00:00+08:00"),
        inputs_hash=run_id,
        engine_version="bench",
        pack=PackUsed(release="bench", hash="0" * 64),
        snapshot=None,
        previous_run=None,
        inputs=(),
        tables=digests,
        sealed={"identity": identity},
        counts={},
    )
    publish(lake, manifest, tables, sealed)
    return run_id


def _finding(number: int, key: str, area: str, status: str) -> dict[str, Any]:
    return {
        "finding_id": f"{number:016x}",
        "rule": "large_hospital_bill",
        "family": "in_need",
        "household_key": key,
        "area": area,
        "episode_start": date(2026, 10, 9),
        "status": status,
        "priority": number % 100,
    }


def _who(key: str, id_number: str, born: date, area: str, serial: int) -> dict[str, Any]:
    return {
        "person_key": key,
        "name": f"赵{chr(0x4E00 + serial % 4000)}",
        "id_number": id_number,
        "sex": "1",
        "birth_date": born,
        "area": area,
        "address": "柳林村三组12号",
        "phone": "19900001234",
    }


def _fact(number: int, place: int, subject: str) -> dict[str, Any]:
    return {
        "finding_id": f"{number:016x}",
        "subject": subject,
        "name": f"fact_{place}",
        "value_int": place,
        "value_text": None,
        "as_of": date(2026, 10, 9),
        "source": "hospital_settlements",
        "batch": "b" * 16,
        "row": number,
    }


def _arrow(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    described = TABLES[table]
    columns = {c.name: pa.array([row[c.name] for row in rows], type=c.type) for c in described.columns}
    return table_from_columns(described, columns)


def office(state: Path, *command: str) -> float:
    """Run one command of the office's. Returns its seconds, start of Python and database included."""
    own = {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}
    began = time.perf_counter()
    done = subprocess.run(
        [str(BIN / "doudi-office"), *command], env=os.environ | own, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    print(done.stdout.strip() if command[0] == "load-night" else f"{command[0]} done")
    return time.perf_counter() - began


def counts(state: Path) -> tuple[int, ...]:
    """Findings open and ended, facts, people, open visits, as the database has them."""
    server = EmbeddedPostgres(state)
    with server.running(), server.connect("admin", "doudi") as admin:
        return tuple(
            admin.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
            for what in (
                "casework_finding WHERE state = 'open'",
                "casework_finding WHERE state = 'ended'",
                "casework_findingfact",
                "registry_person",
                "casework_task WHERE state = 'open' AND kind = 'visit'",
            )
        )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="doudi-bench-", dir="/tmp") as folder:
        state = Path(folder)
        state.chmod(0o711)
        office(state, "setup-demo")
        try:
            keyring = Keyring.load(state / "keys.json")
            first = write_night(state / "lake", keyring, date(2026, 11, 18), dict.fromkeys(range(FINDINGS), "new"))
            gone, more = range(8_000, 9_000), range(FINDINGS, FINDINGS + 1_000)
            later = (
                dict.fromkeys(range(8_000), "continuing") | dict.fromkeys(gone, "closed") | dict.fromkeys(more, "new")
            )
            second = write_night(state / "lake", keyring, date(2026, 11, 19), later)
            seconds = office(state, "load-night", "--run", first)
            people = sum(1 + number % 4 for number in range(FINDINGS))
            assert counts(state) == (FINDINGS, 0, FINDINGS * FACTS_EACH, people, FINDINGS), counts(state)
            again = office(state, "load-night", "--run", second)
            people += sum(1 + number % 4 for number in more)
            facts = (FINDINGS + 8_000 + 1_000) * FACTS_EACH
            assert counts(state) == (FINDINGS, 1_000, facts, people, FINDINGS), counts(state)
        finally:
            office(state, "stop", "--remove")
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"load_findings: processor time of all commands, without the database: {own.ru_utime + own.ru_stime:.1f} s")
    print(f"load_findings: {FINDINGS:,} new findings about {people:,} people in {seconds:.1f} s (aim: under 20 s)")
    print(f"load_findings: the next night, 8,000 repeated, 1,000 gone, 1,000 new, in {again:.1f} s")


if __name__ == "__main__":
    main()
