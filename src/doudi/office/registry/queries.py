"""Reads of the registry as plain data, masked. Each look at a person's record leaves an audit row (promise P29)."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_account, mask_id, mask_phone
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import full_years
from doudi.office.audit.actions import record_read
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import BankAccount, Household, Membership, Person
from doudi.office.registry.terms import id_index, id_tail_index, is_minor

_TAIL = re.compile(r"[0-9]{3}[0-9Xx]")
_WHOLE_ID = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_FIELDS = ("name", "id_number", "birth_date", "sex", "phone", "relation")


@dataclass(frozen=True)
class MemberView:
    """A member as screens show it. A name that waits for people to settle who it is, is empty."""

    person_id: int
    name: str
    masked_id: str
    masked_phone: str
    sex: str
    birth_date: date | None
    age: int | None
    is_minor: bool
    relation: str
    status: str
    from_date: date
    to_date: date | None


@dataclass(frozen=True)
class AccountView:
    """A payee account, masked."""

    account_id: int
    holder_id: int
    holder_name: str
    bank_name: str
    masked_number: str


@dataclass(frozen=True)
class HouseholdPage:
    """One household with its people, now and before."""

    household_id: int
    number: str
    area: str
    address: str
    residence: str
    basis: str
    members: tuple[MemberView, ...]
    former_members: tuple[MemberView, ...]
    account: AccountView | None


@dataclass(frozen=True)
class SearchHit:
    """A person found, and the household to open."""

    person_id: int
    name: str
    masked_id: str
    household_id: int | None
    household_number: str
    area: str


def household_page(user: User, household_id: int, *, on: date, purpose: str) -> HouseholdPage:
    """One household; outside of the reader's area it is as if it were not there."""
    require(user, "household.see")
    household = Household.objects.filter(pk=household_id).first()
    if household is None:
        raise NotYours(_("There is no such household."))
    rows = list(household.memberships.select_related("person").order_by("relation", "pk"))
    record_read(actor=user, objects=[household], fields=("address",), area=household.area, purpose=purpose)
    record_read(actor=user, objects=[row.person for row in rows], fields=_FIELDS, area=household.area, purpose=purpose)
    views = [member_view(row, on) for row in rows]
    return HouseholdPage(
        household_id=household.pk,
        number=household.number,
        area=household.area,
        address=household.address,
        residence=household.residence,
        basis=household.basis,
        members=tuple(view for view in views if view.to_date is None or view.to_date > on),
        former_members=tuple(view for view in views if view.to_date is not None and view.to_date <= on),
        account=account_view(household),
    )


def member_view(row: Membership, on: date) -> MemberView:
    """A membership as screens show it. Who calls this has recorded the look."""
    person = row.person
    return MemberView(
        person_id=person.pk,
        name=person.name,
        masked_id=mask_id(person.id_number),
        masked_phone=mask_phone(person.phone),
        sex=person.sex,
        birth_date=person.birth_date,
        age=full_years(person.birth_date, on) if person.birth_date and person.birth_date <= on else None,
        is_minor=is_minor(person.birth_date, on),
        relation=row.relation,
        status=person.status,
        from_date=row.from_date,
        to_date=row.to_date,
    )


def account_view(household: Household) -> AccountView | None:
    """The household's account, masked."""
    account = BankAccount.objects.filter(household=household, active=True).select_related("holder").first()
    if account is None:
        return None
    return AccountView(
        account_id=account.pk,
        holder_id=account.holder_id,
        holder_name=account.holder.name,
        bank_name=account.bank_name,
        masked_number=mask_account(account.number),
    )


def search(user: User, text: str, *, keyring: Keyring, limit: int = 20) -> list[SearchHit]:
    """Find people by name or its beginning, whole identity number, its last four characters, or household number."""
    require(user, "household.see")
    typed = text.strip()
    if not typed:
        return []
    people = list(Person.objects.filter(_matching(typed, keyring)).order_by("name", "pk").distinct()[:limit])
    homes = {
        row.person_id: row.household
        for row in Membership.objects.filter(person__in=people, to_date__isnull=True).select_related("household")
    }
    record_read(
        actor=user, objects=people, fields=("name", "id_number"), area=user.area_id, purpose="search in the registry"
    )
    return [
        SearchHit(
            person_id=person.pk,
            name=person.name,
            masked_id=mask_id(person.id_number),
            household_id=homes[person.pk].pk if person.pk in homes else None,
            household_number=homes[person.pk].number if person.pk in homes else "",
            area=person.area,
        )
        for person in people
    ]


def matching_households(text: str, keyring: Keyring) -> Q:
    """The condition by which lists of findings and cases are searched: on a table with a `household`."""
    people = Person.objects.filter(_matching(text, keyring)).values("pk")
    return Q(household__number=text) | Q(
        household__memberships__person__in=people, household__memberships__to_date__isnull=True
    )


def _matching(typed: str, keyring: Keyring) -> Q:
    if _WHOLE_ID.fullmatch(typed):
        return Q(id_index=id_index(keyring, typed))
    if _TAIL.fullmatch(typed):
        return Q(id_tail_index=id_tail_index(keyring, typed))
    return Q(name__startswith=typed) | Q(
        memberships__household__number=typed.upper(), memberships__to_date__isnull=True
    )
