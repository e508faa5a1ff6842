"""Papers that people send are looked at in a confined child: what is kept is drawn anew, what harms is refused."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from doudi.office.scans.examine import Examined, examine
from doudi.office.scans.limits import ScanLimits
from doudi.office.scans.pdf import without_remarks
from doudi.office.scans.refusal import ScanRefused

PLACE = b"GPS-28.19-112.97"


def photo(form: str = "JPEG", size: tuple[int, int] = (120, 90), **more: object) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(drawn, form, **more)
    return drawn.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif[0x0112] = 6
    return photo(exif=exif.tobytes(), comment=PLACE)


def pdf(pages: int = 1, change: Callable[[PdfWriter], object] | None = None) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=300)
    if change is not None:
        change(writer)
    writer.write(out)
    return out.getvalue()


def refused(sent: bytes, limits: ScanLimits | None = None) -> str:
    with pytest.raises(ScanRefused) as refusal:
        examine(sent, limits)
    return refusal.value.reason


def test_p13_a_photo_is_drawn_anew_without_where_it_was_taken() -> None:
    sent = with_place()
    assert PLACE in sent
    kept = examine(sent)
    assert kept.media == "image/jpeg"
    assert PLACE not in kept.page + kept.thumbnail
    with Image.open(io.BytesIO(kept.page)) as picture:
        # Turned as the telephone was held, and no remark of it left.
        assert picture.size == (90, 120)
        assert not picture.getexif()
    assert {"limits", "no new privileges"} <= set(kept.confinement)


def test_a_large_photo_is_made_smaller_and_a_clear_one_white() -> None:
    kept = examine(photo(size=(4000, 1000)))
    clear = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(clear, "PNG")
    with Image.open(io.BytesIO(kept.page)) as page, Image.open(io.BytesIO(kept.thumbnail)) as small:
        assert (page.size, max(small.size)) == ((2400, 600), 320)
    with Image.open(io.BytesIO(examine(clear.getvalue()).page)) as page:
        assert page.getpixel((5, 5)) == (255, 255, 255)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(side: int) -> bytes:
    """A few kilobytes that say that they are a picture of side x side points."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(3 * side + 1) * 8)) + chunk(b"IEND", b"")


def test_p13_a_bomb_of_points_is_refused_before_it_is_unpacked() -> None:
    assert refused(png_bomb(60_000)) == "pixels"
    assert refused(photo(size=(2000, 2000)), ScanLimits(pixels=3_999_999)) == "pixels"


def test_p13_a_picture_that_needs_more_memory_than_it_may_ends_its_child_only() -> None:
    sent = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(sent, "PNG", compress_level=9)
    assert refused(sent.getvalue(), ScanLimits(memory_bytes=32 << 20)) == "stopped"


def test_p13_text_chunks_that_unpack_to_gigabytes_are_refused() -> None:
    whole = photo("PNG")
    packed = zlib.compress(bytes(80 << 20), 9)
    bomb = whole[:33] + chunk(b"zTXt", b"c\0\0" + packed) + whole[33:]
    assert refused(bomb) == "broken"


def test_a_polyglot_keeps_nothing_of_what_it_also_is() -> None:
    page = b"<script>alert(1)</script>PK\x03\x04#!/bin/sh"
    for form in ("JPEG", "PNG"):
        kept = examine(photo(form) + page)
        assert kept.media == "image/jpeg"
        assert b"script" not in kept.page
        assert b"PK" + bytes([3, 4]) not in kept.page
    kept = examine(pdf() + page)
    assert b"script" not in kept.page


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "WEBP", "ICO", "EPS"])
def test_only_the_three_forms_are_read_whatever_the_name_says(form: str) -> None:
    assert refused(photo(form)) == "form"


@pytest.mark.parametrize(
    "sent", [b"<svg onload=alert(1)>", b"MZ" + bytes(100), b"PK\x03\x04", b" %PDF-1.7", b"\xff\xd8"]
)
def test_other_files_are_refused(sent: bytes) -> None:
    assert refused(sent) == "form"


def test_what_is_empty_or_too_large_does_not_even_start_a_child() -> None:
    assert refused(b"") == "empty"
    assert refused(photo() + bytes(100), ScanLimits(file_bytes=50)) == "size"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(share: float) -> None:
    for sent in (photo("JPEG", (800, 600)), photo("PNG", (800, 600))):
        assert refused(sent[: max(10, int(len(sent) * share))]) == "broken"
    assert refused(pdf()[:40]) == "broken"


def add_script(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )


def add_launch(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    note = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/A"): action})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def add_file(writer: PdfWriter) -> None:
    writer.add_attachment("virus.exe", b"MZ")


def add_hidden(writer: PdfWriter) -> None:
    """An action that nothing points at; some readers find it all the same."""
    writer._add_object(DictionaryObject({NameObject("/S"): NameObject("/SubmitForm")}))


@pytest.mark.parametrize("change", [add_script, add_launch, add_file, add_hidden])
def test_a_pdf_that_acts_is_refused(change: object) -> None:
    assert refused(pdf(change=change)) == "active"


def test_a_pdf_with_a_password_too_many_pages_or_objects_is_refused() -> None:
    assert refused(pdf(change=lambda writer: writer.encrypt("1234"))) == "locked"
    assert refused(pdf(31)) == "pages"
    assert refused(pdf(3), ScanLimits(pdf_objects=3)) == "pages"


def test_a_pdf_is_written_anew_without_its_properties_and_links() -> None:
    def tell(writer: PdfWriter) -> None:
        writer.add_metadata({"/Author": PLACE.decode()})

    kept = examine(pdf(2, tell))
    assert (kept.media, kept.pages, kept.thumbnail) == ("application/pdf", 2, b"")
    assert PLACE not in kept.page
    assert len(PdfReader(io.BytesIO(kept.page)).pages) == 2


def test_photos_inside_a_pdf_forget_where_they_were_taken() -> None:
    sent = io.BytesIO()
    with Image.open(io.BytesIO(with_place())) as picture:
        picture.load()
        clean = without_remarks(with_place())
        assert PLACE not in clean
        with Image.open(io.BytesIO(clean)) as again:
            assert again.tobytes() == picture.tobytes()
        picture.save(sent, "PDF")
    assert examine(sent.getvalue()).pages == 1


def test_p13_a_reader_that_takes_too_long_is_killed_and_the_caller_goes_on() -> None:
    # So little time that the child is still at work, whatever it does: it must be gone when the caller is answered.
    before = set(children())
    assert refused(photo(size=(3000, 3000)), ScanLimits(seconds=0.05)) == "stopped"
    assert set(children()) <= before
    assert isinstance(examine(photo()), Examined)


def children() -> list[str]:
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += (task / "children").read_text("ascii").split()
    return found
