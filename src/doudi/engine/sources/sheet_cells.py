"""Cells of a workbook as the text that a person sees in them; numbers without the noise of binary fractions."""

import datetime
import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.cells import Mask
from doudi.engine.sources.contract import ColumnType

Cell = object
_EXACT = 10**15
"""Excel keeps 15 digits; whole numbers below this are written as they were typed."""
_EXACT_FEN = 10**13


def column_texts(cells: Sequence[Cell], kind: ColumnType) -> tuple[pl.Series, Mask]:
    """A column as text, and which of its cells are numbers. Says of each cell what `cell_text` says."""
    types = set(map(type, cells))
    if types <= {str}:
        return pl.Series(cells, dtype=pl.String), np.zeros(len(cells), dtype=bool)
    if types == {float}:
        return texts_of_floats(np.array(cells, np.float64), _as_seen), np.ones(len(cells), dtype=bool)
    is_float = np.fromiter((type(cell) is float for cell in cells), bool, len(cells))
    is_number = is_float | np.fromiter((type(cell) is int for cell in cells), bool, len(cells))
    texts = pl.Series([None if type(cell) is float else cell_text(cell, kind) for cell in cells], dtype=pl.String)
    if is_float.any():
        floats = np.fromiter((cell for cell in cells if type(cell) is float), np.float64, int(is_float.sum()))
        texts = texts.scatter(np.flatnonzero(is_float), texts_of_floats(floats, _as_seen))
    return texts, is_number


def cell_text(cell: Cell, kind: ColumnType) -> str:
    """A cell as the text that a person sees in it; numbers without the noise of binary fractions."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return _as_seen(cell)
    if isinstance(cell, datetime.datetime):
        if cell.time() == datetime.time():
            return cell_text(cell.date(), kind)
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, datetime.date):
        # Excel makes a day of 2026-10: its first.
        return cell.strftime("%Y-%m") if kind == "month" and cell.day == 1 else cell.isoformat()
    return str(cell)


def texts_of_floats(numbers: npt.NDArray[np.float64], otherwise: Callable[[float], str]) -> pl.Series:
    """Whole numbers, and amounts of at most two decimals, by the column; all others one by one."""
    with np.errstate(invalid="ignore", over="ignore"):
        hundredths = np.rint(numbers * 100)
        # The double nearest to such an amount is that amount and no other, so its shortest text has its two decimals.
        is_amount = (numbers >= 0) & (hundredths < _EXACT_FEN) & (hundredths / 100 == numbers) & ~np.signbit(numbers)
    fen = pl.Series(np.where(is_amount, hundredths, 0).astype(np.int64))
    whole, part = (fen // 100).cast(pl.String), (fen % 100).cast(pl.String).str.zfill(2)
    texts = pl.select(
        pl.when(part == "00").then(whole).otherwise(pl.concat_str(whole, pl.lit("."), part.str.strip_chars_end("0")))
    ).to_series()
    others = np.flatnonzero(~is_amount)
    return texts.scatter(others, [otherwise(number) for number in numbers[others].tolist()])


def _as_seen(number: float) -> str:
    if not math.isfinite(number):
        return repr(number)
    rounded = round(number, 8)
    return str(int(rounded)) if rounded == int(rounded) and abs(rounded) < _EXACT else repr(rounded)
