"""The pairs that wait for people, with what each side says field by field, so that a look decides and not a guess."""

from collections.abc import Iterable, Sequence

import polars as pl

from doudi.engine.linkage.claims import SourceRows

_EVIDENCE = pl.List(pl.Struct({"field": pl.String, "in_row": pl.String, "known": pl.String, "verdict": pl.String}))
PAIR_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "claim": pl.UInt32,
    "claim_key": pl.String,
    "person_key": pl.String,
    "row_name": pl.String,
    "known_name": pl.String,
    "reason": pl.String,
    "weight": pl.Int64,
    "evidence": _EVIDENCE,
}


def numbered_pairs(judged: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The claims whose number says one person while the rest of the row says another."""
    grey = judged.filter((pl.col("certainty") == "grey") & pl.col("id_number").is_not_null())
    people = known.select(
        "person_key", *(pl.col(c).alias(f"known_{c}") for c in ("birth_date", "sex", "area", "address", "phone"))
    )
    both = grey.join(people, left_on="key", right_on="person_key", how="left", maintain_order="left")
    number_says = pl.col("id_number").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    both = both.with_columns(pl.coalesce("known_birth_date", number_says).alias("known_birth_date"))
    return both.select(
        "claim",
        "claim_key",
        pl.col("key").alias("person_key"),
        pl.col("name").alias("row_name"),
        "known_name",
        pl.col("reason").cast(pl.String),
        pl.lit(None, dtype=pl.Int64).alias("weight"),
        evidence_of(
            [
                ("id_number", "id_number", "id_number", pl.lit("same")),
                ("name", "name", "known_name", _told("name", "known_name")),
                ("birth_date", "birth_date", "known_birth_date", _told("birth_date", "known_birth_date")),
                ("sex", "sex", "known_sex", _told("sex", "known_sex")),
                ("area_code", "area_code", "known_area", _told("area_code", "known_area")),
                ("address", "address", "known_address", _told("address", "known_address")),
                ("phone", "phone", "known_phone", _told("phone", "known_phone")),
            ]
        ),
    )


def pairs_of_rows(sources: Iterable[SourceRows], pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs as `tables.GREY_PAIRS` has them: one line for each row that makes the claim."""
    parts = [
        part.rows.join(pairs, on="claim", how="inner").select(
            pl.lit(part.source).alias("source"),
            pl.col("batch").cast(pl.String),
            "row",
            "claim_key",
            "person_key",
            pl.col("row_name").fill_null("").alias("name"),
            pl.col("known_name").fill_null(""),
            "reason",
            "weight",
            "evidence",
        )
        for part in sources
    ]
    return pl.concat(parts).sort("source", "batch", "row", "person_key")


def evidence_of(fields: Sequence[tuple[str, str, str, pl.Expr]]) -> pl.Expr:
    """Field, the row's column, the known person's column, verdict: as one list of what both sides say."""
    return pl.concat_list(
        [
            pl.struct(
                pl.lit(name).alias("field"),
                pl.col(in_row).cast(pl.String).alias("in_row"),
                pl.col(known).cast(pl.String).alias("known"),
                verdict.alias("verdict"),
            )
            for name, in_row, known, verdict in fields
        ]
    ).alias("evidence")


def _told(in_row: str, known: str) -> pl.Expr:
    equal = pl.col(in_row) == pl.col(known)
    return (
        pl.when(equal.is_null()).then(pl.lit("missing")).when(equal).then(pl.lit("same")).otherwise(pl.lit("otherwise"))
    )
