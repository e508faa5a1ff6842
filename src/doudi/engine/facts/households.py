"""Households (家庭) of a run: the office's where people have met the family, the register's elsewhere.

The law's unit is who lives together with a duty of support, not the 户口 book. So the register's household is only a
first guess, marked `register`; the office's household takes its members out of it. A person is in at most one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.facts.subjects import Places, Subjects
from doudi.engine.values.keys import Pseudonyms

HEAD = "02"
"""Head of household 户主, GB/T 4761."""

OTHER = "99"
"""Another relation 其他, GB/T 4761; also that of a member whose relation could not be read."""


@dataclass(frozen=True)
class Homes:
    """Households, memberships and heads, and what had to be decided on the way.

    `households` has place, household_key, basis and area in the order of the keys; `memberships` household, person and
    relation, sorted by household, relation and person, all by their places. `heads` gives each register household's
    head. `counts` tells how many people stood in two households, how many the office's households left without one, and
    how many households have no legible division and so no standard.
    """

    subjects: Subjects
    households: pl.DataFrame
    memberships: pl.DataFrame
    heads: pl.DataFrame
    counts: Mapping[str, int]

    def of_people(self, people: int, *, heads_only: bool) -> Places:
        """For each person's place the household for which their row speaks, -1 for none."""
        speakers = self.heads if heads_only else self.memberships
        found = np.full(people, -1, dtype=np.int32)
        found[speakers.get_column("person").to_numpy()] = speakers.get_column("household").to_numpy()
        return found


def build_homes(
    registry: pl.DataFrame,
    office_households: pa.Table | None,
    office_members: pa.Table | None,
    *,
    source: str,
    people: Subjects,
    keyring: Pseudonyms,
) -> Homes:
    """Build the households of the run. `registry` has one row per person: household_no, row, _member, ..."""
    keyed = _with_household_keys(registry, source, keyring)
    is_met = office_households is not None and office_members is not None
    met = as_frame(office_households) if is_met else pl.DataFrame(schema={"household_key": pl.String})
    subjects = Subjects.of(pl.concat([keyed.get_column("household_key"), met.get_column("household_key")]))
    stated = keyed.select(
        subjects.places(keyed.get_column("household_key")).alias("household"),
        pl.col("_member").alias("person"),
        pl.col("relation").fill_null(OTHER),
        "area_code",
        "row",
    ).sort("row")
    register = stated.unique("person", keep="first", maintain_order=True)
    in_two = _people_in_two(stated)
    left_over = 0
    office_homes: list[pl.DataFrame] = []
    members_of_office: list[pl.DataFrame] = []
    if is_met:
        homes = met.select(
            subjects.places(met.get_column("household_key")).alias("household"), pl.lit("office").alias("basis"), "area"
        )
        members = as_frame(office_members)
        members = members.select(
            subjects.known_places(members.get_column("household_key")).alias("household"),
            people.places(members.get_column("person_key")).alias("person"),
            "relation",
        ).drop_nulls("household")
        is_replaced = pl.col("household").is_in(homes.get_column("household").implode())
        is_taken = pl.col("person").is_in(members.get_column("person").implode())
        left_over = register.filter(is_replaced & ~is_taken).height
        register = register.filter(~is_replaced & ~is_taken)
        office_homes, members_of_office = [homes], [members]
    register_homes = register.group_by("household").agg(
        pl.lit("register").first().alias("basis"), _of_head("area_code").alias("area")
    )
    nowhere = register_homes.filter(pl.col("area").is_null())
    register_homes = register_homes.filter(pl.col("area").is_not_null())
    if nowhere.height:
        register = register.join(nowhere, on="household", how="anti", maintain_order="left")
    memberships = pl.concat([*members_of_office, register.select("household", "person", "relation")])
    households = pl.concat([*office_homes, register_homes]).sort("household")
    return Homes(
        subjects=subjects,
        households=households.with_columns(
            subjects.keys.gather(households.get_column("household")).alias("household_key")
        ),
        memberships=memberships.with_columns(pl.Series("rank", people.ranks()).gather(memberships["person"]))
        .sort("household", "relation", "rank")
        .drop("rank"),
        heads=register.group_by("household").agg(_of_head("person")),
        counts={
            "people_in_two_households": in_two,
            "people_left_without_household": left_over,
            "households_without_division": nowhere.height,
        },
    )


def _of_head(column: str) -> pl.Expr:
    """The column's value for the head; without a head, for the first person in the file's order."""
    of_head = pl.col(column).filter(pl.col("relation") == HEAD).drop_nulls().first()
    return pl.coalesce(of_head, pl.col(column).drop_nulls().first())


def _with_household_keys(registry: pl.DataFrame, source: str, keyring: Pseudonyms) -> pl.DataFrame:
    distinct = registry.get_column("household_no").drop_nulls().unique(maintain_order=True)
    keys = pl.DataFrame(
        {
            "household_no": distinct,
            "household_key": keyring.pseudonyms_of_all("household", f"{source}/" + distinct.cast(pl.String)),
        },
        schema={"household_no": pl.String, "household_key": pl.String},
    )
    return registry.join(keys, on="household_no", how="inner", maintain_order="left")


def _people_in_two(stated: pl.DataFrame) -> int:
    """How many people the register has in two households."""
    places = stated.select("person", "household").unique()
    return places.height - places.get_column("person").n_unique()


def as_frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
