"""The process that looks at one paper: loads its libraries, gives up its rights, reads, writes what is kept.

Arguments: what `confine` reached, then the numbers of the open handles: order, file, answer, page, thumbnail. It gets
no keys and no paths. Exit code 0: the answer is written; anything else: the file broke its reader.
"""

import io
import json
import os
import sys
from typing import BinaryIO

from PIL import Image
from pypdf import PdfWriter

from doudi.engine.confinement.confine import give_up_rights
from doudi.office.scans.image import redraw
from doudi.office.scans.limits import ScanLimits
from doudi.office.scans.pdf import rewrite
from doudi.office.scans.refusal import ScanRefused

_FORMS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"%PDF-", "PDF"))


def main(arguments: list[str]) -> None:
    """Look at one file."""
    reached = [word for word in arguments[0].split(",") if word]
    order, file, answer, page, thumbnail = (
        os.fdopen(int(number), "rb" if place < 2 else "r+b") for place, number in enumerate(arguments[1:])
    )
    limits = ScanLimits(**json.load(order))
    _load_all(ScanLimits())
    reached += give_up_rights(
        memory_bytes=limits.memory_bytes, output_bytes=4 * limits.kept_bytes, seconds=limits.seconds
    )
    told: dict[str, object] = {"confinement": reached}
    try:
        told |= _look(file, page, thumbnail, limits)
    except ScanRefused as refused:
        told["refused"] = refused.reason
    except MemoryError:
        told["refused"] = "stopped"
    for part in (page, thumbnail):
        part.flush()
    answer.write(json.dumps(told).encode())
    answer.flush()


def _look(file: BinaryIO, page: BinaryIO, thumbnail: BinaryIO, limits: ScanLimits) -> dict[str, object]:
    """By its first bytes it is what it says, and it is read as nothing else."""
    start = file.read(8)
    form = next((form for mark, form in _FORMS if start.startswith(mark)), None)
    file.seek(0)
    if form is None:
        raise ScanRefused("form")
    if form == "PDF":
        return {"media": "application/pdf", "pages": rewrite(file, page, limits)}
    redraw(file, form, page, thumbnail, limits)
    return {"media": "image/jpeg", "pages": 1}


def _load_all(limits: ScanLimits) -> None:
    """Draw a point and write an empty page, so that all that loads late is there before rights are gone."""
    for form in ("JPEG", "PNG"):
        drawn = io.BytesIO()
        Image.new("RGB", (8, 8)).save(drawn, form)
        drawn.seek(0)
        redraw(drawn, form, io.BytesIO(), io.BytesIO(), limits)
    blank, written = PdfWriter(), io.BytesIO()
    blank.add_blank_page(width=72, height=72)
    blank.write(written)
    written.seek(0)
    rewrite(written, io.BytesIO(), limits)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)
