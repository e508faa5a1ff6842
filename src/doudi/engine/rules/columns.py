"""Many families at once, as the night hands them to the kernel: columns of whole numbers, sorted by household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.rules.errors import FactError, FamilyShapeError
from doudi.engine.rules.family import MEMBERS_MAX, UNKNOWN

IntArray = npt.NDArray[np.int64]
_NO_CODE = -1
Texts: TypeAlias = Sequence[str] | pa.Array | pa.ChunkedArray
"""One text per household: strings, or an Arrow column of strings, better still dictionary-encoded. None is null."""


@dataclass(frozen=True)
class FamilyColumns:
    """Households and their members as columns.

    The members of household `h` are the rows `offsets[h]` up to but not including `offsets[h + 1]` of the member
    columns; so `offsets` has one entry more than there are households and the persons are sorted by household.
    `regions` and `basis` have one entry per household; as Arrow columns a million of them cost no Python. A column
    that is not there is unknown for everyone.
    Build each column with `encode_column`, which knows how UNKNOWN, dates and texts are written.
    """

    offsets: IntArray
    regions: Texts
    basis: Texts
    household: Mapping[str, IntArray] = field(default_factory=dict)
    member: Mapping[str, IntArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.offsets) - 1
        sizes = np.diff(self.offsets)
        if count < 0 or self.offsets[0] != 0 or (sizes < 0).any():
            raise FamilyShapeError("offsets must begin with 0 and never fall.", advice="Sort persons by household.")
        if count and sizes.max() > MEMBERS_MAX:
            raise FamilyShapeError(
                f"a household has {sizes.max()} members; at most {MEMBERS_MAX} are believed.",
                advice="Check how households were put together.",
            )
        if len(self.regions) != count or len(self.basis) != count:
            raise FamilyShapeError("regions and basis need one entry per household.")
        odd = [name for name, column in self.household.items() if len(column) != count]
        odd += [name for name, column in self.member.items() if len(column) != self.offsets[-1]]
        if odd:
            raise FamilyShapeError(f"columns of another length: {', '.join(sorted(odd)[:5])}.")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def region_places(self) -> tuple[tuple[str, ...], IntArray]:
        """The different regions, and for each household the place of its own among them."""
        return _places(self.regions, "region")

    @cached_property
    def is_register(self) -> npt.NDArray[np.bool_]:
        """For each household: does it stand on the household register alone, so that nothing can be paid yet?"""
        kinds, places = _places(self.basis, "basis")
        of_kind = np.array([kind == "register" for kind in kinds], dtype=bool)
        return of_kind[places] if len(kinds) else np.zeros(len(self), dtype=bool)


def _places(texts: Texts, what: str) -> tuple[tuple[str, ...], IntArray]:
    column = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts, pa.string())
    if column.null_count:
        raise FamilyShapeError(f"a household has no {what}.", advice="Give one for each.")
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # Arrow keeps a column without any chunk as it is.
        return (), np.zeros(0, dtype=np.int64)
    return tuple(encoded.dictionary.to_pylist()), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def encode_column(name: str, definition: FactDefinition, values: pa.Array | pa.ChunkedArray) -> IntArray:
    """Turn an Arrow column (null = unknown) into whole numbers, or refuse it by name.

    Takes int64 or bool for fen, count, share and bool, date32 or int64 (days since 1970-01-01) for dates, and string
    codes for text. A value outside the vocabulary's bounds, or a code that it doesn't list, is refused.
    """
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if definition.type == "text":
        return _code_places(name, array, pa.array(list(definition.codes), pa.string()))
    if pa.types.is_date32(array.type):
        array = array.cast(pa.int32())
    elif not pa.types.is_integer(array.type) and not pa.types.is_boolean(array.type):
        raise FactError(f"the fact {name} is not of type {definition.type}.", advice=f"Its column is {array.type}.")
    numbers = array.cast(pa.int64())
    low, high = definition.bounds
    bounds = pc.min_max(numbers).as_py()
    if bounds["min"] is not None and (bounds["min"] < low or bounds["max"] > high):
        raise FactError(
            f"the fact {name} lies outside its bounds, {low} to {high}.",
            advice="Quarantine such rows in the source's contract, or correct the vocabulary.",
        )
    return _filled(numbers)


def _filled(numbers: pa.Array) -> IntArray:
    """The numbers with UNKNOWN for null; without any null, the memory of the Arrow column itself, to be read only."""
    filled: IntArray = (numbers.fill_null(UNKNOWN) if numbers.null_count else numbers).to_numpy(zero_copy_only=False)
    return filled


def _code_places(name: str, array: pa.Array, codes: pa.Array) -> IntArray:
    """The place of each text in the list of codes; of a dictionary-encoded column only the dictionary is looked at."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    places = pc.index_in(encoded.dictionary.cast(pa.string()), value_set=codes)
    of_codes = np.append(places.cast(pa.int64()).fill_null(_NO_CODE).to_numpy(), UNKNOWN)
    indices = encoded.indices
    found: IntArray = of_codes[(indices.cast(pa.int64()).fill_null(-1) if indices.null_count else indices).to_numpy()]
    if places.null_count and (found == _NO_CODE).any():  # A dictionary may hold codes that no row uses.
        raise FactError(
            f"the fact {name} has a code that the vocabulary does not list.",
            advice="Map it in the source's contract, or add it to the vocabulary.",
        )
    return found
