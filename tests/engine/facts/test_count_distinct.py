"""What registers hold is counted by what it is, not by its rows; a row that waits leaves the count unknown."""

from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pydantic import ValidationError

from doudi.engine.facts.delivered import Delivered
from doudi.engine.facts.summaries import Rest, summarise
from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.values.period import Month

AS_OF = date(2026, 11, 23)
LABEL = {"zh": "甲", "en": "a"}
HOMES = Delivered("homes", "b", pa.table({}), (Month(2026, 10),))
ROWS: list[dict[str, Any]] = [
    {"_subject": 1, "unit": "U1", "state": "in_force", "row": 2},
    {"_subject": 1, "unit": "U1", "state": "in_force", "row": 3},
    {"_subject": 1, "unit": "U2", "state": "in_force", "row": 4},
    {"_subject": 1, "unit": "U3", "state": "ended", "row": 5},
    {"_subject": 2, "unit": "U4", "state": "in_force", "row": 6},
    {"_subject": 3, "unit": "U5", "state": "in_force", "row": 7, "_waits": True},
    {"_subject": 4, "unit": None, "state": "in_force", "row": 8, "_waits": True},
]


def definition(**more: Any) -> FactDefinition:
    origin = {"source": "homes", "column": "unit", "where": {"state": "in_force"}, "summary": "count_distinct"}
    return FactDefinition.model_validate({"label": LABEL, "supplied_by": ["department"], "from": origin, **more})


def facts(wanted: FactDefinition) -> tuple[dict[int, dict[str, Any]], Rest | None]:
    rows = pl.DataFrame([{"_waits": False, **row} for row in ROWS]).with_columns(
        pl.col("_subject").cast(pl.Int32), pl.lit(0, dtype=pl.UInt16).alias("_origin"), _day=pl.lit(None, dtype=pl.Date)
    )
    assert wanted.source is not None
    found = summarise(wanted, wanted.source, HOMES, rows, AS_OF, newest=0)
    return {row["subject"]: row for row in found.facts.to_dicts()}, found.rest


def test_a_flat_that_two_own_is_one_flat_and_names_its_row_where_there_is_one() -> None:
    found, rest = facts(definition(type="count", absent="zero_when_covered"))
    assert {key: row["value"] for key, row in found.items()} == {1: 2, 2: 1, 3: None, 4: None}
    assert (found[2]["row"], found[1]["row"]) == (6, 0)
    assert found[2]["valid_from"] == date(2026, 10, 1)
    assert rest == Rest(0, date(2026, 10, 1), None, 0), "of whom no row speaks, there are none"


def test_p15_a_row_that_waits_or_cannot_be_read_leaves_the_count_unknown() -> None:
    found, _ = facts(definition(type="count", absent="zero_when_covered"))
    assert found[3]["unknown_since"] == found[4]["unknown_since"] == date(2026, 10, 1)


def test_a_yes_or_no_fact_says_whether_there_is_any_and_silence_is_no_answer() -> None:
    found, rest = facts(definition(type="bool"))
    assert {key: row["value"] for key, row in found.items()} == {1: 1, 2: 1, 3: None, 4: None}
    assert rest is None


def test_money_is_never_counted() -> None:
    with pytest.raises(ValidationError, match="count or bool"):
        definition(type="fen", unit="fen")
