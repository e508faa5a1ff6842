"""Cases: opened, completed with papers, declared relatives, decided."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Consent, Finding, FollowCard, KeptMember, NearRelative
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import BankAccount, Household, Membership, Person


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
def add_consents(
    *,
    actor: User,
    at: datetime,
    case: Case,
    persons: Sequence[Person],
    signed_on: date,
    valid_until: date,
    scope: Consent.Scope,
) -> None:
    """Record who authorised the check of means, whom it lets the office ask, and until when.

    The same paper noted twice stays one; a newer one takes the place of an older.
    """
    noted = set(
        case.consents.filter(signed_on=signed_on, withdrawn_at__isnull=True).values_list("person_id", flat=True)
    )
    fresh = [person for person in persons if person.pk not in noted]
    Consent.objects.bulk_create(
        [
            Consent(
                case=case,
                person=person,
                scope=scope,
                signed_on=signed_on,
                valid_until=valid_until,
                recorded_at=at,
                recorded_by=actor,
                area=case.area,
            )
            for person in fresh
        ]
    )
    record(actor=actor, verb="case.consent", obj=case, area=case.area, details={"persons": [p.pk for p in fresh]})


@transaction.atomic
def withdraw_consents(*, actor: User, at: datetime, case: Case, person: Person, on: date) -> None:
    """The member takes every authorisation back that is in force; what was asked before stays in the file."""
    rows = Consent.objects.filter(case=case, person=person, withdrawn_at__isnull=True)
    if not rows.update(withdrawn_on=on, withdrawn_at=at, withdrawn_by=actor):
        raise Refused(_("There is no authorisation to take back."), advice=_("Open the case again."))
    record(actor=actor, verb="case.withdraw_consent", obj=case, area=case.area, details={"person": person.pk})


@transaction.atomic
def keep_family(*, actor: User, case: Case, members: Sequence[Membership]) -> None:
    """Keep the family of an open case as it was applied for; the registry goes on without it."""
    rows = [KeptMember(case=case, membership=row, area=case.area) for row in members]
    KeptMember.objects.bulk_create(rows)
    record(actor=actor, verb="case.keep_family", obj=case, area=case.area, details={"members": len(rows)})


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
    case: Case | None,
    area: str,
    person: Person,
    official: User | None,
    official_name: str,
    relation: str,
) -> NearRelative:
    """Enter a member into the register of near relatives, in a case or at any other time."""
    row = NearRelative.objects.create(
        case=case,
        person=person,
        official=official,
        official_name=official_name,
        relation=relation,
        recorded_at=at,
        recorded_by=actor,
        area=area,
    )
    record(actor=actor, verb="case.near_relative", obj=case or person, area=area, details={"relative": row.pk})
    return row


@transaction.atomic
def withdraw_near_relative(*, actor: User, at: datetime, relative: NearRelative, reason: str) -> None:
    """Take an entry out of the register of near relatives that was wrong, or is so no longer. It stays in the file."""
    changed = NearRelative.objects.filter(pk=relative.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=at, withdrawn_by=actor, withdrawal_reason=reason
    )
    if not changed:
        raise Refused(_("This entry was taken out already."), advice=_("Open the household again."))
    details = {"relative": relative.pk, "person": relative.person_id}
    record(actor=actor, verb="case.withdraw_relative", obj=relative.person, area=relative.area, details=details)


@transaction.atomic
def end_case(*, actor: User, case: Case, state: Case.State) -> None:
    """A named officer's decision ends the case; nothing else does."""
    if not Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(state=state):
        raise Refused(_("This case was already decided."), advice=_("Open the case again."))
    # The receipt says that there is a decision, not which: that is for the letter to tell.
    FollowCard.objects.filter(case=case).update(state="withdrawn" if state == Case.State.WITHDRAWN else "decided")
    record(actor=actor, verb="case.end", obj=case, area=case.area, details={"state": state.value})
