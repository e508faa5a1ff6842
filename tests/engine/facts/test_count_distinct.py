"""What registers hold is counted by what it is, not by its rows; a row that waits leaves the count unknown."""

from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pydantic import ValidationError

from doudi.engine.facts.delivered import Delivered
from doudi.engine.facts.summaries import Wanted, summarise
from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.values.period import Month

AS_OF = date(2026, 11, 23)
LABEL = {"zh": "甲", "en": "a"}
HOMES = Delivered("homes", "b", pa.table({}), (Month(2026, 10),))
ROWS: list[dict[str, Any]] = [
    {"subject": "h1", "unit": "U1", "state": "in_force", "row": 2},
    {"subject": "h1", "unit": "U1", "state": "in_force", "row": 3},
    {"subject": "h1", "unit": "U2", "state": "in_force", "row": 4},
    {"subject": "h1", "unit": "U3", "state": "ended", "row": 5},
    {"subject": "h2", "unit": "U4", "state": "in_force", "row": 6},
    {"subject": "h3", "unit": "U5", "state": "in_force", "row": 7, "is_waiting": True},
    {"subject": "h4", "unit": None, "state": "in_force", "row": 8, "is_waiting": True},
]


def definition(**more: Any) -> FactDefinition:
    origin = {"source": "homes", "column": "unit", "where": {"state": "in_force"}, "summary": "count_distinct"}
    return FactDefinition.model_validate({"label": LABEL, "supplied_by": ["department"], "from": origin, **more})


def facts(wanted: FactDefinition) -> dict[str, dict[str, Any]]:
    rows = pl.DataFrame([{"batch": "b", "is_waiting": False, **row} for row in ROWS])
    subjects = pl.Series(["h1", "h2", "h3", "h4", "h5"])
    assert wanted.source is not None
    found = summarise(Wanted("dwellings", "household", wanted, subjects), wanted.source, HOMES, rows, AS_OF)
    return {row["subject"]: row for row in found.to_dicts()}


def test_a_flat_that_two_own_is_one_flat_and_names_its_row_where_there_is_one() -> None:
    found = facts(definition(type="count", absent="zero_when_covered"))
    assert {key: row["value_int"] for key, row in found.items()} == {"h1": 2, "h2": 1, "h3": None, "h4": None, "h5": 0}
    assert (found["h2"]["row"], found["h1"]["row"]) == (6, 0)
    assert found["h2"]["valid_from"] == date(2026, 10, 1)


def test_p15_a_row_that_waits_or_cannot_be_read_leaves_the_count_unknown() -> None:
    found = facts(definition(type="count", absent="zero_when_covered"))
    assert found["h3"]["unknown_since"] == found["h4"]["unknown_since"] == date(2026, 10, 1)


def test_a_yes_or_no_fact_says_whether_there_is_any_and_silence_is_no_answer() -> None:
    found = facts(definition(type="bool"))
    assert {key: row["value_int"] for key, row in found.items()} == {"h1": 1, "h2": 1, "h3": None, "h4": None}


def test_money_is_never_counted() -> None:
    with pytest.raises(ValidationError, match="count or bool"):
        definition(type="fen", unit="fen")
