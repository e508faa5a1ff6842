"""From file to file, the families are assessed as they are one by one."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engine.rules.families import dibao_family

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.errors import FactError, FamilyShapeError, FormulaNameError
from doudi.engine.rules.family import Family
from doudi.engine.rules.file_to_file import assess_files
from doudi.engine.rules.programme import load_programme

PACK = load_pack()
DIBAO = load_programme(PACK, "dibao")
AS_OF = date(2026, 11, 23)
FAMILIES = [
    dibao_family(
        *({"wage_casual_monthly": None if number % 5 == 0 else number * 1_000} for _ in range(number % 4)),
        household={"dwellings": number % 3, "residence": "urban" if number % 2 else "rural"},
        basis="register" if number % 7 == 0 else "office",
    )
    for number in range(60)
]


def written(folder: Path, families: Sequence[Family], *, row_group: int = 7) -> tuple[Path, Path]:
    """The families as the two files; few rows in a group, so that households lie across their borders."""
    households = [
        {
            "household_key": f"h{place:04d}",
            "area": family.region,
            "basis": family.basis,
            **{name: fact.value for name, fact in family.facts.items()},
        }
        for place, family in enumerate(families)
    ]
    members = [
        {"household_key": f"h{place:04d}", **{name: fact.value for name, fact in member.facts.items()}}
        for place, family in enumerate(families)
        for member in family.members
    ]
    for name, rows in (("households", households), ("members", members)):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet", row_group_size=row_group)
    return folder / "households.parquet", folder / "members.parquet"


def test_every_household_comes_out_as_it_does_alone(tmp_path: Path) -> None:
    households, members = written(tmp_path, FAMILIES)
    out = tmp_path / "out.parquet"
    keep = ["counted_income", "meets_income_test"]
    counted = assess_files(DIBAO, households=households, members=members, out=out, pack=PACK, as_of=AS_OF, keep=keep)
    assert (counted.households, counted.members) == (60, sum(len(family.members) for family in FAMILIES))
    rows = pq.read_table(out).to_pylist()
    assert [row["household_key"] for row in rows] == [f"h{place:04d}" for place in range(60)]
    for row, family in zip(rows, FAMILIES, strict=True):
        alone = assess(DIBAO, family, pack=PACK, as_of=AS_OF)
        assert (row["outcome"], row["amount_fen"]) == (alone.outcome, alone.amount_fen)
        assert set(row["missing"]) == {fact.name for fact in alone.missing}
        assert [row[name] for name in keep] == [alone.values[name] for name in keep]


@pytest.mark.parametrize(
    ("order", "owners"),
    [(["h1", "h0"], ["h0", "h1"]), (["h0", "h0"], ["h0", "h0"]), (["h0", "h1"], ["h1", "h0"]), (["h0"], ["h0", "h1"])],
)
def test_files_that_are_not_sorted_alike_are_refused(tmp_path: Path, order: list[str], owners: list[str]) -> None:
    area, basis = ["419901101002"] * len(order), ["office"] * len(order)
    households, members, out = (tmp_path / f"{name}.parquet" for name in ("households", "members", "out"))
    pq.write_table(pa.table({"household_key": order, "area": area, "basis": basis}), households)
    pq.write_table(pa.table({"household_key": owners}), members)
    with pytest.raises(FamilyShapeError, match=r"sorted|after the last"):
        assess_files(DIBAO, households=households, members=members, out=out, pack=PACK, as_of=AS_OF)
    assert not out.exists()


def test_a_code_or_a_formula_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    households, members = written(tmp_path, [dibao_family({}, household={"residence": "suburb"})])
    arguments = {"households": households, "members": members, "out": tmp_path / "out.parquet"}
    with pytest.raises(FactError, match="residence"):
        assess_files(DIBAO, **arguments, pack=PACK, as_of=AS_OF)
    written(tmp_path, [dibao_family({})])
    with pytest.raises(FormulaNameError, match="no_such"):
        assess_files(DIBAO, **arguments, pack=PACK, as_of=AS_OF, keep=["no_such"])
