"""Who might be the same person, asked before anybody is entered twice."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from doudi.engine.values.identity import mask_id
from doudi.engine.values.keys import Keyring
from doudi.office import clock
from doudi.office.audit.actions import record, record_read
from doudi.office.audit.models import Entry
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Membership, Person
from doudi.office.registry.terms import id_index

CANDIDATES_MAX = 10
# A busy window meets some dozen people a day whom its township does not know; whoever tries names out asks more.
ELSEWHERE_A_DAY_MAX = 60
_ASKED, _ASKED_OFTEN = "registry.ask_elsewhere", "alert.asked_elsewhere"


@dataclass(frozen=True)
class Candidate:
    """Somebody of one's own area who may be meant. `is_same_number`: this is the person; otherwise perhaps."""

    person_id: int
    name: str
    masked_id: str
    birth_date: date | None
    area: str
    household_id: int | None
    household_number: str
    is_same_number: bool


@dataclass(frozen=True)
class Candidates:
    """Whom one's own area knows; and whether another township of the county knows such a person, without any detail.

    Whoever has asked very often today is not told of other townships any more until tomorrow: `was_not_told`.
    """

    people: tuple[Candidate, ...]
    is_known_elsewhere: bool
    was_not_told: bool = False

    @property
    def is_empty(self) -> bool:
        """Nobody comes into question."""
        return not self.people and not self.is_known_elsewhere and not self.was_not_told


def who_might_it_be(
    user: User, *, name: str, id_number: str, birth_date: date | None, sex: str, keyring: Keyring
) -> Candidates:
    """People with this number, or with this name, birth date and sex. The question itself is audited."""
    require(user, "household.see")
    index = id_index(keyring, id_number) if id_number else ""
    found = list(Person.objects.filter(id_index=index)) if index else []
    if birth_date is not None:
        alike = Person.objects.filter(name=name, birth_date=birth_date, sex=sex).exclude(pk__in=[p.pk for p in found])
        found += list(alike.order_by("pk")[:CANDIDATES_MAX])
    record_read(
        actor=user, objects=found, fields=("name", "id_number"), area=user.area_id, purpose="is somebody known already"
    )
    homes = {
        row.person_id: row.household
        for row in Membership.objects.filter(person__in=found, to_date__isnull=True).select_related("household")
    }
    may_be_told = bool(found) or not _has_asked_too_often(user)
    elsewhere = not found and may_be_told and _is_known_elsewhere(user, index, name, birth_date, sex)
    return Candidates(
        tuple(
            Candidate(
                person_id=person.pk,
                name=person.name,
                masked_id=mask_id(person.id_number),
                birth_date=person.birth_date,
                area=person.area,
                household_id=homes[person.pk].pk if person.pk in homes else None,
                household_number=homes[person.pk].number if person.pk in homes else "",
                is_same_number=bool(index) and person.id_index == index,
            )
            for person in found
        ),
        elsewhere,
        not may_be_told,
    )


def _has_asked_too_often(user: User) -> bool:
    """Whether this person has had today's answers about other townships. The auditor is told of it once a day."""
    asked_today = Entry.objects.filter(
        actor_id=user.pk, at__gte=clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    )
    if asked_today.filter(verb=_ASKED).count() < ELSEWHERE_A_DAY_MAX:
        return False
    if not asked_today.filter(verb=_ASKED_OFTEN).exists():
        record(actor=user, verb=_ASKED_OFTEN, obj=None, area=user.area_id, details={"asked": ELSEWHERE_A_DAY_MAX})
    return True


def _is_known_elsewhere(user: User, index: str, name: str, birth_date: date | None, sex: str) -> bool:
    record(actor=user, verb=_ASKED, obj=None, area=user.area_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.registry_is_known(%s, %s, %s, %s)", [index, name, birth_date, sex])
        return bool(cursor.fetchone()[0])
