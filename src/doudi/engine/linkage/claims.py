"""What rows claim about the people they speak of. Rows of a source that claim the same are judged once.

Sources are read one after another, and of a source's rows only what links them back to their claims is kept: which
claim each row makes. Ten million rows of monthly wages make a million claims.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from doudi.engine.linkage.agreement import with_agreement

_LOOKED_AT = {
    "id_number": pl.String,
    "name": pl.String,
    "birth_date": pl.Date,
    "sex": pl.String,
    "area_code": pl.String,
    "address": pl.String,
    "phone": pl.String,
}
COLUMNS_READ = tuple(_LOOKED_AT)
"""What linkage reads of a source's rows, as far as they have it, beside the source's own key."""

_SAID_BESIDE = ("area_code", "address", "phone")
CLAIM = ["id_number", "name", "birth_date", "sex", "own_key", "is_unread"]


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
class SourceClaims:
    """What the rows of one source claim: its distinct claims, numbered from 0 in the order of their first rows.

    The claims have the columns of CLAIM, area_code, address and phone, the first that a row of the claim gives, and
    those of `with_agreement`.
    `rows` has batch, row and the number of the claim, in the order of batch and row. All of it follows from the rows of
    the source alone, so it can be kept from one night to the next as long as these are the same.
    """

    source: str
    trust_rank: int
    states_members: bool
    claims: pl.DataFrame
    rows: pl.DataFrame


@dataclass(frozen=True)
class SourceRows:
    """The rows of one source, in the order of batch and row, each with the number of its claim."""

    source: str
    rows: pl.DataFrame


def read_claims(sources: Iterable[PersonRows | SourceClaims]) -> tuple[pl.DataFrame, tuple[SourceRows, ...]]:
    """The distinct claims of all sources, most trusted first, and the rows that make them.

    Each source is read once; what `sources` yields may be opened only when it is asked for. The claims have the columns
    of SourceClaims, source, trust_rank, states_members and `claim`, a number that counts from 0 in this order.
    """
    parts: list[pl.DataFrame] = []
    rows: list[SourceRows] = []
    count = 0
    for each in sources:
        part = each if isinstance(each, SourceClaims) else claims_of(each)
        parts.append(
            part.claims.with_columns(
                pl.lit(part.source).cast(pl.Categorical).alias("source"),
                pl.lit(part.trust_rank).alias("trust_rank"),
                pl.lit(part.states_members).alias("states_members"),
                pl.col("claim") + count,
            )
        )
        rows.append(SourceRows(part.source, part.rows.with_columns(pl.col("claim") + count)))
        count += part.claims.height
    everything = pl.concat(parts)
    if everything.get_column("trust_rank").is_sorted():
        return everything, tuple(rows)
    everything = everything.sort("trust_rank", "claim").with_row_index("new")
    place = everything.sort("claim").get_column("new")
    placed = tuple(SourceRows(each.source, _renumbered(each.rows, place)) for each in rows)
    return everything.drop("claim").rename({"new": "claim"}), placed


def _renumbered(rows: pl.DataFrame, place: pl.Series) -> pl.DataFrame:
    return rows.with_columns(place.gather(rows.get_column("claim")).alias("claim"))


def claims_of(part: PersonRows) -> SourceClaims:
    """The distinct claims of a source in the order of their first rows, and each row's claim.

    Columns that the source does not deliver are added to the claims and not to the rows, of which there are many more.
    """
    frame = _looked_at(part, part.rows, is_unread=False)
    if part.unread is not None and part.unread.num_rows:
        frame = pl.concat([frame, _looked_at(part, part.unread, is_unread=True)], how="diagonal")
    if not _is_in_order(frame):
        frame = frame.sort("batch", "row")
    places = frame.select(pl.col("batch").cast(pl.Categorical), "row")
    frame = frame.drop("batch", "row").with_row_index("place")
    said = [c for c in _SAID_BESIDE if c in frame.columns]
    grouped = (
        frame.group_by([c for c in CLAIM if c in frame.columns], maintain_order=True)
        .agg(pl.col("place"), *(pl.col(c).drop_nulls().first() for c in said))
        .with_row_index("claim")
    )
    exploded = grouped.select("claim", "place").explode("place")
    claim_of = exploded.get_column("claim").gather(exploded.get_column("place").arg_sort())
    kinds = {**_LOOKED_AT, "own_key": pl.String}
    claims = grouped.drop("place").with_columns(
        *(pl.lit(None, dtype=kind).alias(name) for name, kind in kinds.items() if name not in grouped.columns),
    )
    return SourceClaims(
        part.source,
        part.trust_rank,
        part.states_members,
        with_agreement(claims.select("claim", *CLAIM, *_SAID_BESIDE)),
        places.with_columns(claim_of.alias("claim")),
    )


def _looked_at(part: PersonRows, rows: pa.Table, *, is_unread: bool) -> pl.DataFrame:
    """The rows with those columns at which linkage looks and which the source delivers, and their own key."""
    wanted = dict.fromkeys(["batch", "row", *_LOOKED_AT, *part.own_key])
    frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(rows.select([c for c in wanted if c in rows.column_names])))
    looked_at = {name: kind for name, kind in _LOOKED_AT.items() if name in frame.columns}
    is_numbered = "id_number" in looked_at and not frame.get_column("id_number").null_count()
    read = frame.select(
        "batch",
        "row",
        *(pl.col(name).cast(kind) for name, kind in looked_at.items()),
        pl.lit(is_unread).alias("is_unread"),
    )
    key = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in part.own_key], separator="/")
    if part.states_members or "id_number" not in looked_at:
        return read.with_columns(frame.select(key.alias("own_key")).to_series())
    if is_numbered:
        return read
    # Where there is a number only the registry needs it; leaving it out lets equal claims fall together.
    unnumbered = frame.get_column("id_number").is_null()
    few = frame.filter(unnumbered).select(key).to_series()
    nothing = pl.repeat(None, read.height, dtype=pl.String, eager=True)
    return read.with_columns(nothing.scatter(unnumbered.arg_true(), few).alias("own_key"))


def _is_in_order(frame: pl.DataFrame) -> bool:
    after = (pl.col("batch") > pl.col("batch").shift()) | (
        (pl.col("batch") == pl.col("batch").shift()) & (pl.col("row") >= pl.col("row").shift())
    )
    return bool(frame.select(after.fill_null(True).all()).item())
