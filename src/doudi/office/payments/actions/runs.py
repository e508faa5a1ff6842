"""Pay runs: prepared by one person, released by another, handed to the bank as one signed file."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.engine.values.seal import seal
from doudi.office.audit.actions import record
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.payments.actions.funds import refuse_other_county
from doudi.office.payments.bank_file import (
    BankFileAltered,
    BankFileContent,
    Instruction,
    signature_of,
    verify_bank_file,
    write_bank_file,
)
from doudi.office.payments.ledger import Account, Entry, FundTooSmall, balance_fen, book, lock_funds
from doudi.office.payments.models import BankFile, Fund, LedgerTransaction, Payment, PayRun, UnpayableMonth
from doudi.office.payments.planning import Plan, plan_run
from doudi.office.payments.reference import payment_reference, run_number

# Ten thousand rows at a time keep one statement's memory small.
_ROWS_AT_A_TIME = 10_000


class RunRefused(Refused):
    """The run can't take this step as things stand."""

    code: ClassVar[str] = "DD-PAY-003"


@dataclass(frozen=True)
class Prepared:
    """The run, and whether it was there already."""

    run: PayRun
    is_replay: bool


def seal_purpose(run: PayRun, kind: str) -> str:
    """What a sealed file of this run is sealed for; moved to another run, it does not open."""
    return f"payments:{kind}:{run.number}"


@transaction.atomic
def prepare_run(*, actor: User, county: str, programme: str, month: Month, at: datetime) -> Prepared:
    """Put the opened, unpaid months up to this one into a draft. A draft that is there is found, not doubled."""
    refuse_unready(actor=actor, county=county, month=month, at=at)
    fund = _locked_fund(county, programme, month)
    runs = PayRun.objects.filter(county=county, programme=programme, month=str(month))
    draft = runs.filter(state=PayRun.State.DRAFT).first()
    if draft is not None:
        return Prepared(draft, is_replay=True)
    plan = plan_run(county=county, programme=programme, month=month, on=timezone.localdate(at))
    _refuse_plan(plan, fund)
    sequence = (runs.aggregate(last=Max("sequence"))["last"] or 0) + 1
    run = PayRun.objects.create(
        number=run_number(county=county, programme=programme, month=month, sequence=sequence),
        county=county,
        programme=programme,
        month=str(month),
        sequence=sequence,
        fund=fund,
        state=PayRun.State.DRAFT,
        line_count=len(plan.lines),
        total_fen=plan.total_fen,
        prepared_at=at,
        prepared_by=actor,
    )
    _write_lines(run, plan)
    record(
        actor=actor,
        verb="run.prepare",
        obj=run,
        area=county,
        details={"lines": run.line_count, "total_fen": run.total_fen, "unpayable": len(plan.obstacles)},
    )
    return Prepared(run, is_replay=False)


def refuse_unready(*, actor: User, county: str, month: Month, at: datetime) -> None:
    """A run is of the actor's own county, and not of a month further ahead than the next."""
    refuse_other_county(actor, county)
    if month > Month.of(timezone.localdate(at)).next():
        raise RunRefused(_("This month is too far ahead to be paid."), advice=_("Prepare it in the month before."))


@transaction.atomic
def discard_run(*, actor: User, run_id: int, reason: str, at: datetime) -> PayRun:
    """Throw a draft away; its months are free for the next one."""
    run = locked_run(actor, run_id)
    if run.state != PayRun.State.DRAFT:
        raise RunRefused(_("Only a draft can be discarded."), advice=_("Returned money is paid in a later run."))
    if not reason.strip():
        raise RunRefused(_("A reason is missing."), advice=_("Say why the draft is discarded."))
    PayRun.objects.filter(pk=run.pk).update(
        state=PayRun.State.DISCARDED, discarded_at=at, discarded_by=actor, discard_reason=reason.strip()
    )
    run.payments.update(state=Payment.State.WITHDRAWN)
    record(actor=actor, verb="run.discard", obj=run, area=run.county)
    run.refresh_from_db()
    return run


@transaction.atomic
def release_run(*, actor: User, run_id: int, at: datetime, keyring: Keyring) -> PayRun:
    """Commit the run's money and write the file for the bank, as one act by another person than who prepared it."""
    run = locked_run(actor, run_id)
    if run.state != PayRun.State.DRAFT:
        raise RunRefused(
            _("The run has already been released or discarded."), advice=_("Open the run to see by whom and when.")
        )
    if run.prepared_by_id == actor.pk:
        raise RunRefused(
            _("Who prepared a run cannot release it."), advice=_("Ask a second person of finance to release it.")
        )
    payments = list(run.payments.select_related("account__holder", "replaces__run").order_by("line"))
    if len(payments) != run.line_count:
        raise NotYours(_("There is no such record in your area."))
    _refuse_changed_accounts(payments)
    book(
        kind=LedgerTransaction.Kind.RELEASE,
        document=run.number,
        entries=_release_entries(run, payments),
        actor=actor,
        at=at,
        run=run,
    )
    run.payments.update(state=Payment.State.IN_TRANSIT)
    PayRun.objects.filter(pk=run.pk).update(state=PayRun.State.RELEASED, released_at=at, released_by=actor)
    bank_file = _write_file(run, payments, at, keyring)
    record(
        actor=actor,
        verb="run.release",
        obj=run,
        area=run.county,
        details={"lines": run.line_count, "total_fen": run.total_fen, "sha256": bank_file.sha256},
    )
    run.refresh_from_db()
    return run


@transaction.atomic
def mark_sent(*, actor: User, run_id: int, handed_over: bytes, at: datetime, keyring: Keyring) -> PayRun:
    """Note that the bank has the file. The very file handed over is compared, byte for byte, with the one released."""
    run = locked_run(actor, run_id)
    digest = hashlib.sha256(handed_over).hexdigest()
    if digest != BankFile.objects.filter(run=run).values_list("sha256", flat=True).first():
        raise BankFileAltered(
            _("The file handed over is not the one released for this run."),
            advice=_("Stop the bank at once if it has this file. Download the run's bank file again."),
        )
    verify_bank_file(handed_over, keyring)
    if run.state in (PayRun.State.SENT, PayRun.State.RECONCILED):
        return run
    PayRun.objects.filter(pk=run.pk, state=PayRun.State.RELEASED).update(
        state=PayRun.State.SENT, sent_at=at, sent_by=actor
    )
    record(actor=actor, verb="run.send", obj=run, area=run.county, details={"sha256": digest})
    run.refresh_from_db()
    return run


@transaction.atomic
def note_download(*, actor: User, run_id: int) -> PayRun:
    """Leave a trace of who took the file with everybody's accounts."""
    run = locked_run(actor, run_id)
    record(actor=actor, verb="run.download", obj=run, area=run.county, purpose="bank file")
    return run


def locked_run(actor: User, run_id: int) -> PayRun:
    """The run's row, held until the transaction ends: steps of one run stand in line."""
    run = PayRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or not run.county.startswith(actor.area_id):
        raise NotYours(_("There is no such record in your area."))
    return run


def _locked_fund(county: str, programme: str, month: Month) -> Fund:
    fund = Fund.objects.filter(county=county, programme=programme, year=month.year).first()
    if fund is None:
        raise RunRefused(
            _("There is no fund for this programme and year."), advice=_("Open it and appropriate money to it.")
        )
    return lock_funds([fund.pk])[0]


def _refuse_plan(plan: Plan, fund: Fund) -> None:
    if not plan.lines:
        raise RunRefused(
            _("Nothing can be paid: %(count)d months are due, and something stands in the way of each.")
            % {"count": len(plan.obstacles)}
            if plan.obstacles
            else _("Nothing is due that is not already in a run."),
            advice=_("See the list of what cannot be paid and why.") if plan.obstacles else "",
        )
    drafts = sum(PayRun.objects.filter(fund=fund, state=PayRun.State.DRAFT).values_list("total_fen", flat=True))
    coming_back = sum(
        line.month.amount_fen for line in plan.lines if line.replaces and line.replaces.run.fund_id == fund.pk
    )
    if plan.total_fen + drafts > balance_fen(fund.pk, Account.AVAILABLE) + coming_back:
        raise FundTooSmall(
            _("The fund has less available than this run and the drafts before it need."),
            advice=_("Appropriate more money to the fund first."),
        )


def _write_lines(run: PayRun, plan: Plan) -> None:
    Payment.objects.bulk_create(
        (
            Payment(
                run=run,
                line=number,
                reference=payment_reference(run.number, number),
                kind=line.kind,
                entitlement_month=line.month,
                replaces=line.replaces,
                account=line.account,
                account_index=line.account.number_index,
                amount_fen=line.month.amount_fen,
                state=Payment.State.DRAFT,
                area=line.month.area,
            )
            for number, line in enumerate(plan.lines, start=1)
        ),
        batch_size=_ROWS_AT_A_TIME,
    )
    UnpayableMonth.objects.bulk_create(
        (
            UnpayableMonth(run=run, entitlement_month=each.month, reason=each.reason, area=each.month.area)
            for each in plan.obstacles
        ),
        batch_size=_ROWS_AT_A_TIME,
    )


def _refuse_changed_accounts(payments: Iterable[Payment]) -> None:
    """An account that changed between preparing and releasing was seen by nobody in the draft."""
    changed = [
        payment.line
        for payment in payments
        if not payment.account.active or payment.account.number_index != payment.account_index
    ]
    if changed:
        raise RunRefused(
            _("The payee accounts of %(count)d lines have changed since the run was prepared; line %(line)d first.")
            % {"count": len(changed), "line": changed[0]},
            advice=_("Discard the draft and prepare it anew, so that the new accounts are seen."),
        )


def _release_entries(run: PayRun, payments: Iterable[Payment]) -> list[Entry]:
    """Returned money first comes back to the fund that it left, then the whole run leaves its own fund."""
    entries = [Entry(run.fund_id, Account.AVAILABLE, -run.total_fen)]
    back: dict[int, int] = {}
    for payment in payments:
        if payment.replaces is not None:
            source = payment.replaces.run.fund_id
            back[source] = back.get(source, 0) + payment.amount_fen
            entries.append(Entry(source, Account.RETURNED, -payment.amount_fen, payment.replaces.pk))
        entries.append(Entry(run.fund_id, Account.IN_TRANSIT, payment.amount_fen, payment.pk))
    return entries + [Entry(fund_id, Account.AVAILABLE, fen) for fund_id, fen in back.items()]


def _write_file(run: PayRun, payments: Iterable[Payment], at: datetime, keyring: Keyring) -> BankFile:
    content = write_bank_file(
        BankFileContent(
            run=run.number,
            county=run.county,
            programme=run.programme,
            month=run.month,
            total_fen=run.total_fen,
            instructions=tuple(
                Instruction(
                    reference=payment.reference,
                    holder=payment.account.holder.name,
                    bank=payment.account.bank_name,
                    account=payment.account.number,
                    amount_fen=payment.amount_fen,
                )
                for payment in payments
            ),
        ),
        keyring,
    )
    return BankFile.objects.create(
        run=run,
        sealed_content=seal(keyring, content, seal_purpose(run, "bank-file")),
        byte_count=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        signature=signature_of(content),
        written_at=at,
        area=run.county,
    )
