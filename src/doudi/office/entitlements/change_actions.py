"""Writes to changes: proposed, reviewed, decided, told, objected to, answered. Amounts follow from a decision alone."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.entitlements import courses
from doudi.office.entitlements.courses import answered, note, objected, step, told
from doudi.office.entitlements.models import Change, Entitlement
from doudi.office.entitlements.month_actions import NewAmount, write_amounts
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint


@transaction.atomic
def propose(
    *,
    actor: User,
    at: datetime,
    entitlement: Entitlement,
    occasion: str,
    reason: str,
    assessment: Assessment,
    old_amount_fen: Fen,
    new_amount_fen: Fen,
    differences: Sequence[Any],
) -> Change:
    """Propose another amount. Nothing changes by it."""
    try:
        with transaction.atomic():
            change = Change.objects.create(
                entitlement=entitlement,
                occasion=occasion,
                reason=reason,
                assessment=assessment,
                old_amount_fen=old_amount_fen,
                new_amount_fen=new_amount_fen,
                differences=differences,
                proposed_at=at,
                proposed_by=actor,
                area=entitlement.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "entitlements_change_one_at_a_time":
            raise Refused(_("A change of this entitlement is under way."), advice=_("Open it again.")) from None
        raise
    note(actor, change, "propose", old_amount_fen=old_amount_fen, new_amount_fen=new_amount_fen)
    return change


@transaction.atomic
def review(*, actor: User, at: datetime, change: Change, outcome: str, reason: str) -> None:
    """The county's reviewer's word on the proposal."""
    values = {"review_outcome": outcome, "review_reason": reason, "reviewed_at": at, "reviewed_by": actor}
    step(change, {"review_outcome": "", "outcome": ""}, values)
    note(actor, change, "review", outcome=outcome)


@transaction.atomic
def decide(
    *, actor: User, at: datetime, change: Change, outcome: str, reason: str, from_month: Month | None = None
) -> None:
    """Another officer's word. With `from_month`, which only an increase has, it takes effect at once."""
    courses.decide(actor=actor, at=at, course=change, outcome=outcome, reason=reason)
    if from_month is not None:
        step(change, {"from_month": None}, {"from_month": str(from_month)})
        _pay(actor, at, change, from_month, change.new_amount_fen)


@transaction.atomic
def deliver(
    *,
    actor: User,
    at: datetime,
    change: Change,
    delivered_on: date,
    delivery: str,
    notice_until: date,
    object_until: date,
    from_month: Month | None,
) -> None:
    """The family has the notice. With `from_month`, less is paid from that month on."""
    values = told(actor, delivered_on, delivery, notice_until, object_until)
    if from_month is not None:
        values["from_month"] = str(from_month)
    step(change, {"outcome": "approve", "delivered_on": None}, values)
    if from_month is not None:
        _pay(actor, at, change, from_month, change.new_amount_fen)
    note(actor, change, "deliver", from_month=change.from_month, object_until=object_until.isoformat())


@transaction.atomic
def object_to(*, actor: User, at: datetime, change: Change, objected_on: date, text: str, keeps_paying: bool) -> None:
    """Write down what the family says against it. In time, the old amount goes on until another has answered."""
    step(change, {"objected_on": None}, objected(actor, objected_on, text))
    if keeps_paying and change.from_month is not None:
        _pay(actor, at, change, Month.parse(change.from_month), change.old_amount_fen)
    note(actor, change, "object", keeps_paying=keeps_paying)


@transaction.atomic
def answer(
    *,
    actor: User,
    at: datetime,
    change: Change,
    outcome: str,
    reason: str,
    pays_from: tuple[Month, Fen] | None,
) -> None:
    """Another officer's answer, and the amount that it lets run from a month on, where that is another one."""
    step(change, {"answer": "", "objected_on__isnull": False}, answered(actor, at, outcome, reason))
    if pays_from is not None:
        _pay(actor, at, change, *pays_from)
    note(actor, change, "answer", answer=outcome)


def _pay(actor: User, at: datetime, change: Change, from_month: Month, amount_fen: Fen) -> None:
    new = NewAmount(change.entitlement_id, str(from_month), amount_fen, change.area, change=change)
    write_amounts(actor=actor, at=at, amounts=[new])
