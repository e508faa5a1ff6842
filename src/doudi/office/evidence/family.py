"""From many facts about a family to the one of each name that the rules read.

What the office saw goes before a department's file that is not newer, a department before what the family declared. The
night weighs the same way, so that counter and night agree. What nobody knows stays unknown: it is asked for, never
taken as zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.engine.rules.family import Basis, FactValue, Family, Member
from doudi.office.bulk import among
from doudi.office.evidence.models import Fact
from doudi.office.evidence.terms import restored
from doudi.office.registry.models import Household, Membership

Subject = int | None
"""A person's id, or None for the household itself."""


@dataclass(frozen=True)
class Told:
    """The newest word of each origin about one fact of one subject."""

    seen: Fact | None = None
    found: Fact | None = None
    declared: Fact | None = None

    @property
    def chosen(self) -> Fact | None:
        """The word that counts; a word that says "not known" only if nobody knows."""
        seen, found, declared = self.seen, self.found, self.declared
        seen_is_known = seen is not None and not seen.is_unknown
        found_is_known = found is not None and not found.is_unknown
        if seen_is_known and found_is_known:
            return seen if _day(seen) >= _day(found) else found
        if seen_is_known or found_is_known:
            return seen if seen_is_known else found
        if declared is not None and not declared.is_unknown and not _doubts(seen, declared):
            return declared
        return found or seen or declared


def _day(fact: Fact | None) -> date:
    return fact.valid_from if fact is not None else date.min


def _doubts(seen: Fact | None, declared: Fact) -> bool:
    """A visit after the declaration could not find it out: then the family's word alone does not settle it."""
    return seen is not None and seen.recorded_at >= declared.recorded_at


def current_members(household: Household, on: date) -> list[Membership]:
    """Who belongs to the household on a day, head first."""
    return living_on(household.memberships.select_related("person"), on)


def living_on(rows: Iterable[Membership], on: date) -> list[Membership]:
    """Of the memberships of one household those that hold on a day, head first."""
    return sorted(
        (row for row in rows if row.from_date <= on and (row.to_date is None or row.to_date > on)),
        key=lambda row: (row.relation, row.pk),
    )


def told_about(
    household: Household, members: Sequence[Membership], *, known_at: datetime | None = None
) -> dict[tuple[Subject, str], Told]:
    """The newest word of each origin, by subject and name; with `known_at` of what had been recorded by then."""
    of_household = Fact.objects.filter(household=household)
    of_members = Fact.objects.filter(person__in=[member.person_id for member in members])
    rows: list[Fact] = [*of_household, *of_members]
    return newest_words(row for row in rows if known_at is None or row.recorded_at <= known_at)


def newest_words(rows: Iterable[Fact]) -> dict[tuple[Subject, str], Told]:
    """The newest word of each origin among the facts of one household and its members, by subject and name."""
    newest: dict[tuple[Subject, str], dict[str, Fact]] = {}
    for row in sorted(rows, key=_age):
        newest.setdefault((row.person_id, row.name), {})[row.origin] = row
    return {
        key: Told(
            seen=_own_look(by_origin),
            found=_found(by_origin),
            declared=by_origin.get(Fact.Origin.DECLARED),
        )
        for key, by_origin in newest.items()
    }


def _own_look(by_origin: Mapping[str, Fact]) -> Fact | None:
    """The office's own look: the later of visit and re-check; before both, the old system's last review."""
    looks = [by_origin[origin] for origin in (Fact.Origin.VISIT, Fact.Origin.RECHECK) if origin in by_origin]
    return max(looks, key=lambda row: row.pk) if looks else by_origin.get(Fact.Origin.CARRIED)


def _found(by_origin: Mapping[str, Fact]) -> Fact | None:
    """What the own departments say; where they know nothing, what another county answered.

    Where both know something the report lays them side by side: one county's zero does not outweigh another's car.
    """
    own, other = by_origin.get(Fact.Origin.DEPARTMENT), by_origin.get(Fact.Origin.COUNTY)
    return other if other is not None and not other.is_unknown and (own is None or own.is_unknown) else own


def _age(row: Fact) -> tuple[date, int]:
    # A department's newest word is the one about the latest time; of one visit or declaration the last one written.
    return (row.valid_from if row.origin == Fact.Origin.DEPARTMENT else date.min, row.pk)


def build_family(
    household: Household, members: Sequence[Membership], *, vocabulary: Vocabulary, known_at: datetime | None = None
) -> Family:
    """The family of these members as the rules read it; with `known_at` by what had been recorded then."""
    return family_of(household, members, told_about(household, members, known_at=known_at), vocabulary)


def families_of(
    households: Sequence[Household], *, on: date, vocabulary: Vocabulary
) -> Iterator[tuple[Household, Family]]:
    """Many families as the rules read them on a day. Three questions for all of them: a county's are thousands."""
    ids = [household.pk for household in households]
    rows: dict[int, list[Membership]] = {number: [] for number in ids}
    for row in Membership.objects.filter(among("household", ids)).select_related("person"):
        rows[row.household_id].append(row)
    living = {number: living_on(memberships, on) for number, memberships in rows.items()}
    home = {row.person_id: number for number, members in living.items() for row in members}
    names = [*vocabulary.household, *vocabulary.person]
    facts: dict[int, list[Fact]] = {number: [] for number in ids}
    for fact in Fact.objects.filter(among("household", ids), name__in=names):
        facts[fact.household_id or 0].append(fact)
    for fact in Fact.objects.filter(among("person", list(home)), name__in=names):
        facts[home[fact.person_id or 0]].append(fact)
    for household in households:
        told = newest_words(facts[household.pk])
        yield household, family_of(household, living[household.pk], told, vocabulary)


def family_of(
    household: Household,
    members: Sequence[Membership],
    told: Mapping[tuple[Subject, str], Told],
    vocabulary: Vocabulary,
) -> Family:
    """A household with its members and what was told about them, as the rules read it."""
    own = _values(vocabulary.household, _of(told, None))
    if household.residence:
        own.setdefault("residence", FactValue(household.residence, source="office", ref=f"household:{household.pk}"))
    return Family(
        key=household.key,
        region=household.area,
        basis=_basis(household),
        facts=own,
        members=tuple(_member(row, _values(vocabulary.person, _of(told, row.person_id))) for row in members),
    )


def _basis(household: Household) -> Basis:
    if household.basis == Household.Basis.OFFICE:
        return "office"
    return "declared" if household.basis == Household.Basis.DECLARED else "register"


def _of(told: Mapping[tuple[Subject, str], Told], subject: Subject) -> Iterable[tuple[str, Fact]]:
    for (whose, name), words in told.items():
        if whose == subject and words.chosen is not None:
            yield name, words.chosen


def _member(row: Membership, facts: dict[str, FactValue]) -> Member:
    if row.person.birth_date is not None:
        facts.setdefault("birth_date", FactValue(row.person.birth_date, source="office", ref=f"person:{row.person_id}"))
    return Member(key=row.person.key, relation=row.relation, facts=facts)


def _values(definitions: Mapping[str, FactDefinition], facts: Iterable[tuple[str, Fact]]) -> dict[str, FactValue]:
    return {name: as_value(definitions[name], fact) for name, fact in facts if name in definitions}


def as_value(definition: FactDefinition, fact: Fact) -> FactValue:
    """A stored fact as the rules read it, with where it comes from."""
    ref = f"{fact.batch}:{fact.row}" if fact.batch else f"fact:{fact.pk}"
    return FactValue(
        restored(definition, fact.value_int, fact.value_text),
        source=fact.source,
        as_of=fact.valid_from,
        ref=ref,
        unknown_since=fact.valid_from if fact.is_unknown else None,
    )
