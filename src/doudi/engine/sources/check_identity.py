"""Checking identity numbers 公民身份号码 by the column; says the same of each cell as `values.identity.parse_id`."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.cells import Cells, Mask, byte_matrix, mask
from doudi.engine.sources.days import days_of

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
_EIGHTEEN = r"^[1-9][0-9]{16}[0-9Xx]$"
_FIFTEEN = r"^[1-9][0-9]{14}$"
_LOOKS_LIKE_X = r"^[1-9][0-9]{16}[^0-9Xx]$"


def check_id_numbers(cells: Cells, *, as_of: date) -> pl.Series:
    """Give the 18-digit form; refuse everything else. Numbers of 15 digits are upgraded and count as normalised."""
    if cells.is_number is not None:
        cells.refuse(cells.is_number & ~cells.is_empty, "DD-CELL-015")
    cells.fold_width()
    # Exports put an apostrophe before a number so that Excel keeps it as text.
    cells.text = cells.text.str.strip_prefix("'")
    cells.refuse_where(_LOOKS_LIKE_X, "DD-CELL-011")
    cells.refuse_unless(f"{_EIGHTEEN}|{_FIFTEEN}", "DD-CELL-010")
    cells.text = cells.text.str.to_uppercase()
    _upgrade(cells, cells.open & mask(cells.text.str.len_bytes() == 15))
    _check_18(cells, as_of)
    return cells.text


def _upgrade(cells: Cells, old: Mask) -> None:
    if not old.any():
        return
    digits = byte_matrix(cells.text.filter(pl.Series(old)), 15)
    places = np.flatnonzero(old)
    sequence = digits[:, 12:15].astype(np.int64) @ np.array([100, 10, 1]) - 48 * 111
    is_before_1900 = sequence >= 996
    refused = np.zeros(len(cells.text), dtype=bool)
    refused[places[is_before_1900]] = True
    cells.refuse(refused, "DD-CELL-016")
    century = np.broadcast_to(np.frombuffer(b"19", dtype=np.uint8), (len(digits), 2))
    head = np.concatenate([digits[:, :6], century, digits[:, 6:]], axis=1)
    whole = np.concatenate([head, check_digits(head.T)[:, None]], axis=1)
    cells.text = cells.text.scatter(places, [row.tobytes().decode("ascii") for row in whole])


def _check_18(cells: Cells, as_of: date) -> None:
    places = np.flatnonzero(cells.open)
    if not len(places):
        return
    matrix = byte_matrix(cells.text.gather(places), 18)
    _refuse_at(cells, places[check_digits(matrix.T) != matrix[:, 17]], "DD-CELL-012")
    numbers = matrix[:, 6:14].astype(np.int64) - 48
    year = numbers[:, 0:4] @ np.array([1000, 100, 10, 1])
    days, exists = days_of(year, numbers[:, 4:6] @ np.array([10, 1]), numbers[:, 6:8] @ np.array([10, 1]))
    _refuse_at(cells, places[~exists], "DD-CELL-013")
    _refuse_at(cells, places[exists & (days > np.datetime64(as_of, "D"))], "DD-CELL-014")


def check_digits(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The check digits, as letters, of numbers whose first 17 letters are given by position."""
    total = np.zeros(letters.shape[1], np.uint16)
    for position, weight in enumerate(_WEIGHTS):
        total += (letters[position] - np.uint8(ord("0"))) * np.uint16(weight)
    digits: npt.NDArray[np.uint8] = _CHECK[total % 11]
    return digits


def _refuse_at(cells: Cells, places: npt.NDArray[np.intp], code: str) -> None:
    where = np.zeros(len(cells.text), dtype=bool)
    where[places] = True
    cells.refuse(where, code)
