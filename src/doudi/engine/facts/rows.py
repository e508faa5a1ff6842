"""A source's rows with whom they speak of, where they come from and when they hold: what facts are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.facts.delivered import Delivered
from doudi.engine.facts.households import Homes, as_frame
from doudi.engine.facts.subjects import Subjects
from doudi.engine.pack.vocabulary import FactFrom

Links: TypeAlias = pa.Table | Callable[[str], pl.LazyFrame]
"""Who each accepted row speaks of: the table, or how to read the part of one source."""

_LINKED = ["batch", "row", "person_key"]


@dataclass
class Origins:
    """Where facts come from: a source and one of its batches, by a whole number."""

    known: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, source: str, batch: str) -> int:
        """The number of a batch."""
        return self.known.setdefault((source, batch), len(self.known))

    def column(self, source: str, batches: pl.Series) -> pl.Series:
        """The number of each row's batch; there are few different ones."""
        numbers = {batch: self.of(source, batch) for batch in batches.unique().cast(pl.String).sort()}
        if len(numbers) > 1:
            return batches.cast(pl.String).replace_strict(numbers, return_dtype=pl.UInt16).alias("_origin")
        return pl.Series("_origin", np.full(len(batches), next(iter(numbers.values()), 0), dtype=np.uint16))


def rows_of_people(
    part: Delivered, columns: Sequence[str], links: Links, waiting: pa.Table, people: Subjects, origins: Origins
) -> pl.DataFrame:
    """A delivery's rows, those in quarantine too, with whom they speak of and the day on which they stand.

    `_person` is the person, or the one to whom a waiting row's number points, and `_waits` says which. A waiting row of
    the registry has in `_member` the member who stands for it; every other row has the person there.
    """
    accepted = _placed(part, part.read(columns), origins)
    if isinstance(links, pa.Table):
        linked = as_frame(links).lazy().filter(pl.col("source") == part.source)
    else:
        linked = links(part.source)
    known = linked.select(_LINKED).collect()
    known = known.select(
        origins.column(part.source, known.get_column("batch")),
        "row",
        people.places(known.get_column("person_key")).alias("_person"),
    ).drop_nulls("_person")
    place = ["_origin", "row"]
    certain = accepted.join(known, on=place, how="inner", maintain_order="left").with_columns(
        pl.lit(False).alias("_waits"), pl.col("_person").alias("_member")
    )
    doubtful = as_frame(waiting).filter(pl.col("source") == part.source)
    if doubtful.is_empty():
        return certain
    doubtful = doubtful.select(
        origins.column(part.source, doubtful.get_column("batch")),
        "row",
        people.places(doubtful.get_column("person_key")).alias("_person"),
        people.places(doubtful.get_column("stand_in_key")).alias("_member"),
    )
    rows = [accepted.join(doubtful, on=place, how="inner", maintain_order="left")]
    unread = part.read_unread(columns)
    if unread is not None and unread.num_rows:
        rows.append(_placed(part, unread, origins).join(doubtful, on=place, how="inner", maintain_order="left"))
    uncertain = pl.concat(rows).with_columns(pl.lit(True).alias("_waits"))
    return pl.concat([certain, uncertain.select(certain.columns)]).sort(*place)


def _placed(part: Delivered, table: pa.Table, origins: Origins) -> pl.DataFrame:
    """The rows with the number of their batch and the day on which they stand: a date itself, a month's first day."""
    frame = as_frame(table)
    frame = frame.with_columns(origins.column(part.source, frame.get_column("batch"))).drop("batch")
    if part.dated_by is None:
        return frame.with_columns(pl.lit(None, dtype=pl.Date).alias("_day"))
    if frame.schema[part.dated_by] == pl.Date:
        return frame.with_columns(pl.col(part.dated_by).alias("_day"))
    months = frame.get_column(part.dated_by).cast(pl.String).drop_nulls().unique().sort()
    days = [date.fromisoformat(f"{month}-01") for month in months]
    day = pl.col(part.dated_by).cast(pl.String)
    placed = day.replace_strict(months, pl.Series(days, dtype=pl.Date), default=None, return_dtype=pl.Date)
    return frame.with_columns(placed.alias("_day"))


def about_subjects(rows: pl.DataFrame, entity: str, origin: FactFrom, homes: Homes, people: int) -> pl.DataFrame:
    """The rows with `_subject`: the person, or the household for which its head's row (or any member's) speaks."""
    if entity == "person":
        return rows.with_columns(pl.col("_person").alias("_subject")).drop_nulls("_subject")
    of_people = homes.of_people(people, heads_only=origin.of_member == "head")
    # A waiting row of the registry speaks through its stand-in; any other one through the person that it points to,
    # and makes the household's fact unknown.
    speaker = rows.select(pl.coalesce("_member", "_person")).to_series()
    subject = pl.Series(of_people).gather(speaker)
    return rows.with_columns(pl.when(subject >= 0).then(subject).alias("_subject")).drop_nulls("_subject")
