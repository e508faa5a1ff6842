"""Another amount for running help (复核变更): more, or less, because the family is no longer as it was.

    add_member(actor, at, entitlement_id, name, id_number, relation, phone, signed_on)                by the township
    ask_departments(actor, at, entitlement_id, lake=None) -> how many facts     by the county's reviewer
    propose_change(actor, at, entitlement_id, occasion review|visit|follow_up|report, reason) -> change id
    review_change(actor, at, change_id, outcome approve|refuse, reason)         by the county's reviewer
    decide_change(actor, at, change_id, outcome approve|refuse, reason)         by the county's approver, another person
    deliver_change(actor, at, change_id, delivered_on, delivery)
    object_to_change(actor, at, change_id, objected_on, text)                   in time: the old amount goes on
    answer_change(actor, at, change_id, outcome upheld|overturned, reason)      by an officer who had no part in it

The rules of the grant run on the family of today; every line of the difference is kept with what it alone does
to the amount. More is paid from the month after the decision (57号 art. 21). Less is adverse: it is paid from the
month after the notice has ended and after every month that is written already (promise P18); an objection in time lets
the old amount go on, supplemented to the fen, and overturning makes it as if nothing had been (P19).
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine.rules.programme import load_programme
from doudi.engine.values.period import Month
from doudi.office import crypto
from doudi.office.audit.freshness import require_anchor
from doudi.office.casework.actions.cases import add_consents
from doudi.office.casework.consents import valid_consents
from doudi.office.casework.deadlines import notice_deadline, objection_deadline
from doudi.office.casework.models import Consent
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements import change_actions
from doudi.office.entitlements.amounts import last_amount, words_about
from doudi.office.entitlements.models import Change, Entitlement
from doudi.office.entitlements.month_actions import first_unwritten_month, hold_months
from doudi.office.entitlements.paying import paying_of
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.differences import Basis, basis_of, differences, restored_family
from doudi.office.evidence.family import current_members
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.queries import is_up_to_date
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.consent import CONSENT_DAYS
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
from doudi.office.flows.departments import night_for, not_authorised, record_found
from doudi.office.flows.reviews import close_reviews
from doudi.office.flows.typed import typed_id, typed_name
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.actions import enter_person, join_household
from doudi.office.registry.terms import is_minor


@transaction.atomic
def add_member(
    *,
    actor: User,
    at: datetime,
    entitlement_id: int,
    name: str,
    id_number: str,
    relation: str,
    signed_on: date | None = None,
    phone: str = "",
) -> int:
    """Add somebody who lives with the family and was never in the grant. An adult has signed the authorisation."""
    require(actor, "case.declare")
    entitlement, today = running(actor, entitlement_id), localdate(at)
    person = enter_person(
        actor=actor,
        name=typed_name(name),
        id_number=typed_id(id_number, today),
        phone=phone.strip(),
        area=entitlement.area,
        keyring=crypto.keyring(),
    )
    join_household(actor=actor, at=at, household=entitlement.household, person=person, relation=relation, on=today)
    if not is_minor(person.birth_date, today):
        if signed_on is None or signed_on > today:
            raise Unacceptable(
                _("An adult member signs the authorisation before anything is checked."),
                advice=_("Let it be signed, and write down when."),
            )
        add_consents(
            actor=actor,
            at=at,
            case=entitlement.case,
            persons=[person],
            signed_on=signed_on,
            valid_until=signed_on + timedelta(days=CONSENT_DAYS),
            scope=Consent.Scope.ALL,
        )
    return person.pk


@transaction.atomic
def ask_departments(*, actor: User, at: datetime, entitlement_id: int, lake: Path | None = None) -> int:
    """Ask the departments' data of the last night for the family as it is now; how many facts they gave."""
    require(actor, "case.review")
    entitlement = running(actor, entitlement_id)
    night = night_for(entitlement.area)
    return record_found(
        actor=actor,
        at=at,
        household=entitlement.household,
        people=[row.person for row in current_members(entitlement.household, localdate(at))],
        night=night,
        case_id=entitlement.case_id,
        lake=lake,
        left_out=not_authorised(valid_consents(entitlement.case, localdate(at)).values()),
    )


@transaction.atomic
def propose_change(*, actor: User, at: datetime, entitlement_id: int, occasion: str, reason: str) -> int:
    """Propose the amount that the rules give today. What is not known changes nothing."""
    require(actor, "case.opinion")
    entitlement = running(actor, entitlement_id)
    refuse_second_course(entitlement)
    if not paying_of(entitlement.programme).is_monthly:
        raise Refused(_("Help that was paid once has no amount to change."), advice=_("Open a new application."))
    if occasion not in Change.Occasion.values:
        raise Unacceptable(_("What led to it is not said."), advice=_("Choose one of the list."))
    said = given_reason(reason)
    before = _basis(entitlement)
    assessment = assess_running(actor, at, entitlement)
    old = last_amount(entitlement.amount_fen, words_about([entitlement.pk]).get(entitlement.pk, ()))
    new = _new_amount(assessment, old)
    lines = differences(
        load_programme(current_pack(), entitlement.programme),
        before=before,
        now=Basis(restored_family(assessment.inputs["family"]), assessment.as_of),
        amount_fen=new,
        pack=current_pack(),
    )
    close_reviews(actor=actor, at=at, entitlement=entitlement, result="change", found=said)
    return change_actions.propose(
        actor=actor,
        at=at,
        entitlement=entitlement,
        occasion=occasion,
        reason=said,
        assessment=assessment,
        old_amount_fen=old,
        new_amount_fen=new,
        differences=[asdict(line) for line in lines],
    ).pk


@transaction.atomic
def review_change(*, actor: User, at: datetime, change_id: int, outcome: str, reason: str) -> None:
    """The county's review. Refused, the change is over."""
    require(actor, "case.review")
    refuse_unknown_outcome(outcome)
    change = _change(actor, change_id)
    if outcome == Change.Outcome.APPROVE:
        _refuse_outdated(change, at)
    change_actions.review(actor=actor, at=at, change=change, outcome=outcome, reason=given_reason(reason))


@transaction.atomic
def decide_change(*, actor: User, at: datetime, change_id: int, outcome: str, reason: str) -> None:
    """The county's decision. More is paid from the month after it; less has no effect before its notice."""
    require(actor, "case.approve")
    refuse_unknown_outcome(outcome)
    change = _change(actor, change_id)
    if change.review_outcome != Change.Outcome.APPROVE:
        raise Refused(_("The review comes first."), advice=_("Let the reviewer speak."))
    from_month = None
    if outcome == Change.Outcome.APPROVE:
        _refuse_outdated(change, at)
        if change.is_increase:
            pack, today = current_pack(), localdate(at)
            after = pack.parameter("office_increase_months_after", region=change.area, on=today).value
            from_month = Month.of(today).plus(after)
        else:
            require_anchor()
    change_actions.decide(
        actor=actor, at=at, change=change, outcome=outcome, reason=given_reason(reason), from_month=from_month
    )


@transaction.atomic
def deliver_change(*, actor: User, at: datetime, change_id: int, delivered_on: date, delivery: str) -> None:
    """Record that the family has the letter. From it follow the last day to object, and from when less is paid."""
    require(actor, "case.accept")
    change = _change(actor, change_id)
    refuse_undelivered(change, at, delivered_on, delivery)
    pack, notice_until, from_month = current_pack(), delivered_on, None
    if not change.is_increase:
        notice_until = notice_deadline(pack, change.area, delivered_on).on
        from_month = _after_what_is_written(change, Month.of(notice_until).next())
    change_actions.deliver(
        actor=actor,
        at=at,
        change=change,
        delivered_on=delivered_on,
        delivery=delivery.strip(),
        notice_until=notice_until,
        object_until=objection_deadline(pack, change.area, delivered_on).on,
        from_month=from_month,
    )


@transaction.atomic
def object_to_change(*, actor: User, at: datetime, change_id: int, objected_on: date, text: str) -> None:
    """The family objects. In time, the old amount is paid until another officer has answered (promise P19)."""
    require(actor, "case.object")
    change = _change(actor, change_id)
    is_in_time = is_objection_in_time(change, at, objected_on, text)
    change_actions.object_to(
        actor=actor,
        at=at,
        change=change,
        objected_on=objected_on,
        text=text.strip(),
        keeps_paying=is_in_time and not change.is_increase and _is_last_word(change),
    )


@transaction.atomic
def answer_change(*, actor: User, at: datetime, change_id: int, outcome: str, reason: str) -> None:
    """Answer an objection. Overturned, the old amount is restored for every month, to the fen.

    Where the family objects to an increase as too small, overturning takes nothing away: a new change is proposed.
    """
    require(actor, "case.approve")
    change = _change(actor, change_id)
    refuse_unknown_answer(change, outcome)
    pays_from = None
    if change.from_month is not None and not change.is_increase:
        overturns = outcome == Change.Answer.OVERTURNED
        if not _is_last_word(change):
            if overturns:
                raise Refused(
                    _("A later decision has set the amount since."),
                    advice=_("Record what was found and propose a change on it."),
                )
        elif overturns:
            pays_from = (Month.parse(change.from_month), change.old_amount_fen)
        elif _keeps_old_amount(change):
            month = max(Month.parse(change.from_month), Month.of(localdate(at)).next())
            pays_from = (_after_what_is_written(change, month), change.new_amount_fen)
    change_actions.answer(
        actor=actor, at=at, change=change, outcome=outcome, reason=given_reason(reason), pays_from=pays_from
    )


def _change(actor: User, change_id: int) -> Change:
    found = Change.objects.select_related("entitlement__household", "assessment").filter(pk=change_id).first()
    if found is None:
        raise NotYours(_("There is no such change."))
    refuse_near_relatives(found.entitlement.household, actor)
    return found


def _basis(entitlement: Entitlement) -> Basis:
    """What the amount of today rests on: the last change that took effect, or the grant."""
    last = Change.objects.filter(entitlement=entitlement, from_month__isnull=False).exclude(answer="overturned")
    change = last.select_related("assessment").order_by("pk").last()
    kept = change.assessment if change is not None else entitlement.assessment
    granted_on = localdate(entitlement.granted_at)
    return basis_of(kept, entitlement.household, granted_at=entitlement.granted_at, on=granted_on)


def _new_amount(assessment: Assessment, old: int) -> int:
    if assessment.outcome == "ineligible":
        raise Refused(
            _("The rules say that the conditions are no longer met."), advice=_("Propose the end of this help instead.")
        )
    if assessment.outcome == "undetermined" or assessment.amount_fen is None:
        raise Refused(
            _("What is not known is no ground to change the amount."),
            advice=_("Find out what is missing, then propose again: %(missing)s.") % {"missing": _missing(assessment)},
        )
    if assessment.amount_fen == old:
        raise Refused(_("The rules give the same amount as before."), advice=_("Close the review: nothing changes."))
    return assessment.amount_fen


def _missing(assessment: Assessment) -> str:
    is_english = (get_language() or "").startswith("en")
    told = assessment.explanation_en if is_english else assessment.explanation_zh
    return ("; " if is_english else "；").join(dict.fromkeys(each["label"] for each in told["missing"]))


def _refuse_outdated(change: Change, at: datetime) -> None:
    household = change.entitlement.household
    if not is_up_to_date(change.assessment, household, current_members(household, localdate(at))):
        raise Refused(
            _("Facts or members have changed since this was proposed."),
            advice=_("Refuse it, so that the township proposes it on what is known now."),
        )


def _after_what_is_written(change: Change, month: Month) -> Month:
    """Less is never paid for a month that has been written: what is written is paid as it stands."""
    hold_months(change.area[:6])
    unwritten = first_unwritten_month(change.entitlement_id)
    return month if unwritten is None else max(month, unwritten)


def _is_last_word(change: Change) -> bool:
    last = change.entitlement.versions.order_by("pk").last()
    return last is None or last.change_id == change.pk


def _keeps_old_amount(change: Change) -> bool:
    last = change.versions.order_by("pk").last()
    return last is not None and last.amount_fen == change.old_amount_fen
