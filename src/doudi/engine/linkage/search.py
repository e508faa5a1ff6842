"""Finding the people of claims without a usable number, the registry's first.

The registry's own people without a number are searched among everyone who has one. Whoever is not found there is a
person under a provisional key, among whom the other sources' claims are then searched as well: so a child without a
number and her school record can meet.
"""

from dataclasses import dataclass

import polars as pl

from doudi.engine.linkage.comparisons import FIELDS, level_name
from doudi.engine.linkage.model import Model
from doudi.engine.linkage.probable import judge_pairs
from doudi.engine.linkage.review import PAIR_SCHEMA, evidence_of
from doudi.engine.linkage.scoring import as_people

LIKELY = "no usable number; likely, but not certain, to be this person"
_CLAIMED = ("name", "birth_date", "sex", "area_code", "address", "phone")


@dataclass(frozen=True)
class Found:
    """`probable`: claim and person_key. `grey`: the pairs for people, as `review.PAIR_SCHEMA`."""

    probable: pl.DataFrame
    grey: pl.DataFrame


def find_people(judged: pl.DataFrame, known: pl.DataFrame, model: Model, *, apart: pl.DataFrame) -> Found:
    """Search the people of all provisional claims. `known` is everyone by key; `apart` the pairs known to be two."""
    open_claims = judged.filter((pl.col("certainty") == "provisional") & pl.col("name").is_not_null())
    nothing = Found(
        pl.DataFrame(schema={"claim": pl.UInt32, "person_key": pl.String}), pl.DataFrame(schema=PAIR_SCHEMA)
    )
    if open_claims.is_empty():
        return nothing
    provisional = open_claims.get_column("key").unique()
    numbered = known.filter(~pl.col("person_key").is_in(provisional.implode()))
    of_registry = open_claims.filter(pl.col("states_members"))
    first = _searched(of_registry, numbered, model, apart) if of_registry.height else nothing
    left = of_registry.join(first.probable, on="claim", how="anti").get_column("key").unique()
    others = open_claims.filter(~pl.col("states_members"))
    people = pl.concat([numbered, known.filter(pl.col("person_key").is_in(left.implode()))])
    second = _searched(others, people, model, apart) if others.height else nothing
    return Found(pl.concat([first.probable, second.probable]), pl.concat([first.grey, second.grey]))


def _searched(claims: pl.DataFrame, people: pl.DataFrame, model: Model, apart: pl.DataFrame) -> Found:
    rows = as_people(claims.select(*_CLAIMED))
    columns = {"area": "area_code"}
    known = as_people(people.rename(columns).select(*_CLAIMED)).with_columns(pl.col("compared_id") + rows.height)
    claim_keys, claim_numbers = claims.get_column("claim_key"), claims.get_column("claim")
    person_keys = people.get_column("person_key")
    verdicts = judge_pairs(
        rows, known, model, apart=_numbered_pairs(apart, claim_keys, person_keys, first_person=rows.height)
    )

    def named(pairs: pl.DataFrame) -> pl.DataFrame:
        return pairs.with_columns(
            claim_numbers.gather(pairs.get_column("row_id")).alias("claim"),
            claim_keys.gather(pairs.get_column("row_id")).alias("claim_key"),
            person_keys.gather(pairs.get_column("person_id") - rows.height).alias("person_key"),
        )

    return Found(named(verdicts.probable).select("claim", "person_key"), _shown(named(verdicts.grey), claims, people))


def _numbered_pairs(
    apart: pl.DataFrame, claim_keys: pl.Series, person_keys: pl.Series, *, first_person: int
) -> pl.DataFrame:
    rows = pl.DataFrame({"claim_key": claim_keys}).with_columns(pl.int_range(pl.len()).alias("row_id"))
    people = pl.DataFrame({"person_key": person_keys}).with_columns(
        pl.int_range(first_person, first_person + pl.len()).alias("person_id")
    )
    return (
        apart.join(rows, on="claim_key", how="inner")
        .join(people, on="person_key", how="inner")
        .select("row_id", "person_id")
    )


def _shown(pairs: pl.DataFrame, claims: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The grey pairs with what both sides say."""
    said = claims.select("claim", *_CLAIMED)
    other = people.rename({"area": "area_code"}).select(
        "person_key", *(pl.col(c).alias(f"known_{c}") for c in _CLAIMED)
    )
    both = pairs.join(said, on="claim", how="left", maintain_order="left").join(
        other, on="person_key", how="left", maintain_order="left"
    )
    verdicts = {
        field.name: pl.col(field.column).replace_strict(
            {gamma: level_name(field, gamma) for gamma in range(-1, len(field.levels))}, return_dtype=pl.String
        )
        for field in FIELDS
    }
    return both.select(
        "claim",
        "claim_key",
        "person_key",
        pl.col("name").alias("row_name"),
        pl.col("known_name"),
        pl.lit(LIKELY).alias("reason"),
        (pl.col("weight") * 100).round().cast(pl.Int64).alias("weight"),
        evidence_of(
            [
                ("name", "name", "known_name", verdicts["name"]),
                ("birth_date", "birth_date", "known_birth_date", verdicts["birth"]),
                ("sex", "sex", "known_sex", verdicts["sex"]),
                ("area_code", "area_code", "known_area_code", verdicts["place"]),
                ("address", "address", "known_address", verdicts["place"]),
                ("phone", "phone", "known_phone", verdicts["phone"]),
            ]
        ),
    )
