"""The end of running help: stop, death, gradual exit (停发、渐退). Only named people end it, and never without notice.

    propose_ending(actor, at, entitlement_id, cause stop|death|gradual_exit, reason) -> ending id     by the township
    decide_ending(actor, at, ending_id, outcome approve|refuse, reason)                               by the county
    deliver_ending(actor, at, ending_id, delivered_on, delivery)      from here follow last month and last days
    object_to_ending(actor, at, ending_id, objected_on, text)         in time: it keeps paying
    answer_ending(actor, at, ending_id, outcome upheld|overturned, reason)     by an officer who had no part in it
    note_follow_up(actor, at, follow_up_id, done_on, found, is_in_hardship_again)

The last month paid is the one in which the notice ends (promise P18). An objection in time takes it back until it is
answered (P19); overturned, it is as if nothing had been: every month opens again, to the fen.
"""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.pipeline.household import assess_household
from doudi.engine.values.period import Month, add_months
from doudi.office.casework.deadlines import notice_deadline, objection_deadline
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements import ending_actions
from doudi.office.entitlements.models import Ending, Entitlement, FollowUp
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import store_assessment
from doudi.office.evidence.family import build_family, current_members
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.queries import newest_fact_id
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.org.models import User
from doudi.office.org.permissions import require

FOLLOW_UP_MONTHS = (3, 6)


@transaction.atomic
def propose_ending(*, actor: User, at: datetime, entitlement_id: int, cause: str, reason: str) -> int:
    """Propose an ending, on the rules' word about today's facts. Of what is not known nothing can be ended."""
    require(actor, "case.opinion")
    entitlement = Entitlement.objects.select_related("household").filter(pk=entitlement_id).first()
    if entitlement is None:
        raise NotYours(_("There is no such entitlement."))
    refuse_near_relatives(entitlement.household, actor)
    if entitlement.end_month is not None:
        raise Refused(_("This entitlement has an end already."), advice=_("Open it again."))
    if cause not in Ending.Cause.values:
        raise Unacceptable(_("Why it ends is not said."), advice=_("Choose one of the list."))
    assessment = None
    if cause != Ending.Cause.DEATH:
        assessment = _assess(actor, at, entitlement)
        if assessment.outcome != "ineligible":
            raise Refused(
                _("The rules do not say that the conditions are no longer met."),
                advice=_("Visit the family and record what is found; what is not known is no ground to stop."),
            )
    return ending_actions.propose(
        actor=actor, at=at, entitlement=entitlement, cause=cause, reason=_reason(reason), assessment=assessment
    ).pk


@transaction.atomic
def decide_ending(*, actor: User, at: datetime, ending_id: int, outcome: str, reason: str) -> None:
    """The county's decision, with a reason whichever way. It has no effect before its notice."""
    require(actor, "case.approve")
    if outcome not in Ending.Outcome.values:
        raise Unacceptable(_("Approve or refuse."), advice=_("Choose one of the two."))
    ending_actions.decide(actor=actor, at=at, ending=_ending(actor, ending_id), outcome=outcome, reason=_reason(reason))


@transaction.atomic
def deliver_ending(*, actor: User, at: datetime, ending_id: int, delivered_on: date, delivery: str) -> None:
    """Record that the family has the notice with facts, sources, rule, and how and until when to object."""
    require(actor, "case.accept")
    ending = _ending(actor, ending_id)
    if ending.decided_at is None or ending.outcome != Ending.Outcome.APPROVE:
        raise Refused(_("This ending was not decided."), advice=_("Let the county decide first."))
    if not localdate(ending.decided_at) <= delivered_on <= localdate(at):
        raise Unacceptable(
            _("The notice can't have been delivered on that day."), advice=_("Correct the date of delivery.")
        )
    if not delivery.strip():
        raise Unacceptable(_("How it was delivered is not said."), advice=_("Say by whom or by what way."))
    pack = current_pack()
    notice_until = notice_deadline(pack, ending.area, delivered_on).on
    last_month, is_gradual = Month.of(notice_until), ending.cause == Ending.Cause.GRADUAL_EXIT
    if is_gradual:
        months = pack.parameter("gradual_exit_months_max", region=ending.area, on=delivered_on).value
        last_month = max(last_month, Month.of(delivered_on).plus(months))
    ending_actions.deliver(
        actor=actor,
        ending=ending,
        delivered_on=delivered_on,
        delivery=delivery.strip(),
        notice_until=notice_until,
        object_until=objection_deadline(pack, ending.area, delivered_on).on,
        last_month=last_month,
        follow_ups=[add_months(delivered_on, months) for months in FOLLOW_UP_MONTHS] if is_gradual else [],
    )


@transaction.atomic
def object_to_ending(*, actor: User, at: datetime, ending_id: int, objected_on: date, text: str) -> None:
    """The family objects. In time, paying goes on until another officer has answered (promise P19)."""
    require(actor, "case.object")
    ending = _ending(actor, ending_id)
    if ending.delivered_on is None or ending.object_until is None:
        raise Refused(_("The family has not been told of it yet."), advice=_("Deliver the notice first."))
    if not ending.delivered_on <= objected_on <= localdate(at):
        raise Unacceptable(_("The objection can't have come on that day."), advice=_("Correct the date."))
    if not text.strip():
        raise Unacceptable(_("The objection has no words."), advice=_("Write down what was said."))
    ending_actions.object_to(
        actor=actor,
        ending=ending,
        objected_on=objected_on,
        text=text.strip(),
        keeps_paying=objected_on <= ending.object_until,
    )


@transaction.atomic
def answer_ending(*, actor: User, at: datetime, ending_id: int, outcome: str, reason: str) -> None:
    """Answer an objection. Upheld, the month of the answer is the last at the earliest; overturned, there is none."""
    require(actor, "case.approve")
    ending = _ending(actor, ending_id)
    if outcome not in Ending.Answer.values:
        raise Unacceptable(_("It stands or it is overturned."), advice=_("Choose one of the two."))
    if ending.objected_on is None or ending.last_month is None:
        raise Refused(_("Nobody has objected."), advice=_("Record the objection first."))
    last_month = None
    if outcome == Ending.Answer.UPHELD:
        last_month = max(Month.parse(ending.last_month), Month.of(localdate(at)))
        if ending.entitlement.end_month is not None:
            # It came too late to keep it paying, so the end stays where it was.
            last_month = Month.parse(ending.last_month)
    ending_actions.answer(
        actor=actor, at=at, ending=ending, outcome=outcome, reason=_reason(reason), last_month=last_month
    )


@transaction.atomic
def note_follow_up(
    *, actor: User, at: datetime, follow_up_id: int, done_on: date, found: str, is_in_hardship_again: bool
) -> None:
    """A return visit after a gradual exit. In hardship again, the family applies anew; its history stays."""
    require(actor, "visit.record")
    follow_up = FollowUp.objects.select_related("ending__entitlement__household").filter(pk=follow_up_id).first()
    if follow_up is None:
        raise NotYours(_("There is no such return visit."))
    refuse_near_relatives(follow_up.ending.entitlement.household, actor)
    if done_on > localdate(at):
        raise Unacceptable(_("The day of the visit lies in the future."), advice=_("Correct the date."))
    ending_actions.note_follow_up(
        actor=actor,
        follow_up=follow_up,
        done_on=done_on,
        found=_reason(found),
        is_in_hardship_again=is_in_hardship_again,
    )


def _ending(actor: User, ending_id: int) -> Ending:
    ending = Ending.objects.select_related("entitlement__household").filter(pk=ending_id).first()
    if ending is None:
        raise NotYours(_("There is no such ending."))
    refuse_near_relatives(ending.entitlement.household, actor)
    return ending


def _assess(actor: User, at: datetime, entitlement: Entitlement) -> Assessment:
    """The rules on today's facts, kept whole: the notice names its facts, sources and version from there."""
    pack, today, household = current_pack(), localdate(at), entitlement.household
    members = current_members(household, today)
    family = build_family(household, members, vocabulary=current_vocabulary())
    assessed, in_chinese = assess_household(pack, entitlement.programme, family, today, lang="zh")
    _same, in_english = assess_household(pack, entitlement.programme, family, today, lang="en")
    return store_assessment(
        actor=actor,
        at=at,
        household=household,
        case_id=None,
        programme=entitlement.programme,
        as_of=today,
        outcome=assessed.outcome,
        amount_fen=assessed.amount_fen,
        pack_release=assessed.pack_release,
        pack_hash=assessed.pack_hash,
        inputs={"family": asdict(family), "newest_fact_id": newest_fact_id(household, members)},
        result=assessed.to_dict(),
        explanation_zh=in_chinese.to_dict(),
        explanation_en=in_english.to_dict(),
    )


def _reason(text: str) -> str:
    if not text.strip():
        raise Unacceptable(_("A reason is needed, for agreeing as much as for departing."), advice=_("Say why."))
    return text.strip()
