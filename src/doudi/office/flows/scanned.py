"""What comes in as photo or scan: looked at in the confined child, refused in plain words, known by its digest."""

import hashlib

from django.utils.translation import gettext as _

from doudi.office import crypto
from doudi.office.errors import Unacceptable
from doudi.office.scans.examine import Examined, examine
from doudi.office.scans.refusal import ScanRefused


def examined(content: bytes) -> Examined:
    """What is kept of a file, drawn anew: nothing of what was sent is ever opened again."""
    try:
        return examine(content)
    except ScanRefused as refused:
        what, advice = _words(refused.reason)
        raise Unacceptable(what, advice=advice) from None


def digest_of(content: bytes) -> str:
    """Keyed digest of what was sent, by which the same file is recognised."""
    return crypto.blind_index(crypto.keyring(), f"paper:{hashlib.sha256(content).hexdigest()}")


def _words(reason: str) -> tuple[str, str]:
    """Why a file is not taken, and what to do, as people say it."""
    again = _("Take the photo or scan once more.")
    return {
        "empty": (_("The file is empty."), again),
        "size": (_("The file is larger than 16 MB."), _("Take the photo at a lower resolution.")),
        "kept_size": (_("The file is larger than can be kept."), _("Scan fewer pages at once.")),
        "form": (_("This is no JPEG, PNG or PDF file."), _("Photograph the paper, or save it as PDF.")),
        "pixels": (_("The picture has too many points."), _("Take the photo at a lower resolution.")),
        "broken": (_("The file is damaged and can't be read."), again),
        "locked": (_("The PDF is locked with a password."), _("Save it without a password.")),
        "pages": (_("The PDF has too many pages or parts."), _("Split it: at most 30 pages in a file.")),
        "active": (
            _("The PDF holds a script, another file or something that acts by itself."),
            _("Print it on paper and scan that, or take a photo."),
        ),
        "stopped": (_("Reading the file took too much; it was stopped."), again),
    }[reason]
