"""Working ahead: a thread makes the next rows while another does something with the last ones.

The confined reader may start no thread once it has given up its rights, so this one is started before and then waits.
"""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_ITEMS_AHEAD = 1


@dataclass(frozen=True)
class _End:
    """After the last item: nothing, or what went wrong while it was made."""

    error: BaseException | None


class WorkAhead(Generic[T]):
    """A thread that runs iterators given to it, one after another."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Iterator[T], queue.Queue[T | _End]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def run(self, items: Iterator[T]) -> Iterator[T]:
        """The items of an iterator, made by the thread; at most one waits. Errors come out here."""
        ready: queue.Queue[T | _End] = queue.Queue(_ITEMS_AHEAD)
        self._jobs.put((items, ready))
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    def _work(self) -> None:
        while True:
            items, ready = self._jobs.get()
            try:
                for item in items:
                    ready.put(item)
            except BaseException as error:  # noqa: BLE001 - handed over to the caller, whatever it is
                ready.put(_End(error))
            else:
                ready.put(_End(None))
            del items, ready
