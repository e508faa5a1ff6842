"""Checking the rows of one chunk: each column by its type, then what two cells of a row say of each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.cells import Cells, Mask, codes_of, mask
from doudi.engine.sources.check_identity import check_id_numbers
from doudi.engine.sources.check_money import check_counts, check_money
from doudi.engine.sources.check_text import check_area_codes, check_codes, check_names, check_phones, check_texts
from doudi.engine.sources.contract import ColumnSpec, Contract, Unit
from doudi.engine.sources.days import check_days, check_months


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
    checked: dict[str, Cells] = {}
    values: dict[str, pl.Series] = {}
    for name, spec in contract.columns.items():
        raw = rows.text[name] if name in rows.text.columns else pl.Series([None] * len(rows.numbers), dtype=pl.String)
        cells = Cells.of(raw, is_number=rows.is_number.get(name), is_error=rows.is_error.get(name))
        values[name] = _check_column(cells, spec, units.get(name), as_of)
        checked[name] = cells
    _check_order(contract, checked, values)
    is_good = np.ones(len(rows.numbers), dtype=bool)
    refusals: list[tuple[str, str, npt.NDArray[np.intp]]] = []
    for name, cells in checked.items():
        is_good &= cells.refusal == 0
        refusals.extend((name, code, places) for code, places in codes_of(cells.refusal))
    typed = {
        name: pl.select(pl.when(pl.Series(cells.open)).then(values[name])).to_series().rename(name)
        for name, cells in checked.items()
    }
    counts = {name: count for name, cells in checked.items() if (count := cells.count_normalised())}
    return CheckedRows(pl.DataFrame(typed), is_good, refusals, counts)


def _check_column(cells: Cells, spec: ColumnSpec, unit: Unit | None, as_of: date) -> pl.Series:
    if cells.is_error is not None:
        cells.refuse(cells.is_error, "DD-CELL-006")
    cells.treat_as_empty(spec.empty)
    cells.refuse_where("\x00", "DD-CELL-002")
    values = _read_column(cells, spec, unit, as_of)
    if spec.required:
        cells.refuse(cells.is_empty, "DD-CELL-001")
    return values


def _read_column(cells: Cells, spec: ColumnSpec, unit: Unit | None, as_of: date) -> pl.Series:
    match spec.type:
        case "id_number":
            return check_id_numbers(cells, as_of=as_of)
        case "date":
            return check_days(cells, as_of=as_of, earliest=spec.earliest, may_be_future=spec.may_be_future)
        case "month":
            return check_months(cells, as_of=as_of, earliest=spec.earliest, may_be_future=spec.may_be_future)
        case "money":
            return check_money(cells, spec, unit or spec.unit or "yuan")
        case "count":
            return check_counts(cells, spec)
        case "name":
            return check_names(cells, length_max=spec.length_max)
        case "code":
            return check_codes(cells, spec.codes)
        case "area_code":
            return check_area_codes(cells, spec.digits)
        case "phone":
            return check_phones(cells)
        case "text":
            return check_texts(cells, length_max=spec.length_max)


def _check_order(contract: Contract, checked: Mapping[str, Cells], values: Mapping[str, pl.Series]) -> None:
    for lesser, greater in contract.in_order:
        both = checked[lesser].open & checked[greater].open
        checked[greater].refuse(both & mask(values[lesser] > values[greater]), "DD-CELL-025")
