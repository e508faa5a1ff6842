"""A photo drawn anew: only its points are kept. Place, device, comments and whatever follows the picture are gone."""

from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from doudi.office.scans.limits import ScanLimits
from doudi.office.scans.refusal import ScanRefused

_QUALITY, _THUMBNAIL_QUALITY = 85, 75
_WHITE = (255, 255, 255)


def redraw(file: BinaryIO, form: str, page: BinaryIO, thumbnail: BinaryIO, limits: ScanLimits) -> None:
    """Read a picture of the one form that its first bytes say, and write it and its small version as JPEG."""
    # Counted below, before a single point is unpacked.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(file, formats=[form]) as picture:
            width, height = picture.size
            if width * height > limits.pixels:
                raise ScanRefused("pixels")
            picture.draft("RGB", (limits.kept_side, limits.kept_side))
            picture.load()
            kept = _on_white(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, EOFError, ZeroDivisionError, UnidentifiedImageError) as error:
        raise ScanRefused("broken") from error
    kept.thumbnail((limits.kept_side, limits.kept_side))
    kept.save(page, "JPEG", quality=_QUALITY)
    kept.thumbnail((limits.thumbnail_side, limits.thumbnail_side))
    kept.save(thumbnail, "JPEG", quality=_THUMBNAIL_QUALITY)


def _on_white(picture: Image.Image) -> Image.Image:
    """A fresh picture of the same points, which has nothing else of the old one."""
    fresh = Image.new("RGB", picture.size, _WHITE)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        fresh.paste(clear, mask=clear.getchannel("A"))
    else:
        fresh.paste(picture.convert("RGB"))
    return fresh
