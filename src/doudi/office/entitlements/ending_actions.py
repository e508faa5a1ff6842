"""Writes to endings. A last month is set and taken back here alone, and never without a person behind it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.period import Month
from doudi.office.audit.actions import record
from doudi.office.entitlements.courses import answered, note, objected, step, told
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
    note(actor, ending, "propose", cause=cause)
    return ending


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
    step(
        ending,
        {"outcome": "approve", "delivered_on": None},
        told(actor, delivered_on, delivery, notice_until, object_until) | {"last_month": str(last_month)},
    )
    _set_end(ending, str(last_month))
    FollowUp.objects.bulk_create([FollowUp(ending=ending, due_on=day, area=ending.area) for day in follow_ups])
    note(actor, ending, "deliver", last_month=str(last_month), object_until=object_until.isoformat())


@transaction.atomic
def object_to(*, actor: User, ending: Ending, objected_on: date, text: str, keeps_paying: bool) -> None:
    """Write down what the family says against it. In time, it keeps paying until another officer has answered."""
    step(ending, {"objected_on": None}, objected(actor, objected_on, text))
    if keeps_paying:
        _set_end(ending, None)
    note(actor, ending, "object", keeps_paying=keeps_paying)


@transaction.atomic
def answer(*, actor: User, at: datetime, ending: Ending, outcome: str, reason: str, last_month: Month | None) -> None:
    """Another officer's answer. Overturned, it is as if the ending had never been; its months open again as arrears."""
    step(
        ending,
        {"answer": "", "objected_on__isnull": False},
        answered(actor, at, outcome, reason) | ({"last_month": str(last_month)} if last_month is not None else {}),
    )
    _set_end(ending, None if last_month is None else str(last_month))
    note(actor, ending, "answer", answer=outcome)


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


def _set_end(ending: Ending, last_month: str | None) -> None:
    Entitlement.objects.filter(pk=ending.entitlement_id).update(end_month=last_month)
