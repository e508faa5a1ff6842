"""What a source delivered, or since when it has said nothing."""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from doudi.engine.values.period import Month


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
    nothing at all.
    """

    source: str
    batch: str
    rows: pa.Table
    covers: tuple[Month, ...]
    dated_by: str | None = None
    unread: pa.Table | None = None

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
