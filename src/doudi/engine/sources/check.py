"""Checking the rows of one chunk: each column by its type, then what two cells of a row say of each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.cells import Mask, codes_of, mask
from doudi.engine.sources.column import CheckedColumn, check_column
from doudi.engine.sources.contract import Contract, Unit


@dataclass
class Rows:
    """Rows of a file as text, by the contract's column names, with their line or sheet row.

    A workbook also says which cells were numbers and which were error values; a column that wasn't delivered is absent.
    """

    numbers: npt.NDArray[np.int64]
    text: pl.DataFrame
    is_number: Mapping[str, Mask] = field(default_factory=dict)
    is_error: Mapping[str, Mask] = field(default_factory=dict)


@dataclass
class CheckedRows:
    """Typed values of all rows, which rows are good, each refused cell, and how many cells were normalised."""

    values: pl.DataFrame
    is_good: Mask
    refusals: list[tuple[str, str, npt.NDArray[np.intp]]]
    """Column, code, places of the rows."""
    normalised: dict[str, int]


def check_rows(contract: Contract, units: Mapping[str, Unit], rows: Rows, *, as_of: date) -> CheckedRows:
    """Turn text into typed values, or say of each cell why not."""
    columns: dict[str, CheckedColumn] = {}
    for name, spec in contract.columns.items():
        raw = rows.text[name] if name in rows.text.columns else pl.Series([None] * len(rows.numbers), dtype=pl.String)
        is_number, is_error = rows.is_number.get(name), rows.is_error.get(name)
        columns[name] = check_column(raw, spec, units.get(name), as_of, is_number=is_number, is_error=is_error)
    _check_order(contract, columns)
    is_good = np.ones(len(rows.numbers), dtype=bool)
    refusals: list[tuple[str, str, npt.NDArray[np.intp]]] = []
    for name, column in columns.items():
        if column.refusal.any():
            is_good &= column.refusal == 0
            refusals.extend((name, code, places) for code, places in codes_of(column.refusal))
    values = pl.DataFrame([column.values.rename(name) for name, column in columns.items()])
    counts = {name: count for name, column in columns.items() if (count := column.count_normalised())}
    return CheckedRows(values, is_good, refusals, counts)


def _check_order(contract: Contract, columns: Mapping[str, CheckedColumn]) -> None:
    for lesser, greater in contract.in_order:
        is_wrong = mask(columns[lesser].values > columns[greater].values)
        if is_wrong.any():
            columns[greater].refuse(is_wrong, "DD-CELL-025")
