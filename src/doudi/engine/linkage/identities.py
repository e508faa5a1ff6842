"""Who each person key is, from the most trusted claim that says something."""

import polars as pl

from doudi.engine.linkage.exact import is_waiting

_SAID = {
    "name": "name",
    "id_number": "id_number",
    "sex": "sex_known",
    "birth_date": "born",
    "area": "area_code",
    "address": "address",
    "phone": "phone",
}


def identities(judged: pl.DataFrame) -> pl.DataFrame:
    """One row per key. Claims come most trusted first; what the first leaves open a later one may say.

    Of a waiting claim nothing is known but the name that it has: it says so of its stand-in, and of nobody else.
    """
    claims = judged.filter(~is_waiting()).select(
        pl.col("key").alias("person_key"), *(pl.col(c).alias(n) for n, c in _SAID.items())
    )
    claims = claims.with_columns(pl.col("sex").cast(pl.String))
    known = claims.unique("person_key", keep="first", maintain_order=True)
    lacking = known.filter(pl.any_horizontal(pl.col(*_SAID).is_null())).select("person_key")
    more = claims.join(lacking, on="person_key", how="semi", maintain_order="left")
    # What the first claim of a person left open, from the first one that says it.
    said = more.group_by("person_key", maintain_order=True).agg(pl.col(name).drop_nulls().first() for name in _SAID)
    known = (
        known.join(said, on="person_key", how="left", maintain_order="left", suffix="_said")
        .with_columns(pl.coalesce(name, f"{name}_said").alias(name) for name in _SAID)
        .drop(f"{name}_said" for name in _SAID)
    )
    stand_ins = judged.filter(is_waiting() & pl.col("states_members")).unique(
        "claim_key", keep="first", maintain_order=True
    )
    waiting = stand_ins.select(
        pl.col("claim_key").alias("person_key"),
        "name",
        *(pl.lit(None, dtype=known.schema[column]).alias(column) for column in ("id_number", "sex", "birth_date")),
        pl.col("area_code").alias("area"),
        "address",
        pl.lit(None, dtype=pl.String).alias("phone"),
    )
    return (
        pl.concat([known, waiting])
        .unique("person_key", keep="first", maintain_order=True)
        .with_columns(pl.col("name").fill_null(""))
    )
