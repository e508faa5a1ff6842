"""Log lines without people's data.

A database's or a parser's message may quote the row it stumbled over, so a logged exception keeps its type and its path
through the code but loses its words; only our own errors, whose messages never quote data, are printed in full.
"""

import logging
import traceback
from types import TracebackType

from doudi.engine.values.errors import DoudiError
from doudi.office.audit.requests import current_request_id

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Time, level, logger, request, message, and for an exception its type and path."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        # A text cached by another handler would carry the full exception.
        record.exc_text = None
        line = super().format(record)
        record.exc_text = None
        request_id = current_request_id.get()
        return f"{line} [request {request_id}]" if request_id else line

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the name is the standard library's
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            words = f": {error}" if isinstance(error, DoudiError) else ""
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}{words}\n"]
            error = error.__cause__
        return "".join(lines).rstrip()
