"""What a claim's number says beside what its row says: of each claim on its own, before any are compared."""

import polars as pl

from doudi.engine.linkage.names import normalised

SEX = pl.Enum(["1", "2"])


def with_agreement(claims: pl.DataFrame) -> pl.DataFrame:
    """The claims with their name's `spelling`, whether the birth date and the sex of the row agree with the number
    (null where either says nothing), whether one of them `contradicts` it, and the birth date and sex that are known.
    """
    born = pl.col("id_number").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    odd = pl.col("id_number").str.slice(16, 1).cast(pl.Int64, strict=False) % 2 == 1
    sex = pl.when(odd).then(pl.lit("1")).otherwise(pl.lit("2"))
    return claims.with_columns(
        normalised(claims.get_column("name")).alias("spelling"),
        (pl.col("birth_date") == born).alias("birth_agrees"),
        (pl.col("sex") == sex).alias("sex_agrees"),
        pl.coalesce("birth_date", born).alias("born"),
        pl.when(pl.col("id_number").is_not_null()).then(sex).otherwise("sex").cast(SEX).alias("sex_known"),
    ).with_columns((~(pl.col("birth_agrees") & pl.col("sex_agrees"))).fill_null(False).alias("contradicts"))
