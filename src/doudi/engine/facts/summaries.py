"""From the rows of one source to one fact per subject, as the vocabulary's `from` says.

Few summaries exist, and only the lookback leads from a longer period to a month (promise 16). Whatever is not known
stays not known: an empty cell in a row that counts, a row that waits for people, a month that the delivery does not
cover, a value outside the vocabulary's bounds or codes.

Only of whom rows speak is written down one by one. Of all others one line says what the source's silence means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from doudi.engine.facts.delivered import TWELVE_MONTHS, Delivered
from doudi.engine.pack.vocabulary import FactDefinition, FactFrom

FACT_SCHEMA = {
    "subject": pl.Int32,
    "value": pl.Int64,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "unknown_since": pl.Date,
    "origin": pl.UInt16,
    "row": pl.Int64,
}
"""Facts of one name while they are gathered: subject and origin by their places; a text by its place in the codes."""


_CARRIED = (
    pl.col("_subject").alias("subject"),
    pl.col("_waits").alias("is_waiting"),
    pl.col("_origin").alias("origin"),
    pl.col("_day").alias("day"),
    "row",
)


@dataclass(frozen=True)
class Rest:
    """What holds of every subject of a kind of whom nothing else is written: a value, or unknown since a day."""

    value: int | None
    valid_from: date
    unknown_since: date | None
    origin: int

    @classmethod
    def unknown(cls, since: date, origin: int) -> "Rest":
        """Nothing is known since that day."""
        return cls(None, since, since, origin)

    def is_said(self) -> pl.Expr:
        """The lines that say the same of one subject."""
        return (
            (pl.col("row") == 0)
            & (pl.col("origin") == self.origin)
            & (pl.col("valid_from") == self.valid_from)
            & pl.col("value").eq_missing(pl.lit(self.value, dtype=pl.Int64))
        ).fill_null(False)

    def of(self, subjects: pl.Series) -> pl.DataFrame:
        """The same, written down for each of these subjects."""
        frame = pl.DataFrame({"subject": subjects}, schema={"subject": pl.Int32})
        return frame.select(
            "subject",
            pl.lit(self.value, dtype=pl.Int64).alias("value"),
            pl.lit(self.valid_from).alias("valid_from"),
            pl.lit(None, dtype=pl.Date).alias("valid_to"),
            pl.lit(self.unknown_since, dtype=pl.Date).alias("unknown_since"),
            pl.lit(self.origin, dtype=pl.UInt16).alias("origin"),
            pl.lit(0, dtype=pl.Int64).alias("row"),
        )


@dataclass(frozen=True)
class Summary:
    """One fact: what rows say of single subjects, and what their silence says of all others, if anything."""

    facts: pl.DataFrame
    rest: Rest | None

    def without_repetition(self) -> "Summary":
        """Without single lines that say word for word what the silence says, such as a total of zero."""
        if self.rest is None:
            return self
        return Summary(self.facts.filter(~self.rest.is_said()), self.rest)


def nothing() -> pl.DataFrame:
    """No facts."""
    return pl.DataFrame(schema=FACT_SCHEMA)


def columns_read(origin: FactFrom) -> set[str]:
    """The columns of the source that a fact is made of, beside the one that dates its rows."""
    return {origin.column, *origin.where}


def summarise(
    definition: FactDefinition,
    origin: FactFrom,
    delivered: Delivered,
    rows: pl.DataFrame,
    as_of: date,
    *,
    newest: int,
) -> Summary:
    """Build one fact from a delivery.

    `rows` are the delivery's rows with `_subject`, whom they speak of, `_day`, where they stand in time, `_origin`, and
    `_waits`, true for a row that waits for people: such a row makes the fact of the person to whom its number points
    unknown. `newest` is the origin of what the delivery says as a whole.
    """
    window = _window(origin, delivered, as_of, is_zero_meaningful=definition.absent == "zero_when_covered")
    if window is None:
        return Summary(nothing(), Rest.unknown(delivered.first_uncovered(as_of), newest))
    kept = rows.lazy().filter(*(_may_be(pl.col(column) == value) for column, value in origin.where.items()))
    if delivered.dated_by is None:
        kept = kept.with_columns(pl.lit(window.zero_from).alias("_day"))
    else:
        kept = kept.filter(_within(window))
    # Only what is read is carried along: a copy of addresses and employers per fact would fill the memory.
    found = _one_per_subject(
        definition,
        origin,
        kept.select(*_CARRIED, pl.col(origin.column).alias("value")).collect(),
        window,
        newest,
    )
    rest = None if definition.absent == "unknown" else Rest(0, window.zero_from, None, newest)
    return Summary(_written(found, definition), rest).without_repetition()


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


def _within(window: _Window) -> pl.Expr:
    inside = pl.col("_day") < window.end
    return _may_be(inside if window.start is None else inside & (pl.col("_day") >= window.start))


def _may_be(condition: pl.Expr) -> pl.Expr:
    """A waiting row whose cell could not be read may be one that counts; any other row without a value is not."""
    return condition.fill_null(pl.col("_waits"))


def _one_per_subject(
    definition: FactDefinition, origin: FactFrom, kept: pl.DataFrame, window: _Window, newest: int
) -> pl.DataFrame:
    """One line per subject: value (null = unknown), the day from which it holds, its batch and row (0 for several)."""
    value = pl.col("value")
    if origin.summary == "latest" and kept.height:
        is_last = pl.col("day") == pl.col("day").max().over("subject")
        kept = kept.filter(is_last.fill_null(True))
    is_unknown = value.is_null().any() | pl.col("is_waiting").any()
    if definition.type == "fen" or origin.summary == "count_distinct":
        one = _total(definition, origin, value)
        is_single = pl.len() == 1
        row = pl.when(is_single).then(pl.col("row").first()).otherwise(0)
        # A total over several deliveries is traced to the newest of them.
        batch = pl.when(is_single).then(pl.col("origin").first()).otherwise(pl.lit(newest, dtype=pl.UInt16))
    else:
        # Two rows that contradict each other about one person leave the fact unknown.
        one, row, batch = value.first(), pl.col("row").first(), pl.col("origin").first()
        is_unknown = is_unknown | (value.n_unique() > 1)
    valid_from = pl.lit(window.value_from) if window.value_from else pl.col("day").max().fill_null(window.zero_from)
    # Rows come in the order of their file, and a group keeps that order inside.
    return kept.group_by("subject").agg(
        pl.when(~is_unknown).then(one).alias("value"),
        valid_from.first().alias("valid_from"),
        row.cast(pl.Int64).alias("row"),
        batch.alias("origin"),
    )


def _total(definition: FactDefinition, origin: FactFrom, value: pl.Expr) -> pl.Expr:
    """What several rows give together: their sum, their average over the lookback, or how many they name."""
    if origin.summary == "count_distinct":
        different = value.n_unique().cast(pl.Int64)
        return (different > 0).cast(pl.Int64) if definition.type == "bool" else different
    if origin.summary == "average_over_lookback":
        return value.sum().floordiv(origin.lookback_months or TWELVE_MONTHS)
    return value.sum()


def _written(found: pl.DataFrame, definition: FactDefinition) -> pl.DataFrame:
    """Lines of facts for the subjects in `found`, without impossible values."""
    facts = found.select(
        "subject",
        whole_number(pl.col("value"), definition, found.schema["value"]).alias("number"),
        pl.col("valid_from").cast(pl.Date),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        "origin",
        "row",
    )
    return without_impossible_values(facts, definition)


def whole_number(value: pl.Expr, definition: FactDefinition, kind: pl.DataType) -> pl.Expr:
    """Dates become days since 1970-01-01, booleans 0 or 1, texts their place in the codes (null: none)."""
    if definition.type == "text":
        places: Mapping[str, int] = {code: place for place, code in enumerate(definition.codes)}
        return value.cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Int64)
    if definition.type == "date" and kind != pl.Int64:
        return value.cast(pl.Date).cast(pl.Int32).cast(pl.Int64)
    return value.cast(pl.Int64)


def without_impossible_values(facts: pl.DataFrame, definition: FactDefinition) -> pl.DataFrame:
    """A value outside the vocabulary's bounds or codes is not believed: the fact is unknown, its row still named.

    Takes `number`, null where nothing was said, and gives `value` and `unknown_since`.
    """
    low, high = definition.bounds
    is_possible = pl.col("number").is_between(low, high).fill_null(False)
    return facts.with_columns(
        pl.when(is_possible).then(pl.col("number")).alias("value"),
        pl.when(~is_possible).then(pl.col("valid_from")).alias("unknown_since"),
    ).select(*FACT_SCHEMA)
