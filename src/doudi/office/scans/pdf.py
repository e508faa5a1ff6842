"""A scanned PDF written anew: its pages and nothing else. What acts, hides or carries other files is refused."""

from typing import Any, BinaryIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from doudi.office.scans.limits import ScanLimits
from doudi.office.scans.refusal import ScanRefused

# What a page on paper has not got: scripts, programs to start, files inside, forms that send themselves, films.
_ACTS = frozenset({
    "/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMedia", "/XFA", "/SubmitForm",
    "/ImportData", "/GoToR", "/GoToE", "/Movie", "/Sound", "/Rendition", "/AA", "/Trans3D", "/3D",
})  # fmt: skip
# What a page says beside what it shows.
_BESIDE = ("/Annots", "/AA", "/Metadata", "/PieceInfo", "/Thumb")
_JPEG_START, _JPEG_SCAN, _JPEG_KEPT = b"\xff\xd8", 0xDA, frozenset({0xE2, 0xEE})


def rewrite(file: BinaryIO, page: BinaryIO, limits: ScanLimits) -> int:
    """Check every object of a PDF and write its pages. Returns how many there are."""
    try:
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise ScanRefused("locked")
        count = len(reader.pages)
        if not 1 <= count <= limits.pdf_pages:
            raise ScanRefused("pages" if count else "broken")
        _refuse_what_acts(reader, limits)
        writer = PdfWriter()
        for each in reader.pages:
            added = writer.add_page(each)
            for name in _BESIDE:
                added.pop(name, None)
        writer.metadata = None
        _forget_where_photos_were_taken(writer)
        writer.write(page)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError) as error:
        raise ScanRefused("broken") from error
    return count


def _refuse_what_acts(reader: PdfReader, limits: ScanLimits) -> None:
    numbers = {(number, generation) for generation, there in reader.xref.items() for number in there}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > limits.pdf_objects:
        raise ScanRefused("pages")
    _look_at(reader.trailer)
    for number, generation in numbers:
        if number:
            _look_at(reader.get_object(IndirectObject(number, generation, reader)))


def _look_at(root: Any) -> None:
    """One object with all that stands in it; what it points to is looked at in its own turn."""
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, DictionaryObject):
            if _ACTS & set(each) or any(value in _ACTS for value in each.values() if isinstance(value, str)):
                raise ScanRefused("active")
            waiting += each.values()
        elif isinstance(each, ArrayObject):
            waiting += each


def _forget_where_photos_were_taken(writer: PdfWriter) -> None:
    for each in writer._objects:
        if isinstance(each, StreamObject) and each.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            each._data = without_remarks(each._data)


def without_remarks(jpeg: bytes) -> bytes:
    """A JPEG without what its device wrote into it (EXIF, place, comment); colour profile and points stay."""
    if not jpeg.startswith(_JPEG_START):
        return jpeg
    kept, at = [_JPEG_START], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _JPEG_SCAN:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        is_remark = 0xE1 <= marker <= 0xEF or marker == 0xFE
        if not is_remark or marker in _JPEG_KEPT:
            kept.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return b"".join([*kept, jpeg[at:]])
