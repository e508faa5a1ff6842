"""Reads of evidence for the screens: declared, found and seen side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.values.region import Region
from doudi.office.evidence.family import Told, told_about
from doudi.office.evidence.models import Assessment, Fact, HeldRelease, NightRun
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.evidence.terms import Value, in_words, restored
from doudi.office.registry.models import Household, Membership


@dataclass(frozen=True)
class Word:
    """What one origin says. `value` None together with `is_unknown` means "not known", and never zero."""

    value: Value | None
    text: str
    is_unknown: bool
    as_of: date
    source: str
    batch: str
    row: int
    fact_id: int


@dataclass(frozen=True)
class FactLine:
    """One fact of one subject: what the family declared, what a department has, what a visit saw, and which counts."""

    name: str
    label: str
    type: str
    unit: str
    person_id: int | None
    declared: Word | None
    found: Word | None
    seen: Word | None
    chosen: Word | None
    chosen_origin: str

    @property
    def is_contradicted(self) -> bool:
        """Do two of them that know it differ?"""
        known = {word.value for word in (self.declared, self.found, self.seen) if word and not word.is_unknown}
        return len(known) > 1


def facts_of_household(household: Household, members: Sequence[Membership], *, lang: str) -> list[FactLine]:
    """Every fact known or asked about the household and these members, in the order of the vocabulary."""
    vocabulary = current_vocabulary()
    told = told_about(household, members)
    lines = []
    subjects = [(None, vocabulary.household), *((row.person_id, vocabulary.person) for row in members)]
    for subject, definitions in subjects:
        for name, definition in definitions.items():
            words = told.get((subject, name))
            if words is not None:
                lines.append(_line(name, definition, subject, words, lang))
    return lines


def _line(name: str, definition: FactDefinition, subject: int | None, words: Told, lang: str) -> FactLine:
    def word(fact: Fact | None) -> Word | None:
        return None if fact is None else word_of(definition, fact, lang)

    return FactLine(
        name=name,
        label=definition.label.in_language(lang),
        type=definition.type,
        unit=definition.unit,
        person_id=subject,
        declared=word(words.declared),
        found=word(words.found),
        seen=word(words.seen),
        chosen=word(words.chosen),
        chosen_origin=words.chosen.origin if words.chosen else "",
    )


def word_of(definition: FactDefinition, fact: Fact, lang: str) -> Word:
    """A stored fact as people read it."""
    value = restored(definition, fact.value_int, fact.value_text)
    return Word(
        value=value,
        text=in_words(definition, value, lang),
        is_unknown=fact.is_unknown,
        as_of=fact.valid_from,
        source=fact.source,
        batch=fact.batch,
        row=fact.row,
        fact_id=fact.pk,
    )


def latest_assessment(case_id: int) -> Assessment | None:
    """The newest assessment made for a case."""
    return Assessment.objects.filter(case_id=case_id).order_by("-pk").first()


def newest_fact_id(household: Household, members: Sequence[Membership]) -> int:
    """Number of the newest fact about a household and these members; 0 if there is none."""
    people = [row.person_id for row in members]
    newest = Fact.objects.filter(Q(household=household) | Q(person__in=people)).aggregate(newest=Max("pk"))["newest"]
    return int(newest or 0)


def is_up_to_date(assessment: Assessment, household: Household, members: Sequence[Membership]) -> bool:
    """Was it made of all that is known today, and of these members?"""
    keys = [row.person.key for row in members]
    assessed = [member["key"] for member in assessment.inputs["family"]["members"]]
    newest: int = assessment.inputs["newest_fact_id"]
    return assessed == keys and newest >= newest_fact_id(household, members)


def latest_night(area: str = "") -> NightRun | None:
    """The night loaded last; with a division code, the last one whose county or city contains it."""
    nights = NightRun.objects.filter(area__in=Region(area).ancestors()) if area else NightRun.objects.all()
    return nights.order_by("-loaded_at", "-pk").first()


@dataclass(frozen=True)
class ReleaseView:
    """A release that was asked for and not withdrawn: by whom, why, and whether a second person confirmed it."""

    release_id: int
    rule: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    ask_reason: str
    confirmed_by: str
    confirmed_at: datetime | None


def newest_night(area: str) -> NightRun | None:
    """The last night that was loaded for this area."""
    return NightRun.objects.filter(area=area).order_by("-as_of", "-pk").first()


def releases_of(night: NightRun) -> dict[str, ReleaseView]:
    """What was asked for of a night, by rule."""
    rows = HeldRelease.objects.filter(night=night, withdrawn_at__isnull=True).select_related("asked_by", "confirmed_by")
    return {
        row.rule: ReleaseView(
            release_id=row.pk,
            rule=row.rule,
            asked_by_id=row.asked_by_id,
            asked_by=row.asked_by.display_name,
            asked_at=row.asked_at,
            ask_reason=row.ask_reason,
            confirmed_by=row.confirmed_by.display_name if row.confirmed_by else "",
            confirmed_at=row.confirmed_at,
        )
        for row in rows
    }
