"""Lists of the desk: one page at a time, found by words, exported to Excel as they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest

Row = TypeVar("Row")
PAGE_SIZE = 20
EXPORT_ROWS_MAX = 5000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list with the way to the next one."""

    rows: Sequence[Row]
    total: int
    number: int
    last: int
    previous_href: str
    next_href: str
    export_href: str


def page_of(
    request: HttpRequest, rows: Sequence[Row], *, shown: Callable[[Row], Any], size: int = PAGE_SIZE
) -> Page[Any]:
    """Cuts the asked page out of a list and turns its rows into what is shown; only that page is read.

    A page number that does not exist shows the nearest one.
    """
    total = len(rows)
    last = max(1, -(-total // size))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), last) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    start = (number - 1) * size
    return Page(
        rows=[shown(row) for row in rows[start : start + size]],
        total=total,
        number=number,
        last=last,
        previous_href=_href(request, page=number - 1) if number > 1 else "",
        next_href=_href(request, page=number + 1) if number < last else "",
        export_href=_href(request, page=None, export="xlsx"),
    )


def is_export(request: HttpRequest) -> bool:
    """Says whether this list is asked for as a workbook."""
    return request.GET.get("export") == "xlsx"


@dataclass(frozen=True)
class ExportColumn(Generic[Row]):
    """One column of a workbook: its heading and how its cell comes out of a row."""

    heading: Any
    cell: Callable[[Row], Any]
    kind: str = "text"


def _href(request: HttpRequest, **changes: str | int | None) -> str:
    kept = {key: request.GET[key] for key in request.GET if key not in changes and key not in {"page", "export"}}
    kept |= {key: str(value) for key, value in changes.items() if value is not None}
    return "?" + urlencode(kept)
