"""The office is one more department: what its people saw, and what households receive, become facts like any other."""

from collections.abc import Mapping
from datetime import date

import polars as pl
import pyarrow as pa

from doudi.engine.facts.households import as_frame
from doudi.engine.facts.subjects import Subjects
from doudi.engine.facts.summaries import FACT_SCHEMA, Rest, Summary, nothing, without_impossible_values
from doudi.engine.pack.vocabulary import FactDefinition, FactFrom
from doudi.engine.values.period import Month

OFFICE = "office"


def told_facts(office: Mapping[str, pa.Table], as_of: date) -> pl.DataFrame:
    """What people of the office observed or were told up to the day. Of two records of one fact the later holds."""
    told = ("subject", "entity", "name", "value_int", "value_text", "valid_from", "row")
    seen = as_frame(office["office_facts"]).sort("valid_from", "row")
    seen = seen.unique(["subject", "name"], keep="last", maintain_order=True)
    # Whether the urban or the rural standard applies, as the office recorded it for its households.
    residences = as_frame(office["office_households"]).select(
        pl.col("household_key").alias("subject"),
        pl.lit("household").alias("entity"),
        pl.lit("residence").alias("name"),
        pl.lit(None, dtype=pl.Int64).alias("value_int"),
        pl.col("residence").alias("value_text"),
        pl.lit(as_of).alias("valid_from"),
        pl.lit(0, dtype=pl.Int64).alias("row"),
    )
    return pl.concat([residences.select(told), seen.select(told)]).filter(pl.col("valid_from") <= as_of)


def office_facts(told: pl.DataFrame, definition: FactDefinition, subjects: Subjects, origin: int) -> pl.DataFrame:
    """The office's facts of one name."""
    places = {code: place for place, code in enumerate(definition.codes)}
    number = (
        pl.col("value_text").replace_strict(places, default=None, return_dtype=pl.Int64)
        if definition.type == "text"
        else pl.col("value_int")
    )
    facts = told.select(
        subjects.places(told.get_column("subject")).alias("subject"),
        number.alias("number"),
        "valid_from",
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        pl.lit(origin, dtype=pl.UInt16).alias("origin"),
        "row",
    )
    return without_impossible_values(facts, definition)


def receipts(
    origin: FactFrom,
    receipts_of_office: pa.Table | None,
    households: Subjects,
    as_of: date,
    *,
    unknown_since: date,
    written_as: int,
) -> Summary:
    """What a household receives under a programme: the month's entitlement, or the next month's if that is the first.

    A grant starts in the month after the decision (民发〔2021〕57号 art. 21), so a family granted in November counts as
    receiving in November: nobody should be sent to its door for not receiving. Without any snapshot it is not known.
    """
    if receipts_of_office is None:
        return Summary(nothing(), Rest.unknown(unknown_since, written_as))
    this_month = Month.of(as_of)
    rows = as_frame(receipts_of_office).filter(
        *(pl.col(column) == value for column, value in origin.where.items()),
        pl.col("month").is_in([str(this_month), str(this_month.next())]),
    )
    granted = (
        rows.sort("month")
        .group_by("household_key", maintain_order=True)
        .agg(pl.col(origin.column, "month", "row").first())
    )
    facts = granted.select(
        households.known_places(granted.get_column("household_key")).alias("subject"),
        pl.col(origin.column).alias("value"),
        (pl.col("month") + pl.lit("-01")).str.to_date("%Y-%m-%d").alias("valid_from"),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        pl.lit(None, dtype=pl.Date).alias("unknown_since"),
        pl.lit(written_as, dtype=pl.UInt16).alias("origin"),
        "row",
    ).drop_nulls("subject")
    return Summary(facts.select(*FACT_SCHEMA), Rest(0, this_month.first_day(), None, written_as))


def settle_precedence(told: Summary, office: pl.DataFrame, everyone: pl.Series) -> Summary:
    """Close the older of a department's fact and the office's of the same name; both stay readable.

    What the office saw on the same day or later goes before a department's file; what a department delivered later goes
    before the office's. A department that says nothing, or an office record that says "not known", closes nothing.
    `everyone` are the subjects of whom the department's silence says something: where the office has a word, it is
    written down for that subject.
    """
    if office.is_empty():
        return told
    departments = told.facts
    if told.rest is not None:
        silent = pl.DataFrame({"subject": office.get_column("subject").unique()})
        silent = silent.join(departments, on="subject", how="anti").join(
            pl.DataFrame({"subject": everyone}), on="subject", how="semi"
        )
        departments = pl.concat([departments, told.rest.of(silent.get_column("subject"))])
    seen = office.filter(pl.col("unknown_since").is_null()).select("subject", pl.col("valid_from").alias("seen_on"))
    said = departments.filter(pl.col("unknown_since").is_null()).select(
        "subject", pl.col("valid_from").alias("told_on")
    )
    departments = departments.join(seen, on="subject", how="left").with_columns(
        pl.when((pl.col("valid_from") <= pl.col("seen_on")) | _is_silent_beside("seen_on"))
        .then(pl.max_horizontal("seen_on", "valid_from"))
        .alias("valid_to")
    )
    office = office.join(said, on="subject", how="left").with_columns(
        pl.when((pl.col("told_on") > pl.col("valid_from")) | _is_silent_beside("told_on"))
        .then(pl.max_horizontal("told_on", "valid_from"))
        .alias("valid_to")
    )
    return Summary(pl.concat([departments.select(*FACT_SCHEMA), office.select(*FACT_SCHEMA)]), told.rest)


def _is_silent_beside(other: str) -> pl.Expr:
    return pl.col("unknown_since").is_not_null() & pl.col(other).is_not_null()


def snapshot_table(office: Mapping[str, pa.Table] | None, name: str) -> pa.Table | None:
    """One table of the snapshot; None when there is no snapshot at all."""
    return None if office is None else office[name]
