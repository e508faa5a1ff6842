"""The families of a night's new findings: recorded with their people as "known from data", many at a time.

Whom the office knows already stays as recorded; where people have said who lives together, the register no longer
decides. Somebody who is recorded where this county can't see keeps the whole family out: it is left to the city.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from doudi.engine.values.keys import Keyring
from doudi.office.org.models import User
from doudi.office.registry.crowds import (
    Joining,
    NewHousehold,
    NewPerson,
    join_households,
    know_households,
    know_people,
    leave_households,
    living_memberships,
)
from doudi.office.registry.models import Household, Membership, Person

Row = Mapping[str, Any]
_PURPOSE = "loaded finding"


@dataclass(frozen=True)
class NightFamily:
    """A household of the night: its pseudonym, division and standard, its members' rows, and who they are.

    `identities` holds the members whose identity was opened. One whose row waits for people has none: the place in the
    household is kept, the name is not.
    """

    key: str
    basis: str
    area: str
    residence: str
    members: Sequence[Row]
    identities: Mapping[str, Row]


class _Elsewhere(Exception):  # noqa: N818 - no error: it undoes the attempt and says what to leave out
    """Somebody, or a household, is recorded where this county can't see."""

    def __init__(self, keys: frozenset[str]) -> None:
        super().__init__("recorded elsewhere")
        self.keys = keys


def record_families(
    *, actor: User, at: datetime, families: Sequence[NightFamily], on: date, keyring: Keyring
) -> Mapping[str, Household]:
    """Record the families and give each household by its pseudonym; a family recorded elsewhere is missing."""
    kept = list(families)
    while True:
        try:
            with transaction.atomic():
                return _record(actor, at, kept, on, keyring)
        except _Elsewhere as found:
            kept = [family for family in kept if not _concerns(family, found.keys)]


def _concerns(family: NightFamily, keys: frozenset[str]) -> bool:
    return family.key in keys or any(member["person_key"] in keys for member in family.members)


def _record(
    actor: User, at: datetime, families: Sequence[NightFamily], on: date, keyring: Keyring
) -> Mapping[str, Household]:
    households = know_households(actor=actor, households=[_household(family) for family in families])
    # Where people have said who lives there, the register has nothing to add.
    open_to_register = [
        family
        for family in families
        if family.key not in households or households[family.key].basis == Household.Basis.REGISTER
    ]
    people = know_people(
        actor=actor,
        people=[_person(family, member) for family in open_to_register for member in family.members],
        status=Person.Status.KNOWN_FROM_DATA,
        purpose=_PURPOSE,
        keyring=keyring,
    )
    wanted = {family.key for family in families}
    wanted |= {member["person_key"] for family in open_to_register for member in family.members}
    missing = frozenset(wanted - households.keys() - people.keys())
    if missing:
        raise _Elsewhere(missing)
    _place(actor, at, open_to_register, households, people, on)
    return households


def _place(
    actor: User,
    at: datetime,
    families: Sequence[NightFamily],
    households: Mapping[str, Household],
    people: Mapping[str, int],
    on: date,
) -> None:
    """Let everybody belong to the family of the night, unless the office knows better."""
    living = living_memberships(people.values())
    leaving: list[Membership] = []
    joining: list[Joining] = []
    for family in families:
        household = households[family.key]
        for member in family.members:
            person = people[member["person_key"]]
            current = living.get(person)
            if current is not None and current.household_id == household.pk:
                continue
            if current is not None and current.household.basis != Household.Basis.REGISTER:
                continue
            if current is not None:
                leaving.append(current)
            since = on if current is None else max(on, current.from_date)
            joining.append(Joining(household.pk, person, member["relation"], since, household.area))
    leave_households(actor=actor, at=at, memberships=leaving, on=on, reason="moved in the register")
    left_out = join_households(actor=actor, at=at, joinings=joining)
    if left_out:
        raise _Elsewhere(frozenset(key for key, person in people.items() if person in left_out))


def _household(family: NightFamily) -> NewHousehold:
    known = (family.identities[m["person_key"]] for m in family.members if m["person_key"] in family.identities)
    head = next(known, None)
    address = (head or {}).get("address") or ""
    return NewHousehold(family.key, family.basis, family.area, address, family.residence)


def _person(family: NightFamily, member: Row) -> NewPerson:
    who = family.identities.get(member["person_key"], {})
    return NewPerson(
        key=member["person_key"],
        name=who.get("name") or "",
        id_number=who.get("id_number") or "",
        birth_date=who.get("birth_date"),
        sex=who.get("sex") or "",
        phone=who.get("phone") or "",
        area=family.area,
    )
