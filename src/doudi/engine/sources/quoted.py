"""CSV lines that hold quotation marks: read one by one, strictly, and joined where a quoted cell holds a line break.

A mark that is never closed must not swallow the rows after it. So lines are joined only while none of the added ones
is a complete row by itself; otherwise the line with the open mark is refused alone and reading goes on with the next.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doudi.engine.sources.encoding import Encoding, is_foreign_line

_LINES_IN_A_CELL_MAX = 20
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Record:
    """One row of one or more lines: cells, or the code of what is wrong with it."""

    first: int
    last: int
    cells: list[str]
    code: str = ""


@dataclass(frozen=True)
class QuotedReader:
    """Reads the quoted lines of one chunk. `content` gives the bytes from one line to another, without the line end."""

    quotes: Counts
    delimiters: Counts
    content: Callable[[int, int], bytes]
    width: int
    delimiter: str
    encoding: Encoding
    is_end_of_file: bool

    def records(self) -> Iterator[Record | int]:
        """Rows in order. An int, which is the last, says from which line on the chunk can't be decided yet."""
        done = -1
        for line in np.flatnonzero(self.quotes > 0).tolist():
            if line <= done:
                continue
            last = self._end_of_record(line) if self.quotes[line] % 2 else line
            if last is None:
                yield line
                return
            record = self._read(line, last)
            if last > line and record.code:
                record = self._read(line, line)
            done = record.last
            yield record

    def _end_of_record(self, start: int) -> int | None:
        beyond = min(start + 1 + _LINES_IN_A_CELL_MAX, len(self.quotes))
        for line in range(start + 1, beyond):
            if self.quotes[line] % 2:
                return line
            if self.delimiters[line] >= self.width - 1:
                return start
        is_cut = beyond == len(self.quotes) and not self.is_end_of_file
        return None if is_cut and beyond < start + 1 + _LINES_IN_A_CELL_MAX else start

    def _read(self, first: int, last: int) -> Record:
        content = self.content(first, last)
        try:
            text = content.decode(self.encoding)
        except UnicodeError:
            return Record(first, last, [], "DD-ROW-001")
        if self.encoding != "utf-8" and is_foreign_line(content):
            return Record(first, last, [], "DD-ROW-002")
        try:
            rows = list(csv.reader((text,), delimiter=self.delimiter, strict=True))
        except csv.Error:
            rows = []
        if len(rows) != 1:
            return Record(first, last, [], "DD-ROW-006")
        cells = rows[0]
        if len(cells) != self.width:
            return Record(first, last, cells, "DD-ROW-004" if len(cells) < self.width else "DD-ROW-005")
        return Record(first, last, cells)
