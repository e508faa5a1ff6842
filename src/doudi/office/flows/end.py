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

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.period import Month, add_months
from doudi.office.casework.deadlines import notice_deadline, objection_deadline
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements import courses, ending_actions
from doudi.office.entitlements.models import Ending, FollowUp
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.courses import (
    assess_running,
    given_reason,
    is_objection_in_time,
    refuse_second_course,
    refuse_undelivered,
    refuse_unknown_answer,
    refuse_unknown_outcome,
    running,
)
from doudi.office.flows.reviews import close_reviews
from doudi.office.org.models import User
from doudi.office.org.permissions import require

FOLLOW_UP_MONTHS = (3, 6)


@transaction.atomic
def propose_ending(*, actor: User, at: datetime, entitlement_id: int, cause: str, reason: str) -> int:
    """Propose an ending, on the rules' word about today's facts. Of what is not known nothing can be ended."""
    require(actor, "case.opinion")
    entitlement = running(actor, entitlement_id)
    refuse_second_course(entitlement)
    if cause not in Ending.Cause.values:
        raise Unacceptable(_("Why it ends is not said."), advice=_("Choose one of the list."))
    assessment = None
    if cause != Ending.Cause.DEATH:
        assessment = assess_running(actor, at, entitlement)
        if assessment.outcome != "ineligible":
            raise Refused(
                _("The rules do not say that the conditions are no longer met."),
                advice=_("Visit the family and record what is found; what is not known is no ground to stop."),
            )
    said = given_reason(reason)
    close_reviews(actor=actor, at=at, entitlement=entitlement, result="ending", found=said)
    return ending_actions.propose(
        actor=actor, at=at, entitlement=entitlement, cause=cause, reason=said, assessment=assessment
    ).pk


@transaction.atomic
def decide_ending(*, actor: User, at: datetime, ending_id: int, outcome: str, reason: str) -> None:
    """The county's decision, with a reason whichever way. It has no effect before its notice."""
    require(actor, "case.approve")
    refuse_unknown_outcome(outcome)
    courses.decide(actor=actor, at=at, course=_ending(actor, ending_id), outcome=outcome, reason=given_reason(reason))


@transaction.atomic
def deliver_ending(*, actor: User, at: datetime, ending_id: int, delivered_on: date, delivery: str) -> None:
    """Record that the family has the notice with facts, sources, rule, and how and until when to object."""
    require(actor, "case.accept")
    ending = _ending(actor, ending_id)
    refuse_undelivered(ending, at, delivered_on, delivery)
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
    is_in_time = is_objection_in_time(ending, at, objected_on, text)
    ending_actions.object_to(
        actor=actor,
        ending=ending,
        objected_on=objected_on,
        text=text.strip(),
        keeps_paying=is_in_time,
    )


@transaction.atomic
def answer_ending(*, actor: User, at: datetime, ending_id: int, outcome: str, reason: str) -> None:
    """Answer an objection. Upheld, the month of the answer is the last at the earliest; overturned, there is none."""
    require(actor, "case.approve")
    ending = _ending(actor, ending_id)
    refuse_unknown_answer(ending, outcome)
    last_month = None
    if outcome == Ending.Answer.UPHELD and ending.last_month is not None:
        last_month = max(Month.parse(ending.last_month), Month.of(localdate(at)))
        if ending.entitlement.end_month is not None:
            # It came too late to keep it paying, so the end stays where it was.
            last_month = Month.parse(ending.last_month)
    ending_actions.answer(
        actor=actor, at=at, ending=ending, outcome=outcome, reason=given_reason(reason), last_month=last_month
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
        found=given_reason(found),
        is_in_hardship_again=is_in_hardship_again,
    )


def _ending(actor: User, ending_id: int) -> Ending:
    ending = Ending.objects.select_related("entitlement__household").filter(pk=ending_id).first()
    if ending is None:
        raise NotYours(_("There is no such ending."))
    refuse_near_relatives(ending.entitlement.household, actor)
    return ending
