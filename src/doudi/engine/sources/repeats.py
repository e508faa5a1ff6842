"""Rows that come twice: exact repeats are set aside, rows with one key and different content contradict each other.

Of a contradiction no row is believed: to keep the first would be a guess.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

RowNumbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Repeats:
    """Row numbers that repeat an earlier row, and those that contradict another one."""

    duplicate: RowNumbers
    contradicting: RowNumbers


class KeyBook:
    """Notes the key and content of every good row as hashes of 128 and 64 bits: 32 bytes a row, however wide it is."""

    def __init__(self, key: tuple[str, ...]) -> None:
        self._key = key
        self._noted: list[tuple[RowNumbers, Hashes, Hashes, Hashes]] = []

    def note(self, numbers: RowNumbers, values: pl.DataFrame) -> None:
        """Note good rows."""
        if not len(numbers):
            return
        keys = values.select(self._key) if self._key else values
        self._noted.append((numbers, _hash(keys, 1), _hash(keys, 2), _hash(values, 3)))

    def repeats(self) -> Repeats:
        """Compare all rows noted."""
        if not self._noted:
            nothing = np.empty(0, np.int64)
            return Repeats(nothing, nothing)
        # Most keys occur once, and whose first half does is no repeat: only the others are compared in full.
        in_order = np.concatenate([first for _, first, _, _ in self._noted])
        in_order.sort()
        again = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
        del in_order
        maybe = [(part, np.isin(part[1], again)) for part in self._noted]
        numbers, first, second, content = (
            np.concatenate([part[place][is_again] for part, is_again in maybe]) for place in range(4)
        )
        if not len(numbers):
            return Repeats(numbers, numbers)
        order = np.lexsort((numbers, second, first))
        numbers, first, second, content = numbers[order], first[order], second[order], content[order]
        begins = np.ones(len(numbers), dtype=bool)
        begins[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
        group = np.cumsum(begins) - 1
        differs = content != content[np.flatnonzero(begins)][group]
        is_contradicting = np.bincount(group, weights=differs)[group] > 0
        return Repeats(np.sort(numbers[~begins & ~is_contradicting]), np.sort(numbers[is_contradicting]))


def _hash(frame: pl.DataFrame, seed: int) -> Hashes:
    return frame.hash_rows(seed=seed).to_numpy()
