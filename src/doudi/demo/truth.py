"""The truth of the city, for tests and benchmarks alone. The engine is never given this folder."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doudi.demo.extracts import Extract
from doudi.demo.files import CSV_FIRST_ROW, XLSX_FIRST_ROW
from doudi.demo.people import Household, Person
from doudi.demo.planted import Planted
from doudi.demo.recipients import has_adult_without_means, line_fen, true_income_fen


@dataclass
class Truth:
    """What is true of one part of the city and of its rows; of a large city households and rows are not listed."""

    families: list[dict[str, Any]]
    needs: list[tuple[str | int, ...]]
    spoiled: list[dict[str, Any]]
    households: list[dict[str, Any]] | None
    rows: list[tuple[str, int, str, str]] | None

    def add(self, other: "Truth", rows_before: Mapping[str, int]) -> None:
        """Take in the truth of the next part, whose rows stand in each file behind those already there."""
        self.households = self.households or other.households
        self.rows = self.rows or other.rows
        self.families += other.families
        self.needs += other.needs
        self.spoiled += [{**line, "row": line["row"] + rows_before.get(line["file"], 0)} for line in other.spoiled]


def truth_of(
    households: Sequence[Household], planted: Sequence[Planted], extracts: Sequence[Extract], *, lists_all: bool
) -> Truth:
    """The truth of a part. With `lists_all` also every household, and of every row whom it speaks of."""
    return Truth(
        families=[_family(item) for item in planted],
        needs=_needs(households, planted),
        spoiled=[line for extract in extracts for line in _spoiled(extract)],
        households=[_household(household) for household in households] if lists_all else None,
        rows=[
            (extract.file_name, place, row.person.id_number, row.expected)
            for extract in extracts
            for place, row in enumerate(extract.rows, start=_first_row(extract))
        ]
        if lists_all
        else None,
    )


def write_truth(folder: Path, about: dict[str, Any], truth: Truth) -> None:
    """city.json, families.json, story_a1.json, needs.csv, bad_rows.json; if listed, households.json and rows.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "city.json", about)
    _write(folder / "families.json", truth.families)
    _write(folder / "story_a1.json", next(family for family in truth.families if family["kind"] == "story_a1"))
    needs = ("household_no", "kind", "receives_fen", "true_income_fen", "line_fen", "is_poor", "adult_without_means")
    _write_csv(folder / "needs.csv", needs, truth.needs)
    _write(folder / "bad_rows.json", truth.spoiled)
    if truth.households is not None and truth.rows is not None:
        _write(folder / "households.json", truth.households)
        _write_csv(folder / "rows.csv", ("file", "row", "id_number", "expected"), truth.rows)


def _needs(households: Sequence[Household], planted: Sequence[Planted]) -> list[tuple[str | int, ...]]:
    """One line per household: what befell it, whether it receives, and whether it truly lives below the line."""
    kinds = {id(item.household): item.kind for item in planted}
    lines: list[tuple[str | int, ...]] = []
    for household in households:
        income, line = true_income_fen(household), line_fen(household)
        kind = kinds.get(id(household), "")
        alone = int(has_adult_without_means(household))
        lines.append((household.number, kind, household.receives_fen, income, line, int(income < line), alone))
    return lines


def _write_csv(path: Path, header: Sequence[str], lines: Sequence[Sequence[str | int]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)


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
