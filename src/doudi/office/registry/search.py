"""The search box: people found by name, reading, number or place, read through one index below row security.

Every question to the database is an equality of tokens (see `tokens.py`) in the order of that index, so that it stops
as soon as a page is full, for the county's and the city's people too. What somebody may not see is not there at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from doudi.engine.values.identity import mask_id
from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import record_read
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.org.queries import areas_named
from doudi.office.registry.models import Household, Membership, Person, SearchToken
from doudi.office.registry.tokens import Groups, looks_like_place, typed_as_person, typed_as_place

PAGE_SIZE = 20
_WORDS_MAX = 5
_AREAS_MAX = 40
_COUNTED_MAX = 1000
"""So many rows are counted to see which of several words is the rarest: the search begins with it."""

_HOUSEHOLD = re.compile(r"H[0-9]{6}-[0-9]{7}")
_CURSOR = re.compile(r"([0-9]{2,12})-([0-9]{1,18})")

Place = tuple[str, int]
"""Division and number of a person: the order in which hits are listed."""


@dataclass(frozen=True)
class SearchHit:
    """A person found, and the household to open."""

    person_id: int
    name: str
    masked_id: str
    birth_year: int | None
    household_id: int | None
    household_number: str
    area: str


@dataclass(frozen=True)
class Found:
    """One page of hits. `after` asks for the next one; empty when this is the last."""

    hits: tuple[SearchHit, ...]
    after: str


def search(user: User, text: str, *, keyring: Keyring, after: str = "", limit: int = PAGE_SIZE) -> Found:
    """Find people by name, its beginning or the given name, pinyin, initials, whole number, its last four characters,
    telephone, household number, or address; several words must all fit, and the name of a division narrows the place.
    """
    require(user, "household.see")
    behind = _cursor(after)
    places = _places(user, text, keyring, behind, limit + 1)
    hits = _hits([number for _, number in places[:limit]])
    people = [Person(pk=hit.person_id) for hit in hits]
    record_read(
        actor=user, objects=people, fields=("name", "id_number"), area=user.area_id, purpose="search in the registry"
    )
    is_more = len(places) > limit
    return Found(tuple(hits), f"{places[limit - 1][0]}-{places[limit - 1][1]}" if is_more else "")


def matching_households(text: str, keyring: Keyring) -> Q:
    """The condition by which lists of findings and cases are searched: on a table with a `household`."""
    words = text.split()[:_WORDS_MAX]
    if not words:
        return Q(pk__isnull=True)
    people = Person.objects.all()
    for group in [group for word in words for group in _meant(keyring, word)]:
        people = people.filter(pk__in=SearchToken.objects.filter(token__in=group).values("person_id"))
    homes = Membership.objects.filter(person__in=people.values("pk"), to_date__isnull=True).values("household")
    return Q(household__number=text.strip().upper()) | Q(household__in=homes)


def _places(user: User, text: str, keyring: Keyring, behind: Place | None, count: int) -> list[Place]:
    words = text.split()[:_WORDS_MAX]
    if not words:
        return []
    if len(words) == 1 and _HOUSEHOLD.fullmatch(words[0].upper()):
        return _of_household(words[0].upper())
    areas: list[str] = []
    rest = list(words)
    for word in words:
        named = areas_named(word, within=user.area_id, limit=_AREAS_MAX) if len(word) > 1 else []
        if named and (len(words) > 1 or not _found(_groups(keyring, words), [], None, 1)):
            areas = named
            rest.remove(word)
            break
    if not rest:
        return _in_areas(areas, behind, count)
    found = _found(_groups(keyring, rest), areas, behind, count)
    if found or behind is not None:
        return found
    doors = [group for word in rest for group in typed_as_place(keyring, word)]
    return _found(doors, areas, behind, count) if doors else []


def _meant(keyring: Keyring, word: str) -> Groups:
    return typed_as_place(keyring, word) if looks_like_place(word) else typed_as_person(keyring, word)


def _groups(keyring: Keyring, words: Sequence[str]) -> Groups:
    return [group for word in words for group in _meant(keyring, word)]


def _found(groups: Groups, areas: Sequence[str], behind: Place | None, count: int) -> list[Place]:
    """The first people, in the order of the index, who have a token of every group."""
    ordered = sorted(groups, key=_how_many) if len(groups) > 1 else groups
    base, others = ordered[0], ordered[1:]
    found: set[Place] = set()
    for token in base:
        query = _narrowed(SearchToken.objects.filter(token=token), areas, behind)
        for group in others:
            same = SearchToken.objects.filter(token__in=group, area=OuterRef("area"), person_id=OuterRef("person_id"))
            # Looked up for each row of the rarest group. EXISTS would be taken for a join: of ten, planning alone takes
            # most of a second.
            query = query.alias(same=Subquery(same.values("token")[:1])).filter(same__isnull=False)
        found |= set(query.order_by("area", "person_id").values_list("area", "person_id")[:count])
    return sorted(found)[:count]


def _how_many(group: tuple[int, ...]) -> int:
    return sum(SearchToken.objects.filter(token=token)[:_COUNTED_MAX].count() for token in group)


def _narrowed(query: QuerySet[SearchToken], areas: Sequence[str], behind: Place | None) -> QuerySet[SearchToken]:
    within = Q()
    for area in areas:
        within |= Q(area__gte=area, area__lt=f"{area}:")
    after = Q(area__gt=behind[0]) | Q(area=behind[0], person_id__gt=behind[1]) if behind else Q()
    return query.filter(within, after)


def _in_areas(areas: Sequence[str], behind: Place | None, count: int) -> list[Place]:
    within = Q()
    for area in areas:
        within |= Q(area__gte=area, area__lt=f"{area}:")
    after = Q(area__gt=behind[0]) | Q(area=behind[0], pk__gt=behind[1]) if behind else Q()
    return list(Person.objects.filter(within, after).order_by("area", "pk").values_list("area", "pk")[:count])


def _of_household(number: str) -> list[Place]:
    home = Household.objects.filter(number=number).first()
    if home is None:
        return []
    living = home.memberships.filter(to_date__isnull=True).select_related("person").order_by("relation", "pk")
    return [(row.person.area, row.person_id) for row in living]


def _hits(numbers: Sequence[int]) -> list[SearchHit]:
    people = Person.objects.in_bulk(numbers)
    homes = {
        row.person_id: row.household
        for row in Membership.objects.filter(person__in=numbers, to_date__isnull=True).select_related("household")
    }
    return [
        SearchHit(
            person_id=person.pk,
            name=person.name,
            masked_id=mask_id(person.id_number),
            birth_year=person.birth_date.year if person.birth_date else None,
            household_id=homes[person.pk].pk if person.pk in homes else None,
            household_number=homes[person.pk].number if person.pk in homes else "",
            area=person.area,
        )
        for person in (people[number] for number in numbers if number in people)
    ]


def _cursor(after: str) -> Place | None:
    """Where the last page ended. What is no cursor of ours begins anew."""
    read = _CURSOR.fullmatch(after)
    return (read[1], int(read[2])) if read else None
