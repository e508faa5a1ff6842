"""Gather: from linked rows and the office's snapshot to households, members and dated facts.

The vocabulary (指标目录) says of each fact which source gives it and how. A fact of a source that did not deliver, or
whose delivery is too old, is written down as unknown since a day for all subjects, so that nothing downstream can
mistake silence for zero (promise 15). A fact that no department supplies has no line at all until people say it.

One source is in memory at a time, of it only the columns that facts are made of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.facts.delivered import Absent, Delivered
from doudi.engine.facts.first_known import EarlierFacts, FirstKnown
from doudi.engine.facts.households import HEAD, Homes, as_frame, build_homes
from doudi.engine.facts.office import (
    OFFICE,
    office_facts,
    receipts,
    settle_precedence,
    snapshot_table,
    told_facts,
)
from doudi.engine.facts.rows import Links, Origins, about_subjects, rows_of_people, waiting_rows
from doudi.engine.facts.sharing import households_sharing
from doudi.engine.facts.subjects import Subjects
from doudi.engine.facts.summaries import Rest, Summary, columns_read, nothing, summarise
from doudi.engine.facts.unchanged import Makings, digests_table
from doudi.engine.facts.written import FactBook
from doudi.engine.pack.vocabulary import FactDefinition, FactFrom, Vocabulary
from doudi.engine.tables import HOUSEHOLDS, MEMBERSHIPS, table_from_columns
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Pseudonyms

REGISTRY = "household_registry"
"""The source that states who is registered in which household (公安户籍)."""

_OF_HOMES = ("household_no", "relation", "area_code")


class GatherError(DoudiError):
    """The vocabulary, the deliveries and the snapshot do not fit together."""

    code: ClassVar[str] = "DD-GATHER-001"


@dataclass(frozen=True)
class Gathered:
    """What this stage writes, and the counts that belong into the manifest.

    `facts` gives the table of facts in pieces. `known` has, by kind of subject, one column of whole numbers per fact of
    which anything is known on the day, in the order of `households` and of `memberships`, null where it is unknown; a
    date is in days since 1970-01-01, a text is its place in the vocabulary's codes. `digests` says of what each fact of
    a department was made.
    """

    households: pa.Table
    memberships: pa.Table
    facts: Callable[[], Iterator[pa.Table]]
    common_facts: pa.Table
    known: Mapping[str, pa.Table]
    counts: Mapping[str, int]
    digests: pa.Table


@dataclass(frozen=True)
class _Fact:
    entity: str
    name: str
    definition: FactDefinition
    origin: FactFrom

    @property
    def source(self) -> str:
        """The source that supplies it."""
        return self.origin.source


def gather(
    *,
    delivered: Sequence[Delivered],
    absent: Sequence[Absent],
    links: Links,
    waiting: pa.Table,
    office: Mapping[str, pa.Table] | None,
    snapshot: str,
    vocabulary: Vocabulary,
    as_of: date,
    run_id: str,
    keyring: Pseudonyms,
    earlier: EarlierFacts | None = None,
) -> Gathered:
    """Build the households of the run and every fact that is known, or known to be missing, about them.

    `absent` names the sources whose facts are unknown, among them `office` when there is no snapshot (`office` None).
    A source may be both: a stale registry still says who lives together, while its facts are unknown.
    """
    unknown_since = {part.source: part.unknown_since for part in absent}
    by_source = {part.source: part for part in delivered}
    if REGISTRY not in by_source:
        raise GatherError(
            "the household registry was not delivered, so nobody's household is known.",
            advice=f"Put a file of the source {REGISTRY} among the extracts.",
        )
    wanted = _wanted(vocabulary)
    _refuse_strange_sources(wanted, {*by_source, *unknown_since, OFFICE})
    people, origins = Subjects(links.people), Origins.of_all(delivered, absent)
    number = origins.of(OFFICE, "" if office is None else snapshot)
    reading = _Reading(by_source, links, waiting_rows(waiting, people), people, origins)
    registry = reading.rows(REGISTRY, wanted)
    homes = build_homes(
        registry.drop_nulls("_member"),
        snapshot_table(office, "office_households"),
        snapshot_table(office, "office_members"),
        source=REGISTRY,
        people=reading.people,
        keyring=keyring,
    )
    first_known = FirstKnown.nothing_before(run_id)
    if earlier is not None:
        subjects = {"person": people, "household": homes.subjects}
        first_known = FirstKnown.of(earlier, run_id, vocabulary=vocabulary, subjects=subjects, origins=origins)
    spoken = [fact for fact in wanted if fact.source in by_source and fact.source not in unknown_since]
    made_of = _made_of(spoken, Makings.of(by_source, links.digests, homes, people, as_of))
    told: dict[str, Summary] = {}
    for source in sorted({fact.source for fact in wanted} - {OFFICE}):
        facts = [fact for fact in wanted if fact.source == source]
        if source in unknown_since:
            told |= reading.silent(facts, unknown_since[source])
            continue
        before = {} if earlier is None else earlier.made_of
        same = [fact for fact in facts if made_of.get(fact.name, "") == before.get(fact.name)]
        told |= {fact.name: first_known.again(fact.name, origins.of_source(source)) for fact in same}
        if anew := [fact for fact in facts if fact not in same]:
            rows = registry if source == REGISTRY else reading.rows(source, anew)
            told |= reading.told(source, anew, rows, homes, as_of)
    amounts, since = snapshot_table(office, "office_receipts"), unknown_since.get(OFFICE, as_of)
    told |= {
        fact.name: receipts(fact.origin, amounts, homes.subjects, as_of, unknown_since=since, written_as=number)
        for fact in wanted
        if fact.source == OFFICE
    }
    book = _Book(homes, people, origins, vocabulary, as_of)
    return book.write(told, office, snapshot, first_known=first_known, digests=digests_table(made_of))


@dataclass(frozen=True)
class _Reading:
    """What sources say, one of them in memory at a time."""

    delivered: Mapping[str, Delivered]
    links: Links
    waiting: pl.DataFrame
    people: Subjects
    origins: Origins

    def rows(self, source: str, facts: Sequence[_Fact]) -> pl.DataFrame:
        """The rows of a source, with the columns that these facts and households are made of."""
        part = self.delivered[source]
        columns = set().union(*(columns_read(fact.origin) for fact in facts if fact.source == source))
        columns |= set(_OF_HOMES) if source == REGISTRY else set()
        columns |= {part.dated_by} if part.dated_by else set()
        return rows_of_people(part, sorted(columns), self.links, self.waiting, self.origins)

    def silent(self, facts: Sequence[_Fact], since: date) -> dict[str, Summary]:
        """Everything that a source would say is unknown."""
        return {fact.name: Summary(nothing(), Rest.unknown(since, self.origins.of(fact.source, ""))) for fact in facts}

    def told(
        self, source: str, facts: Sequence[_Fact], rows: pl.DataFrame, homes: Homes, as_of: date
    ) -> dict[str, Summary]:
        """What a source says."""
        part, found = self.delivered[source], {}
        newest = self.origins.of(source, part.batch)
        for fact in facts:
            about = about_subjects(rows, fact.entity, fact.origin, homes, len(self.people))
            if fact.origin.counts == "households":
                about = households_sharing(about, fact.origin.column, homes.households)
            found[fact.name] = summarise(fact.definition, fact.origin, part, about, as_of, newest=newest)
        return found


def _made_of(facts: Sequence[_Fact], makings: Makings) -> dict[str, str]:
    """For each fact the digest of what it is made of, where that is known."""
    digests = {fact.name: makings.digest(fact.entity, fact.name, fact.definition) for fact in facts}
    return {name: digest for name, digest in digests.items() if digest is not None}


def _wanted(vocabulary: Vocabulary) -> list[_Fact]:
    """The facts that some source supplies."""
    parts: tuple[tuple[str, Mapping[str, FactDefinition]], ...] = (
        ("person", vocabulary.person),
        ("household", vocabulary.household),
    )
    return [
        _Fact(entity, name, definition, definition.source)
        for entity, definitions in parts
        for name, definition in definitions.items()
        if definition.source is not None
    ]


def _refuse_strange_sources(wanted: Sequence[_Fact], known: set[str]) -> None:
    for fact in wanted:
        if fact.source not in known:
            raise GatherError(
                f"the fact {fact.name} comes from {fact.source}, which neither delivered nor counts as missing.",
                advice="Check the source's name in the vocabulary.",
            )


@dataclass(frozen=True)
class _Book:
    """Putting all facts of the run together."""

    homes: Homes
    people: Subjects
    origins: Origins
    vocabulary: Vocabulary
    as_of: date

    def write(
        self,
        told: Mapping[str, Summary],
        office: Mapping[str, pa.Table] | None,
        snapshot: str,
        *,
        first_known: FirstKnown,
        digests: pa.Table,
    ) -> Gathered:
        by_office = self._by_office(office, snapshot)
        subjects = {"person": self.people, "household": self.homes.subjects}
        members = self.homes.memberships.get_column("person")
        places = self.homes.households.get_column("household")
        book = FactBook(subjects, self.origins, first_known.runs)
        known: dict[str, dict[str, pa.Array]] = {"person": {}, "household": {}}
        unknown = 0
        for entity, definitions in (("person", self.vocabulary.person), ("household", self.vocabulary.household)):
            everyone = members if entity == "person" else places
            for name, definition in definitions.items():
                if name not in told and name not in by_office:
                    continue
                summary = settle_precedence(
                    told.get(name, Summary(nothing(), None)), by_office.get(name, nothing()), everyone
                )
                facts, rest_known = first_known.say(name, summary, everyone)
                book.add(entity, name, definition, facts)
                if summary.rest is not None:
                    book.rests.append((entity, name, summary.rest, rest_known))
                    if summary.rest.unknown_since is not None:
                        written = pl.DataFrame({"subject": everyone}).join(facts, on="subject", how="semi").height
                        unknown += len(everyone) - written
                column = self._column(facts, summary.rest, everyone, len(subjects[entity]))
                if column.null_count < len(column):
                    known[entity][name] = column
        return Gathered(
            households=self._households(),
            memberships=self._memberships(),
            facts=book.tables,
            common_facts=book.common(),
            known={entity: pa.table(columns) for entity, columns in known.items()},
            counts={**self.homes.counts, "facts": book.count, "unknown_facts": book.unknown + unknown},
            digests=digests,
        )

    def _by_office(self, office: Mapping[str, pa.Table] | None, snapshot: str) -> dict[str, pl.DataFrame]:
        """What the office knows, as far as the vocabulary has words for it."""
        if office is None:
            return {}
        told, found = told_facts(office, self.as_of), {}
        number = self.origins.of(OFFICE, snapshot)
        for (entity, name), rows in sorted(told.group_by("entity", "name"), key=lambda part: part[0]):
            definition = self.vocabulary.definition(str(name))
            if definition is None:
                raise GatherError(
                    f"the office's snapshot holds the fact {name}, which the vocabulary does not have.",
                    advice="Run the night with the pack that the office uses.",
                )
            subjects = self.people if entity == "person" else self.homes.subjects
            found[str(name)] = office_facts(rows, definition, subjects, number)
        return found

    def _column(self, facts: pl.DataFrame, rest: Rest | None, everyone: pl.Series, count: int) -> pa.Array:
        """What is known on the day of each of `everyone`, as whole numbers."""
        values = np.zeros(count, dtype=np.int64)
        is_unknown = np.full(count, rest is None or rest.value is None)
        if rest is not None and rest.value is not None:
            values[:] = rest.value
        is_unknown[facts.get_column("subject").to_numpy()] = True
        holds = (pl.col("valid_to").is_null() | (pl.col("valid_to") > self.as_of)) & pl.col("value").is_not_null()
        now = facts.filter(holds)
        places = now.get_column("subject").to_numpy()
        values[places], is_unknown[places] = now.get_column("value").to_numpy(), False
        of = everyone.to_numpy()
        return pa.array(values[of], mask=is_unknown[of])

    def _households(self) -> pa.Table:
        frame = self.homes.households
        return table_from_columns(
            HOUSEHOLDS,
            {name: _arrow(frame.get_column(name)) for name in ("household_key", "basis", "area")},
        )

    def _memberships(self) -> pa.Table:
        frame = self.homes.memberships
        return table_from_columns(
            MEMBERSHIPS,
            {
                "household_key": self.homes.subjects.texts(frame.get_column("household").to_numpy()),
                "person_key": self.people.texts(frame.get_column("person").to_numpy()),
                "relation": _arrow(frame.get_column("relation")),
            },
        )


def _arrow(series: pl.Series) -> pa.Array:
    return series.to_arrow().cast(pa.string())


__all__ = ["HEAD", "REGISTRY", "GatherError", "Gathered", "as_frame", "gather"]
