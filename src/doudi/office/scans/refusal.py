"""Why a file is not taken as a paper."""

from typing import Literal

Reason = Literal["empty", "size", "form", "pixels", "broken", "locked", "pages", "active", "stopped", "kept_size"]


class ScanRefused(Exception):  # noqa: N818 - it is no error: an answer about the file
    """The file is not taken; `reason` is one of the list, and people read it in their own words."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
