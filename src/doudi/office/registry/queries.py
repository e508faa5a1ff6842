"""Reads of the registry as plain data, masked. Each look at a person's record leaves an audit row (promise P29)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_account, mask_id, mask_phone
from doudi.engine.values.period import full_years
from doudi.office.audit.actions import record_read
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.history import ChangeView, MoveView, changes_of, known_at, requests_of, requests_to
from doudi.office.registry.identity import Identity, identity_of
from doudi.office.registry.models import BankAccount, Change, Household, Membership, MoveRequest
from doudi.office.registry.terms import is_minor

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
    recorded_at: datetime


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
    changes: tuple[ChangeView, ...]
    requests: tuple[MoveView, ...]


def household_page(
    user: User, household_id: int, *, on: date, purpose: str, known: datetime | None = None
) -> HouseholdPage:
    """One household; outside of the reader's area it is as if it were not there. `known`: as known at that instant."""
    require(user, "household.see")
    household = Household.objects.filter(pk=household_id).first()
    if household is None:
        raise NotYours(_("There is no such household."))
    rows = list(known_at(household, known).order_by("relation", "pk"))
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
        changes=changes_of(household),
        requests=requests_of(household),
    )


def household_by_number(user: User, number: str) -> int | None:
    """The household of this number in the reader's area."""
    require(user, "household.see")
    return Household.objects.filter(number=number.strip().upper()).values_list("pk", flat=True).first()


def papers_of(user: User, household_id: int, person_id: int) -> Identity:
    """What is recorded of a member, unmasked, for a correction that leaves the number as it is. Never for a screen."""
    require(user, "household.change")
    row = Membership.objects.filter(household=household_id, person=person_id, to_date__isnull=True).first()
    if row is None:
        raise NotYours(_("There is no such member."))
    return identity_of(row.person)


def change_of(user: User, change_id: int) -> int:
    """The household that a change was entered on."""
    require(user, "household.see")
    found = Change.objects.filter(pk=change_id).values_list("household", flat=True).first()
    if found is None:
        raise NotYours(_("There is no such change."))
    return found


def received_requests(user: User) -> tuple[MoveView, ...]:
    """Households of other townships that wait to be received in the reader's area."""
    require(user, "household.change")
    rows = requests_to(user.area_id)
    record_read(
        actor=user,
        objects=[MoveRequest(pk=row.request_id) for row in rows],
        fields=("told", "address"),
        area=user.area_id,
        purpose="household that moves in",
    )
    return rows


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
        recorded_at=row.recorded_at,
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
