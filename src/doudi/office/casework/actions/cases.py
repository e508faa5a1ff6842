"""Cases: opened, completed with papers, declared relatives, decided."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Consent, Finding, FollowCard, NearRelative
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import BankAccount, Household, Person


@transaction.atomic
def open_case(
    *,
    actor: User,
    at: datetime,
    household: Household,
    programme: str,
    channel: Case.Channel,
    applicant: Person,
    finding: Finding | None,
    year: int,
) -> Case:
    """Open a case. A household has one open case in a programme."""
    try:
        with transaction.atomic():
            case = Case.objects.create(
                # Replaced below; unique until then.
                number=f"{household.key}/{programme}/{at.isoformat()}"[:80],
                household=household,
                programme=programme,
                channel=channel,
                applicant=applicant,
                finding=finding,
                opened_at=at,
                opened_by=actor,
                area=household.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_case_one_open":
            running = Case.objects.get(household=household, programme=programme, state=Case.State.OPEN)
            raise Refused(
                _("This household already has an open case: %(number)s.") % {"number": running.number},
                advice=_("Go on with that case."),
            ) from None
        raise
    case.number = f"{household.area[:6]}-{year}-{case.pk:06d}"
    case.save(update_fields=["number"])
    record(
        actor=actor,
        verb="case.open",
        obj=case,
        area=case.area,
        details={"programme": programme, "channel": channel.value},
    )
    return case


@transaction.atomic
def add_consents(*, actor: User, at: datetime, case: Case, persons: Sequence[Person], signed_on: date) -> None:
    """Record who authorised the check of means. Who has signed already stays as signed."""
    signed = set(case.consents.values_list("person_id", flat=True))
    fresh = [person for person in persons if person.pk not in signed]
    Consent.objects.bulk_create(
        [
            Consent(case=case, person=person, signed_on=signed_on, recorded_at=at, recorded_by=actor, area=case.area)
            for person in fresh
        ]
    )
    record(actor=actor, verb="case.consent", obj=case, area=case.area, details={"persons": [p.pk for p in fresh]})


@transaction.atomic
def set_payee(*, actor: User, case: Case, account: BankAccount) -> None:
    """Say which account the money of this case would go to."""
    Case.objects.filter(pk=case.pk).update(payee_account=account)
    record(actor=actor, verb="case.payee", obj=case, area=case.area, details={"account": account.pk})


@transaction.atomic
def notify_missing(*, actor: User, at: datetime, case: Case, missing: Sequence[str]) -> None:
    """Record the one notice (一次性告知) of everything that is missing."""
    Case.objects.filter(pk=case.pk).update(missing_notice=list(missing), missing_notified_at=at)
    record(actor=actor, verb="case.missing", obj=case, area=case.area, details={"missing": list(missing)})


@transaction.atomic
def add_near_relative(
    *,
    actor: User,
    at: datetime,
    case: Case,
    person: Person,
    official: User | None,
    official_name: str,
    relation: str,
) -> NearRelative:
    """Enter a member into the register of near relatives."""
    row = NearRelative.objects.create(
        case=case,
        person=person,
        official=official,
        official_name=official_name,
        relation=relation,
        recorded_at=at,
        recorded_by=actor,
        area=case.area,
    )
    record(actor=actor, verb="case.near_relative", obj=case, area=case.area, details={"relative": row.pk})
    return row


@transaction.atomic
def end_case(*, actor: User, case: Case, state: Case.State) -> None:
    """A named officer's decision ends the case; nothing else does."""
    if not Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(state=state):
        raise Refused(_("This case was already decided."), advice=_("Open the case again."))
    # The receipt says that there is a decision, not which: that is for the letter to tell.
    FollowCard.objects.filter(case=case).update(state="withdrawn" if state == Case.State.WITHDRAWN else "decided")
    record(actor=actor, verb="case.end", obj=case, area=case.area, details={"state": state.value})
