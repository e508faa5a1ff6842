"""From rows of facts to columns of families: what the rules and alerts of a night are computed on.

Persons are sorted by household, because reading, joining and sorting is what a night costs; the formulas cost little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.engine.rules.columns import FamilyColumns, IntArray, encode_column
from doudi.engine.rules.family import MEMBERS_MAX


@dataclass(frozen=True)
class Families:
    """The columns, the household of each place in them, and how many households could not be put there, by reason."""

    columns: FamilyColumns
    households: pl.DataFrame
    set_aside: Mapping[str, int]


def build_families(
    households: pa.Table, memberships: pa.Table, facts: pa.Table, *, pack: Pack, vocabulary: Vocabulary, as_of: date
) -> Families:
    """Put every household with its members and what is known of them on `as_of` into columns."""
    members = _frame(memberships).select("household_key", "person_key")
    sizes = members.group_by("household_key").agg(pl.len().cast(pl.Int64).alias("size"))
    everyone = _frame(households).join(sizes, on="household_key", how="left").with_columns(pl.col("size").fill_null(0))
    too_large, empty = pl.col("size") > MEMBERS_MAX, pl.col("size") == 0
    elsewhere = ~pl.col("area").is_in(_places_of_the_pack(everyone.get_column("area"), pack).implode())
    set_aside = {
        "households_without_members": everyone.filter(empty).height,
        "households_too_large": everyone.filter(too_large).height,
        "households_outside_the_pack": everyone.filter(elsewhere & ~empty & ~too_large).height,
    }
    kept = everyone.filter(~too_large & ~empty & ~elsewhere).sort("household_key").with_row_index("place")
    persons = members.join(kept.select("household_key", "place"), on="household_key").sort("place", "person_key")
    known = _frame(facts).filter(pl.col("valid_to").is_null() | (pl.col("valid_to") > as_of))
    known = known.filter(pl.col("unknown_since").is_null()).select("subject", "name", "value_int", "value_text")
    by_name = {str(key[0]): rows for key, rows in known.partition_by("name", as_dict=True).items()}
    offsets: IntArray = np.concatenate([[0], np.cumsum(kept.get_column("size").to_numpy())]).astype(np.int64)
    columns = FamilyColumns(
        offsets=offsets,
        regions=kept.get_column("area").to_list(),
        basis=kept.get_column("basis").to_list(),
        household=_columns(vocabulary.household, kept.select(subject="household_key"), by_name),
        member=_columns(vocabulary.person, persons.select(subject="person_key"), by_name),
    )
    return Families(columns, kept.select("household_key", "basis", "area"), set_aside)


def _columns(
    definitions: Mapping[str, FactDefinition], subjects: pl.DataFrame, by_name: Mapping[str, pl.DataFrame]
) -> dict[str, IntArray]:
    """One column per fact of which anything is known; what is not there is unknown for everyone."""
    found = {}
    for name, definition in definitions.items():
        if name in by_name:
            column = "value_text" if definition.type == "text" else "value_int"
            values = subjects.join(
                by_name[name].select("subject", column), on="subject", how="left", maintain_order="left"
            )
            found[name] = encode_column(name, definition, values.get_column(column).to_arrow())
    return found


def _places_of_the_pack(areas: pl.Series, pack: Pack) -> pl.Series:
    """The divisions among `areas` that lie in one whose name the pack knows: there are no standards elsewhere."""
    named = tuple(pack.divisions())
    return pl.Series([area for area in areas.unique() if area.startswith(named)], dtype=pl.String)


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
