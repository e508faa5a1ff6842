"""A kept picture or PDF as it is sent to a browser: shown or saved, and neither kept, guessed nor run by it."""

from typing import Final

from django.http import HttpResponse

# It runs nothing and loads nothing, whatever a browser makes of it.
_NOTHING_RUNS: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
_ENDINGS: Final = {"image/jpeg": "jpg", "application/pdf": "pdf"}


def kept_file(content: bytes, media: str, name: str) -> HttpResponse:
    """Pictures are shown, PDFs are saved, under a name of ours."""
    reply = HttpResponse(content, content_type=media)
    shown = "inline" if media.startswith("image/") else "attachment"
    reply["Content-Disposition"] = f'{shown}; filename="{name}.{_ENDINGS[media]}"'
    reply["Content-Security-Policy"] = _NOTHING_RUNS
    reply["Cross-Origin-Resource-Policy"] = "same-origin"
    reply["X-Content-Type-Options"] = "nosniff"
    reply["Cache-Control"] = "private, no-store"
    return reply
