"""What all resources share: refusals, and lists by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ninja import Schema

Row = TypeVar("Row")
PAGE_ROWS_MAX = 200


class Refusal(Schema):
    """Every refusal: a stable code, what happened, and what to do."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and how many it has in all."""

    total: int
    offset: int
    rows: Sequence[Row]


def page_of(rows: Sequence[Row], offset: int, limit: int) -> Page[Row]:
    """Cut a page out of a list; only that page is read and recorded."""
    start = max(offset, 0)
    return Page(len(rows), start, rows[start : start + min(max(limit, 1), PAGE_ROWS_MAX)])
