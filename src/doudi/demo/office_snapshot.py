"""The office's snapshot of the city: the families that receive already, as its people met them at the last review."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from doudi.demo.people import AS_OF, Household
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

_REVIEWED_ON = date(2026, 3, 15)
_RELATIONS = {
    "户主": "02", "配偶": "10", "子": "20", "女": "30", "孙子女": "40", "父母": "50", "兄弟姐妹": "70",
}  # fmt: skip


def household_key(keyring: Keyring, number: str) -> str:
    """The pseudonym of a household book, as the night makes it from the registry."""
    return keyring.pseudonym("household", f"household_registry/{number}")


def write_snapshot(folder: Path, households: list[Household], keyring: Keyring) -> None:
    """Write the snapshot's tables for every family that receives, as `doudi-office export-snapshot` would."""
    receiving = [household for household in households if household.receives_fen]
    homes: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    for place, household in enumerate(receiving, start=1):
        key = household_key(keyring, household.number)
        residence = "urban" if household.is_urban else "rural"
        homes.append({"household_key": key, "area": household.area_code, "residence": residence})
        month = str(Month.of(AS_OF))
        amount = household.receives_fen
        receipts.append(
            {"household_key": key, "programme": "dibao", "month": month, "amount_fen": amount, "row": place}
        )
        seen: list[tuple[str, str, Mapping[str, int | str]]] = [
            (key, "household", {"other_income_monthly": 0, "motor_vehicles": 0, "dwellings": 1, **household.truth})
        ]
        for person in household.members:
            person_key = keyring.pseudonym("person", person.id_number)
            members.append({"household_key": key, "person_key": person_key, "relation": _RELATIONS[person.relation]})
            usual: dict[str, int | str] = {"membership_exclusion": "none", "support_received_monthly": 0}
            seen.append((person_key, "person", {**usual, "wage_casual_monthly": 0, **person.truth}))
        facts += [
            {
                "subject": subject,
                "entity": entity,
                "name": name,
                "value_int": value if isinstance(value, int) else None,
                "value_text": value if isinstance(value, str) else None,
                "valid_from": _REVIEWED_ON,
                "row": place,
            }
            for subject, entity, known in seen
            for name, value in known.items()
        ]
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in (
        (OFFICE_HOUSEHOLDS, homes),
        (OFFICE_MEMBERS, members),
        (OFFICE_FACTS, facts),
        (OFFICE_RECEIPTS, receipts),
        (OFFICE_FINDINGS, []),
        (OFFICE_PAIR_DECISIONS, []),
    ):
        _write(folder, table, rows)


def _write(folder: Path, table: Table, rows: list[dict[str, Any]]) -> None:
    columns = {column.name: [row[column.name] for row in rows] for column in table.columns}
    pq.write_table(table_from_columns(table, columns), folder / f"{table.name}.parquet")
