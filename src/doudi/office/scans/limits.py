"""How much one photographed or scanned paper may cost its reader, and what is kept of it."""

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True)
class ScanLimits:
    """The defaults carry the photo of a good telephone and a scan of thirty pages."""

    file_bytes: int = 16 * _MIB
    pixels: int = 50_000_000
    # The longer side of what is kept: small print of an A4 page stays readable.
    kept_side: int = 2400
    thumbnail_side: int = 320
    pdf_pages: int = 30
    pdf_objects: int = 20_000
    kept_bytes: int = 12 * _MIB
    memory_bytes: int = 512 * _MIB
    seconds: float = 20.0
