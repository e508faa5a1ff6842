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

import numpy as np
import polars as pl

from doudi.engine.linkage.agreement import SEX
from doudi.engine.values.keys import Pseudonyms

TWO_NAMES = "the most trusted source has this number under two names"
CLASHING_NAME = "the name differs from the one under which this number is known"
CONTRADICTION = "the birth date or sex in this row contradicts the number"
ALONE = "nothing in this row corroborates the number"
CERTAINTY = pl.Enum(["certain", "probable", "decided", "grey", "provisional", "unread"])
_REASON = pl.Enum([TWO_NAMES, CLASHING_NAME, CONTRADICTION, ALONE])
_VERDICT = pl.Enum(["same", "different"])


def judge_claims(claims: pl.DataFrame, keyring: Pseudonyms, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Each claim with certainty, why it is grey, the name under which its number is known, and its keys.

    `claims` come most trusted first. `key` is the pseudonym of the number, or of the source and its own key where there
    is no number. `claim_key` stands for the claim itself while it waits: the same in every month's file, and the key of
    the registry's stand-in. `verdicts` (claim_key, person_key, verdict) is what people said of pairs. A claim of which
    they said that it is the person of its number is *decided*; one of which they said that it is not has no number.
    """
    numbers = claims.get_column("id_number").drop_nulls().unique(maintain_order=True)
    of_number = keyring.pseudonyms_of_all("person", numbers)
    places = pl.DataFrame({"id_number": numbers}).with_row_index("number")
    # A join copies every column of a frame: of millions of claims only the one that it needs goes through it.
    place = claims.select("id_number").join(places, on="id_number", how="left", maintain_order="left")
    read = claims.with_columns(place.get_column("number"), pl.lit(None, dtype=_VERDICT).alias("verdict"))
    judged = _with_keys(_with_certainty(read), of_number, keyring)
    settled = _settled(judged, verdicts).with_columns(pl.col("verdict").cast(_VERDICT))
    if settled.is_empty():
        return judged
    # What people said of one row of a number can settle whose it is: the other rows are judged in its light.
    read = read.drop("verdict").join(settled.select("claim", "verdict"), on="claim", how="left", maintain_order="left")
    again = _with_keys(_with_certainty(read), of_number, keyring).drop("claim_key")
    again = again.with_columns(judged.get_column("claim_key"))
    decided = (
        pl.when(pl.col("verdict") == "same")
        .then(pl.lit("decided"))
        .when(pl.col("verdict") == "different")
        .then(pl.lit("provisional"))
        .otherwise("certainty")
    )
    is_another = (pl.col("verdict") == "different").fill_null(False)
    return again.with_columns(
        decided.cast(CERTAINTY).alias("certainty"),
        pl.when(is_another).then("claim_key").otherwise("key").alias("key"),
        *(pl.when(~is_another).then(c).alias(c) for c in ("id_number", "reason", "known_name")),
        pl.when(is_another).then("birth_date").otherwise("born").alias("born"),
        pl.when(is_another).then(pl.col("sex").cast(SEX)).otherwise("sex_known").alias("sex_known"),
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


def _with_certainty(claims: pl.DataFrame) -> pl.DataFrame:
    first, of_two = _known_by(claims)
    corroborated = pl.col("birth_agrees").fill_null(False) & pl.col("sex_agrees").fill_null(False)
    is_known = first >= 0
    leading = claims.select("name", "spelling")[first.clip(0)]
    known = claims.with_columns(
        pl.when(is_known).then(leading.get_column("name")).alias("known_name"),
        pl.when(is_known).then(leading.get_column("spelling")).alias("known_spelling"),
        of_two.alias("of_two"),
    )
    reason = (
        pl.when(pl.col("id_number").is_null())
        .then(None)
        .when(pl.col("of_two"))
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
    judged = known.with_columns(reason.cast(_REASON).alias("reason")).with_columns(
        certainty.cast(CERTAINTY).alias("certainty")
    )
    return judged.drop("of_two", "known_spelling")


def _known_by(claims: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """For each claim the place of the claim that says under which name its number is known, and whether that is open.

    That claim is the first of the most trusted source, or the one that people confirmed; the place is -1 where there is
    none. It is open when that source has the number under another name as well.
    """
    is_another = (pl.col("verdict") == "different").fill_null(False)
    says = pl.col("number").is_not_null() & pl.col("spelling").is_not_null() & ~pl.col("contradicts")
    named = claims.with_row_index("place").filter(says & ~pl.col("is_unread") & ~is_another)
    named = named.select(
        "place", "number", "trust_rank", "spelling", pl.col("verdict").is_not_null().alias("is_settled")
    )
    if named.get_column("is_settled").any():
        named = named.sort("trust_rank", ~pl.col("is_settled"), maintain_order=True)
    count = claims.get_column("number").drop_nulls().n_unique()
    number, place = (named.get_column(c).to_numpy().astype(np.int64) for c in ("number", "place"))
    # The last of several values that are written to one place stays: written backwards, it is the first.
    first = np.full(count, -1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    leads = pl.Series(first[number])
    leading = named.select("trust_rank", "spelling", "is_settled")[leads]
    is_other = (
        (named.get_column("trust_rank") == leading.get_column("trust_rank"))
        & (named.get_column("spelling") != leading.get_column("spelling"))
        & ~leading.get_column("is_settled")
    )
    open_numbers = np.zeros(count, dtype=bool)
    open_numbers[number[is_other.to_numpy()]] = True
    place_of = np.where(first >= 0, place[first] if len(place) else -1, -1)
    of_claim = claims.get_column("number").fill_null(count).to_numpy()
    return (
        pl.Series(np.append(place_of, -1)[of_claim], dtype=pl.Int64),
        pl.Series(np.append(open_numbers, False)[of_claim], dtype=pl.Boolean),
    )


def _with_keys(judged: pl.DataFrame, of_number: pl.Series, keyring: Pseudonyms) -> pl.DataFrame:
    number = pl.col("id_number")
    source = pl.col("source").cast(pl.String)
    own = pl.concat_str(source, "own_key", separator="/")
    row_says = [pl.col(c).cast(pl.String).fill_null("") for c in ("spelling", "birth_date", "sex")]
    said = pl.concat_str(pl.lit("claim"), source, number, *row_says, separator="/")
    stands_in = pl.when(pl.col("states_members")).then(own).otherwise(said)
    waits = judged.filter(number.is_null() | is_waiting()).select(
        "claim", pl.when(number.is_null()).then(own).otherwise(stands_in).alias("text")
    )
    waits = waits.with_columns(
        pl.Series("claim_key", keyring.pseudonyms("person", waits.get_column("text")), pl.String)
    )
    keyed = judged.with_columns(of_number.gather(judged.get_column("number")).alias("key"))
    own_keys = keyed.select("claim").join(waits.drop("text"), on="claim", how="left", maintain_order="left")
    keyed = keyed.with_columns(own_keys.get_column("claim_key"))
    keyed = keyed.with_columns(pl.coalesce("key", "claim_key").alias("key"))
    return keyed.drop("number", "spelling", "birth_agrees", "sex_agrees", "contradicts")
