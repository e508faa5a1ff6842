"""What a workbook would unpack to, found out before anything parses it.

A workbook is a ZIP archive of XML. Its declared sizes are checked first, then each part is unpacked as a stream, which
proves that the declaration was true, and its rows and columns are counted. Only then
may a library build the sheet in memory.
"""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from doudi.engine.sources.errors import OversizedDeliveryError, WrongFormatError
from doudi.engine.sources.limits import ReaderLimits

_BLOCK_BYTES = 1 << 20
_SMALL_BYTES = 1 << 20
_ODD_ENDINGS = (".zip", ".xlsx", ".bin", ".jar")
_ROW = re.compile(rb"<row\b[^>]*?\br=\"([0-9]{1,10})\"")
_COLUMN = re.compile(rb"<c r=\"([A-Z]{1,4})[0-9]")
_ERROR_CELL = re.compile(rb"<c\b[^>]*\bt=\"e\"[^>]*>")
_REFERENCE = re.compile(rb"\br=\"([A-Z]{1,3})([0-9]{1,10})\"")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_LINK = re.compile(r"<Relationship\b[^>]*>")
_ERROR_CELLS_MAX = 1_000_000


@dataclass(frozen=True)
class SheetShape:
    """How large a sheet is, and which of its cells are error values, as (row, column) from 0."""

    rows: int
    columns: int
    error_cells: frozenset[tuple[int, int]]


def survey(handle: BinaryIO, source: str, limits: ReaderLimits) -> dict[str, SheetShape]:
    """Check an archive against the limits and give the shape of each sheet by its name."""
    try:
        with zipfile.ZipFile(handle) as archive:
            _check_declared(archive, source, limits, handle.seek(0, 2))
            shapes = {}
            for info in archive.infolist():
                is_sheet = info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
                shape = _stream_part(archive, info, source, limits, is_sheet)
                if is_sheet:
                    shapes[info.filename] = shape
            return {name: shapes[part] for name, part in _sheet_parts(archive) if part in shapes}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        UnicodeError,
    ):
        _refuse(source, "is no whole workbook")


def _check_declared(archive: zipfile.ZipFile, source: str, limits: ReaderLimits, file_bytes: int) -> None:
    parts = archive.infolist()
    if len(parts) > limits.archive_members or len({part.filename for part in parts}) != len(parts):
        _too_large(source, "the workbook is made of too many parts, or of two with one name")
    if any(part.flag_bits & 1 for part in parts):
        _refuse(source, "is protected by a password")
    # Printer settings are .bin and harmless, but small; an archive within an archive is not.
    odd = [part for part in parts if part.filename.lower().endswith(_ODD_ENDINGS)]
    if any(part.file_size > _SMALL_BYTES or _is_archive(archive, part) for part in odd):
        _refuse(source, "holds an archive within the archive")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        _too_large(source, f"it would unpack to more than {limits.unpacked_bytes >> 20} MiB")
    if sum(part.compress_size for part in parts) > file_bytes:
        _too_large(source, "its parts overlap")
    for part in parts:
        if part.file_size > _SMALL_BYTES and part.file_size > limits.unpack_ratio * max(part.compress_size, 1):
            _too_large(source, f"a part of it unpacks to more than {limits.unpack_ratio} times its size")


def _is_archive(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        return stream.read(4) == b"PK\x03\x04"


def _stream_part(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: str, limits: ReaderLimits, is_sheet: bool
) -> SheetShape:
    last_row, rows, widest, errors = 0, 0, 0, set[tuple[int, int]]()
    letters: set[bytes] = set()
    is_first = True
    for block in _blocks(archive, info):
        if is_first and (b"<!DOCTYPE" in block or b"<!ENTITY" in block):
            _refuse(source, "declares entities of its own")
        is_first = False
        if not is_sheet:
            continue
        numbers = _ROW.findall(block)
        rows += block.count(b"<row")
        last_row = max(last_row, rows, *map(int, numbers)) if numbers else max(last_row, rows)
        letters.update(_COLUMN.findall(block))
        if b't="e"' in block:
            errors.update(_error_cells(block))
        widest = max(map(_column_number, letters), default=0)
        if widest > limits.columns or len(errors) > _ERROR_CELLS_MAX:
            _too_large(source, f"a sheet has more than {limits.columns} columns")
        if last_row * widest > limits.sheet_cells:
            _too_large(
                source, f"a sheet spans more than {limits.sheet_cells} cells, perhaps by a cell far outside the table"
            )
    return SheetShape(last_row, widest, frozenset(errors))


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in blocks that end where a tag begins, so that no tag is cut."""
    rest = b""
    with archive.open(info) as stream:
        while block := stream.read(_BLOCK_BYTES):
            block = rest + block
            cut = block.rfind(b"<")
            rest = block[cut:] if cut > 0 and len(block) - cut < _BLOCK_BYTES else b""
            yield block[: len(block) - len(rest)]
    if rest:
        yield rest


def _error_cells(block: bytes) -> Iterator[tuple[int, int]]:
    for tag in _ERROR_CELL.findall(block):
        if found := _REFERENCE.search(tag):
            yield int(found[2]) - 1, _column_number(found[1]) - 1


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name and the part that holds it. Two patterns are enough; no parser of XML meets the upload here."""
    targets = {
        _attribute(link, "Id"): _attribute(link, "Target")
        for link in _LINK.findall(_small_part(archive, "xl/_rels/workbook.xml.rels"))
    }
    for sheet in _SHEET.findall(_small_part(archive, "xl/workbook.xml")):
        target = targets.get(_attribute(sheet, "r:id"), "")
        yield _attribute(sheet, "name"), target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def _small_part(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as stream:
        return stream.read(_SMALL_BYTES).decode("utf-8")


def _refuse(source: str, what: str) -> NoReturn:
    raise WrongFormatError(f"{source}: the file {what}.", advice="Save it again as an ordinary .xlsx workbook.")


def _too_large(source: str, what: str) -> NoReturn:
    raise OversizedDeliveryError(
        f"{source}: {what}.", advice="Export only the table, without formatting outside of it."
    )
