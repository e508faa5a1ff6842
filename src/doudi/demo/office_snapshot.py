"""The office's snapshot of the city: the families that receive already, as its people met them at the last review."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from doudi.demo.people import AS_OF, Household, Person
from doudi.engine.tables import (
    OFFICE_FACTS,
    OFFICE_FINDINGS,
    OFFICE_HOUSEHOLDS,
    OFFICE_MEMBERS,
    OFFICE_PAIR_DECISIONS,
    OFFICE_RECEIPTS,
    Table,
    table_from_columns,
)
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

REVIEWED_ON = date(2026, 3, 15)
_RELATIONS = {
    "户主": "02", "配偶": "10", "子": "20", "女": "30", "孙子女": "40", "父母": "50", "兄弟姐妹": "70",
}  # fmt: skip


def household_key(keyring: Keyring, number: str) -> str:
    """The pseudonym of a household book, as the night makes it from the registry."""
    return keyring.pseudonym("household", f"household_registry/{number}")


@dataclass
class SnapshotRows:
    """Rows of the snapshot's tables; those of a city's parts are put together before they are written."""

    homes: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: "SnapshotRows") -> None:
        """Take in the rows of another part."""
        self.homes += other.homes
        self.members += other.members
        self.facts += other.facts
        self.receipts += other.receipts


def review_facts(household: Household) -> list[tuple[Person | None, str, int | str]]:
    """What the last review found out: of the family (None) and of each member."""
    own = {"other_income_monthly": 0, "motor_vehicles": 0, "dwellings": 1, **household.truth}
    facts: list[tuple[Person | None, str, int | str]] = [(None, name, value) for name, value in own.items()]
    for person in household.members:
        usual: dict[str, int | str] = {"membership_exclusion": "none", "support_received_monthly": 0}
        known = {**usual, "wage_casual_monthly": 0, **person.truth}
        facts += [(person, name, value) for name, value in known.items()]
    return facts


def snapshot_rows(households: Sequence[Household], keyring: Keyring, *, first_id: int = 1) -> SnapshotRows:
    """What the office knows of every family that receives or that it knows as a programme's; its records' ids rise."""
    rows, month = SnapshotRows(), str(Month.of(AS_OF))
    known = [household for household in households if household.receives_fen or household.recognised_as]
    for place, household in enumerate(known, start=first_id):
        key = household_key(keyring, household.number)
        residence = "urban" if household.is_urban else "rural"
        rows.homes.append({"household_key": key, "area": household.area_code, "residence": residence})
        granted = {"programme": household.recognised_as or "dibao", "amount_fen": household.receives_fen}
        rows.receipts.append({"household_key": key, "month": month, "row": place, **granted})
        for person in household.members:
            person_key = keyring.pseudonym("person", person.id_number)
            relation = _RELATIONS[person.relation]
            rows.members.append({"household_key": key, "person_key": person_key, "relation": relation})
        rows.facts += [
            {
                "subject": keyring.pseudonym("person", person.id_number) if person else key,
                "entity": "person" if person else "household",
                "name": name,
                "value_int": value if isinstance(value, int) else None,
                "value_text": value if isinstance(value, str) else None,
                "valid_from": REVIEWED_ON,
                "row": place,
            }
            for person, name, value in review_facts(household)
        ]
    return rows


def write_snapshot(folder: Path, rows: SnapshotRows) -> None:
    """Write the snapshot's tables, as `doudi-office export-snapshot` would."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, content in (
        (OFFICE_HOUSEHOLDS, rows.homes),
        (OFFICE_MEMBERS, rows.members),
        (OFFICE_FACTS, rows.facts),
        (OFFICE_RECEIPTS, rows.receipts),
        (OFFICE_FINDINGS, []),
        (OFFICE_PAIR_DECISIONS, []),
    ):
        _write(folder, table, content)


def _write(folder: Path, table: Table, rows: list[dict[str, Any]]) -> None:
    columns = {column.name: [row[column.name] for row in rows] for column in table.columns}
    pq.write_table(table_from_columns(table, columns), folder / f"{table.name}.parquet")
