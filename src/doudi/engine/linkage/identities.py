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
    known = known.with_columns(_with_later_words(known, claims, name) for name in _SAID)
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


def _with_later_words(known: pl.DataFrame, claims: pl.DataFrame, name: str) -> pl.Series:
    """One column of what is known: what the first claim of a person left open, from the first one that says it."""
    column = known.get_column(name)
    lacking = known.filter(column.is_null()).select("person_key")
    if lacking.is_empty():
        return column
    said = (
        claims.select("person_key", name)
        .drop_nulls(name)
        .join(lacking, on="person_key", how="semi", maintain_order="left")
    )
    said = said.unique("person_key", keep="first", maintain_order=True)
    if said.is_empty():
        return column
    found = known.select("person_key").join(said, on="person_key", how="left", maintain_order="left")
    return column.zip_with(column.is_not_null(), found.get_column(name))
