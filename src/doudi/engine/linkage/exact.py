"""Exact linkage: the same valid identity number, and something that corroborates it.

A claim is *certain* when its number is usable and its name agrees with the name under which the number is known; a
claim without a name needs its own birth date and sex to agree with the number. A clashing name, or a birth date or sex
that contradicts the number, makes the claim *grey*: it waits for people and feeds no fact. A claim without a usable
number is *provisional*: it has a key of its own source, unless probability or people find its person.

Grey rows, and rows that stayed in quarantine (隔离区), leave two traces, so that "waiting" is never read as "nothing":
whom the number points to (the facts that this source would give are unknown, not zero) and, in the household registry,
a member who stands for the row until people have decided.

The name under which a number is known is that of the most trusted source. If that source itself has the number under
two names, nobody knows whose it is, and all its rows are grey.
"""

import polars as pl

from doudi.engine.linkage.names import normalised_name
from doudi.engine.values.keys import Keyring

TWO_NAMES = "the most trusted source has this number under two names"
CLASHING_NAME = "the name differs from the one under which this number is known"
CONTRADICTION = "the birth date or sex in this row contradicts the number"
ALONE = "nothing in this row corroborates the number"


def judge_claims(claims: pl.DataFrame, keyring: Keyring, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Each claim with certainty, why it is grey, the name under which its number is known, and its keys.

    `key` is the pseudonym of the number, or of the source and its own key where there is no number. `claim_key` stands
    for the claim itself while it waits: the same in every month's file, and the key of the registry's stand-in.
    `verdicts` (claim_key, person_key, verdict) is what people said of pairs. A claim of which they said that it is the
    person of its number is *decided*; one of which they said that it is not has no number any more.
    """
    read = _with_agreement(claims).with_columns(pl.lit(None, dtype=pl.String).alias("verdict"))
    judged = _with_keys(_with_certainty(read, _known_names(read)), keyring)
    settled = _settled(judged, verdicts)
    if settled.is_empty():
        return judged
    # What people said of one row of a number can settle whose it is: the other rows are judged in its light.
    read = read.drop("verdict").join(settled.select("claim", "verdict"), on="claim", how="left", maintain_order="left")
    again = _with_certainty(read, _known_names(read)).join(
        judged.select("claim", "key", "claim_key"), on="claim", how="left", maintain_order="left"
    )
    decided = (
        pl.when(pl.col("verdict") == "same")
        .then(pl.lit("decided"))
        .when(pl.col("verdict") == "different")
        .then(pl.lit("provisional"))
        .otherwise("certainty")
    )
    is_another = (pl.col("verdict") == "different").fill_null(False)
    return again.with_columns(
        decided.alias("certainty"),
        pl.when(is_another).then("claim_key").otherwise("key").alias("key"),
        *(pl.when(~is_another).then(c).alias(c) for c in ("id_number", "reason", "known_name")),
        pl.when(is_another).then("birth_date").otherwise("born").alias("born"),
        pl.when(is_another).then("sex").otherwise("sex_known").alias("sex_known"),
    )


def _settled(judged: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """The claims that wait with a number of which people have said whether it is theirs."""
    waiting = judged.filter(pl.col("certainty") == "grey").select(
        "claim", "claim_key", pl.col("key").alias("person_key")
    )
    return waiting.join(verdicts, on=["claim_key", "person_key"], how="inner")


def is_waiting() -> pl.Expr:
    """Claims that wait for people, or that nobody could read."""
    return pl.col("certainty").is_in(["grey", "unread"])


def _with_agreement(claims: pl.DataFrame) -> pl.DataFrame:
    born = pl.col("id_number").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    odd = pl.col("id_number").str.slice(16, 1).cast(pl.Int64, strict=False) % 2 == 1
    sex = pl.when(odd).then(pl.lit("1")).otherwise(pl.lit("2"))
    return claims.with_columns(
        normalised_name("name").alias("spelling"),
        (pl.col("birth_date") == born).alias("birth_agrees"),
        (pl.col("sex") == sex).alias("sex_agrees"),
        pl.coalesce("birth_date", born).alias("born"),
        pl.when(pl.col("id_number").is_not_null()).then(sex).otherwise(pl.col("sex")).alias("sex_known"),
    ).with_columns((~(pl.col("birth_agrees") & pl.col("sex_agrees"))).fill_null(False).alias("contradicts"))


def _known_names(claims: pl.DataFrame) -> pl.DataFrame:
    """For each number the name under which it is known, and whether its most trusted source is of two minds."""
    has_both = pl.col("id_number").is_not_null() & pl.col("spelling").is_not_null()
    is_another = (pl.col("verdict") == "different").fill_null(False)
    named = claims.filter(has_both & ~pl.col("contradicts") & ~pl.col("is_unread") & ~is_another).select(
        "id_number",
        "name",
        "spelling",
        "trust_rank",
        (pl.col("verdict") == "same").fill_null(False).alias("is_settled"),
    )
    if named.get_column("is_settled").any():
        named = named.sort("trust_rank", ~pl.col("is_settled"), maintain_order=True)
    first = named.unique("id_number", keep="first", maintain_order=True)
    another = named.join(first, on=["id_number", "trust_rank"], how="inner", suffix="_first").filter(
        (pl.col("spelling") != pl.col("spelling_first")) & ~pl.col("is_settled_first")
    )
    of_two = pl.col("id_number").is_in(another.get_column("id_number").unique().implode())
    return first.select(
        "id_number",
        pl.col("name").alias("known_name"),
        pl.col("spelling").alias("known_spelling"),
        of_two.alias("of_two"),
    )


def _with_certainty(claims: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    joined = claims.join(known, on="id_number", how="left", maintain_order="left")
    corroborated = pl.col("birth_agrees").fill_null(False) & pl.col("sex_agrees").fill_null(False)
    reason = (
        pl.when(pl.col("id_number").is_null())
        .then(None)
        .when(pl.col("of_two").fill_null(False))
        .then(pl.lit(TWO_NAMES))
        .when(pl.col("contradicts"))
        .then(pl.lit(CONTRADICTION))
        .when((pl.col("spelling") != pl.col("known_spelling")).fill_null(False))
        .then(pl.lit(CLASHING_NAME))
        .when(pl.col("spelling").is_null() & ~corroborated)
        .then(pl.lit(ALONE))
    )
    certainty = (
        pl.when(pl.col("is_unread"))
        .then(pl.lit("unread"))
        .when(pl.col("id_number").is_null())
        .then(pl.lit("provisional"))
        .when(pl.col("reason").is_not_null())
        .then(pl.lit("grey"))
        .otherwise(pl.lit("certain"))
    )
    return (
        joined.with_columns(reason.alias("reason"))
        .with_columns(certainty.alias("certainty"))
        .drop("of_two", "known_spelling")
    )


def _with_keys(judged: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    number = pl.col("id_number")
    own = pl.concat_str("source", "own_key", separator="/")
    row_says = [pl.col(c).cast(pl.String).fill_null("") for c in ("spelling", "birth_date", "sex")]
    said = pl.concat_str(pl.lit("claim"), "source", number, *row_says, separator="/")
    stands_in = pl.when(pl.col("states_members")).then(own).otherwise(said)
    texts = judged.with_columns(
        pl.coalesce(number, own).alias("text"),
        pl.when(number.is_null()).then(own).when(is_waiting()).then(stands_in).alias("claim_text"),
    )
    clear = pl.concat([texts.get_column("text"), texts.get_column("claim_text").drop_nulls()]).unique()
    keys = pl.DataFrame(
        {"text": clear, "key": keyring.pseudonyms("person", clear.to_list())},
        schema={"text": pl.String, "key": pl.String},
    )
    of_claim = keys.rename({"text": "claim_text", "key": "claim_key"})
    return (
        texts.join(keys, on="text", how="left", maintain_order="left")
        .join(of_claim, on="claim_text", how="left", maintain_order="left")
        .drop("text", "claim_text")
    )
