"""Authorisations of the means check (授权书): signed, renewed, taken back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions.cases import add_consents, withdraw_consents
from doudi.office.casework.actions.steps import claim_case
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Consent
from doudi.office.errors import Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.apply import refuse_after_opinion
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Person
from doudi.office.registry.terms import is_minor

# A paper that names no last day holds for a year; none for longer than three.
CONSENT_DAYS = 365
CONSENT_DAYS_MAX = 3 * 366


@transaction.atomic
def record_consents(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    person_ids: Sequence[int],
    signed_on: date,
    valid_until: date | None = None,
    scope: str = "all",
) -> StepDone:
    """Record the signed authorisations (授权书) of adult members: whom the office may ask, and until which day.

    A paper that names no day holds for one year. One that ended or was taken back is renewed at any time before the
    decision, so that the check can go on.
    """
    require(actor, "case.declare")
    case = claim_case(actor=actor, case_number=case_number, version=version, also_decided=True)
    if case.state != Case.State.OPEN:
        refuse_after_opinion(case, at)
    today = localdate(at)
    persons = _members(case, today)
    if signed_on > today:
        raise Unacceptable(_("The day of signing lies in the future."), advice=_("Correct the date."))
    chosen = [persons[number] for number in person_ids if number in persons]
    if len(chosen) != len(set(person_ids)) or not chosen:
        raise Unacceptable(_("Who signed is no member of the household."), advice=_("Choose one of the members."))
    if any(is_minor(person.birth_date, today) for person in chosen):
        raise Unacceptable(_("Minors do not sign."), advice=_("Only adult members authorise the check."))
    if scope not in Consent.Scope.values:
        raise Unacceptable(_("Whom the office may ask is not said."), advice=_("Choose one of the list."))
    until = valid_until or signed_on + timedelta(days=CONSENT_DAYS)
    if not signed_on <= until <= signed_on + timedelta(days=CONSENT_DAYS_MAX):
        raise Unacceptable(
            _("An authorisation ends after it was signed, and after three years at the latest."),
            advice=_("Correct the last day."),
        )
    add_consents(
        actor=actor,
        at=at,
        case=case,
        persons=chosen,
        signed_on=signed_on,
        valid_until=until,
        scope=Consent.Scope(scope),
    )
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def withdraw_consent(
    *, actor: User, at: datetime, case_number: str, version: int, person_id: int, withdrawn_on: date
) -> StepDone:
    """A member takes the authorisation back. From then on nobody is asked about the family for this case."""
    require(actor, "case.declare")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    person = _members(case, localdate(at)).get(person_id)
    if person is None:
        raise Unacceptable(_("Who signed is no member of the household."), advice=_("Choose one of the members."))
    if withdrawn_on > localdate(at):
        raise Unacceptable(_("The day of the withdrawal lies in the future."), advice=_("Correct the date."))
    withdraw_consents(actor=actor, at=at, case=case, person=person, on=withdrawn_on)
    return step_done(case, pack=current_pack(), at=at)


def _members(case: Case, on: date) -> dict[int, Person]:
    return {row.person_id: row.person for row in family_of(case, on)}
