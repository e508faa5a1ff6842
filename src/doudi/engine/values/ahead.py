"""Working ahead: the next item is made by another thread while the last one is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def worked_ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items in the same order, one of them made in advance. An error comes out where its item would have."""
    source = iter(items)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(_next_of, source)
        while found := pending.result():
            pending = pool.submit(_next_of, source)
            yield found[0]


def _next_of(source: Iterator[T]) -> tuple[T, ...]:
    """One item, or none at the end."""
    for item in source:
        return (item,)
    return ()
