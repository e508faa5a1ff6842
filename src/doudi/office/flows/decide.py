"""The opinion of the township, the review and the confirmation of the county, and the notice to the family.

The rules recommend, people decide. Agreeing with the recommendation and departing from it ask for the same: a reason
(promise P21). What is not known is no ground to refuse: it is asked for (promise P20).
"""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.money import MONEY_LIMIT_FEN
from doudi.engine.workflow.procedure import Kind
from doudi.office.audit.freshness import require_anchor
from doudi.office.casework.actions.cases import end_case
from doudi.office.casework.actions.decisions import decide, deliver_notice, write_notice
from doudi.office.casework.actions.steps import claim_case, queue_open_steps, take_step
from doudi.office.casework.conditions import Proposal
from doudi.office.casework.deadlines import objection_deadline
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Decision, Meeting, Notice, Objection, PublicSheet
from doudi.office.entitlements.actions import grant, recognise
from doudi.office.entitlements.paying import paying_of
from doudi.office.errors import Refused, Unacceptable
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.queries import is_up_to_date, latest_assessment
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.heard import refuse_unsound_report
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.flows.reviews import schedule_review
from doudi.office.flows.visit_record import refuse_disputed_visit
from doudi.office.org.models import User

REASON_LENGTH_MAX = 4000
_KIND_OF_STAGE: Mapping[Decision.Stage, Kind] = {
    Decision.Stage.OPINION: "opinion",
    Decision.Stage.REVIEW: "review",
    Decision.Stage.CONFIRM: "confirm",
}


@transaction.atomic
def give_opinion(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    outcome: str,
    reason: str,
    amount_fen: int | None = None,
) -> StepDone:
    """The township's preliminary opinion (初审意见) on the assessment of today's facts."""
    case = claim_case(actor=actor, case_number=case_number, version=version)
    refuse_disputed_visit(case)
    assessment = _assessment(case)
    if not is_up_to_date(assessment, case.household, family_of(case, localdate(at))):
        raise Refused(
            _("Facts or members have changed since the assessment."), advice=_("Assess again, then give the opinion.")
        )
    return _say(actor, at, case, Decision.Stage.OPINION, assessment, outcome, reason, amount_fen)


@transaction.atomic
def review(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    outcome: str,
    reason: str,
    amount_fen: int | None = None,
) -> StepDone:
    """The county's review (审核), after the publicity and with every objection settled."""
    case = claim_case(actor=actor, case_number=case_number, version=version)
    _refuse_open_objections(case)
    _refuse_unpublicised(case, outcome)
    return _say(actor, at, case, Decision.Stage.REVIEW, _assessment(case), outcome, reason, amount_fen)


@transaction.atomic
def confirm(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    outcome: str,
    reason: str,
    amount_fen: int | None = None,
) -> StepDone:
    """The decision (确认), by another person than who spoke before: the county's, or a township's up to its limit.

    Approval grants what the programme pays, or recognises where it pays nothing; refusal takes effect by its notice,
    which says why and how to object. The case ends with either, but for steps that the procedure puts after it.
    """
    case = claim_case(actor=actor, case_number=case_number, version=version)
    _refuse_open_objections(case)
    _refuse_unpublicised(case, outcome)
    assessment = _assessment(case)
    _refuse_beyond_the_meeting(case, outcome, assessment, amount_fen)
    done = _say(actor, at, case, Decision.Stage.CONFIRM, assessment, outcome, reason, amount_fen)
    decision = case.decisions.get(stage=Decision.Stage.CONFIRM, set_aside_at__isnull=True)
    approved = decision.outcome == Decision.Outcome.APPROVE
    end_case(actor=actor, case=case, state=Case.State.APPROVED if approved else Case.State.REFUSED)
    if decision.amount_fen is not None:
        granted = grant(
            actor=actor,
            case_id=case.pk,
            household=case.household,
            programme=case.programme,
            decision_id=decision.pk,
            assessment=assessment,
            amount_fen=decision.amount_fen,
            area=case.area,
            at=at,
        )
        if granted.end_month is None:
            schedule_review(at=at, entitlement=granted)
    elif approved:
        recognise(actor=actor, at=at, case=case, decision=decision)
    write_notice(
        actor=actor,
        at=at,
        decision=decision,
        sentences_zh=assessment.explanation_zh,
        sentences_en=assessment.explanation_en,
    )
    return done


@transaction.atomic
def notify(*, actor: User, at: datetime, case_number: str, version: int, delivered_on: date, delivery: str) -> StepDone:
    """Record that the family got the written decision (送达), and from that the last day to object."""
    pack = current_pack()
    case = claim_case(actor=actor, case_number=case_number, version=version, also_decided=True)
    notice = (
        Notice.objects.select_related("decision")
        .filter(decision__case=case, decision__stage=Decision.Stage.CONFIRM, decision__set_aside_at__isnull=True)
        .first()
    )
    if notice is None:
        raise Refused(_("This case has no decision yet."), advice=_("The letter is there once it has been decided."))
    if not localdate(notice.made_at) <= delivered_on <= localdate(at):
        raise Unacceptable(
            _("The notice can't have been delivered on that day."), advice=_("Correct the date of delivery.")
        )
    if not delivery.strip():
        raise Unacceptable(_("How it was delivered is not said."), advice=_("Say by whom or by what way."))
    take_step(actor=actor, at=at, case=case, kind="notify", pack=pack)
    deliver_notice(
        actor=actor,
        notice=notice,
        delivered_on=delivered_on,
        delivery=delivery.strip(),
        object_until=objection_deadline(pack, case.area, delivered_on).on,
    )
    return step_done(case, pack=pack, at=at, decision_id=notice.decision_id)


def _say(
    actor: User,
    at: datetime,
    case: Case,
    stage: Decision.Stage,
    assessment: Assessment,
    outcome: str,
    reason: str,
    amount_fen: int | None,
) -> StepDone:
    """One officer's word: the step is taken if the procedure allows it, and the word is written down."""
    pack = current_pack()
    amount = _amount(case, assessment, outcome, amount_fen)
    refuse_unsound_report(case, at, outcome)
    if outcome == Decision.Outcome.REFUSE:
        require_anchor()
    if not reason.strip() or len(reason) > REASON_LENGTH_MAX:
        raise Unacceptable(
            _("A reason is needed, for agreeing as much as for departing."), advice=_("Say what convinced you.")
        )
    taken = take_step(actor=actor, at=at, case=case, kind=_KIND_OF_STAGE[stage], pack=pack, proposal=Proposal(amount))
    decision = decide(
        actor=actor,
        at=at,
        case=case,
        stage=stage,
        step=taken.step,
        outcome=outcome,
        reason=reason.strip(),
        assessment=assessment,
        amount_fen=amount,
    )
    # The amount may open a step (a meeting, the county's decision) or close one.
    queue_open_steps(actor=actor, at=at, case=case, pack=pack, today=localdate(at))
    return step_done(case, pack=pack, at=at, decision_id=decision.pk, assessment_id=assessment.pk)


def _amount(case: Case, assessment: Assessment, outcome: str, amount_fen: int | None) -> int | None:
    """The amount of an approval: the rules' own unless the officer states one. Refusal and recognition have none."""
    if outcome not in Decision.Outcome.values:
        raise Unacceptable(_("Approve or refuse."), advice=_("Choose one of the two."))
    if outcome == Decision.Outcome.REFUSE:
        if assessment.outcome == "undetermined":
            raise Refused(
                _("What is not known is no ground to refuse."),
                advice=_("Find out the missing facts, declare or visit, and assess again."),
            )
        return None
    if paying_of(case.programme).pays_nothing:
        if amount_fen is not None:
            raise Unacceptable(
                _("This programme recognises a family and pays nothing."), advice=_("Leave the amount empty.")
            )
        return None
    amount = assessment.amount_fen if amount_fen is None else amount_fen
    if amount is None:
        raise Unacceptable(
            _("The rules give no amount for this family."), advice=_("State the amount, with the reason.")
        )
    if not 0 < amount <= MONEY_LIMIT_FEN:
        raise Unacceptable(_("This is no amount that can be granted."), advice=_("State another amount."))
    return amount


def _assessment(case: Case) -> Assessment:
    assessment = latest_assessment(case.pk)
    if assessment is None:
        raise Refused(_("The case has not been assessed yet."), advice=_("Assess it first."))
    return assessment


def _refuse_open_objections(case: Case) -> None:
    if Objection.objects.filter(publicity__case=case, settled_at__isnull=True).exists():
        raise Refused(_("An objection has not been settled yet."), advice=_("Let the township settle it first."))


def _refuse_unpublicised(case: Case, outcome: str) -> None:
    """Help that the neighbours never read of is not granted: they could not have objected to it.

    The county may refuse what was publicised as an approval: the family gets its reasons in writing (57号 art. 21).
    """
    hung = PublicSheet.objects.filter(publicity__case=case, withdrawn_at__isnull=True).order_by("pk").last()
    if hung is not None and hung.opinion == Decision.Outcome.REFUSE and outcome == Decision.Outcome.APPROVE:
        raise Refused(
            _("A refusal was publicised; an approval needs a new opinion and a new publicity first."),
            advice=_(
                "Let the township record your doubt as an objection and settle it as founded: it then gives a new "
                "opinion and publicises that."
            ),
        )


def _refuse_beyond_the_meeting(case: Case, outcome: str, assessment: Assessment, amount_fen: int | None) -> None:
    """Above the ordinary limit an officer grants at most what the meeting (一事一议) agreed to."""
    meeting = Meeting.objects.filter(case=case, set_aside_at__isnull=True).first()
    if meeting is None or outcome != Decision.Outcome.APPROVE:
        return
    amount = assessment.amount_fen if amount_fen is None else amount_fen
    if meeting.outcome != Meeting.Outcome.AGREED or (amount or 0) > meeting.amount_fen:
        raise Refused(
            _("The meeting did not agree to this amount."),
            advice=_("Decide within what it agreed to, or refuse with your reason."),
        )
