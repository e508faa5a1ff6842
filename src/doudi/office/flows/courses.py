"""What endings and changes of running help ask alike: whose it is, on which facts, told and objected to in time."""

from dataclasses import asdict
from datetime import date, datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.pipeline.household import assess_household
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements.models import Change, Ending, Entitlement
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import store_assessment
from doudi.office.evidence.family import build_family, current_members
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.queries import newest_fact_id
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.org.models import User

REASON_LENGTH_MAX = 4000


def running(actor: User, entitlement_id: int) -> Entitlement:
    """An entitlement that has no end, held so that two courses of it stand in line; none of a near relative's."""
    held = Entitlement.objects.select_for_update(of=("self",)).select_related("household", "case")
    entitlement = held.filter(pk=entitlement_id).first()
    if entitlement is None:
        raise NotYours(_("There is no such entitlement."))
    refuse_near_relatives(entitlement.household, actor)
    if entitlement.end_month is not None:
        raise Refused(_("This entitlement has an end already."), advice=_("Open it again."))
    return entitlement


def refuse_second_course(entitlement: Entitlement) -> None:
    """One decision about running help at a time: the second would rest on what the first is about to change."""
    endings = Ending.objects.filter(entitlement=entitlement).exclude(outcome="refuse").exclude(answer="overturned")
    if endings.exists():
        raise Refused(_("An ending of this entitlement is under way."), advice=_("Open it again."))
    changes = Change.objects.filter(entitlement=entitlement).exclude(outcome="refuse").exclude(review_outcome="refuse")
    is_unanswered = changes.filter(objected_on__isnull=False, answer="").exists()
    if is_unanswered or changes.filter(from_month__isnull=True).exists():
        raise Refused(_("A change of this entitlement is under way."), advice=_("Open it again."))


def assess_running(actor: User, at: datetime, entitlement: Entitlement) -> Assessment:
    """The rules on today's facts, kept whole: the notice names its facts, sources and version from there."""
    pack, today, household = current_pack(), localdate(at), entitlement.household
    members = current_members(household, today)
    family = build_family(household, members, vocabulary=current_vocabulary())
    names = {row.person.key: row.person.name for row in members if row.person.name}
    assessed, in_chinese = assess_household(pack, entitlement.programme, family, today, lang="zh", names=names)
    _same, in_english = assess_household(pack, entitlement.programme, family, today, lang="en", names=names)
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


def refuse_undelivered(course: Ending | Change, at: datetime, delivered_on: date, delivery: str) -> None:
    """A notice is delivered after the decision, not tomorrow, and in some way."""
    if course.decided_at is None or course.outcome != "approve":
        raise Refused(_("This was not decided."), advice=_("Let the county decide first."))
    if not localdate(course.decided_at) <= delivered_on <= localdate(at):
        raise Unacceptable(
            _("The notice can't have been delivered on that day."), advice=_("Correct the date of delivery.")
        )
    if not delivery.strip():
        raise Unacceptable(_("How it was delivered is not said."), advice=_("Say by whom or by what way."))


def is_objection_in_time(course: Ending | Change, at: datetime, objected_on: date, text: str) -> bool:
    """Whether it came by the last day to object. What can't be is refused."""
    if course.delivered_on is None or course.object_until is None:
        raise Refused(_("The family has not been told of it yet."), advice=_("Deliver the notice first."))
    if not course.delivered_on <= objected_on <= localdate(at):
        raise Unacceptable(_("The objection can't have come on that day."), advice=_("Correct the date."))
    if not text.strip():
        raise Unacceptable(_("The objection has no words."), advice=_("Write down what was said."))
    return objected_on <= course.object_until


def refuse_unknown_answer(course: Ending | Change, outcome: str) -> None:
    """There is an objection, and it is upheld against or overturned."""
    if outcome not in Ending.Answer.values:
        raise Unacceptable(_("It stands or it is overturned."), advice=_("Choose one of the two."))
    if course.objected_on is None:
        raise Refused(_("Nobody has objected."), advice=_("Record the objection first."))


def refuse_unknown_outcome(outcome: str) -> None:
    """Approve or refuse."""
    if outcome not in Ending.Outcome.values:
        raise Unacceptable(_("Approve or refuse."), advice=_("Choose one of the two."))


def given_reason(text: str) -> str:
    """A reason, for agreeing as much as for departing (promise P21)."""
    if not text.strip() or len(text) > REASON_LENGTH_MAX:
        raise Unacceptable(_("A reason is needed, for agreeing as much as for departing."), advice=_("Say why."))
    return text.strip()
