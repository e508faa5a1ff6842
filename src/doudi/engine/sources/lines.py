"""Lines of a block of bytes: where each begins and ends, and how many delimiters and quotation marks it holds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doudi.engine.sources.cells import Mask

Places = npt.NDArray[np.int64]
_CARRIAGE_RETURN = 13


@dataclass(frozen=True)
class Lines:
    """The lines of `buffer`, which ends where a line ends.

    A line's content is from its start to its `end`; what follows, up to and with its `stop`, is the line ending.
    """

    buffer: bytes
    starts: Places
    ends: Places
    stops: Places
    delimiters: Places

    @classmethod
    def cut(cls, buffer: bytes, *, ending: int, delimiter: int) -> "Lines":
        """Find all lines in one pass over the bytes."""
        data = np.frombuffer(buffer, dtype=np.uint8)
        marks = np.flatnonzero((data == ending) | (data == delimiter))
        last_marks = np.flatnonzero(data[marks] == ending)
        stops = marks[last_marks]
        starts = np.concatenate([[0], stops + 1])[:-1]
        ends = stops - ((stops > starts) & (data[np.maximum(stops - 1, 0)] == _CARRIAGE_RETURN))
        return cls(buffer, starts, ends, stops, np.diff(last_marks, prepend=-1) - 1)

    def __len__(self) -> int:
        return len(self.starts)

    def count(self, byte: int) -> Places:
        """How often a byte that is rare stands in each line."""
        if bytes((byte,)) not in self.buffer:
            return np.zeros(len(self), np.int64)
        found = np.flatnonzero(np.frombuffer(self.buffer, dtype=np.uint8) == byte)
        return np.bincount(np.searchsorted(self.stops, found), minlength=len(self))

    def content(self, first: int, last: int) -> bytes:
        """The bytes from one line to another, without the last one's ending."""
        return self.buffer[self.starts[first] : self.ends[last]]

    def only(self, is_wanted: Mask) -> bytes:
        """Some of the lines, one after another, with their endings as they are."""
        return pieces_kept(self.buffer, np.append(self.starts, len(self.buffer)), is_wanted)


def pieces_kept(buffer: bytes, edges: Places, is_kept: Mask) -> bytes:
    """What lies between one edge and the next, without the pieces that are not kept; copied run by run."""
    if is_kept.all():
        return buffer
    turns = np.flatnonzero(np.diff(is_kept.view(np.int8), prepend=np.int8(0), append=np.int8(0)))
    begins, ends = edges[turns[::2]], edges[turns[1::2]]
    return b"".join(buffer[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))
