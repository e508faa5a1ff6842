"""Department workbooks: title rows, merged headers, and cells that Excel turned into numbers and dates.

A row of a workbook has no bytes of its own: as raw row its cells are kept as a JSON list, in the order of the sheet.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import BinaryIO

import numpy as np
import polars as pl
import python_calamine as calamine

from doudi.engine.sources.archive import SheetShape, survey
from doudi.engine.sources.check import Rows
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.delivery import Chunk, RejectedRow, RowNumbers
from doudi.engine.sources.errors import EmptyDeliveryError, UnclearSheetError, WrongFormatError
from doudi.engine.sources.header import Header, find_header
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.sheet_cells import Cell, cell_text, column_texts

_ROWS_IN_A_CHUNK = 20_000


class SheetFile:
    """An opened workbook with exactly one sheet that has content."""

    encoding = "xlsx"

    def __init__(
        self, handle: BinaryIO, contract: Contract, limits: ReaderLimits, *, others: Sequence[Contract] = ()
    ) -> None:
        self._contract = contract
        _refuse_other_kinds(contract, handle)
        shapes = survey(handle, contract.id, limits)
        handle.seek(0)
        self._sheet, name = _only_sheet(contract, handle)
        self._shape = shapes.get(name, SheetShape(0, 0, frozenset()))
        head = [[cell_text(cell, "text").strip() for cell in row] for row in islice(self._sheet.iter_rows(), 40)]
        shown = [_without_empty_end(row) for row in head]
        filled = [place for place, row in enumerate(shown) if row]
        found = find_header(contract, [shown[place] for place in filled], others=others)
        self.header: Header = found
        self._first_row = filled[found.rows_begin - 1] + 1

    def chunks(self) -> Iterator[Chunk]:
        """Rows of the sheet in order; rows without any cell are no rows."""
        in_error = {row for row, _ in self._shape.error_cells}  # the library gives error values as empty cells
        numbered = enumerate(self._sheet.iter_rows())
        rows = islice(numbered, self._first_row, None)
        while block := list(islice(rows, _ROWS_IN_A_CHUNK)):
            yield self._cut_rows(
                [(place, row) for place, row in block if row.count("") < len(row) or place in in_error]
            )

    def raw_rows(self, numbers: RowNumbers) -> Mapping[int, bytes]:
        """Rows by their number, read again from the sheet."""
        wanted = set(numbers.tolist())
        return {place + 1: _raw(row) for place, row in enumerate(self._sheet.iter_rows()) if place + 1 in wanted}

    def _cut_rows(self, block: Sequence[tuple[int, Sequence[Cell]]]) -> Chunk:
        width = self.header.width
        rejected = [
            RejectedRow(place + 1, "DD-ROW-005", _raw(row))
            for place, row in block
            if len(row) > width and any(cell != "" for cell in row[width:])
        ]
        bad = {row.number for row in rejected}
        kept = [(place, row) for place, row in block if place + 1 not in bad] if bad else block
        columns = list(zip_longest(*(row for _, row in kept), fillvalue=""))
        text, is_number, is_error = {}, {}, {}
        for name, position in self.header.positions.items():
            cells = columns[position] if position < len(columns) else ("",) * len(kept)
            text[name], is_number[name] = column_texts(cells, self._contract.columns[name].type)
            if self._shape.error_cells:
                errors = self._shape.error_cells
                is_error[name] = np.fromiter(((place, position) in errors for place, _ in kept), bool, len(kept))
        numbers = np.fromiter((place + 1 for place, _ in kept), np.int64, len(kept))
        return Chunk(
            Rows(numbers, pl.DataFrame(text), is_number, is_error),
            rejected,
            lambda wanted: [_raw(kept[place][1]) for place in wanted.tolist()],
        )


def _only_sheet(contract: Contract, handle: BinaryIO) -> tuple[calamine.CalamineSheet, str]:
    try:
        book = calamine.load_workbook(handle)
        sheets = [
            (sheet, name)
            for name in book.sheet_names
            if name not in contract.ignored_sheets and (sheet := book.get_sheet_by_name(name)).height
        ]
    except calamine.PasswordError:
        raise _no_workbook(contract, "is protected by a password") from None
    except calamine.CalamineError:
        raise _no_workbook(contract, "is no whole workbook") from None
    if not sheets:
        raise EmptyDeliveryError(
            f"{contract.id}: the workbook is empty.", advice="Ask the department to deliver it again."
        )
    if len(sheets) > 1:
        raise UnclearSheetError(
            f"{contract.id}: {len(sheets)} sheets have content, hidden ones counted.",
            advice="Deliver one sheet, or name the others in `ignored_sheets` of the contract.",
        )
    return sheets[0]


def _raw(row: Sequence[Cell]) -> bytes:
    return json.dumps([cell_text(cell, "text") for cell in row], ensure_ascii=False).encode("utf-8", "surrogatepass")


def _without_empty_end(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


def _refuse_other_kinds(contract: Contract, handle: BinaryIO) -> None:
    head = handle.read(8)
    if not head:
        raise EmptyDeliveryError(f"{contract.id}: the file is empty.", advice="Ask the department to deliver it again.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _no_workbook(contract, "is an old .xls workbook or protected by a password")
    if not head.startswith(b"PK"):
        raise _no_workbook(contract, "is no workbook")


def _no_workbook(contract: Contract, what: str) -> WrongFormatError:
    return WrongFormatError(f"{contract.id}: the file {what}.", advice="Save it as an ordinary .xlsx workbook.")
