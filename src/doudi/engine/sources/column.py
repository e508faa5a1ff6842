"""Checking one column of a chunk: plain cells in one step, all others with care, repeated texts only once."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.compute as pc

from doudi.engine.sources.cells import NUMBER_OF, Cells, Mask, mask
from doudi.engine.sources.check_identity import check_id_numbers
from doudi.engine.sources.check_money import check_counts, check_money
from doudi.engine.sources.check_text import check_area_codes, check_codes, check_names, check_phones, check_texts
from doudi.engine.sources.contract import ColumnSpec, Unit
from doudi.engine.sources.days import check_days, check_months
from doudi.engine.sources.plain import plain_cells

_SAMPLE_ROWS = 1000
_REPETITIVE_TEXTS_MAX = 150
_NUMBERS_MATTER = ("id_number", "text", "area_code", "phone")
"""Types in which a workbook's number is not as good as a text: Excel may have changed what was typed."""


@dataclass
class CheckedColumn:
    """Typed values, null where a cell is empty or refused; why it is refused; whether it was put into normal form."""

    values: pl.Series
    refusal: npt.NDArray[np.int16]
    is_changed: Mask

    def refuse(self, where: Mask, code: str) -> None:
        """Refuse cells whose value was good so far."""
        self.refusal[where] = NUMBER_OF[code]
        self.values = self.values.set(pl.Series(where), None)

    def count_normalised(self) -> int:
        """How many accepted cells differ from what was delivered."""
        return int((self.is_changed & (self.refusal == 0)).sum())

    def repeated(self, places: npt.NDArray[np.int32]) -> "CheckedColumn":
        """What was found of distinct texts, for each cell that holds one of them."""
        return CheckedColumn(self.values.gather(places), self.refusal[places], self.is_changed[places])


def check_column(
    raw: pl.Series,
    spec: ColumnSpec,
    unit: Unit | None,
    as_of: date,
    *,
    is_number: Mask | None = None,
    is_error: Mask | None = None,
) -> CheckedColumn:
    """Read a column by its type. A workbook also says which cells were numbers and which were error values."""
    texts = raw.fill_null("")
    if is_number is not None and (spec.type not in _NUMBERS_MATTER or not is_number.any()):
        is_number = None
    if is_error is not None and not is_error.any():
        is_error = None
    if is_number is None and is_error is None and _is_repetitive(texts):
        encoded = pc.dictionary_encode(texts.to_arrow())
        distinct = pl.Series(encoded.dictionary, dtype=pl.String)
        return _check_cells(distinct, spec, unit, as_of, None, None).repeated(encoded.indices.to_numpy())
    return _check_cells(texts, spec, unit, as_of, is_number, is_error)


def check_carefully(
    texts: pl.Series,
    spec: ColumnSpec,
    unit: Unit | None,
    as_of: date,
    *,
    is_number: Mask | None = None,
    is_error: Mask | None = None,
) -> CheckedColumn:
    """Read cells that may be anything: spellings put right, everything else refused with its reason."""
    cells = Cells.of(texts, is_number=is_number, is_error=is_error)
    if is_error is not None:
        cells.refuse(is_error, "DD-CELL-006")
    cells.treat_as_empty(spec.empty)
    cells.refuse_where(r"\x00", "DD-CELL-002")
    values = _read(cells, spec, unit or spec.unit or "yuan", as_of)
    if spec.needs_value:
        cells.refuse(cells.is_empty, "DD-CELL-001")
    known = pl.select(pl.when(pl.Series(cells.open)).then(values)).to_series()
    return CheckedColumn(known, cells.refusal, cells.is_normalised)


def _check_cells(
    texts: pl.Series,
    spec: ColumnSpec,
    unit: Unit | None,
    as_of: date,
    is_number: Mask | None,
    is_error: Mask | None,
) -> CheckedColumn:
    is_plain, values = plain_cells(texts, spec, unit, as_of)
    is_rest = ~is_plain
    if not spec.needs_value:
        is_rest &= ~mask(texts == "")
    for is_odd in (is_number, is_error):
        if is_odd is not None:
            is_plain &= ~is_odd
            is_rest |= is_odd
    if not is_plain.all():
        values = values.set(pl.Series(~is_plain), None)
    is_changed = is_plain & mask(values != texts) if spec.type == "phone" else np.zeros(len(texts), dtype=bool)
    column = CheckedColumn(values, np.zeros(len(texts), np.int16), is_changed)
    places = np.flatnonzero(is_rest)
    if len(places):
        rest = check_carefully(
            texts.gather(places),
            spec,
            unit,
            as_of,
            is_number=None if is_number is None else is_number[places],
            is_error=None if is_error is None else is_error[places],
        )
        column.values = values.clone().scatter(places, rest.values)
        column.refusal[places], column.is_changed[places] = rest.refusal, rest.is_changed
    return column


def _is_repetitive(texts: pl.Series) -> bool:
    return len(texts) > 2 * _SAMPLE_ROWS and texts.head(_SAMPLE_ROWS).n_unique() <= _REPETITIVE_TEXTS_MAX


def _read(cells: Cells, spec: ColumnSpec, unit: Unit, as_of: date) -> pl.Series:
    match spec.type:
        case "id_number":
            return check_id_numbers(cells, as_of=as_of)
        case "date":
            return check_days(cells, as_of=as_of, earliest=spec.earliest, may_be_future=spec.may_be_future)
        case "month":
            return check_months(cells, as_of=as_of, earliest=spec.earliest, may_be_future=spec.may_be_future)
        case "money":
            return check_money(cells, spec, unit)
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
