"""Writes to the registry. Each leaves its audit row in the same transaction."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doudi.engine.values.identity import IdNumber
from doudi.engine.values.keys import Keyring
from doudi.office import crypto
from doudi.office.audit.actions import record
from doudi.office.bulk import among, insert_rows
from doudi.office.crypto import blind_index
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.org.queries import area_names
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.memory import restate, supersede
from doudi.office.registry.models import BankAccount, Change, Household, Membership, Person, SearchToken
from doudi.office.registry.terms import RELATIONS, id_index, id_tail_index, same_name
from doudi.office.registry.tokens import door_of, person_tokens

# What every refusal about an unseen record says: who asks learns nothing about where that record lies (promise P27).
ELSEWHERE_ADVICE = gettext_lazy(
    "It may be recorded in another place, where help may have been asked for or given. Ask the person: whoever has "
    "moved is received on a request of the former place; otherwise the county settles where the person belongs."
)


class RecordedElsewhere(Refused):
    """The record exists where the one who asks can't see it. It says no more than that."""

    code: ClassVar[str] = "DD-REGISTRY-001"


@transaction.atomic
def enter_person(*, actor: User, name: str, id_number: IdNumber, phone: str, area: str, keyring: Keyring) -> Person:
    """Enter a person whose identity paper lies on the desk; who is known already is met rather than doubled."""
    known = Person.objects.filter(id_index=id_index(keyring, id_number.value18)).first()
    if known is not None:
        return _meet(actor=actor, person=known, name=name, phone=phone)
    try:
        with transaction.atomic():
            person = Person.objects.create(
                key=keyring.pseudonym("person", id_number.value18),
                name=name,
                id_number=id_number.value18,
                id_index=id_index(keyring, id_number.value18),
                id_tail_index=id_tail_index(keyring, id_number.value18),
                birth_date=id_number.birth_date,
                sex=id_number.sex,
                phone=phone,
                status=Person.Status.MET,
                area=area,
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("registry_person_"):
            raise RecordedElsewhere(_("This person can't be entered here."), advice=str(ELSEWHERE_ADVICE)) from None
        raise
    make_findable([person])
    record(actor=actor, verb="person.enter", obj=person, area=area)
    return person


@transaction.atomic
def enter_unnumbered(
    *, actor: User, name: str, birth_date: date, sex: str, area: str, at: datetime, keyring: Keyring
) -> Person:
    """Enter somebody who has no identity number yet, such as a newborn child. The number is added as a correction."""
    person = Person.objects.create(
        key=keyring.pseudonym("person", f"office:{name}:{birth_date.isoformat()}:{at.isoformat()}"),
        name=name,
        birth_date=birth_date,
        sex=sex,
        status=Person.Status.MET,
        area=area,
    )
    make_findable([person])
    record(actor=actor, verb="person.enter", obj=person, area=area, details={"number": False})
    return person


@transaction.atomic
def make_findable(people: Iterable[Person]) -> None:
    """Bring what people are found under (see `tokens.py`) up to date with their records. No entry in the audit.

    Called by whatever changes a name, a number, a telephone or where somebody lives; the search holds nothing that the
    record does not hold.
    """
    by_id = {person.pk: person for person in people}
    homes = dict(
        Membership.objects.filter(among("person", by_id), to_date__isnull=True).values_list("person_id", "household")
    )
    addresses = {home.pk: home for home in Household.objects.filter(among("pk", set(homes.values())))}
    names = area_names(list({home.area[:digits] for home in addresses.values() for digits in (4, 6, 9, 12)}))
    wanted: set[tuple[int, str, int]] = set()
    for person in by_id.values():
        home = addresses.get(homes.get(person.pk, 0))
        parts = [names.get(home.area[:digits], "") for digits in (4, 6, 9, 12)] if home else []
        tokens = person_tokens(
            crypto.keyring(),
            name=person.name,
            id_number=person.id_number,
            phone=person.phone,
            door=door_of(home.address, parts) if home else "",
        )
        wanted |= {(token, person.area, person.pk) for token in tokens}
    there = set(SearchToken.objects.filter(among("person", by_id)).values_list("token", "area", "person_id"))
    for token, area, person_id in there - wanted:
        SearchToken.objects.filter(token=token, area=area, person_id=person_id).delete()
    insert_rows(SearchToken, ("token", "area", "person_id"), sorted(wanted - there))


def _meet(*, actor: User, person: Person, name: str, phone: str) -> Person:
    if not same_name(person.name, name):
        raise Refused(
            _("The identity number is recorded under another name."),
            advice=_(
                "Compare name and number with the paper. If both are right, ask the county to correct the record."
            ),
        )
    changed = []
    if person.status != Person.Status.MET:
        person.status = Person.Status.MET
        changed.append("status")
    if phone and phone != person.phone:
        person.phone = phone
        changed.append("phone")
    if changed:
        person.save(update_fields=changed)
        if "phone" in changed:
            make_findable([person])
        record(actor=actor, verb="person.meet", obj=person, area=person.area, details={"changed": changed})
    return person


@transaction.atomic
def meet_persons(*, actor: User, persons: QuerySet[Person]) -> None:
    """Say that the office has now met these people."""
    for person in persons.filter(status=Person.Status.KNOWN_FROM_DATA):
        person.status = Person.Status.MET
        person.save(update_fields=["status"])
        record(actor=actor, verb="person.meet", obj=person, area=person.area, details={"changed": ["status"]})


@transaction.atomic
def know_household(
    *, actor: User, key: str, basis: str, area: str, address: str = "", residence: str = ""
) -> Household:
    """Record a household, or give the one that is recorded under this key."""
    known = Household.objects.filter(key=key).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            household = Household.objects.create(
                key=key, number=key, basis=basis, area=area, address=address, residence=residence
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("registry_household_"):
            raise RecordedElsewhere(_("This household can't be entered here."), advice=str(ELSEWHERE_ADVICE)) from None
        raise
    # The number people read out over the telephone: county, then a running number.
    household.number = f"H{area[:6]}-{household.pk:07d}"
    household.save(update_fields=["number"])
    record(actor=actor, verb="household.know", obj=household, area=area, details={"basis": basis})
    return household


@transaction.atomic
def establish_household(*, actor: User, household: Household) -> None:
    """Say that the office itself has seen who lives together: from then on its word replaces the register's."""
    changed = Household.objects.filter(pk=household.pk).exclude(basis=Household.Basis.OFFICE).update(basis="office")
    if changed:
        record(actor=actor, verb="household.establish", obj=household, area=household.area)


@transaction.atomic
def declare_household(*, actor: User, household: Household) -> None:
    """People have said who lives together: from then on the register of households no longer decides."""
    if Household.objects.filter(pk=household.pk, basis=Household.Basis.REGISTER).update(basis="declared"):
        record(actor=actor, verb="household.declare", obj=household, area=household.area)


@transaction.atomic
def set_residence(*, actor: User, household: Household, residence: str) -> None:
    """Record whether the urban or the rural standard applies."""
    if Household.objects.filter(pk=household.pk).exclude(residence=residence).update(residence=residence):
        record(
            actor=actor,
            verb="household.residence",
            obj=household,
            area=household.area,
            details={"residence": residence},
        )


@transaction.atomic
def join_household(
    *,
    actor: User,
    at: datetime,
    household: Household,
    person: Person,
    relation: str,
    on: date,
    change: Change | None = None,
) -> Membership:
    """Let a person belong to a household from a day on. A person is in one household at a time."""
    if relation not in RELATIONS:
        raise Refused(
            _("The relation to the head of the household is not one of the list."), advice=_("Choose one of it.")
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                household=household,
                person=person,
                relation=relation,
                from_date=on,
                recorded_at=at,
                change=change,
                area=household.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "registry_membership_one_at_a_time":
            raise Refused(
                _("This person already belongs to a household."),
                advice=_("End that membership first, with its reason.") + " " + str(ELSEWHERE_ADVICE),
            ) from None
        raise
    make_findable([person])
    record(
        actor=actor,
        verb="household.join",
        obj=household,
        area=household.area,
        details={"person": person.pk, "relation": relation},
    )
    return membership


@transaction.atomic
def leave_household(
    *,
    actor: User,
    at: datetime,
    membership: Membership,
    on: date,
    reason: str,
    change: Change | None = None,
) -> None:
    """End a membership on a day. What was known stays: who lived with whom, and when, is never lost."""
    if membership.to_date is not None or not supersede([membership], at=at, change=change):
        raise Refused(
            _("This membership has ended already."), advice=_("Open the household again to see who belongs to it.")
        )
    # Somebody may have left before the office first knew the family.
    ends = max(on, membership.from_date)
    restate(membership, at=at, change=change, to_date=ends, end_reason=reason)
    make_findable([membership.person])
    record(
        actor=actor,
        verb="household.leave",
        obj=membership.household,
        area=membership.area,
        details={"person": membership.person_id, "membership": membership.pk},
    )


@transaction.atomic
def set_account(
    *, actor: User, household: Household, holder: Person, bank_name: str, number: str, keyring: Keyring
) -> BankAccount:
    """Record the account that the household's money shall go to. An account serves one household only."""
    index = blind_index(keyring, f"account:{number}")
    same = BankAccount.objects.filter(household=household, number_index=index, active=True, holder=holder).first()
    if same is not None:
        return same
    BankAccount.objects.filter(household=household, active=True).update(active=False)
    try:
        with transaction.atomic():
            account = BankAccount.objects.create(
                household=household,
                holder=holder,
                bank_name=bank_name,
                number=number,
                number_index=index,
                area=household.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "registry_account_serves_one_household":
            raise Refused(
                _("This account already receives the money of another household."),
                advice=_("Every household has an account of its own; check the number with the family."),
            ) from None
        raise
    record(actor=actor, verb="household.account", obj=household, area=household.area, details={"account": account.pk})
    return account
