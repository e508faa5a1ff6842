"""A source's rows with whom they speak of, where they come from and when they hold: what facts are made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.facts.delivered import Absent, Delivered
from doudi.engine.facts.households import Homes, as_frame
from doudi.engine.facts.subjects import Subjects
from doudi.engine.pack.vocabulary import FactFrom
from doudi.engine.values.errors import DoudiError


class LinksError(DoudiError):
    """The rows of a source and the links of this night don't belong together."""

    code: ClassVar[str] = "DD-GATHER-002"


@dataclass(frozen=True)
class Links:
    """Whom each accepted row speaks of.

    `people` are all persons' keys, sorted. `of_source` gives, for each accepted row of a source in the order of batch
    and row, `row` and `person`: the place among `people`, or null while the row waits for people. `digests` stand for
    the persons' keys of all rows of a source: as long as one is the same for the same rows, they speak of the same.
    """

    people: pl.Series
    of_source: Callable[[str], pl.DataFrame]
    digests: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, table: pa.Table) -> "Links":
        """From a whole table of links."""
        frame = as_frame(table).sort("source", "batch", "row")
        people = Subjects.of(frame.get_column("person_key"))
        placed = frame.select("source", "row", people.places(frame.get_column("person_key")).alias("person"))
        return cls(people.keys, lambda source: placed.filter(pl.col("source") == source).select("row", "person"))


@dataclass
class Origins:
    """Where facts come from: a source and one of its batches, by a whole number."""

    known: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of_all(cls, delivered: Iterable[Delivered], absent: Iterable[Absent]) -> "Origins":
        """Of all batches that count, and of the silence of those who are absent."""
        origins = cls()
        for part in delivered:
            for batch in part.batches or (part.batch,):
                origins.of(part.source, batch)
        for silent in absent:
            origins.of(silent.source, "")
        return origins

    def of_source(self, source: str) -> list[int]:
        """The numbers of a source's batches."""
        return [number for (each, _), number in self.known.items() if each == source]

    def of(self, source: str, batch: str) -> int:
        """The number of a batch."""
        return self.known.setdefault((source, batch), len(self.known))

    def column(self, source: str, batches: pl.Series) -> pl.Series:
        """The number of each row's batch; there are few different ones."""
        numbers = {batch: self.of(source, batch) for batch in batches.unique().cast(pl.String).sort()}
        if len(numbers) > 1:
            return batches.cast(pl.String).replace_strict(numbers, return_dtype=pl.UInt16).alias("_origin")
        return pl.Series("_origin", np.full(len(batches), next(iter(numbers.values()), 0), dtype=np.uint16))


def waiting_rows(waiting: pa.Table, people: Subjects) -> pl.DataFrame:
    """The rows that wait for people, with the places of whom they may speak and of who stands for them."""
    frame = as_frame(waiting)
    return frame.select(
        "source",
        "batch",
        "row",
        people.places(frame.get_column("person_key")).alias("_person"),
        people.places(frame.get_column("stand_in_key")).alias("_member"),
    )


def rows_of_people(
    part: Delivered, columns: Sequence[str], links: Links, waiting: pl.DataFrame, origins: Origins
) -> pl.DataFrame:
    """A delivery's rows, those in quarantine too, with whom they speak of and the day on which they stand.

    `_person` is the person, or the one to whom a waiting row's number points, and `_waits` says which. A waiting row of
    the registry has in `_member` the member who stands for it; every other row has the person there.
    """
    accepted = _placed(part, part.read(columns), origins)
    linked = links.of_source(part.source)
    if not accepted.get_column("row").equals(linked.get_column("row")):
        raise LinksError(
            f"{part.source}: its links are those of other rows.", advice="Take the night's work folder away, run again."
        )
    person = linked.get_column("person")
    accepted = accepted.with_columns(person.alias("_person"), person.alias("_member"), pl.lit(False).alias("_waits"))
    certain = accepted.filter(person.is_not_null())
    doubtful = waiting.filter(pl.col("source") == part.source)
    if doubtful.is_empty():
        return certain
    doubtful = doubtful.select(origins.column(part.source, doubtful.get_column("batch")), "row", "_person", "_member")
    parts = [accepted.filter(person.is_null()).drop("_person", "_member", "_waits")]
    unread = part.read_unread(columns)
    if unread is not None and unread.num_rows:
        parts.append(_placed(part, unread, origins))
    uncertain = pl.concat(parts).join(doubtful, on=["_origin", "row"], how="inner", maintain_order="left")
    uncertain = uncertain.with_columns(pl.lit(True).alias("_waits")).select(certain.columns)
    return _by_place(certain).merge_sorted(_by_place(uncertain).sort("_place"), "_place").drop("_place")


def _by_place(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns((pl.col("_origin").cast(pl.Int64) * (1 << 40) + pl.col("row")).alias("_place"))


def _placed(part: Delivered, table: pa.Table, origins: Origins) -> pl.DataFrame:
    """The rows in the order of batch and row, with the number of their batch and the day on which they stand.

    A date is the day itself; a month stands for its first day.
    """
    frame = as_frame(table)
    if frame.get_column("batch").n_unique() > 1:
        frame = frame.with_columns(pl.col("batch").cast(pl.String)).sort("batch", "row")
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
