"""Days and months by the column: three spellings in, true dates out, impossible ones told apart."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.cells import Cells, Mask

_DAY = (
    r"^(?P<year>[0-9]{4})(?:[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"
    r"|年(?P<month_zh>[0-9]{1,2})月(?P<day_zh>[0-9]{1,2})日?"
    r"|(?P<month_packed>[0-9]{2})(?P<day_packed>[0-9]{2}))(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?$"
)
_MONTH = r"^(?P<year>[0-9]{4})(?:[-/.](?P<month>[0-9]{1,2})|年(?P<month_zh>[0-9]{1,2})月?|(?P<month_packed>[0-9]{2}))$"
_PLAIN_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_PLAIN_MONTH = r"^[0-9]{4}-[0-9]{2}$"
Numbers = npt.NDArray[np.int64]


def check_days(cells: Cells, *, as_of: date, earliest: date, may_be_future: bool) -> pl.Series:
    """Read days: 2026-10-05, 2026/10/5, 2026.10.5, 2026年10月5日, 20261005, each also with a time of day behind it."""
    cells.fold_width()
    cells.refuse_unless(_DAY, "DD-CELL-020")
    year, month, day = _parts(cells, _DAY, ("month", "day"))
    days, exists = days_of(year, month, day)
    cells.refuse(cells.open & ~exists, "DD-CELL-021")
    if not may_be_future:
        cells.refuse(cells.open & (days > np.datetime64(as_of, "D")), "DD-CELL-022")
    cells.refuse(cells.open & (days < np.datetime64(earliest, "D")), "DD-CELL-023")
    _note_spelling(cells, _PLAIN_DAY)
    return _nulled(pl.Series(days.astype("datetime64[ms]")).cast(pl.Date), cells.open)


def check_months(cells: Cells, *, as_of: date, earliest: date, may_be_future: bool) -> pl.Series:
    """Read months: 2026-10, 2026/10, 2026.10, 202610, 2026年10月. Kept as text `2026-10`."""
    cells.fold_width()
    cells.refuse_unless(_MONTH, "DD-CELL-024")
    year, month = _parts(cells, _MONTH, ("month",))
    first, exists = days_of(year, month, np.ones_like(month))
    cells.refuse(cells.open & ~exists, "DD-CELL-024")
    if not may_be_future:
        cells.refuse(cells.open & (first > np.datetime64(as_of, "D")), "DD-CELL-022")
    cells.refuse(cells.open & (first < np.datetime64(earliest, "D")), "DD-CELL-023")
    _note_spelling(cells, _PLAIN_MONTH)
    named = pl.Series(first.astype("datetime64[ms]")).cast(pl.Date).dt.strftime("%Y-%m")
    return _nulled(named, cells.open)


def days_of(year: Numbers, month: Numbers, day: Numbers) -> tuple[npt.NDArray[np.datetime64], Mask]:
    """Days from numbers, and which of them exist. Those that don't are given as 1970-01-01."""
    exists = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(exists, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(exists, day - 1, 0)
    exists &= days.astype("datetime64[M]") == months
    return np.where(exists, days, np.datetime64(0, "D")), exists


def _parts(cells: Cells, pattern: str, names: tuple[str, ...]) -> tuple[Numbers, ...]:
    groups = cells.text.set(pl.Series(~cells.open), None).str.extract_groups(pattern).struct.unnest()
    found = [groups["year"]]
    for name in names:
        spellings = [groups[column] for column in groups.columns if column.split("_")[0] == name]
        found.append(pl.select(pl.coalesce(spellings)).to_series())
    return tuple(part.cast(pl.Int64).fill_null(0).to_numpy() for part in found)


def _note_spelling(cells: Cells, plain: str) -> None:
    cells.changed |= cells.open & ~cells.text.str.contains(plain).to_numpy()


def _nulled(values: pl.Series, keep: Mask) -> pl.Series:
    return pl.select(pl.when(pl.Series(keep)).then(values)).to_series()
