"""What every file format gives the checks: chunks of rows as text, rows that could not be cut into cells, raw rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

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


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Chunks of one file, in order, as one."""
    if len(chunks) == 1:
        return chunks[0]
    rows = [chunk.rows for chunk in chunks]
    begins = np.cumsum([0, *(len(part.numbers) for part in rows)])

    def raw(wanted: npt.NDArray[np.int64]) -> list[bytes]:
        """Rows by their places, which are in order."""
        bounds = np.searchsorted(wanted, begins)
        return [
            line
            for chunk, begin, first, last in zip(chunks, begins[:-1], bounds[:-1], bounds[1:], strict=True)
            for line in chunk.raw(wanted[first:last] - begin)
        ]

    return Chunk(
        Rows(
            np.concatenate([part.numbers for part in rows]),
            pl.concat([part.text for part in rows]),
            {name: np.concatenate([part.is_number[name] for part in rows]) for name in rows[0].is_number},
            {name: np.concatenate([part.is_error[name] for part in rows]) for name in rows[0].is_error},
        ),
        [row for chunk in chunks for row in chunk.rejected],
        raw,
    )


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
