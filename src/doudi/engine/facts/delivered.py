"""What a source delivered, or since when it has said nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import pyarrow as pa

from doudi.engine.values.period import Month, add_months

TWELVE_MONTHS = 12

Rows: TypeAlias = pa.Table | Callable[[Sequence[str]], pa.Table]
"""A source's rows, or how to read some of their columns: a year's wages of a city need not be in memory whole."""


@dataclass(frozen=True)
class Absent:
    """A source that did not deliver, or whose last delivery is too old: nothing is known from it since that day."""

    source: str
    unknown_since: date


@dataclass(frozen=True)
class Delivered:
    """One delivery as accepted: its rows with `batch` and `row`, and the months about which it says everything.

    `dated_by` names the column that places a row in time, a month as `2026-10` or a date; without it every row holds
    for the last of the months. `unread` has what could be read of rows in quarantine: where such a row may speak of a
    fact, the fact is unknown. No row in a covered month says that there was nothing; no row in an uncovered month says
    nothing at all. `batch` is the newest of the source's `batches` that count, without which it is the only one.
    `digest` stands for all rows and batches, accepted or not: as long as it is the same, they are. Empty: not known.
    """

    source: str
    batch: str
    rows: Rows
    covers: tuple[Month, ...]
    dated_by: str | None = None
    unread: Rows | None = None
    batches: tuple[str, ...] = ()
    digest: str = ""

    def last_month(self, as_of: date) -> Month | None:
        """The last month that the delivery covers and that has begun on `as_of`."""
        return max((month for month in self.covers if month <= Month.of(as_of)), default=None)

    def covered_months(self, as_of: date, count: int) -> tuple[Month, ...] | None:
        """The `count` months up to the last covered one, oldest first; None unless each of them is covered."""
        last = self.last_month(as_of)
        if last is None:
            return None
        months = tuple(last.plus(-back) for back in reversed(range(count)))
        return months if set(months) <= set(self.covers) else None

    def first_uncovered(self, as_of: date) -> date:
        """The day since when nothing is known: after the last covered month, or the start of a gap before it."""
        last = self.last_month(as_of)
        if last is None:
            return add_months(Month.of(as_of).first_day(), -TWELVE_MONTHS)
        gaps = [month for back in range(TWELVE_MONTHS) if (month := last.plus(-back)) not in self.covers]
        return min(gaps).first_day() if gaps else last.next().first_day()

    def read(self, columns: Sequence[str]) -> pa.Table:
        """The accepted rows: batch, row, and the columns asked for."""
        return _read(self.rows, columns)

    def read_unread(self, columns: Sequence[str]) -> pa.Table | None:
        """What could be read of the rows in quarantine, in the same columns."""
        return None if self.unread is None else _read(self.unread, columns)


def _read(rows: Rows, columns: Sequence[str]) -> pa.Table:
    wanted = ["batch", "row", *columns]
    return rows.select(wanted) if isinstance(rows, pa.Table) else rows(wanted)
