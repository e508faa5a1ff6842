"""The cells of one column while they are checked: text, refusals, and how many were put into normal form.

Everything works on whole columns. A refusal is a number in an array, the first refusal of a cell stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from doudi.engine.sources.reasons import REASONS

Mask = npt.NDArray[np.bool_]
CODES = ("", *REASONS)
NUMBER_OF = {code: number for number, code in enumerate(CODES)}

# Full-width digits, letters and signs to ASCII. NFKC would also turn Ⅹ into X and ² into 2: that would be guessing.
_FULL_WIDTH = {chr(0xFF01 + shift): chr(0x21 + shift) for shift in range(94)}
_BLANKS = {"\u3000": " ", "\u00a0": " ", "\u2003": " ", "\u2002": " ", "\ufeff": "", "\u200b": ""}
_MAPPED = {**_FULL_WIDTH, **_BLANKS}
_MAPPED_PATTERN = "[\uff01-\uff5e\u3000\u00a0\u2002\u2003\ufeff\u200b]"
_UNREADABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{fffd}\x{fff0}-\x{fff8}\x{fffe}\x{ffff}\x{e000}-\x{f8ff}]"


@dataclass
class Cells:
    """Cells of one column: `text` is what stands there, or nothing; `refusal` numbers the first complaint."""

    text: pl.Series
    refusal: npt.NDArray[np.int16]
    is_empty: Mask
    changed: Mask
    is_number: Mask | None = None
    is_error: Mask | None = None
    raw: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))

    @classmethod
    def of(cls, raw: pl.Series, *, is_number: Mask | None = None, is_error: Mask | None = None) -> "Cells":
        """Cells as delivered: blanks around them stripped, and that counted as a change."""
        raw = raw.fill_null("")
        text = raw.str.strip_chars()
        none = np.zeros(len(raw), dtype=bool)
        return cls(text, np.zeros(len(raw), np.int16), mask(text == ""), none, is_number, is_error, raw)

    def refuse(self, where: Mask, code: str) -> None:
        """Refuse cells; those refused already keep their first reason."""
        self.refusal[where & (self.refusal == 0)] = NUMBER_OF[code]

    def fold_width(self) -> None:
        """Write full-width digits, letters, signs and blanks as ASCII."""
        if self.text.str.contains(_MAPPED_PATTERN).any():
            self.text = self.text.str.replace_many(list(_MAPPED), list(_MAPPED.values())).str.strip_chars()
            self.is_empty = mask(self.text == "")

    def treat_as_empty(self, words: tuple[str, ...]) -> None:
        """Cells that hold only one of these words say nothing."""
        if words:
            self.is_empty |= mask(self.text.is_in(list(words)))

    @property
    def open(self) -> Mask:
        """Cells that still are to be read: neither empty nor refused."""
        still: Mask = ~self.is_empty & (self.refusal == 0)
        return still

    def refuse_unless(self, pattern: str, code: str) -> None:
        """Refuse open cells that don't match."""
        self.refuse(self.open & ~mask(self.text.str.contains(pattern)), code)

    def refuse_where(self, pattern: str, code: str) -> None:
        """Refuse open cells that match."""
        self.refuse(self.open & mask(self.text.str.contains(pattern)), code)

    def refuse_unreadable(self) -> None:
        """Refuse control, replacement and private characters: what stood there is lost."""
        self.refuse_where(_UNREADABLE, "DD-CELL-002")

    @property
    def is_normalised(self) -> Mask:
        """Cells that could be read and differ from what was delivered."""
        return self.open & (mask(self.text != self.raw) | self.changed)


def codes_of(refusal: npt.NDArray[np.int16]) -> Iterator[tuple[str, npt.NDArray[np.intp]]]:
    """Each code that occurs, with the places where it does."""
    for number in np.unique(refusal):
        if number:
            yield CODES[number], np.flatnonzero(refusal == number)


def is_in_normal_width(word: str) -> bool:
    """Would a cell that holds this word be left as it is?"""
    return word == word.strip() and re.search(_MAPPED_PATTERN, word) is None


def mask(series: pl.Series) -> Mask:
    """A column of truths as an array; what is unknown is false."""
    truths: Mask = (series.fill_null(False) if series.null_count() else series).to_numpy().astype(bool, copy=False)
    return truths


def byte_matrix(texts: pl.Series, width: int) -> npt.NDArray[np.uint8]:
    """ASCII texts, all of one width, as a matrix of bytes: one row for each text."""
    array = texts.to_arrow()
    _, edges, data = array.buffers()
    begin = int(np.frombuffer(edges, np.int64)[array.offset])
    return np.frombuffer(data, np.uint8)[begin : begin + len(texts) * width].reshape(len(texts), width)
