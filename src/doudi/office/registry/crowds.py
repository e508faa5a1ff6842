"""Writes to the registry for many people at once: those of a night's findings, or of a roll that is taken over.

Each does in a few statements what `actions.py` does for one, and leaves the same audit rows. A record that lies where
the one who asks can't see it is left out; its key is missing in the answer, and nothing more is learned of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import Note, record_many
from doudi.office.bulk import among, among_texts, insert_rows, take_ids
from doudi.office.crypto import blind_index
from doudi.office.org.models import User
from doudi.office.registry.actions import make_findable
from doudi.office.registry.memory import supersede
from doudi.office.registry.models import BankAccount, Household, Membership, Person
from doudi.office.registry.terms import id_index, id_tail_index


@dataclass(frozen=True)
class NewPerson:
    """Somebody to be recorded under a pseudonym. What is not known is empty or None."""

    key: str
    name: str
    id_number: str
    birth_date: date | None
    sex: str
    phone: str
    area: str


@dataclass(frozen=True)
class NewHousehold:
    """A family to be recorded under a pseudonym."""

    key: str
    basis: str
    area: str
    address: str
    residence: str


@dataclass(frozen=True)
class Joining:
    """Somebody who belongs to a household from a day on."""

    household_id: int
    person_id: int
    relation: str
    on: date
    area: str


@dataclass(frozen=True)
class NewAccount:
    """The account of a household that has none yet."""

    household_id: int
    holder_id: int
    bank_name: str
    number: str
    area: str


def people_by_key(keys: Collection[str]) -> dict[str, int]:
    """The people whom this scope shows, by their pseudonyms."""
    return dict(Person.objects.filter(among_texts("key", keys)).values_list("key", "pk"))


@transaction.atomic
def know_people(
    *, actor: User, people: Sequence[NewPerson], status: str, purpose: str, keyring: Keyring
) -> Mapping[str, int]:
    """Record people by their pseudonyms; who is in the registry stays as recorded. Gives everybody's id by key.

    They are found by the search from the moment they belong to a household (`join_households`).
    """
    known = people_by_key([person.key for person in people])
    fresh = list({person.key: person for person in people if person.key not in known}.values())
    insert_rows(
        Person,
        ("id", "key", "name", "id_number", "id_index", "id_tail_index", "birth_date", "sex", "phone", "status", "area"),
        [
            (
                number,
                person.key,
                person.name,
                person.id_number,
                id_index(keyring, person.id_number) if person.id_number else None,
                id_tail_index(keyring, person.id_number) if person.id_number else "",
                person.birth_date,
                person.sex,
                person.phone,
                status,
                person.area,
            )
            for number, person in zip(take_ids(Person, len(fresh)), fresh, strict=True)
        ],
        leaving_taken=True,
    )
    areas = {person.key: person.area for person in fresh}
    there = people_by_key(areas)
    notes = [Note(number, areas[key], {}) for key, number in there.items()]
    record_many(actor=actor, verb="person.know", model=Person, notes=notes, purpose=purpose)
    return {**known, **there}


@transaction.atomic
def know_households(*, actor: User, households: Sequence[NewHousehold], purpose: str = "") -> Mapping[str, Household]:
    """Record households by their pseudonyms, or give those recorded under them."""
    known = _households([household.key for household in households])
    fresh = list({each.key: each for each in households if each.key not in known}.values())
    insert_rows(
        Household,
        ("id", "key", "number", "address", "residence", "basis", "area"),
        [
            # The number people read out over the telephone: county, then a running number.
            (number, each.key, household_number(each.area, number), each.address, each.residence, each.basis, each.area)
            for number, each in zip(take_ids(Household, len(fresh)), fresh, strict=True)
        ],
        leaving_taken=True,
    )
    there = _households([each.key for each in fresh])
    notes = [Note(each.pk, each.area, {"basis": each.basis}) for each in there.values()]
    record_many(actor=actor, verb="household.know", model=Household, notes=notes, purpose=purpose)
    return {**known, **there}


def household_number(area: str, number: int) -> str:
    """The number under which people speak of a household."""
    return f"H{area[:6]}-{number:07d}"


def _households(keys: Collection[str]) -> dict[str, Household]:
    return {each.key: each for each in Household.objects.filter(among_texts("key", keys))}


def living_memberships(person_ids: Collection[int]) -> dict[int, Membership]:
    """Where people belong now, by person."""
    rows = Membership.objects.filter(among("person", person_ids), to_date__isnull=True).select_related("household")
    return {row.person_id: row for row in rows}


@transaction.atomic
def join_households(*, actor: User, at: datetime, joinings: Sequence[Joining]) -> frozenset[int]:
    """Let people belong to households. Gives the ids of the people who could not be entered: they belong elsewhere."""
    ids = take_ids(Membership, len(joinings))
    insert_rows(
        Membership,
        ("id", "household_id", "person_id", "relation", "from_date", "end_reason", "recorded_at", "area"),
        [
            (n, j.household_id, j.person_id, j.relation, j.on, "", at, j.area)
            for n, j in zip(ids, joinings, strict=True)
        ],
        leaving_taken=True,
    )
    there = set(Membership.objects.filter(among("pk", ids)).values_list("person_id", flat=True))
    notes = [
        Note(j.household_id, j.area, {"person": j.person_id, "relation": j.relation})
        for j in joinings
        if j.person_id in there
    ]
    record_many(actor=actor, verb="household.join", model=Household, notes=notes)
    make_findable(Person.objects.filter(among("pk", there)))
    return frozenset(j.person_id for j in joinings) - there


@transaction.atomic
def leave_households(*, actor: User, at: datetime, memberships: Sequence[Membership], on: date, reason: str) -> None:
    """End memberships on a day, or on the day they began if that is later. What was known stays."""
    if not memberships:
        return
    supersede(memberships, at=at, change=None)
    insert_rows(
        Membership,
        ("household_id", "person_id", "relation", "from_date", "to_date", "end_reason", "recorded_at", "area"),
        [
            (row.household_id, row.person_id, row.relation, row.from_date, max(row.from_date, on), reason, at, row.area)
            for row in memberships
        ],
    )
    notes = [Note(row.household_id, row.area, {"person": row.person_id, "membership": row.pk}) for row in memberships]
    record_many(actor=actor, verb="household.leave", model=Household, notes=notes)


@transaction.atomic
def set_accounts(*, actor: User, accounts: Sequence[NewAccount], keyring: Keyring) -> Mapping[int, int]:
    """Record the accounts of households that have none. Gives the account's id by household; a number that serves
    another household, here or elsewhere, is left out (promise P9)."""
    ids = take_ids(BankAccount, len(accounts))
    insert_rows(
        BankAccount,
        ("id", "household_id", "holder_id", "bank_name", "number", "number_index", "active", "area"),
        [
            (
                number,
                each.household_id,
                each.holder_id,
                each.bank_name,
                each.number,
                blind_index(keyring, f"account:{each.number}"),
                True,
                each.area,
            )
            for number, each in zip(ids, accounts, strict=True)
        ],
        leaving_taken=True,
    )
    there = dict(BankAccount.objects.filter(among("pk", ids)).values_list("household_id", "pk"))
    notes = [
        Note(each.household_id, each.area, {"account": there[each.household_id]})
        for each in accounts
        if each.household_id in there
    ]
    record_many(actor=actor, verb="household.account", model=Household, notes=notes)
    return there


@transaction.atomic
def meet_people(*, actor: User, person_ids: Collection[int]) -> None:
    """Say that the office knows these people itself, and not only from data."""
    known = Person.objects.filter(among("pk", person_ids), status=Person.Status.KNOWN_FROM_DATA)
    notes = [Note(pk, area, {"changed": ["status"]}) for pk, area in known.values_list("pk", "area")]
    known.update(status=Person.Status.MET)
    record_many(actor=actor, verb="person.meet", model=Person, notes=notes)


@transaction.atomic
def establish_households(*, actor: User, households: Sequence[tuple[Household, str, str]]) -> None:
    """The office itself says who lives together, where, and under which standard: household, address, residence."""
    for household, address, residence in households:
        household.basis, household.residence = Household.Basis.OFFICE, residence
        household.address = address or household.address
    Household.objects.bulk_update([each for each, _, _ in households], ["basis", "address", "residence"], 500)
    notes = [Note(each.pk, each.area, {"residence": residence}) for each, _, residence in households]
    record_many(actor=actor, verb="household.establish", model=Household, notes=notes)


def members_of(household_ids: Collection[int]) -> list[Membership]:
    """Who belongs to these households now."""
    rows = Membership.objects.filter(among("household", household_ids), to_date__isnull=True)
    return list(rows.select_related("household"))
