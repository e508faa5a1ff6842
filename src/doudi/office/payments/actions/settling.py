"""What only a person can settle: suspense items, and returned money that may go to the same account again."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.payments.actions.returns import close_or_reopen
from doudi.office.payments.actions.runs import locked_run
from doudi.office.payments.ledger import book, move
from doudi.office.payments.models import LedgerTransaction, Payment, PayRun, RetryPermit, SuspenseItem


class SettlingRefused(Refused):
    """The item can't be settled in this way, or not by this person."""

    code: ClassVar[str] = "DD-PAY-030"


@transaction.atomic
def settle_suspense(*, actor: User, item_id: int, outcome: str, reason: str, at: datetime) -> SuspenseItem:
    """Say what became of doubtful money. Whoever took the bank's file in leaves this to somebody else.

    Where money lies in suspense, `paid` or `returned` moves it and closes all open items on that payment. Where no
    money of ours is concerned, the item can only be `noted`.
    """
    item, run = _open_item(actor, item_id)
    if item.return_line.file.imported_by_id == actor.pk:
        raise SettlingRefused(
            _("Who took the bank's file in cannot settle what is doubtful in it."),
            advice=_("Ask a second person of finance."),
        )
    if not reason.strip():
        raise SettlingRefused(_("A reason is missing."), advice=_("Say what the bank told you, and when."))
    payment = None if item.payment_id is None else Payment.objects.get(pk=item.payment_id)
    if outcome not in SuspenseItem.Outcome.values:
        raise SettlingRefused(_("This outcome does not fit the item."), advice=_("Choose one of the list."))
    holds_money = payment is not None and payment.state == Payment.State.SUSPENSE
    if holds_money != (outcome in (SuspenseItem.Outcome.PAID, SuspenseItem.Outcome.RETURNED)):
        raise SettlingRefused(
            _("This outcome does not fit the item."),
            advice=_("Money in suspense was either paid or returned; a line without money of ours is only noted."),
        )
    items = SuspenseItem.objects.filter(pk=item.pk)
    if payment is not None and holds_money:
        items = SuspenseItem.objects.filter(payment=payment, outcome="")
        _settle_money(run, payment, outcome, actor, at)
    # One by one, because the reason is encrypted for its own column and row.
    for each in items:
        each.outcome, each.settled_at, each.settled_by, each.settlement_reason = outcome, at, actor, reason
        each.save(update_fields=["outcome", "settled_at", "settled_by", "settlement_reason"])
    close_or_reopen(run)
    record(
        actor=actor,
        verb="suspense.settle",
        obj=item,
        area=item.area,
        details={"outcome": outcome, "payment": item.payment_id, "run": run.number},
    )
    item.refresh_from_db()
    return item


@transaction.atomic
def permit_retry(*, actor: User, payment_id: int, reason: str, at: datetime) -> RetryPermit:
    """Allow a returned payment to go to the same account again, because what stood in the way is gone."""
    payment = Payment.objects.select_for_update().filter(pk=payment_id).first()
    if payment is None:
        raise NotYours(_("There is no such record in your area."))
    known = RetryPermit.objects.filter(payment=payment).first()
    if known is not None:
        return known
    if payment.state != Payment.State.RETURNED:
        raise SettlingRefused(_("Only a returned payment can be paid again."), advice=_("Open it to see its state."))
    if not reason.strip():
        raise SettlingRefused(_("A reason is missing."), advice=_("Say what the bank or the family told you."))
    permit = RetryPermit.objects.create(payment=payment, reason=reason, given_at=at, given_by=actor, area=payment.area)
    record(actor=actor, verb="payment.retry", obj=payment, area=payment.area, details={"permit": permit.pk})
    return permit


def _open_item(actor: User, item_id: int) -> tuple[SuspenseItem, PayRun]:
    found = SuspenseItem.objects.select_related("return_line__file").filter(pk=item_id).first()
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    run = locked_run(actor, found.return_line.file.run_id)
    # Read again under the run's lock: somebody may have settled it just now.
    item = SuspenseItem.objects.select_related("return_line__file").get(pk=item_id)
    if item.outcome:
        raise SettlingRefused(_("This item has already been settled."), advice=_("Open it to see by whom and how."))
    return item, run


def _settle_money(run: PayRun, payment: Payment, outcome: str, actor: User, at: datetime) -> None:
    book(
        kind=LedgerTransaction.Kind.SETTLEMENT,
        document=payment.reference,
        entries=move(run.fund_id, Payment.State.SUSPENSE, outcome, payment.amount_fen, payment.pk),
        actor=actor,
        at=at,
        run=run,
    )
    Payment.objects.filter(pk=payment.pk, state=Payment.State.SUSPENSE).update(state=outcome)
