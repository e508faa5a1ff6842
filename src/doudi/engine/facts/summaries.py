"""From the rows of one source to one fact per subject, as the vocabulary's `from` says.

Few summaries exist, and only the lookback leads from a longer period to a month (promise 16). Whatever is not known
stays not known: an empty cell in a row that counts, a row that waits for people, a month that the delivery does not
cover, a value outside the vocabulary's bounds or codes.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from doudi.engine.facts.delivered import Delivered
from doudi.engine.pack.vocabulary import FactDefinition, FactFrom
from doudi.engine.values.period import Month, add_months

TWELVE_MONTHS = 12

FACT_SCHEMA = {
    "subject": pl.String,
    "entity": pl.String,
    "name": pl.String,
    "value_int": pl.Int64,
    "value_text": pl.String,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "unknown_since": pl.Date,
    "source": pl.String,
    "batch": pl.String,
    "row": pl.Int64,
}


@dataclass(frozen=True)
class Wanted:
    """One fact to be built: its name, its definition, and the subjects for whom no row means zero, if it does."""

    name: str
    entity: str
    definition: FactDefinition
    subjects: pl.Series


def unknown_facts(wanted: Wanted, source: str, batch: str, since: date) -> pl.DataFrame:
    """Say for every subject that the fact is not known, and since when."""
    return _rows(
        wanted,
        pl.DataFrame({"subject": wanted.subjects}),
        source,
        batch,
        value=None,
        valid_from=since,
        unknown_since=since,
    )


def summarise(wanted: Wanted, origin: FactFrom, delivered: Delivered, rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Build one fact from a delivery.

    `rows` are the delivery's rows with `subject`, whom they speak of, and `is_waiting`, true for a row that waits for
    people: such a row makes the fact of the person to whom its number points unknown.
    """
    window = _window(origin, delivered, as_of, is_zero_meaningful=wanted.definition.absent == "zero_when_covered")
    if window is None:
        return unknown_facts(wanted, delivered.source, delivered.batch, _first_uncovered(delivered, as_of))
    read = {origin.column, *origin.where, *([delivered.dated_by] if delivered.dated_by else [])}
    # Only what is read is carried along: a copy of addresses and employers per fact would fill the memory.
    rows = rows.select(*sorted(read | {"subject", "is_waiting", "batch", "row"}))
    kept = rows.filter(*(_may_be(pl.col(column) == value) for column, value in origin.where.items()))
    kept = kept.filter(_within(window, delivered, kept)).with_columns(_day(delivered, window, kept).alias("day"))
    found = _one_per_subject(wanted, origin, kept, window, delivered.batch)
    facts = _rows(
        wanted, found, delivered.source, delivered.batch, value=pl.col("value"), valid_from=pl.col("valid_from")
    )
    facts = without_impossible_values(facts, wanted.definition)
    if wanted.definition.absent == "unknown":
        return facts
    silent = pl.DataFrame({"subject": wanted.subjects}).join(found.select("subject"), on="subject", how="anti")
    zeros = _rows(wanted, silent, delivered.source, delivered.batch, value=pl.lit(0), valid_from=window.zero_from)
    return pl.concat([facts, zeros])


@dataclass(frozen=True)
class _Window:
    """Days [start, end) whose rows count; from when the value holds; from when a zero does."""

    start: date | None
    end: date
    value_from: date | None
    zero_from: date


def _window(origin: FactFrom, delivered: Delivered, as_of: date, *, is_zero_meaningful: bool) -> _Window | None:
    last = delivered.last_month(as_of)
    if last is None:
        return None
    end = last.next().first_day()
    if origin.summary == "latest":
        # Where no row means zero, the last covered month speaks alone: an older row says nothing about it.
        start = last.first_day() if is_zero_meaningful else None
        return _Window(start, end, value_from=None, zero_from=last.first_day())
    if origin.summary == "count_distinct":
        return _Window(None, end, value_from=None, zero_from=last.first_day())
    months = origin.lookback_months or TWELVE_MONTHS
    covered = delivered.covered_months(as_of, months)
    if covered is None:
        return None
    if origin.summary == "average_over_lookback":
        return _Window(covered[0].first_day(), end, value_from=end, zero_from=end)
    # A total of twelve months holds from the day of its last part; a zero from the day on which the window opens.
    return _Window(covered[0].first_day(), end, value_from=None, zero_from=covered[0].first_day())


def _first_uncovered(delivered: Delivered, as_of: date) -> date:
    """The day since when nothing is known: after the last covered month, or the start of a gap before it."""
    last = delivered.last_month(as_of)
    if last is None:
        return add_months(Month.of(as_of).first_day(), -TWELVE_MONTHS)
    gaps = [month for back in range(TWELVE_MONTHS) if (month := last.plus(-back)) not in delivered.covers]
    return min(gaps).first_day() if gaps else last.next().first_day()


def _place_in_time(delivered: Delivered, rows: pl.DataFrame) -> pl.Expr:
    """The day of each row: a date as it stands, a month as its first day."""
    if delivered.dated_by is None:
        return pl.lit(None, dtype=pl.Date)
    column = pl.col(delivered.dated_by)
    if rows.schema[delivered.dated_by] == pl.Date:
        return column
    return (column + pl.lit("-01")).str.to_date("%Y-%m-%d")


def _within(window: _Window, delivered: Delivered, rows: pl.DataFrame) -> pl.Expr:
    if delivered.dated_by is None:
        return pl.lit(True)
    day = _place_in_time(delivered, rows)
    inside = day < window.end
    return _may_be(inside if window.start is None else inside & (day >= window.start))


def _may_be(condition: pl.Expr) -> pl.Expr:
    """A waiting row whose cell could not be read may be one that counts; any other row without a value is not."""
    return condition.fill_null(pl.col("is_waiting"))


def _day(delivered: Delivered, window: _Window, rows: pl.DataFrame) -> pl.Expr:
    if delivered.dated_by is None:
        return pl.lit(window.zero_from)
    return _place_in_time(delivered, rows)


def _one_per_subject(
    wanted: Wanted, origin: FactFrom, kept: pl.DataFrame, window: _Window, newest_batch: str
) -> pl.DataFrame:
    """One line per subject: value (null = unknown), the day from which it holds, its batch and row (0 for several)."""
    value = pl.col(origin.column)
    if origin.summary == "latest":
        is_last = pl.col("day") == pl.col("day").max().over("subject")
        kept = kept.filter(is_last.fill_null(True)) if kept.height else kept
    is_unknown = value.is_null().any() | pl.col("is_waiting").any()
    if wanted.definition.type == "fen" or origin.summary == "count_distinct":
        one = _total(wanted, origin, value)
        is_single = pl.len() == 1
        row = pl.when(is_single).then(pl.col("row").first()).otherwise(0)
        # A total over several deliveries is traced to the newest of them.
        batch = pl.when(is_single).then(pl.col("batch").first()).otherwise(pl.lit(newest_batch))
    else:
        # Two rows that contradict each other about one person leave the fact unknown.
        one, row, batch = value.first(), pl.col("row").first(), pl.col("batch").first()
        is_unknown = is_unknown | (value.n_unique() > 1)
    valid_from = pl.lit(window.value_from) if window.value_from else pl.col("day").max().fill_null(window.zero_from)
    # Rows come in the order of their file, and a group keeps that order inside.
    return kept.group_by("subject").agg(
        pl.when(~is_unknown).then(one).alias("value"),
        pl.when(pl.len() > 0).then(valid_from).first().alias("valid_from"),
        row.cast(pl.Int64).alias("row"),
        batch.alias("batch"),
    )


def _total(wanted: Wanted, origin: FactFrom, value: pl.Expr) -> pl.Expr:
    """What several rows give together: their sum, their average over the lookback, or how many they name."""
    if origin.summary == "count_distinct":
        different = value.n_unique().cast(pl.Int64)
        return (different > 0).cast(pl.Int64) if wanted.definition.type == "bool" else different
    if origin.summary == "average_over_lookback":
        return value.sum().floordiv(origin.lookback_months or TWELVE_MONTHS)
    return value.sum()


def _rows(
    wanted: Wanted,
    found: pl.DataFrame,
    source: str,
    batch: str,
    *,
    value: pl.Expr | None,
    valid_from: date | pl.Expr,
    unknown_since: date | None = None,
) -> pl.DataFrame:
    """Lines of the facts table for the subjects in `found`."""
    is_text = wanted.definition.type == "text"
    value = pl.lit(None) if value is None else value
    nothing_int, nothing_text = pl.lit(None, dtype=pl.Int64), pl.lit(None, dtype=pl.String)
    day = valid_from if isinstance(valid_from, pl.Expr) else pl.lit(valid_from)
    since = pl.lit(unknown_since, dtype=pl.Date) if unknown_since else pl.when(value.is_null()).then(day)
    return found.select(
        "subject",
        pl.lit(wanted.entity).alias("entity"),
        pl.lit(wanted.name).alias("name"),
        nothing_int.alias("value_int") if is_text else _whole_number(value, wanted.definition.type).alias("value_int"),
        value.cast(pl.String).alias("value_text") if is_text else nothing_text.alias("value_text"),
        day.cast(pl.Date).alias("valid_from"),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        since.cast(pl.Date).alias("unknown_since"),
        pl.lit(source).alias("source"),
        (pl.col("batch") if "batch" in found.columns else pl.lit(batch)).alias("batch"),
        (pl.col("row") if "row" in found.columns else pl.lit(0)).cast(pl.Int64).alias("row"),
    )


def _whole_number(value: pl.Expr, kind: str) -> pl.Expr:
    """Dates become days since 1970-01-01, booleans 0 or 1; everything else is a whole number already."""
    return (value.cast(pl.Date).cast(pl.Int32) if kind == "date" else value).cast(pl.Int64)


def without_impossible_values(facts: pl.DataFrame, definition: FactDefinition) -> pl.DataFrame:
    """A value outside the vocabulary's bounds or codes is not believed: the fact is unknown, its row still named."""
    if definition.type == "text":
        is_possible = pl.col("value_text").is_in(list(definition.codes))
    else:
        low, high = definition.bounds
        is_possible = pl.col("value_int").is_between(low, high)
    is_possible = is_possible.fill_null(True)
    return facts.with_columns(
        pl.when(is_possible).then(pl.col("value_int")).alias("value_int"),
        pl.when(is_possible).then(pl.col("value_text")).alias("value_text"),
        pl.when(is_possible).then(pl.col("unknown_since")).otherwise(pl.col("valid_from")).alias("unknown_since"),
    )
