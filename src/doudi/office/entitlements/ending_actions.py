"""Writes to endings. A last month is set and taken back here alone, and never without a person behind it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.period import Month
from doudi.office.audit.actions import record
from doudi.office.entitlements.models import Ending, Entitlement, FollowUp
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint


@transaction.atomic
def propose(
    *, actor: User, at: datetime, entitlement: Entitlement, cause: str, reason: str, assessment: Assessment | None
) -> Ending:
    """Propose to end an entitlement. Nothing changes by it."""
    try:
        with transaction.atomic():
            ending = Ending.objects.create(
                entitlement=entitlement,
                cause=cause,
                reason=reason,
                assessment=assessment,
                proposed_at=at,
                proposed_by=actor,
                area=entitlement.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "entitlements_ending_one_at_a_time":
            raise Refused(_("An ending of this entitlement is under way."), advice=_("Open it again.")) from None
        raise
    record(actor=actor, verb="ending.propose", obj=ending, area=ending.area, details={"cause": cause})
    return ending


@transaction.atomic
def decide(*, actor: User, at: datetime, ending: Ending, outcome: str, reason: str) -> None:
    """Another officer's word on the proposal."""
    _change(
        ending,
        {"outcome": ""},
        {"outcome": outcome, "decide_reason": reason, "decided_at": at, "decided_by": actor},
    )
    record(actor=actor, verb="ending.decide", obj=ending, area=ending.area, details={"outcome": outcome})


@transaction.atomic
def deliver(
    *,
    actor: User,
    ending: Ending,
    delivered_on: date,
    delivery: str,
    notice_until: date,
    object_until: date,
    last_month: Month,
    follow_ups: Sequence[date],
) -> None:
    """The family has the notice: from it follow the last month, the last day to object, and the return visits."""
    _change(
        ending,
        {"outcome": "approve", "delivered_on": None},
        {
            "delivered_on": delivered_on,
            "delivered_by": actor,
            "delivery": delivery,
            "notice_until": notice_until,
            "object_until": object_until,
            "last_month": str(last_month),
        },
    )
    _set_end(ending, str(last_month))
    FollowUp.objects.bulk_create([FollowUp(ending=ending, due_on=day, area=ending.area) for day in follow_ups])
    record(
        actor=actor,
        verb="ending.deliver",
        obj=ending,
        area=ending.area,
        details={"last_month": str(last_month), "object_until": object_until.isoformat()},
    )


@transaction.atomic
def object_to(*, actor: User, ending: Ending, objected_on: date, text: str, keeps_paying: bool) -> None:
    """Write down what the family says against it. In time, it keeps paying until another officer has answered."""
    _change(
        ending,
        {"objected_on": None},
        {"objected_on": objected_on, "objection": text, "objection_recorded_by": actor},
    )
    if keeps_paying:
        _set_end(ending, None)
    record(actor=actor, verb="ending.object", obj=ending, area=ending.area, details={"keeps_paying": keeps_paying})


@transaction.atomic
def answer(*, actor: User, at: datetime, ending: Ending, outcome: str, reason: str, last_month: Month | None) -> None:
    """Another officer's answer. Overturned, it is as if the ending had never been; its months open again as arrears."""
    _change(
        ending,
        {"answer": "", "objected_on__isnull": False},
        {"answer": outcome, "answer_reason": reason, "answered_at": at, "answered_by": actor}
        | ({"last_month": str(last_month)} if last_month is not None else {}),
    )
    _set_end(ending, None if last_month is None else str(last_month))
    record(actor=actor, verb="ending.answer", obj=ending, area=ending.area, details={"answer": outcome})


@transaction.atomic
def note_follow_up(*, actor: User, follow_up: FollowUp, done_on: date, found: str, is_in_hardship_again: bool) -> None:
    """Write a return visit down."""
    changed = FollowUp.objects.filter(pk=follow_up.pk, done_on__isnull=True).update(
        done_on=done_on, done_by=actor, found=found, is_in_hardship_again=is_in_hardship_again
    )
    if not changed:
        raise Refused(_("This return visit was already written down."), advice=_("Open it again."))
    record(
        actor=actor,
        verb="ending.follow_up",
        obj=follow_up,
        area=follow_up.area,
        details={"again": is_in_hardship_again},
    )


def _change(ending: Ending, only_if: dict[str, object], values: dict[str, object]) -> None:
    """Change an ending where it still is what the officer saw, once."""
    try:
        with transaction.atomic():
            changed = Ending.objects.filter(pk=ending.pk, **only_if).update(**values)
    except IntegrityError as error:
        if broken_constraint(error) in ("entitlements_ending_four_eyes", "entitlements_ending_answered_by_another"):
            raise Refused(
                _("Another officer than those who had a part in it decides here."),
                advice=_("Hand it to a colleague."),
            ) from None
        raise
    if not changed:
        raise Refused(_("This was already done."), advice=_("Open it again."))
    ending.refresh_from_db()


def _set_end(ending: Ending, last_month: str | None) -> None:
    Entitlement.objects.filter(pk=ending.entitlement_id).update(end_month=last_month)
