"""A list that is read from the database only as far as it is shown, and audited for what was shown."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

from django.db import models
from django.db.models import QuerySet

Row = TypeVar("Row")
ModelT = TypeVar("ModelT", bound=models.Model)


class Listing(Sequence[Row], Generic[ModelT, Row]):
    """A sequence over a query: its length counts, a slice reads that page and turns it into plain rows.

    `build` turns the models of a page into rows; it is the place where the look at them is recorded.
    """

    def __init__(self, query: QuerySet[ModelT], build: Callable[[list[ModelT]], list[Row]]) -> None:
        self._query = query
        self._build = build
        self._total: int | None = None

    def __len__(self) -> int:
        if self._total is None:
            self._total = self._query.count()
        return self._total

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Any:
        start, stop, step = (index if isinstance(index, slice) else slice(index, index + 1)).indices(len(self))
        rows = self._build(list(self._query[start:stop]))[:: step or 1] if stop > start else []
        if isinstance(index, slice):
            return rows
        if not rows:
            raise IndexError(index)
        return rows[0]
