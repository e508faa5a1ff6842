"""The office is one more department: what its people saw, and what households receive, become facts like any other."""

from collections.abc import Mapping
from datetime import date

import polars as pl
import pyarrow as pa

from doudi.engine.facts.households import as_frame
from doudi.engine.facts.summaries import FACT_SCHEMA, Wanted, unknown_facts
from doudi.engine.pack.vocabulary import FactFrom
from doudi.engine.values.period import Month

OFFICE = "office"


def observed_facts(office_facts: pa.Table, snapshot: str) -> pl.DataFrame:
    """What people of the office observed or were told. Of two records of one fact the later holds."""
    rows = (
        as_frame(office_facts).sort("valid_from", "row").unique(["subject", "name"], keep="last", maintain_order=True)
    )
    is_unknown = pl.col("value_int").is_null() & pl.col("value_text").is_null()
    return rows.select(
        "subject",
        "entity",
        "name",
        "value_int",
        "value_text",
        "valid_from",
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        pl.when(is_unknown).then(pl.col("valid_from")).alias("unknown_since"),
        pl.lit(OFFICE).alias("source"),
        pl.lit(snapshot).alias("batch"),
        "row",
    )


def residences(office_households: pa.Table, snapshot: str, as_of: date) -> pl.DataFrame:
    """Whether the urban or the rural standard applies, as the office recorded it for its households."""
    return as_frame(office_households).select(
        pl.col("household_key").alias("subject"),
        pl.lit("household").alias("entity"),
        pl.lit("residence").alias("name"),
        pl.lit(None, dtype=pl.Int64).alias("value_int"),
        pl.col("residence").alias("value_text"),
        pl.lit(as_of).alias("valid_from"),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        pl.lit(None, dtype=pl.Date).alias("unknown_since"),
        pl.lit(OFFICE).alias("source"),
        pl.lit(snapshot).alias("batch"),
        pl.lit(0, dtype=pl.Int64).alias("row"),
    )


def receipts(
    wanted: Wanted, origin: FactFrom, office_receipts: pa.Table | None, snapshot: str, unknown_since: date, as_of: date
) -> pl.DataFrame:
    """What a household receives under a programme: the month's entitlement, or the next month's if that is the first.

    A grant starts in the month after the decision (民发〔2021〕57号 art. 21), so a family granted in November counts as
    receiving in November: nobody should be sent to its door for not receiving. Without any snapshot it is not known.
    """
    if office_receipts is None:
        return unknown_facts(wanted, OFFICE, "", unknown_since)
    this_month = Month.of(as_of)
    rows = as_frame(office_receipts).filter(
        *(pl.col(column) == value for column, value in origin.where.items()),
        pl.col("month").is_in([str(this_month), str(this_month.next())]),
    )
    granted = (
        rows.sort("month")
        .group_by("household_key", maintain_order=True)
        .agg(pl.col(origin.column, "month", "row").first())
    )
    amounts = pl.DataFrame({"subject": wanted.subjects}).join(
        granted.rename({"household_key": "subject"}), on="subject", how="left"
    )
    return amounts.select(
        "subject",
        pl.lit("household").alias("entity"),
        pl.lit(wanted.name).alias("name"),
        pl.col(origin.column).fill_null(0).alias("value_int"),
        pl.lit(None, dtype=pl.String).alias("value_text"),
        (pl.col("month").fill_null(str(this_month)) + pl.lit("-01")).str.to_date("%Y-%m-%d").alias("valid_from"),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        pl.lit(None, dtype=pl.Date).alias("unknown_since"),
        pl.lit(OFFICE).alias("source"),
        pl.lit(snapshot).alias("batch"),
        pl.col("row").fill_null(0),
    )


def settle_precedence(departments: pl.DataFrame, office: pl.DataFrame) -> pl.DataFrame:
    """Close the older of a department's fact and the office's of the same name; both stay readable.

    What the office saw on the same day or later goes before a department's file; what a department delivered later goes
    before the office's. A department that says nothing, or an office record that says "not known", closes nothing.
    """
    if office.is_empty():
        return departments.select(*FACT_SCHEMA)
    both = ["subject", "name"]
    seen = office.filter(pl.col("unknown_since").is_null()).select(*both, pl.col("valid_from").alias("seen_on"))
    told = departments.filter(pl.col("unknown_since").is_null()).select(*both, pl.col("valid_from").alias("told_on"))
    departments = departments.join(seen, on=both, how="left", maintain_order="left").with_columns(
        pl.when((pl.col("valid_from") <= pl.col("seen_on")) | _is_silent_beside("seen_on"))
        .then(pl.max_horizontal("seen_on", "valid_from"))
        .alias("valid_to")
    )
    office = office.join(told, on=both, how="left", maintain_order="left").with_columns(
        pl.when((pl.col("told_on") > pl.col("valid_from")) | _is_silent_beside("told_on"))
        .then(pl.max_horizontal("told_on", "valid_from"))
        .alias("valid_to")
    )
    return pl.concat([departments.select(*FACT_SCHEMA), office.select(*FACT_SCHEMA)])


def _is_silent_beside(other: str) -> pl.Expr:
    return pl.col("unknown_since").is_not_null() & pl.col(other).is_not_null()


def snapshot_table(office: Mapping[str, pa.Table] | None, name: str) -> pa.Table | None:
    """One table of the snapshot; None when there is no snapshot at all."""
    return None if office is None else office[name]
