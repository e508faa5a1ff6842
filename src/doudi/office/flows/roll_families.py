"""The families of a roll in the registry: households, people, who lives with whom, and the account of each.

A household gets the pseudonym that the night gives to its household book, so that both speak of one family. What the
register said of it yields; what people said, or another bureau recorded, does not: such a family is named as trouble.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from doudi.engine.linkage.names import normalise_name
from doudi.engine.values.identity import parse_id
from doudi.engine.values.keys import Keyring
from doudi.office.bulk import among, among_texts
from doudi.office.entitlements.models import Entitlement
from doudi.office.flows.roll_files import RollFamily, RollMember
from doudi.office.org.models import User
from doudi.office.registry.crowds import (
    Joining,
    NewAccount,
    NewHousehold,
    NewPerson,
    establish_households,
    join_households,
    know_households,
    know_people,
    leave_households,
    living_memberships,
    meet_people,
    members_of,
    set_accounts,
)
from doudi.office.registry.models import Household, Membership, Person

_PURPOSE = "taking over a roll"
_ELSEWHERE, _RECEIVES, _ACCOUNT, _NAME = "DD-ROLL-030", "DD-ROLL-031", "DD-ROLL-032", "DD-ROLL-033"

Placed = tuple[RollFamily, RollMember, str]
"""A member with its family and pseudonym."""


@dataclass(frozen=True)
class Entered:
    """Households by book, people by identity number, accounts by household.

    `trouble` says by book and code which families could not be entered; then the rest is empty and to be undone.
    """

    households: Mapping[str, Household]
    people: Mapping[str, int]
    accounts: Mapping[int, int]
    trouble: Mapping[str, str]


def household_key(keyring: Keyring, household_no: str) -> str:
    """The pseudonym under which the night knows the household of a book."""
    return keyring.pseudonym("household", f"household_registry/{household_no}")


def enter_families(actor: User, families: Sequence[RollFamily], *, at: datetime, on: date, keyring: Keyring) -> Entered:
    """Record the families; stop at the first step that some of them can't take. Undone by whoever rolls back."""
    keys = {each.household_no: household_key(keyring, each.household_no) for each in families}
    by_key = know_households(
        actor=actor,
        households=[
            NewHousehold(keys[f.household_no], Household.Basis.OFFICE, f.area_code, f.address, f.residence)
            for f in families
        ],
        purpose=_PURPOSE,
    )
    members = [(f, member, keyring.pseudonym("person", member.id_number)) for f in families for member in f.members]
    people = know_people(
        actor=actor,
        people=[_person(family, member, key) for family, member, key in members],
        status=Person.Status.MET,
        purpose=_PURPOSE,
        keyring=keyring,
    )
    unseen = {family.household_no for family, _, key in members if key not in people}
    unseen |= {number for number, key in keys.items() if key not in by_key}
    if unseen:
        return _refused(dict.fromkeys(unseen, _ELSEWHERE))
    renamed = _under_other_names(members)
    if renamed:
        return _refused(renamed)
    households = {number: by_key[key] for number, key in keys.items()}
    trouble = _receive_already(families, households) | _place(actor, at, members, households, people, on)
    if trouble:
        return _refused(trouble)
    accounts = set_accounts(
        actor=actor, accounts=[_account(f, households, people, keyring) for f in families], keyring=keyring
    )
    without = [number for number, household in households.items() if household.pk not in accounts]
    if without:
        return _refused(dict.fromkeys(without, _ACCOUNT))
    return Entered(households, {member.id_number: people[key] for _, member, key in members}, accounts, {})


def _refused(trouble: Mapping[str, str]) -> Entered:
    return Entered({}, {}, {}, trouble)


def _under_other_names(members: Sequence[Placed]) -> dict[str, str]:
    """Families of which a member's number is known under another name: nobody guesses who it is (promise P14)."""
    recorded = dict(
        Person.objects.filter(among_texts("key", [key for _, _, key in members])).values_list("key", "name")
    )
    return {
        family.household_no: _NAME
        for family, member, key in members
        if recorded[key] and normalise_name(recorded[key]) != normalise_name(member.name)
    }


def _receive_already(families: Sequence[RollFamily], households: Mapping[str, Household]) -> dict[str, str]:
    open_ones = Entitlement.objects.filter(
        among("household", [each.pk for each in households.values()]), end_month__isnull=True
    )
    receiving = set(open_ones.values_list("household_id", "programme"))
    return {
        each.household_no: _RECEIVES
        for each in families
        if (households[each.household_no].pk, each.programme) in receiving
    }


def _place(
    actor: User,
    at: datetime,
    members: Sequence[Placed],
    households: Mapping[str, Household],
    people: Mapping[str, int],
    on: date,
) -> dict[str, str]:
    """Let everybody belong to the family of the roll, unless people have said otherwise."""
    living = living_memberships(people.values())
    trouble = {
        family.household_no: _ELSEWHERE
        for family, _, key in members
        if _is_settled_elsewhere(living.get(people[key]), households[family.household_no])
    }
    if trouble:
        return trouble
    own = {people[key] for _, _, key in members}
    leaving = [row for row in members_of([each.pk for each in households.values()]) if row.person_id not in own]
    joining = []
    for family, member, key in members:
        household, current = households[family.household_no], living.get(people[key])
        if current is not None and current.household_id == household.pk:
            continue
        if current is not None:
            leaving.append(current)
        since = family.reviewed_on if current is None else on
        joining.append(Joining(household.pk, people[key], member.relation, since, family.area_code))
    leave_households(actor=actor, at=at, memberships=leaving, on=on, reason="another family by the old system's roll")
    left_out = join_households(actor=actor, at=at, joinings=joining)
    if left_out:
        return {family.household_no: _ELSEWHERE for family, _, key in members if people[key] in left_out}
    known_before = {
        family.household_no: (households[family.household_no], family.address, family.residence)
        for family, _, _ in members
        if households[family.household_no].basis != Household.Basis.OFFICE
    }
    establish_households(actor=actor, households=list(known_before.values()))
    meet_people(actor=actor, person_ids=own)
    return {}


def _is_settled_elsewhere(current: Membership | None, household: Household) -> bool:
    return (
        current is not None
        and current.household_id != household.pk
        and current.household.basis != Household.Basis.REGISTER
    )


def _person(family: RollFamily, member: RollMember, key: str) -> NewPerson:
    paper = parse_id(member.id_number)
    return NewPerson(
        key=key,
        name=member.name,
        id_number=paper.value18,
        birth_date=paper.birth_date,
        sex=paper.sex,
        phone=member.phone,
        area=family.area_code,
    )


def _account(
    family: RollFamily, households: Mapping[str, Household], people: Mapping[str, int], keyring: Keyring
) -> NewAccount:
    return NewAccount(
        household_id=households[family.household_no].pk,
        holder_id=people[keyring.pseudonym("person", family.holder_id_number)],
        bank_name=family.bank_name,
        number=family.account_number,
        area=family.area_code,
    )
