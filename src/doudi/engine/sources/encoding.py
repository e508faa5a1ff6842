"""Text encodings of department files, line by line: GB18030 only where UTF-8 is not, and mojibake noticed."""

import codecs
import re
from typing import Literal

import numpy as np
import numpy.typing as npt

from doudi.engine.sources.cells import Mask
from doudi.engine.sources.lines import Places, pieces_kept

Encoding = Literal["utf-8", "gb18030"]
_RUNS_LOOKED_AT = 3
_HAN = re.compile("[\u3400-\u9fff]")
_NEXT_LINE = "doudi-next-line"


class _Faults:
    """Notes where a decoder met bytes that are no text, and lets it go on with the next line."""

    def __init__(self, buffer: bytes) -> None:
        self._buffer = buffer
        self.starts: list[int] = []

    def __call__(self, error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        self.starts.append(error.start)
        return "", self._buffer.index(b"\n", error.start)


def to_utf8(buffer: bytes, starts: Places, encoding: Encoding) -> tuple[bytes, Mask]:
    """Lines, each ended by a newline, as UTF-8; lines that aren't valid are left out and marked false."""
    is_valid = np.ones(len(starts), dtype=bool)
    faults = _Faults(buffer)
    codecs.register_error(_NEXT_LINE, faults)
    text = buffer.decode(encoding, _NEXT_LINE)
    if faults.starts:
        is_valid[np.searchsorted(starts, faults.starts, side="right") - 1] = False
    if encoding == "utf-8":
        return pieces_kept(buffer, np.append(starts, len(buffer)), is_valid), is_valid
    recoded = text.encode("utf-8")
    if not faults.starts:
        return recoded, is_valid
    stops = np.flatnonzero(np.frombuffer(recoded, dtype=np.uint8) == ord("\n"))
    return pieces_kept(recoded, np.concatenate([[0], stops + 1]), is_valid), is_valid


def find_foreign_lines(buffer: bytes, starts: Places, stops: Places) -> Mask:
    """Lines of a GB18030 file that are really UTF-8. Their bytes decode without error, into other characters.

    A line is foreign when all of its non-ASCII bytes form valid UTF-8 and give Chinese characters: rows that really are
    GB18030 hold bytes that can't follow one another in UTF-8, mostly where their first characters begin.
    """
    is_foreign = np.zeros(len(starts), dtype=bool)
    data = np.frombuffer(buffer, dtype=np.uint8)
    is_high = data >= 0x80
    is_begin = is_high.copy()
    is_begin[1:] &= ~is_high[:-1]
    begins = np.flatnonzero(is_begin)
    if not len(begins):
        return is_foreign
    last = len(data) - 1
    one, two, three = (data[np.minimum(begins + shift, last)] for shift in range(3))
    may_begin = (one >= 0xC2) & (one <= 0xF4) & _is_between(two, 0x80, 0xBF)
    may_begin &= np.where(one < 0xE0, (three < 0x80) | _is_between(three, 0xC2, 0xF4), _is_between(three, 0x80, 0xBF))
    first = np.searchsorted(begins, starts)
    candidates = np.flatnonzero((first < len(begins)) & (begins[np.minimum(first, len(begins) - 1)] < stops))
    for nth in range(_RUNS_LOOKED_AT):
        run = np.minimum(first[candidates] + nth, len(begins) - 1)
        candidates = candidates[may_begin[run] | (begins[run] >= stops[candidates])]
    for line in candidates.tolist():
        is_foreign[line] = is_foreign_line(buffer[starts[line] : stops[line]])
    return is_foreign


def is_foreign_line(line: bytes) -> bool:
    """Is this one line UTF-8 with Chinese characters?"""
    try:
        return _HAN.search(line.decode("utf-8")) is not None
    except UnicodeError:
        return False


def _is_between(data: npt.NDArray[np.uint8], low: int, high: int) -> Mask:
    return (data >= low) & (data <= high)
