"""Department files of separated values, cut into rows by the block of bytes.

Lines without quotation marks take the straight way; the others go through `quoted`. Each row keeps its line number in
the file as delivered and the place of its bytes.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.cells import CODES, NUMBER_OF, Mask
from doudi.engine.sources.check import Rows
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.delivery import Chunk, RejectedRow, RowNumbers
from doudi.engine.sources.encoding import Encoding, find_foreign_lines, to_utf8
from doudi.engine.sources.errors import (
    EmptyDeliveryError,
    OversizedDeliveryError,
    SourceError,
    UnknownEncodingError,
    WrongFormatError,
)
from doudi.engine.sources.header import Header, find_header
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.lines import Lines, Places
from doudi.engine.sources.quoted import QuotedReader, Record

_HEAD_BYTES = 1 << 18
_OTHER_KINDS = {
    b"PK\x03\x04": "a workbook or archive",
    b"\xd0\xcf\x11\xe0": "an old or protected workbook",
    b"%PDF": "a PDF",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


class CsvFile:
    """An opened file of separated values."""

    def __init__(
        self, handle: BinaryIO, contract: Contract, limits: ReaderLimits, *, others: Sequence[Contract] = ()
    ) -> None:
        self._handle, self._contract, self._limits = handle, contract, limits
        head = handle.read(_HEAD_BYTES)
        _refuse_other_kinds(contract, head)
        self._skipped = len(_BOM) if head.startswith(_BOM) else 0
        self._ending = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
        lines = head[self._skipped :].split(self._ending)
        if len(head) == _HEAD_BYTES:
            lines.pop()  # cut in the middle
        self.encoding: Encoding
        self.encoding, self.header, header_lines = self._find_header(lines, others)
        self._first_line = header_lines + 1
        self._offset = self._skipped + sum(len(line) + 1 for line in lines[:header_lines])
        self._spans: list[tuple[RowNumbers, Places, Places]] = []

    def chunks(self) -> Iterator[Chunk]:
        """Rows by the block of bytes; a block ends where a row ends."""
        self._spans.clear()
        handle, offset, line, rest = self._handle, self._offset, self._first_line, b""
        handle.seek(offset)
        while True:
            block = handle.read(self._limits.chunk_bytes)
            buffer, is_end = rest + block, not block
            if is_end and not buffer:
                return
            if is_end and not buffer.endswith(self._ending):
                buffer += self._ending
            cut = buffer.rfind(self._ending) + 1
            if not cut and len(buffer) > self._limits.chunk_bytes:
                raise OversizedDeliveryError(
                    f"{self._contract.id}: a single line has more than {self._limits.chunk_bytes} bytes.",
                    advice="Check that the file is a table with one row on each line.",
                )
            chunk, used_bytes, used_lines = self._cut_rows(buffer[:cut], line, offset, is_end)
            yield chunk
            rest = b"" if is_end else buffer[used_bytes:]
            if len(rest) > 2 * self._limits.chunk_bytes:
                raise OversizedDeliveryError(
                    f"{self._contract.id}: a quoted cell goes on over more than {self._limits.chunk_bytes} bytes.",
                    advice="Check the quotation marks of the file.",
                )
            offset, line = offset + used_bytes, line + used_lines
            if is_end:
                return

    def raw_rows(self, numbers: RowNumbers) -> Mapping[int, bytes]:
        """Rows as delivered, read again from the file."""
        wanted: dict[int, bytes] = {}
        for known, starts, ends in self._spans:
            for place in np.flatnonzero(np.isin(known, numbers)).tolist():
                self._handle.seek(int(starts[place]))
                wanted[int(known[place])] = self._handle.read(int(ends[place] - starts[place]))
        return wanted

    def _find_header(self, lines: list[bytes], others: Sequence[Contract]) -> tuple[Encoding, Header, int]:
        refusal: SourceError | None = None
        for encoding in self._contract.encodings:
            rows, ends, is_whole = _head_rows(lines, encoding, self._contract)
            try:
                header = find_header(self._contract, rows, others=others)
            except SourceError as error:
                refusal = refusal or (error if is_whole else None)
                continue
            header_lines = ends[header.rows_begin - 1]
            says_nothing = b"".join(lines[:header_lines]).isascii()
            return self._whole_file_encoding() if says_nothing else encoding, header, header_lines
        raise refusal or UnknownEncodingError(
            f"{self._contract.id}: the header is text in none of the agreed encodings "
            f"({', '.join(self._contract.encodings)}).",
            advice="Export the file again in UTF-8 or GB18030.",
        )

    def _whole_file_encoding(self) -> Encoding:
        """A header in plain ASCII says nothing: then the first encoding in which most lines are valid."""
        self._handle.seek(self._skipped)
        sample = self._handle.read(self._limits.chunk_bytes)
        lines = [line for line in sample.split(self._ending)[:-1] if not line.isascii()]
        for encoding in self._contract.encodings:
            if sum(_is_valid(line, encoding) for line in lines) * 2 >= len(lines):
                return encoding
        return self._contract.encodings[-1]

    def _cut_rows(self, buffer: bytes, line: int, offset: int, is_end: bool) -> tuple[Chunk, int, int]:
        lines = Lines.cut(buffer, ending=self._ending[0], delimiter=ord(self._contract.delimiter))
        reader = QuotedReader(
            lines.count(ord('"')),
            lines.delimiters,
            lines.content,
            self.header.width,
            self._contract.delimiter,
            self.encoding,
            is_end,
        )
        is_taken, quoted, undecided = np.zeros(len(lines), dtype=bool), list[Record](), len(lines)
        for record in reader.records():
            if isinstance(record, int):
                undecided = record
                break
            is_taken[record.first : record.last + 1] = True
            quoted.append(record)
        is_taken[undecided:] = True
        is_plain = ~is_taken & (lines.ends > lines.starts)
        codes = self._line_codes(lines, is_plain)
        rows, places = self._plain_rows(lines, is_plain & (codes == 0), codes)
        rejected = [
            RejectedRow(line + place, CODES[codes[place]], lines.content(place, place))
            for place in np.flatnonzero(codes).tolist()
        ]
        rejected += [RejectedRow(line + r.first, r.code, lines.content(r.first, r.last)) for r in quoted if r.code]
        lasts = places
        if good := [record for record in quoted if not record.code]:
            rows = pl.concat([rows, self._frame([record.cells for record in good])])
            lasts = np.concatenate([places, [record.last for record in good]]).astype(np.int64)
            places = np.concatenate([places, [record.first for record in good]]).astype(np.int64)
            order = np.argsort(places, kind="stable")
            rows, places, lasts = rows[order], places[order], lasts[order]
        row_starts, row_ends, numbers = lines.starts[places], lines.ends[lasts], places + line
        self._spans.append((numbers, row_starts + offset, row_ends + offset))
        used = int(lines.starts[undecided]) if undecided < len(lines) else len(buffer)
        chunk = Chunk(
            Rows(numbers, self._by_name(rows)),
            rejected,
            lambda wanted: [
                buffer[start:end]
                for start, end in zip(row_starts[wanted].tolist(), row_ends[wanted].tolist(), strict=True)
            ],
        )
        return chunk, used, undecided

    def _line_codes(self, lines: Lines, is_plain: Mask) -> npt.NDArray[np.int16]:
        codes = np.zeros(len(lines), np.int16)
        wanted = self.header.width - 1

        def refuse(where: Mask, code: str) -> None:
            codes[where & is_plain & (codes == 0)] = NUMBER_OF[code]

        refuse(lines.stops - lines.starts > self._limits.line_bytes, "DD-ROW-007")
        refuse(lines.count(0) > 0, "DD-ROW-003")
        if self.encoding != "utf-8":
            refuse(find_foreign_lines(lines.buffer, lines.starts, lines.stops), "DD-ROW-002")
        refuse(lines.delimiters < wanted, "DD-ROW-004")
        refuse(lines.delimiters > wanted, "DD-ROW-005")
        return codes

    def _plain_rows(self, lines: Lines, is_good: Mask, codes: npt.NDArray[np.int16]) -> tuple[pl.DataFrame, Places]:
        places = np.flatnonzero(is_good)
        if not len(places):
            return self._frame([]), places
        lengths = (lines.stops - lines.starts)[places] + 1
        joined = lines.only(is_good)
        if self._ending != b"\n":
            joined = joined.replace(self._ending, b"\n")
        text, is_valid = to_utf8(joined, np.concatenate([[0], np.cumsum(lengths)[:-1]]), self.encoding)
        codes[places[~is_valid]] = NUMBER_OF["DD-ROW-001"]
        places = places[is_valid]
        if not len(places):
            return self._frame([]), places
        # A carriage return before the newline belongs to the line's end: polars leaves it out.
        frame = pl.read_csv(
            text,
            has_header=False,
            new_columns=self._column_names(),
            separator=self._contract.delimiter,
            quote_char=None,
            infer_schema=False,
            eol_char="\n",
        )
        if frame.height != len(places) or frame.width != self.header.width:
            raise SourceError(f"{self._contract.id}: the rows of a block were cut in two different ways.")
        return frame, places

    def _frame(self, rows: list[list[str]]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=dict.fromkeys(self._column_names(), pl.String), orient="row")

    def _column_names(self) -> list[str]:
        return [f"c{position}" for position in range(self.header.width)]

    def _by_name(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(pl.col(f"c{position}").alias(name) for name, position in self.header.positions.items())


def _head_rows(lines: list[bytes], encoding: Encoding, contract: Contract) -> tuple[list[list[str]], list[int], bool]:
    """The first rows as cells, after how many lines each ends, and whether all lines were valid text.

    An invalid line reads as an empty row here: if it is a row of data it is refused later, on its own.
    """
    shown = [line.removesuffix(b"\r") for line in lines[: contract.title_rows_max + 8]]
    are_valid = [_is_valid(line, encoding) for line in shown]
    texts = [line.decode(encoding) + "\n" if ok else "\n" for line, ok in zip(shown, are_valid, strict=True)]
    reader, rows, ends = csv.reader(texts, delimiter=contract.delimiter), list[list[str]](), list[int]()
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) > contract.title_rows_max + 1:
                break
    except csv.Error:
        pass  # a cell of absurd length: the header is above it or nowhere
    return rows, ends, all(are_valid)


def _is_valid(line: bytes, encoding: Encoding) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return False
    return True


def _refuse_other_kinds(contract: Contract, head: bytes) -> None:
    if not head.removeprefix(_BOM).strip(b"\r\n \t\x00,"):
        raise EmptyDeliveryError(f"{contract.id}: the file is empty.", advice="Ask the department to deliver it again.")
    if head.startswith(_UTF16):
        raise UnknownEncodingError(f"{contract.id}: the file is UTF-16.", advice="Export it as UTF-8 or GB18030.")
    kind = next((words for start, words in _OTHER_KINDS.items() if head.startswith(start)), None)
    if head.removeprefix(_BOM).lstrip()[:1] == b"<":
        kind = "a web page"
    if kind:
        raise WrongFormatError(
            f"{contract.id}: the file is {kind}, not separated values.", advice="Export it again as CSV."
        )
