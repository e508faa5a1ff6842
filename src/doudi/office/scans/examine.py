"""Looking at a paper that somebody sends: in a child of its own, which is stopped when it takes too long."""

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from doudi.engine.confinement.process import content_of, memory_file, run_confined
from doudi.office.scans.limits import ScanLimits
from doudi.office.scans.refusal import ScanRefused

_READER = "doudi.office.scans.child"
_ENVIRONMENT = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True)
class Examined:
    """What is kept of a paper: drawn anew, with a small version for pictures, and how far its reader was confined."""

    media: str
    pages: int
    page: bytes
    thumbnail: bytes
    confinement: tuple[str, ...]


def examine(sent: bytes, limits: ScanLimits | None = None, *, reader: str = _READER) -> Examined:
    """Check and redraw a file. Raises ScanRefused with the reason when it is not taken."""
    limits = limits or ScanLimits()
    if not sent:
        raise ScanRefused("empty")
    if len(sent) > limits.file_bytes:
        raise ScanRefused("size")
    with ExitStack() as stack:
        order, file, answer, page, thumbnail = (
            stack.enter_context(memory_file(name)) for name in ("order", "file", "answer", "page", "thumbnail")
        )
        for handle, content in ((order, json.dumps(asdict(limits)).encode()), (file, sent)):
            handle.write(content)
            handle.flush()
            handle.seek(0)
        handles = (order, file, answer, page, thumbnail)
        code = run_confined(reader, handles, seconds=limits.seconds, environment=_ENVIRONMENT)
        told: dict[str, Any] = json.loads(content_of(answer) or b"{}") if code == 0 else {}
        if "media" not in told:
            raise ScanRefused(told.get("refused", "stopped"))
        kept, small = content_of(page), content_of(thumbnail)
    if len(kept) > limits.kept_bytes:
        raise ScanRefused("kept_size")
    return Examined(told["media"], told["pages"], kept, small, tuple(told["confinement"]))
