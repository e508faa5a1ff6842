"""What every file format gives the checks: chunks of rows as text, rows that could not be cut into cells, raw rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from doudi.engine.sources.check import Rows
from doudi.engine.sources.header import Header

RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RejectedRow:
    """A row that could not be cut into cells."""

    number: int
    code: str
    raw: bytes


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file. `raw` gives rows as delivered, by their places in the chunk."""

    rows: Rows
    rejected: list[RejectedRow]
    raw: Callable[[npt.NDArray[np.int64]], list[bytes]]


class Delivery(Protocol):
    """An opened file whose header was found."""

    header: Header

    @property
    def encoding(self) -> str:
        """What its text is written in; the format itself for a workbook."""
        ...

    def chunks(self) -> Iterator[Chunk]:
        """The rows, in order, each once: in a chunk's rows or among its rejected ones."""
        ...

    def raw_rows(self, numbers: RowNumbers) -> Mapping[int, bytes]:
        """Rows as delivered, by their number, after the chunks have been read."""
        ...
