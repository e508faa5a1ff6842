"""Text encodings of department files, line by line: GB18030 only where UTF-8 is not, and mojibake noticed."""

import re
from typing import Literal

import numpy as np
import numpy.typing as npt

from doudi.engine.sources.cells import Mask

Encoding = Literal["utf-8", "gb18030"]
Places = npt.NDArray[np.int64]
_BLOCK_LINES = 64
_HAN = re.compile("[\u3400-\u9fff]")


def to_utf8(buffer: bytes, starts: Places, encoding: Encoding) -> tuple[bytes, Mask]:
    """Lines, each ended by a newline, as UTF-8; lines that aren't valid are left out and marked false."""
    is_valid = np.ones(len(starts), dtype=bool)
    try:
        return _recoded(buffer, encoding), is_valid
    except UnicodeError:
        pass  # some line is bad: find out which
    edges = [*starts.tolist(), len(buffer)]
    pieces = []
    for first in range(0, len(starts), _BLOCK_LINES):
        last = min(first + _BLOCK_LINES, len(starts))
        try:
            pieces.append(_recoded(buffer[edges[first] : edges[last]], encoding))
        except UnicodeError:
            for line in range(first, last):
                try:
                    pieces.append(_recoded(buffer[edges[line] : edges[line + 1]], encoding))
                except UnicodeError:
                    is_valid[line] = False
    return b"".join(pieces), is_valid


def find_foreign_lines(buffer: bytes, starts: Places) -> Mask:
    """Lines of a GB18030 file that are really UTF-8. Their bytes decode without error, into other characters.

    A line is foreign when all of its non-ASCII bytes form valid UTF-8 and give Chinese characters: rows that really are
    GB18030 hold bytes that can't follow one another in UTF-8.
    """
    data = np.frombuffer(buffer, dtype=np.uint8)
    two, three, four = _between(data, 0xC2, 0xDF), _between(data, 0xE0, 0xEF), _between(data, 0xF0, 0xF4)
    follows = _between(data, 0x80, 0xBF)
    wanted = np.zeros(len(data), dtype=bool)
    wanted[1:] |= (two | three | four)[:-1]
    wanted[2:] |= (three | four)[:-2]
    wanted[3:] |= four[:-3]
    is_wrong = (follows != wanted) | (data == 0xC0) | (data == 0xC1) | (data >= 0xF5)
    foreign = _any_in_line(three, starts) & ~_any_in_line(is_wrong, starts)
    edges = [*starts.tolist(), len(buffer)]
    for line in np.flatnonzero(foreign):
        foreign[line] = is_foreign_line(buffer[edges[line] : edges[line + 1]])
    return foreign


def is_foreign_line(line: bytes) -> bool:
    """Is this one line UTF-8 with Chinese characters?"""
    try:
        return _HAN.search(line.decode("utf-8")) is not None
    except UnicodeError:
        return False


def _recoded(buffer: bytes, encoding: Encoding) -> bytes:
    text = buffer.decode(encoding)
    return buffer if encoding == "utf-8" else text.encode("utf-8")


def _between(data: npt.NDArray[np.uint8], low: int, high: int) -> Mask:
    return (data >= low) & (data <= high)


def _any_in_line(marks: Mask, starts: Places) -> Mask:
    found = np.flatnonzero(marks)
    counts = np.zeros(len(starts), dtype=bool)
    counts[np.searchsorted(starts, found, side="right") - 1] = True
    return counts
