"""From what was gathered to columns of families: what the rules and alerts of a night are computed on.

Persons are sorted by household, because reading, joining and sorting is what a night costs; the formulas cost little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.errors import FactError
from doudi.engine.rules.family import MEMBERS_MAX, UNKNOWN


@dataclass(frozen=True)
class Families:
    """The columns, the household of each place in them, and how many households could not be put there, by reason."""

    columns: FamilyColumns
    households: pl.DataFrame
    set_aside: Mapping[str, int]

    @cached_property
    def keys(self) -> pa.Array:
        """The key of each household, as a table takes it."""
        return self.households.get_column("household_key").to_arrow().cast(pa.string())

    @cached_property
    def basis(self) -> pa.DictionaryArray:
        """On what each household stands, as a table takes it."""
        return self.households.get_column("basis").to_arrow().cast(pa.string()).dictionary_encode()


def build_families(
    households: pa.Table,
    memberships: pa.Table,
    known: Mapping[str, pa.Table],
    *,
    pack: Pack,
    vocabulary: Vocabulary,
) -> Families:
    """Put every household with its members and what is known of them into columns.

    `known` has, for persons in the order of `memberships` and for households in that of `households`, one column of
    whole numbers per fact of which anything is known. Both tables are sorted by household.
    """
    everyone = _frame(households)
    of_members = _frame(memberships.select(["household_key"]))
    sizes = of_members.group_by("household_key", maintain_order=True).len("size")
    everyone = everyone.join(sizes, on="household_key", how="left", maintain_order="left")
    size = everyone.get_column("size").fill_null(0).cast(pl.Int64).to_numpy()
    too_large, empty = size > MEMBERS_MAX, size == 0
    elsewhere = ~everyone.get_column("area").is_in(_places_of_the_pack(everyone.get_column("area"), pack).implode())
    elsewhere = elsewhere.to_numpy() & ~empty & ~too_large
    set_aside = {
        "households_without_members": int(empty.sum()),
        "households_too_large": int(too_large.sum()),
        "households_outside_the_pack": int(elsewhere.sum()),
    }
    kept = ~too_large & ~empty & ~elsewhere
    shown = everyone.filter(pl.Series(kept)).select("household_key", "basis", "area")
    offsets: IntArray = np.concatenate([[0], np.cumsum(size[kept])]).astype(np.int64)
    columns = FamilyColumns(
        offsets=offsets,
        regions=shown.get_column("area").to_arrow().cast(pa.string()),
        basis=shown.get_column("basis").to_arrow().cast(pa.string()),
        household=_columns(vocabulary.household, known["household"], kept),
        member=_columns(vocabulary.person, known["person"], np.repeat(kept, size)),
    )
    return Families(columns, shown, set_aside)


def _columns(
    definitions: Mapping[str, FactDefinition], known: pa.Table, kept: npt.NDArray[np.bool_]
) -> dict[str, IntArray]:
    """One column per fact of which anything is known; what is not there is unknown for everyone."""
    found: dict[str, IntArray] = {}
    for name in known.column_names:
        column = known.column(name)
        low, high = definitions[name].bounds
        least_and_most = pc.min_max(column).as_py()
        if least_and_most["min"] is not None and not low <= least_and_most["min"] <= least_and_most["max"] <= high:
            raise FactError(f"the fact {name} lies outside its bounds, {low} to {high}.")
        filled: IntArray = column.fill_null(UNKNOWN).to_numpy()
        found[name] = filled if kept.all() else filled[kept]
    return found


def _places_of_the_pack(areas: pl.Series, pack: Pack) -> pl.Series:
    """The divisions among `areas` that lie in one whose name the pack knows: there are no standards elsewhere."""
    named = tuple(pack.divisions())
    return pl.Series([area for area in areas.unique() if area.startswith(named)], dtype=pl.String)


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
