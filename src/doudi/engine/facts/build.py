"""Gather: from linked rows and the office's snapshot to households, members and dated facts.

The vocabulary (指标目录) says of each fact which source gives it and how. A fact of a source that did not deliver, or
whose delivery is too old, is written down as unknown since a day for every subject, so that nothing downstream can
mistake silence for zero (promise 15). A fact that no department supplies has no row at all until people say it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import polars as pl
import pyarrow as pa

from doudi.engine.facts.delivered import Absent, Delivered
from doudi.engine.facts.households import HEAD, Homes, as_frame, build_homes
from doudi.engine.facts.office import OFFICE, observed_facts, receipts, residences, settle_precedence, snapshot_table
from doudi.engine.facts.summaries import (
    FACT_SCHEMA,
    Wanted,
    summarise,
    unknown_facts,
    without_impossible_values,
)
from doudi.engine.pack.vocabulary import FactDefinition, FactFrom, Vocabulary
from doudi.engine.tables import FACTS, HOUSEHOLDS, MEMBERSHIPS, Table, table_from_columns
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring

REGISTRY = "household_registry"
"""The source that states who is registered in which household (公安户籍)."""


class GatherError(DoudiError):
    """The vocabulary, the deliveries and the snapshot do not fit together."""

    code: ClassVar[str] = "DD-GATHER-001"


@dataclass(frozen=True)
class Gathered:
    """What this stage writes, and the counts that belong into the manifest."""

    households: pa.Table
    memberships: pa.Table
    facts: pa.Table
    counts: Mapping[str, int]


def gather(
    *,
    delivered: Sequence[Delivered],
    absent: Sequence[Absent],
    links: pa.Table,
    waiting: pa.Table,
    office: Mapping[str, pa.Table] | None,
    snapshot: str,
    vocabulary: Vocabulary,
    as_of: date,
    run_id: str,
    keyring: Keyring,
    earlier_facts: pa.Table | None = None,
) -> Gathered:
    """Build the households of the run and every fact that is known, or known to be missing, about them.

    `absent` names the sources whose facts are unknown, among them `office` when there is no snapshot (`office` None).
    A source may be both: a stale registry still says who lives together, while its facts are unknown.
    """
    unknown_since = {part.source: part.unknown_since for part in absent}
    rows = {part.source: _rows_of_people(part, links, waiting) for part in delivered}
    if REGISTRY not in rows:
        raise GatherError(
            "the household registry was not delivered, so nobody's household is known.",
            advice=f"Put a file of the source {REGISTRY} among the extracts.",
        )
    homes = build_homes(
        rows[REGISTRY].filter(pl.col("member_key").is_not_null()).with_columns(person_key=pl.col("member_key")),
        snapshot_table(office, "office_households"),
        snapshot_table(office, "office_members"),
        keyring=keyring,
    )
    by_source = {part.source: part for part in delivered}
    departments = [_nothing()]
    for wanted, origin in _from_departments(vocabulary, homes):
        if origin.source == OFFICE:
            amounts = snapshot_table(office, "office_receipts")
            since = unknown_since.get(OFFICE, as_of)
            departments.append(receipts(wanted, origin, amounts, snapshot, since, as_of))
        elif origin.source in unknown_since:
            departments.append(unknown_facts(wanted, origin.source, "", unknown_since[origin.source]))
        elif origin.source in by_source:
            about = _about_subjects(rows[origin.source], wanted.entity, origin, homes)
            departments.append(summarise(wanted, origin, by_source[origin.source], about, as_of))
        else:
            raise GatherError(
                f"the fact {wanted.name} comes from {origin.source}, which neither delivered nor counts as missing.",
                advice="Check the source's name in the vocabulary.",
            )
    told = pl.concat(departments)
    facts = settle_precedence(told, _office_facts(office, snapshot, vocabulary, as_of))
    facts = _with_first_run(facts, earlier_facts, run_id).sort(
        "subject", "name", "valid_from", "source", "batch", "row"
    )
    return Gathered(
        households=_written(HOUSEHOLDS, homes.households),
        memberships=_written(MEMBERSHIPS, homes.memberships),
        facts=_written(FACTS, facts),
        counts={**homes.counts, "unknown_facts": facts.filter(pl.col("unknown_since").is_not_null()).height},
    )


def _rows_of_people(part: Delivered, links: pa.Table, waiting: pa.Table) -> pl.DataFrame:
    """A delivery's rows, those in quarantine too, with whom they speak of.

    `person_key` is the person, or the one to whom a waiting row's number points, and `is_waiting` says which. A waiting
    row of the registry has in `member_key` the member who stands for it; every other row has the person there.
    """
    origin = ["batch", "row"]
    of_source = pl.col("source") == part.source
    linked = as_frame(links).filter(of_source & pl.col("person_key").is_not_null()).select(*origin, "person_key")
    rows = as_frame(part.rows)
    certain = rows.join(linked, on=origin, how="inner", maintain_order="left").with_columns(
        pl.lit(False).alias("is_waiting"), pl.col("person_key").alias("member_key")
    )
    if part.unread is not None:
        rows = pl.concat([rows, as_frame(part.unread).select(rows.columns)])
    doubtful = as_frame(waiting).filter(of_source).select(*origin, "person_key", "stand_in_key")
    uncertain = rows.join(doubtful, on=origin, how="inner", maintain_order="left").with_columns(
        pl.lit(True).alias("is_waiting"), pl.col("stand_in_key").alias("member_key")
    )
    both = pl.concat([certain, uncertain.select(certain.columns)])
    return both.with_columns(pl.lit(part.source).alias("source")).sort("batch", "row")


def _from_departments(vocabulary: Vocabulary, homes: Homes) -> list[tuple[Wanted, FactFrom]]:
    """The facts that some source supplies, with everyone about whom its silence would say something."""
    people = homes.memberships.get_column("person_key").alias("subject")
    families = homes.households.get_column("household_key").alias("subject")
    parts: tuple[tuple[str, Mapping[str, FactDefinition], pl.Series], ...] = (
        ("person", vocabulary.person, people),
        ("household", vocabulary.household, families),
    )
    return [
        (Wanted(name, entity, definition, subjects), definition.source)
        for entity, definitions, subjects in parts
        for name, definition in definitions.items()
        if definition.source is not None
    ]


def _about_subjects(rows: pl.DataFrame, entity: str, origin: FactFrom, homes: Homes) -> pl.DataFrame:
    """The rows with `subject`: the person, or the household for which the row of its head (or of any member) speaks."""
    if entity == "person":
        return rows.filter(pl.col("person_key").is_not_null()).with_columns(pl.col("person_key").alias("subject"))
    everyone = homes.memberships.select("household_key", "person_key")
    spoken = homes.heads if origin.of_member == "head" else everyone
    spoken = spoken.rename({"person_key": "member_key", "household_key": "subject"})
    return rows.join(spoken, on="member_key", how="inner", maintain_order="left")


def _office_facts(
    office: Mapping[str, pa.Table] | None, snapshot: str, vocabulary: Vocabulary, as_of: date
) -> pl.DataFrame:
    """What the office knows, as far as the vocabulary has words for it."""
    if office is None:
        return _nothing()
    facts = pl.concat(
        [residences(office["office_households"], snapshot, as_of), observed_facts(office["office_facts"], snapshot)]
    ).filter(pl.col("valid_from") <= as_of)
    parts = [_nothing()]
    for name in facts.get_column("name").unique().sort():
        definition = vocabulary.definition(name)
        if definition is None:
            raise GatherError(
                f"the office's snapshot holds the fact {name}, which the vocabulary does not have.",
                advice="Run the night with the pack that the office uses.",
            )
        parts.append(without_impossible_values(facts.filter(pl.col("name") == name), definition))
    return pl.concat(parts)


def _with_first_run(facts: pl.DataFrame, earlier: pa.Table | None, run_id: str) -> pl.DataFrame:
    """Say in which run each fact was first known: the same row of the same file said it before, or this run is it."""
    if earlier is None:
        return facts.with_columns(pl.lit(run_id).alias("known_from_run"))
    same = ["subject", "name", "valid_from", "source", "batch", "row", "value_int", "value_text"]
    known = as_frame(earlier).select(*same, "known_from_run").unique(same)
    # Facts of files that came only now can't have been known before; leaving them out keeps the join small.
    known = known.filter(pl.col("batch").is_in(facts.get_column("batch").unique().implode()))
    return facts.join(known, on=same, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("known_from_run").fill_null(run_id)
    )


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=FACT_SCHEMA)


def _written(table: Table, frame: pl.DataFrame) -> pa.Table:
    arrow = frame.to_arrow()
    return table_from_columns(table, {name: arrow.column(name) for name in arrow.column_names})


__all__ = ["HEAD", "REGISTRY", "GatherError", "Gathered", "gather"]
