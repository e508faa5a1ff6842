"""The number of the request being served, so that an audit entry and a log line can be laid side by side."""

from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
