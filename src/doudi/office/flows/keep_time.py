"""The clock of a case: stopped for one of the procedure's reasons, started again, extended; and a withdrawal."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions import clock
from doudi.office.casework.actions.cases import end_case
from doudi.office.casework.actions.steps import claim_case, queue_open_steps
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case
from doudi.office.casework.procedure import standing
from doudi.office.errors import Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.terms import is_minor


@transaction.atomic
def stop_clock(*, actor: User, at: datetime, case_number: str, version: int, stop: str, reason: str) -> StepDone:
    """Stop the clock (不计入期限) from today on, while the office waits for something that is not its own to do."""
    require(actor, "case.accept")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    known = {each.id for each in standing(case, pack=current_pack(), today=localdate(at)).procedure.clock_stops}
    if stop not in known:
        raise Unacceptable(_("The procedure knows no such reason."), advice=_("Choose one of the list."))
    clock.stop(actor=actor, case=case, stop_id=stop, reason=_reason(reason), since=localdate(at))
    return _requeued(actor, at, case)


@transaction.atomic
def resume_clock(*, actor: User, at: datetime, case_number: str, version: int) -> StepDone:
    """Let the clock run again: today was the last day on which it stood still."""
    require(actor, "case.accept")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    clock.resume(actor=actor, case=case, until=localdate(at))
    return _requeued(actor, at, case)


@transaction.atomic
def extend_limit(*, actor: User, at: datetime, case_number: str, version: int, extension: str, reason: str) -> StepDone:
    """Extend a limit (延长期限). The county does, so that nobody gives himself more time."""
    require(actor, "case.review")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    known = {each.id for each in standing(case, pack=current_pack(), today=localdate(at)).procedure.extensions}
    if extension not in known:
        raise Unacceptable(_("The procedure knows no such reason."), advice=_("Choose one of the list."))
    clock.extend(actor=actor, at=at, case=case, extension_id=extension, reason=_reason(reason))
    return _requeued(actor, at, case)


@transaction.atomic
def withdraw(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    signed_by_id: int,
    signed_on: date,
    reason: str,
) -> StepDone:
    """The family takes its application back (撤回申请), over an adult member's signature. Nobody does it for them."""
    require(actor, "case.accept")
    case, today = claim_case(actor=actor, case_number=case_number, version=version), localdate(at)
    members = {row.person_id: row.person for row in family_of(case, today)}
    signer = members.get(signed_by_id)
    if signer is None or is_minor(signer.birth_date, today):
        raise Unacceptable(_("Who signed is no adult member of the household."), advice=_("Choose one of the members."))
    if signed_on > today:
        raise Unacceptable(_("The day of signing lies in the future."), advice=_("Correct the date."))
    if case.publicities.filter(withdrawn_at__isnull=True, ends_on__gte=today).exists():
        raise Refused(
            _("The opinion on this application is on public display."),
            advice=_("Record the wish as an objection and settle it: the sheet is taken down first."),
        )
    clock.withdraw(actor=actor, at=at, case=case, signed_by=signer, signed_on=signed_on, reason=_reason(reason))
    end_case(actor=actor, case=case, state=Case.State.WITHDRAWN)
    return _requeued(actor, at, case)


def _requeued(actor: User, at: datetime, case: Case) -> StepDone:
    pack = current_pack()
    case.refresh_from_db(fields=["state"])
    queue_open_steps(actor=actor, at=at, case=case, pack=pack, today=localdate(at))
    return step_done(case, pack=pack, at=at)


def _reason(text: str) -> str:
    if not text.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say why."))
    return text.strip()
