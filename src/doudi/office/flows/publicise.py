"""Publicity (公示) of the preliminary opinion, and objections to it."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_name
from doudi.engine.workflow.clocks import publicity_ends
from doudi.office.casework.actions.publicity import add_objection, hang_sheet, settle
from doudi.office.casework.actions.steps import claim_case, hold_case, take_step
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Decision, Objection, Publicity
from doudi.office.casework.procedure import standing
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.begin_anew import begin_anew
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.org.models import User
from doudi.office.org.permissions import require


@transaction.atomic
def start_publicity(*, actor: User, at: datetime, case_number: str, version: int) -> StepDone:
    """Hang the sheet: masked name of the applicant, number of members, the opinion. Nothing else leaves the file."""
    case = claim_case(actor=actor, case_number=case_number, version=version)
    pack, today = current_pack(), localdate(at)
    taken = take_step(actor=actor, at=at, case=case, kind="publicity", pack=pack)
    step = standing(case, pack=pack, today=today).procedure.step(taken.step)
    # What was said last: the opinion, or after it the review where there is a second publicity (双公示).
    said = Decision.objects.filter(case=case, set_aside_at__isnull=True).latest("pk")
    sheet = hang_sheet(
        actor=actor,
        at=at,
        case=case,
        step=step.id,
        starts_on=today,
        ends_on=publicity_ends(step, today, pack.calendar()).on,
        masked_name=mask_name(case.applicant.name),
        member_count=len(family_of(case, today)),
        opinion=said.outcome,
    )
    return step_done(case, pack=pack, at=at, sheet_token=sheet.token)


@transaction.atomic
def record_objection(
    *, actor: User, at: datetime, case_number: str, received_on: date, objector: str, text: str, form_token: str
) -> int:
    """Write down an objection (异议), named or anonymous. The case waits until it is settled."""
    require(actor, "case.object")
    case = hold_case(actor=actor, case_number=case_number)
    publicity = _running(case)
    if not publicity.starts_on <= received_on <= localdate(at):
        raise Unacceptable(
            _("The objection was received before the publicity began, or in the future."), advice=_("Correct the date.")
        )
    if not text.strip():
        raise Unacceptable(_("The objection has no words."), advice=_("Write down what was said."))
    objection = add_objection(
        actor=actor,
        at=at,
        publicity=publicity,
        received_on=received_on,
        objector=objector.strip(),
        text=text.strip(),
        form_token=form_token,
    )
    return objection.pk


@transaction.atomic
def settle_objection(*, actor: User, at: datetime, objection_id: int, outcome: str, reason: str) -> StepDone:
    """Settle an objection. A founded one overturns the opinion and all that rests on it, to be done anew."""
    require(actor, "case.object")
    objection = Objection.objects.select_related("publicity__case").filter(pk=objection_id).first()
    if objection is None:
        raise NotYours(_("There is no such objection."))
    if outcome not in Objection.Outcome.values or not reason.strip():
        raise Unacceptable(
            _("An objection is founded or unfounded, and either needs a reason."), advice=_("Fill in both.")
        )
    case, pack = hold_case(actor=actor, case_number=objection.publicity.case.number), current_pack()
    settle(actor=actor, at=at, objection=objection, outcome=outcome, reason=reason.strip())
    if outcome == Objection.Outcome.FOUNDED:
        begin_anew(actor=actor, at=at, case=case)
    return step_done(case, pack=pack, at=at)


def _running(case: Case) -> Publicity:
    publicity = case.publicities.filter(withdrawn_at__isnull=True).order_by("pk").last()
    if publicity is None:
        raise Refused(_("This case has not been publicised."), advice=_("Objections are to a publicised opinion."))
    return publicity
