"""Exact linkage: the same valid identity number, and something that corroborates it.

A row is *certain* when its number is usable and its name agrees with the name under which the number is known; a row
without a name needs its own birth date and sex columns to agree with the number. A clashing name, or a birth date or
sex that contradicts the number, makes the row *grey*: it waits for people and feeds no fact. A row without a usable
number gets a *provisional* key of its own source; a name alone never links anything.

Grey rows, and rows that stayed in quarantine (隔离区), leave two traces, so that "waiting" is never read as "nothing":
whom the number points to (the facts that this source would give are unknown, not zero) and, in the household registry,
a member who stands for the row until people have decided.

The name under which a number is known is that of the most trusted source. If that source itself has the number under
two names, nobody knows whose it is, and all its rows are grey.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from doudi.engine.linkage.names import normalised_name
from doudi.engine.tables import GREY_PAIRS, IDENTITY, LINKS, Table, table_from_columns
from doudi.engine.values.keys import Keyring

_OPTIONAL_COLUMNS = {
    "id_number": pl.String,
    "name": pl.String,
    "birth_date": pl.Date,
    "sex": pl.String,
    "area_code": pl.String,
    "address": pl.String,
    "phone": pl.String,
}
# What a row claims about the person it speaks of. Rows that claim the same are judged once.
_CLAIM = ["id_number", "name", "birth_date", "sex", "own_key", "is_unread"]

_TWO_NAMES = "the most trusted source has this number under two names"
_CLASHING_NAME = "the name differs from the one under which this number is known"
_CONTRADICTION = "the birth date or sex in this row contradicts the number"
_ALONE = "nothing in this row corroborates the number"


@dataclass(frozen=True)
class PersonRows:
    """One source's accepted rows that speak of people, and how far the source is trusted with their names.

    `rows` has `batch`, `row` and, as far as the source delivers them, the columns id_number, name, birth_date, sex,
    area_code, address and phone. `own_key` names the columns that tell the source's own people apart when there is no
    number. A lower `trust_rank` is trusted more: the household registry (公安户籍) comes first. `states_members` is
    true for the registry, whose waiting rows keep a place in their household. `unread` has what could be read of rows
    in quarantine; they are never linked.
    """

    source: str
    rows: pa.Table
    own_key: tuple[str, ...]
    trust_rank: int
    states_members: bool = False
    unread: pa.Table | None = None


@dataclass(frozen=True)
class Linked:
    """What linkage writes: `links` for the lake; `identity` and `grey_pairs` to be sealed.

    `waiting` serves `gather` and is not kept: for each grey or unread row the key of the person to whom its number
    points, if it has one, and for a row of the registry the key of the member who stands for it meanwhile.
    """

    links: pa.Table
    identity: pa.Table
    grey_pairs: pa.Table
    waiting: pa.Table


WAITING_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("batch", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("person_key", pa.string()),
        pa.field("stand_in_key", pa.string()),
    ]
)


def link(sources: Sequence[PersonRows], *, keyring: Keyring) -> Linked:
    """Say for each row which person it speaks of, and how certain that is."""
    claims = _claims(sources)
    judged = _with_person_keys(_judged(claims, _known_names(claims)), keyring)
    links, waiting, grey = [], [], []
    for part in sources:
        verdicts = judged.filter(pl.col("source") == part.source)
        verdicts = verdicts.select(*_CLAIM, "known_name", "reason", "certainty", "key", "stand_in_key")
        rows = _rows(part).join(verdicts, on=_CLAIM, nulls_equal=True)
        read = rows.filter(~pl.col("is_unread"))
        links.append(read.select("source", "batch", "row", _unless_grey("key").alias("person_key"), "certainty"))
        grey.append(_grey_pairs(read.filter(pl.col("certainty") == "grey")))
        waiting.append(_waiting(rows))
    return Linked(
        links=_written(LINKS, links, ["source", "batch", "row"]),
        identity=_written(IDENTITY, [_identity(judged)], ["person_key"]),
        grey_pairs=_written(GREY_PAIRS, grey, ["source", "batch", "row"]),
        waiting=pl.concat(waiting).sort("source", "batch", "row").to_arrow().cast(WAITING_SCHEMA),
    )


def _rows(part: PersonRows) -> pl.DataFrame:
    """The rows of a source with every column that linkage looks at; what the source does not deliver is null."""
    read = _looked_at(part, part.rows).with_columns(pl.lit(False).alias("is_unread"))
    if part.unread is None:
        return read
    return pl.concat([read, _looked_at(part, part.unread).with_columns(pl.lit(True).alias("is_unread"))])


def _looked_at(part: PersonRows, rows: pa.Table) -> pl.DataFrame:
    frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(rows))
    kinds = _OPTIONAL_COLUMNS.items()
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in kinds if name not in frame.columns]
    own_key = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in part.own_key], separator="/")
    has_no_number = pl.col("id_number").is_null()
    return frame.with_columns(missing).select(
        pl.lit(part.source).alias("source"),
        "batch",
        "row",
        *(pl.col(name).cast(kind) for name, kind in kinds),
        # Where there is a number only the registry needs the own key; leaving it out lets equal claims fall together.
        pl.when(has_no_number | pl.lit(part.states_members)).then(own_key).alias("own_key"),
    )


def _claims(sources: Sequence[PersonRows]) -> pl.DataFrame:
    """The distinct claims of each source, most trusted source first and in the order of the rows."""
    parts = []
    for part in sources:
        firsts = [pl.col(name).drop_nulls().first() for name in ("area_code", "address", "phone")]
        distinct = _rows(part).sort("batch", "row").group_by(_CLAIM, maintain_order=True).agg(firsts)
        parts.append(
            distinct.with_columns(
                pl.lit(part.source).alias("source"),
                pl.lit(part.trust_rank).alias("trust_rank"),
                pl.lit(part.states_members).alias("states_members"),
            )
        )
    claims = pl.concat(parts).with_row_index("order").sort("trust_rank", "order")
    born = pl.col("id_number").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    sex = (
        pl.when(pl.col("id_number").str.slice(16, 1).cast(pl.Int64, strict=False) % 2 == 1)
        .then(pl.lit("1"))
        .otherwise(pl.lit("2"))
    )
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
    named = claims.filter(has_both & ~pl.col("contradicts") & ~pl.col("is_unread"))
    return named.group_by("id_number").agg(
        pl.col("name").first().alias("known_name"),
        pl.col("spelling").first().alias("known_spelling"),
        (pl.col("spelling").filter(pl.col("trust_rank") == pl.col("trust_rank").min()).n_unique() > 1).alias(
            "is_of_two_names"
        ),
    )


def _judged(claims: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Each claim with its certainty and, when it is grey, why."""
    joined = claims.join(known, on="id_number", how="left", maintain_order="left")
    corroborated = pl.col("birth_agrees").fill_null(False) & pl.col("sex_agrees").fill_null(False)
    reason = (
        pl.when(pl.col("id_number").is_null())
        .then(None)
        .when(pl.col("is_of_two_names").fill_null(False))
        .then(pl.lit(_TWO_NAMES))
        .when(pl.col("contradicts"))
        .then(pl.lit(_CONTRADICTION))
        .when((pl.col("spelling") != pl.col("known_spelling")).fill_null(False))
        .then(pl.lit(_CLASHING_NAME))
        .when(pl.col("spelling").is_null() & ~corroborated)
        .then(pl.lit(_ALONE))
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
    return joined.with_columns(reason.alias("reason")).with_columns(certainty.alias("certainty"))


def _with_person_keys(judged: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    """Add `key`, the pseudonym of the number, or of the source and its own key where there is no number.

    A waiting row of the registry also gets `stand_in_key`, made as if it had no number.
    """
    by_own_key = pl.concat_str("source", "own_key", separator="/")
    texts = judged.with_columns(
        pl.coalesce(pl.col("id_number"), by_own_key).alias("text"),
        pl.when(_is_waiting() & pl.col("states_members")).then(by_own_key).alias("stand_in_text"),
    )
    clear = pl.concat([texts.get_column("text"), texts.get_column("stand_in_text").drop_nulls()]).unique()
    keys = pl.DataFrame(
        {"text": clear, "key": [keyring.pseudonym("person", value) for value in clear]},
        schema={"text": pl.String, "key": pl.String},
    )
    stand_ins = keys.rename({"text": "stand_in_text", "key": "stand_in_key"})
    return (
        texts.join(keys, on="text", how="left", maintain_order="left")
        .join(stand_ins, on="stand_in_text", how="left", maintain_order="left")
        .drop("text", "stand_in_text")
    )


def _unless_grey(column: str) -> pl.Expr:
    return pl.when(pl.col("certainty") != "grey").then(pl.col(column))


def _is_waiting() -> pl.Expr:
    return pl.col("certainty").is_in(["grey", "unread"])


def _waiting(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a source that wait for people, with whom they would speak of."""
    points_to = pl.when(pl.col("id_number").is_not_null()).then(pl.col("key")).alias("person_key")
    return rows.filter(_is_waiting()).select("source", "batch", "row", points_to, "stand_in_key")


def _identity(judged: pl.DataFrame) -> pl.DataFrame:
    """Who each person key is, from the most trusted claim that says something.

    Of a waiting claim nothing is known but the name that it has: it says so of its stand-in, and of nobody else.
    """
    firsts = {"name": "name", "id_number": "id_number", "sex": "sex_known", "birth_date": "born"}
    later = {"area": "area_code", "address": "address", "phone": "phone"}
    known = (
        judged.filter(~_is_waiting())
        .group_by("key", maintain_order=True)
        .agg(pl.col(column).drop_nulls().first().alias(name) for name, column in (firsts | later).items())
        .rename({"key": "person_key"})
    )
    stand_ins = judged.filter(pl.col("stand_in_key").is_not_null()).unique(
        "stand_in_key", keep="first", maintain_order=True
    )
    waiting = stand_ins.select(
        pl.col("stand_in_key").alias("person_key"),
        "name",
        *(pl.lit(None, dtype=known.schema[column]).alias(column) for column in ("id_number", "sex", "birth_date")),
        pl.col("area_code").alias("area"),
        "address",
        pl.lit(None, dtype=pl.String).alias("phone"),
    )
    return pl.concat([known, waiting]).with_columns(pl.col("name").fill_null(""))


def _grey_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "source",
        "batch",
        "row",
        pl.col("key").alias("person_key"),
        pl.col("name").fill_null(""),
        pl.col("known_name").fill_null(""),
        "reason",
    )


def _written(table: Table, parts: Sequence[pl.DataFrame], order: list[str]) -> pa.Table:
    arrow = pl.concat(parts).sort(order).to_arrow()
    return table_from_columns(table, {name: arrow.column(name) for name in arrow.column_names})
