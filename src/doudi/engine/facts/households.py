"""Households (家庭) of a run: the office's where people have met the family, the register's elsewhere.

The law's unit is who lives together with a duty of support, not the 户口 book. So the register's household is only a
first guess, marked `register`; the office's household takes its members out of it. A person is in at most one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from doudi.engine.values.keys import Keyring

HEAD = "02"
"""Head of household 户主, GB/T 4761."""

OTHER = "99"
"""Another relation 其他, GB/T 4761; also that of a member whose relation could not be read."""


@dataclass(frozen=True)
class Homes:
    """Households, memberships and heads, and what had to be decided on the way.

    `heads` gives each register household's head. `counts` tells how many people stood in two households, how many the
    office's households left without one, and how many households have no legible division and so no standard.
    """

    households: pl.DataFrame
    memberships: pl.DataFrame
    heads: pl.DataFrame
    counts: Mapping[str, int]


def build_homes(
    registry: pl.DataFrame,
    office_households: pa.Table | None,
    office_members: pa.Table | None,
    *,
    keyring: Keyring,
) -> Homes:
    """Build the households of the run. `registry` has one row per person: household_no, source, row, person_key, ..."""
    keyed = _with_household_keys(registry, keyring)
    relation = pl.col("relation").fill_null(OTHER)
    stated = keyed.select("household_key", "person_key", relation, "area_code", "row").sort("row")
    register = stated.unique("person_key", keep="first", maintain_order=True)
    in_two = _people(stated, pl.col("household_key").n_unique() > 1)
    left_over = 0
    office_homes: list[pl.DataFrame] = []
    members_of_office: list[pl.DataFrame] = []
    if office_households is not None and office_members is not None:
        homes, members = as_frame(office_households), as_frame(office_members)
        is_replaced = pl.col("household_key").is_in(homes.get_column("household_key").implode())
        is_taken = pl.col("person_key").is_in(members.get_column("person_key").implode())
        left_over = register.filter(is_replaced & ~is_taken).height
        register = register.filter(~is_replaced & ~is_taken)
        office_homes = [homes.select("household_key", pl.lit("office").alias("basis"), "area")]
        members_of_office = [members.select("household_key", "person_key", "relation")]
    register_homes = register.group_by("household_key").agg(
        pl.lit("register").first().alias("basis"), _of_head("area_code").alias("area")
    )
    nowhere = register_homes.filter(pl.col("area").is_null())
    register_homes = register_homes.filter(pl.col("area").is_not_null())
    register = register.join(nowhere, on="household_key", how="anti", maintain_order="left")
    return Homes(
        households=pl.concat([*office_homes, register_homes]).sort("household_key"),
        memberships=pl.concat([*members_of_office, register.select("household_key", "person_key", "relation")]).sort(
            "household_key", "relation", "person_key"
        ),
        heads=register.group_by("household_key").agg(_of_head("person_key")),
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


def _with_household_keys(registry: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    texts = registry.with_columns(pl.concat_str("source", "household_no", separator="/").alias("text"))
    distinct = texts.get_column("text").drop_nulls().unique()
    keys = pl.DataFrame(
        {"text": distinct, "household_key": [keyring.pseudonym("household", text) for text in distinct]},
        schema={"text": pl.String, "household_key": pl.String},
    )
    return texts.join(keys, on="text", how="inner", maintain_order="left").drop("text")


def _people(stated: pl.DataFrame, condition: pl.Expr) -> int:
    return stated.group_by("person_key").agg(condition.alias("is_so")).filter("is_so").height


def as_frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
