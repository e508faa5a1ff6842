"""The stage: from the sources' rows to who is who. Its lines are the order in which linkage makes up its mind.

1 what the rows claim                                                 claims
2 the number, and what corroborates it                                exact
3 what people have said of pairs                                      decisions
4 rows without a number: nearly certain, grey, or on their own        search, probable, scoring
5 who is known under each key, and which key stands under which       identities, aliases
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl
import pyarrow as pa

from doudi.engine.linkage.aliases import carried_on
from doudi.engine.linkage.claims import PersonRows, SourceClaims, SourceRows, read_claims
from doudi.engine.linkage.decisions import read_decisions, standing_keys
from doudi.engine.linkage.exact import CERTAINTY, is_waiting, judge_claims
from doudi.engine.linkage.identities import identities
from doudi.engine.linkage.model import Model
from doudi.engine.linkage.review import numbered_pairs, pairs_of_rows
from doudi.engine.linkage.search import find_people
from doudi.engine.tables import GREY_PAIRS, IDENTITY, LINKS, Table, table_from_columns
from doudi.engine.values.digest import digest_of_texts
from doudi.engine.values.keys import Pseudonyms

_LINKS_AT_A_TIME = 262_144


@dataclass(frozen=True)
class Linked:
    """What linkage writes: `links` and `aliases` for the lake; `identity` and `grey_pairs` to be sealed.

    `pieces` gives the links some at a time, in their order: a city has ten millions. For `gather`, which counts with
    whole numbers, `people` are the keys in their order, and `places` gives for the same rows the place of the person.

    `waiting` serves `gather` and is not kept: for each grey or unread row the key of a person of whom it may speak, if
    there is one, and for a row of the registry the key of the member who stands for it meanwhile. `spoken_of` has a
    digest per source: while it and the source's rows are the same, each of them speaks of the same person.
    """

    pieces: Callable[[], Iterator[pa.Table]]
    aliases: pa.Table
    identity: pa.Table
    grey_pairs: pa.Table
    waiting: pa.Table
    people: pa.Table
    spoken_of: pa.Table
    places: Callable[[], Iterator[pa.Table]]

    @property
    def links(self) -> pa.Table:
        """All links at once."""
        return pa.concat_tables([LINKS.schema.empty_table(), *self.pieces()])


WAITING_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("batch", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("person_key", pa.string()),
        pa.field("stand_in_key", pa.string()),
    ]
)
SPOKEN_OF_SCHEMA = pa.schema([pa.field("source", pa.string(), False), pa.field("digest", pa.string(), False)])


def link(
    sources: Iterable[PersonRows | SourceClaims],
    *,
    keyring: Pseudonyms,
    model: Model,
    run_id: str,
    decisions: pa.Table | None = None,
    earlier_aliases: pa.Table | None = None,
) -> Linked:
    """Say for each row which person it speaks of, and how certain that is.

    `sources` is read once, one source after another: what it yields may be opened only then. `decisions` is the
    snapshot's office_pair_decisions, `earlier_aliases` the last run's aliases; None where there is none yet.
    """
    said = read_decisions(decisions)
    claims, rows = read_claims(sources)
    judged = judge_claims(claims, keyring, said)
    judged = _under_standing_keys(judged, standing_keys(said))
    known = identities(judged)
    found = find_people(judged, known, model, apart=said.filter(pl.col("verdict") == "different"))
    judged = _with_found(judged, found.probable, found.grey)
    pairs = pl.concat([numbered_pairs(judged, known), found.grey])
    identity = _written(IDENTITY, _still_used(known, judged).sort("person_key"))
    used: pl.Series = pl.Series("key", pl.from_arrow(identity.column("person_key")))
    waiting = _waiting(rows, judged, pairs)
    # Only these columns outlive the stage: what the claims said is let go before the links are written.
    verdicts = judged.select("key", "certainty", "is_unread")
    return Linked(
        pieces=partial(_links, rows, verdicts),
        aliases=carried_on(earlier_aliases, _merged(judged), _spoken(judged), run_id),
        identity=identity,
        grey_pairs=_written(GREY_PAIRS, pairs_of_rows(rows, pairs)),
        waiting=waiting,
        spoken_of=_spoken_of(judged, waiting),
        people=pa.table({"person_key": identity.column("person_key")}),
        places=partial(_places, rows, _place_of_claims(verdicts, used), verdicts.get_column("is_unread")),
    )


def _under_standing_keys(judged: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Put claims under the key that people gave them: a claim without a number, or a person under another number."""
    judged = judged.with_columns(pl.col("key").alias("own_person_key"))
    if standing.is_empty():
        return judged
    joined = judged.join(standing.rename({"old_key": "key"}), on="key", how="left", maintain_order="left")
    is_moved = pl.col("new_key").is_not_null() & ~is_waiting()
    return joined.with_columns(
        pl.when(is_moved).then("new_key").otherwise("key").alias("key"),
        pl.when(is_moved).then(pl.lit("decided")).otherwise("certainty").cast(CERTAINTY).alias("certainty"),
    ).drop("new_key")


def _with_found(judged: pl.DataFrame, probable: pl.DataFrame, grey: pl.DataFrame) -> pl.DataFrame:
    """Put what was found for claims without a number into their certainty and key."""
    if probable.is_empty() and grey.is_empty():
        return judged
    found = probable.select("claim", pl.col("person_key").alias("found_key"))
    waits = pl.col("claim").is_in(grey.get_column("claim").unique().implode())
    joined = judged.join(found, on="claim", how="left", maintain_order="left")
    is_found = pl.col("found_key").is_not_null()
    return joined.with_columns(
        pl.coalesce("found_key", "key").alias("key"),
        pl.when(is_found)
        .then(pl.lit("probable"))
        .when(waits)
        .then(pl.lit("grey"))
        .otherwise("certainty")
        .cast(CERTAINTY)
        .alias("certainty"),
    ).drop("found_key")


def _spoken(judged: pl.DataFrame) -> list[pl.Series]:
    """The keys under which something was delivered tonight, waiting or not."""
    return [judged.get_column(column) for column in ("key", "own_person_key", "claim_key")]


def _still_used(known: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """The identities without those whose claims all found another key, or came to wait."""
    is_left = (pl.col("own_person_key") != pl.col("key")) | (pl.col("certainty") == "grey")
    left = judged.filter(is_left).select(pl.col("own_person_key").alias("person_key")).unique()
    if left.is_empty():
        return known
    stand_ins = judged.filter(is_waiting() & pl.col("states_members")).select(pl.col("claim_key").alias("person_key"))
    used = judged.filter(~is_waiting()).select(pl.col("key").alias("person_key"))
    used = pl.concat([used.join(left, on="person_key", how="semi"), stand_ins])
    unused = left.join(used, on="person_key", how="anti")
    return known.join(unused, on="person_key", how="anti")


def _merged(judged: pl.DataFrame) -> pl.DataFrame:
    """Keys that stand under another one tonight: old_key, new_key, reason.

    A key under which the same source has claims of two minds stands under nobody.
    """
    own = pl.when(pl.col("id_number").is_null() | (pl.col("own_person_key") != pl.col("key"))).then("own_person_key")
    old = pl.when(pl.col("certainty") == "decided").then(pl.coalesce("claim_key", own)).otherwise(own)
    may_move = (pl.col("certainty") == "decided") | own.is_not_null()
    claims = judged.filter(~pl.col("is_unread") & may_move).with_columns(old.alias("old_key")).drop_nulls("old_key")
    new = pl.when(is_waiting()).then("old_key").otherwise("key")
    agreed = claims.group_by("old_key").agg(
        new.n_unique().alias("minds"),
        new.first().alias("new_key"),
        pl.col("certainty").first().cast(pl.String).alias("reason"),
    )
    return agreed.filter((pl.col("minds") == 1) & (pl.col("old_key") != pl.col("new_key"))).drop("minds")


def _links(sources: Iterable[SourceRows], judged: pl.DataFrame) -> Iterator[pa.Table]:
    key = judged.select(pl.when(~is_waiting()).then("key")).to_series()
    certainty, is_unread = judged.get_column("certainty"), judged.get_column("is_unread")
    for part in sorted(sources, key=lambda each: each.source):
        for piece in part.rows.iter_slices(_LINKS_AT_A_TIME):
            claim = piece.get_column("claim")
            rows = piece.select(
                pl.lit(part.source).alias("source"),
                pl.col("batch").cast(pl.String),
                "row",
                key.gather(claim).alias("person_key"),
                certainty.gather(claim).cast(pl.String).alias("certainty"),
            ).filter(~is_unread.gather(claim))
            yield _written(LINKS, rows)


def _spoken_of(judged: pl.DataFrame, waiting: pa.Table) -> pa.Table:
    """By source the digest of whom its claims speak, in their order, and of whom those may speak that wait."""
    said = judged.select("source", pl.when(~is_waiting()).then("key").alias("key"))
    waits = pl.DataFrame(pl.from_arrow(waiting))
    lines = []
    for (source,), claims in sorted(said.partition_by("source", as_dict=True).items()):
        own = waits.filter(pl.col("source") == source).select(
            "batch", pl.col("row").cast(pl.String), "person_key", "stand_in_key"
        )
        lines.append({"source": source, "digest": digest_of_texts(claims.get_column("key"), *own)})
    return pa.Table.from_pylist(lines, schema=SPOKEN_OF_SCHEMA)


def _place_of_claims(judged: pl.DataFrame, people: pl.Series) -> pl.Series:
    """For each claim the place of its person among the keys, null while it waits."""
    known = pl.DataFrame({"key": people}).with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("place"))
    speaks = judged.select(pl.when(~is_waiting()).then("key").alias("key"))
    return speaks.join(known, on="key", how="left", maintain_order="left").get_column("place")


def _places(sources: Iterable[SourceRows], place: pl.Series, is_unread: pl.Series) -> Iterator[pa.Table]:
    for part in sorted(sources, key=lambda each: each.source):
        claim = part.rows.get_column("claim")
        rows = part.rows.select("row", place.gather(claim).alias("person")).filter(~is_unread.gather(claim))
        source = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows.height), [part.source])
        yield rows.to_arrow().append_column("source", source)


def _waiting(sources: Iterable[SourceRows], judged: pl.DataFrame, pairs: pl.DataFrame) -> pa.Table:
    """The rows that wait for people, with each person of whom they may speak."""
    points_to = pl.when(pl.col("id_number").is_not_null()).then("key").alias("person_key")
    waiting = judged.filter(is_waiting()).select(
        "claim", points_to, pl.when(pl.col("states_members")).then("claim_key").alias("stand_in_key")
    )
    likely = pairs.filter(pl.col("weight").is_not_null()).select("claim", pl.col("person_key").alias("likely_key"))
    waiting = waiting.join(likely, on="claim", how="left", maintain_order="left").with_columns(
        pl.coalesce("likely_key", "person_key").alias("person_key")
    )
    parts = [
        part.rows.join(waiting, on="claim", how="inner").select(
            pl.lit(part.source).alias("source"), pl.col("batch").cast(pl.String), "row", "person_key", "stand_in_key"
        )
        for part in sources
    ]
    return pl.concat(parts).sort("source", "batch", "row", "person_key").to_arrow().cast(WAITING_SCHEMA)


def _written(table: Table, frame: pl.DataFrame) -> pa.Table:
    arrow = frame.to_arrow()
    return table_from_columns(table, {name: arrow.column(name) for name in arrow.column_names})
