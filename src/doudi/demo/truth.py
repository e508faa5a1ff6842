"""The truth of the city, for tests and benchmarks alone. The engine is never given this folder."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from doudi.demo.extracts import Extract
from doudi.demo.files import CSV_FIRST_ROW, XLSX_FIRST_ROW
from doudi.demo.people import Household, Person
from doudi.demo.planted import Planted
from doudi.demo.recipients import line_fen, true_income_fen


def write_truth(
    folder: Path,
    about: dict[str, Any],
    households: Sequence[Household],
    planted: Sequence[Planted],
    extracts: Sequence[Extract],
) -> None:
    """city.json, families.json, story_a1.json, households.json, needs.csv, bad_rows.json and rows.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    families = [_family(item) for item in planted]
    _write(folder / "city.json", about)
    _write(folder / "families.json", families)
    _write(folder / "story_a1.json", next(family for family in families if family["kind"] == "story_a1"))
    _write(folder / "households.json", [_household(household) for household in households])
    _write_needs(folder / "needs.csv", households, planted)
    _write(folder / "bad_rows.json", [line for extract in extracts for line in _spoiled(extract)])
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "row", "id_number", "expected"))
        for extract in extracts:
            for place, row in enumerate(extract.rows, start=_first_row(extract)):
                writer.writerow((extract.file_name, place, row.person.id_number, row.expected))


def _write_needs(path: Path, households: Sequence[Household], planted: Sequence[Planted]) -> None:
    """One line per household: what befell it, whether it receives, and whether it truly lives below the line."""
    kinds = {id(item.household): item.kind for item in planted}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("household_no", "kind", "receives_fen", "true_income_fen", "line_fen", "is_poor"))
        for household in households:
            income, line = true_income_fen(household), line_fen(household)
            kind = kinds.get(id(household), "")
            writer.writerow((household.number, kind, household.receives_fen, income, line, int(income < line)))


def _family(item: Planted) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "meaning": item.meaning,
        "is_in_need": item.is_in_need,
        "expected_rule": item.expected_rule,
        "expected_rule_later": item.expected_rule_later,
        "is_look_alike": item.is_look_alike,
        "is_hidden": item.is_hidden,
        "remark": item.remark,
        **_household(item.household),
    }


def _household(household: Household) -> dict[str, Any]:
    return {
        "household_no": household.number,
        "area_code": household.area_code,
        "address": household.address,
        "residence": "urban" if household.is_urban else "rural",
        "facts_in_no_file": household.truth,
        "receives_fen": household.receives_fen,
        "members": [_person(person) for person in household.members],
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "role": person.role,
        "name": person.name,
        "id_number": person.id_number,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "relation": person.relation,
        "registered_in": person.registered_in,
        "phone": person.phone,
        "incomes": [
            {
                "kind": income.kind,
                "gross_fen": income.gross_fen,
                "employer": income.employer,
                "first_month": income.first_month,
                "last_month": income.last_month,
            }
            for income in person.incomes
        ],
        "hospital_self_paid_fen": sum(stay.self_paid_fen for stay in person.stays),
        "facts_in_no_file": person.truth,
    }


def _spoiled(extract: Extract) -> list[dict[str, Any]]:
    return [
        {"file": extract.file_name, "source": extract.source, "row": place, "kind": row.kind, "expected": row.expected}
        for place, row in enumerate(extract.rows, start=_first_row(extract))
        if row.kind
    ]


def _first_row(extract: Extract) -> int:
    return XLSX_FIRST_ROW if extract.file_name.endswith(".xlsx") else CSV_FIRST_ROW


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
