"""What came back from the bank: files, money still owed, doubtful lines, and accounts waiting for a second person."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from doudi.engine.values.identity import mask_account
from doudi.engine.values.money import Fen
from doudi.office.audit.actions import record_read
from doudi.office.org.models import User
from doudi.office.payments.models import PayeeChange, Payment, ReturnFile, ReturnLine, SuspenseItem
from doudi.office.payments.planning import LIVING
from doudi.office.registry.models import BankAccount


@dataclass(frozen=True)
class ReturnFileRow:
    """A return file that was taken in."""

    file_id: int
    number: str
    run_id: int
    run_number: str
    sha256: str
    line_count: int
    answers_an_altered_file: bool
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True)
class ReturnedRow:
    """A payment that the bank returned: the household is still owed it. `next_step` says what it waits for:
    `new_account` (correct the account), `ready` (the next run pays it) or `in_run` (a run is paying it)."""

    payment_id: int
    reference: str
    run_id: int
    run_number: str
    household_id: int
    household_number: str
    holder: str
    account_masked: str
    month: str
    amount_fen: Fen
    bank_reason: str
    next_step: str


@dataclass(frozen=True)
class SuspenseRow:
    """A doubtful line of the bank's that waits for a person; `age_days` counts since it was opened."""

    item_id: int
    kind: str
    kind_label: str
    run_id: int
    run_number: str
    return_number: str
    reference: str
    claimed_fen: Fen | None
    claimed_result: str
    payment_id: int | None
    instructed_fen: Fen | None
    holds_money: bool
    bank_reason: str
    opened_at: datetime
    age_days: int
    imported_by_id: int


@dataclass(frozen=True)
class PayeeChangeRow:
    """A proposed account that waits for a second person."""

    change_id: int
    household_id: int
    household_number: str
    holder: str
    bank: str
    account_masked: str
    old_account_masked: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    proposed_by_id: int


def return_files(county: str, *, run_id: int | None = None) -> tuple[ReturnFileRow, ...]:
    """The return files of a county, newest first; of one run if asked."""
    found = ReturnFile.objects.filter(run__county__startswith=county)
    if run_id is not None:
        found = found.filter(run=run_id)
    return tuple(
        ReturnFileRow(
            file_id=each.pk,
            number=each.number,
            run_id=each.run_id,
            run_number=each.run.number,
            sha256=each.sha256,
            line_count=each.line_count,
            answers_an_altered_file=each.answers_an_altered_file,
            imported_at=each.imported_at,
            imported_by=each.imported_by.display_name,
        )
        for each in found.select_related("run", "imported_by").defer("sealed_content").order_by("-pk")
    )


def count_owed(county: str) -> int:
    """How many returned payments wait to be paid again; names nobody."""
    return _owed(county).count()


def owed_returns(county: str, *, reader: User) -> tuple[ReturnedRow, ...]:
    """Returned payments that nobody has paid again yet, oldest first: finance's list of what to put right."""
    found = list(
        _owed(county)
        .select_related("run", "entitlement_month__household", "account__holder", "retry_permit")
        .order_by("pk")
    )
    holders = [each.account.holder for each in found]
    record_read(actor=reader, objects=holders, fields=("name", "account"), area=county, purpose="returned payments")
    reasons = {
        line.payment_id: line.reason
        for line in ReturnLine.objects.filter(payment__in=found, result="failure").order_by("pk")
    }
    current = dict(
        BankAccount.objects.filter(
            household__in=[each.entitlement_month.household_id for each in found], active=True
        ).values_list("household_id", "number_index")
    )
    in_drafts = set(
        Payment.objects.filter(replaces__in=found, state=Payment.State.DRAFT).values_list("replaces_id", flat=True)
    )
    return tuple(_returned(each, reasons.get(each.pk, ""), current, is_in_draft=each.pk in in_drafts) for each in found)


def suspense_items(county: str, *, on: date) -> tuple[SuspenseRow, ...]:
    """Open items, oldest first."""
    found = (
        SuspenseItem.objects.filter(outcome="", return_line__file__run__county__startswith=county)
        .select_related("return_line__file__run", "payment")
        .order_by("pk")
    )
    return tuple(_suspense(each, on) for each in found)


def payee_changes(county: str, *, reader: User) -> tuple[PayeeChangeRow, ...]:
    """Proposed accounts that nobody has confirmed or refused yet, oldest first."""
    found = list(
        PayeeChange.objects.filter(outcome="", area__startswith=county)
        .select_related("household", "holder", "replaces", "proposed_by")
        .order_by("pk")
    )
    holders = [each.holder for each in found]
    record_read(actor=reader, objects=holders, fields=("name", "account"), area=county, purpose="payee account")
    return tuple(
        PayeeChangeRow(
            change_id=each.pk,
            household_id=each.household_id,
            household_number=each.household.number,
            holder=each.holder.name,
            bank=each.bank_name,
            account_masked=mask_account(each.number),
            old_account_masked=mask_account(each.replaces.number) if each.replaces else "",
            reason=each.reason,
            proposed_at=each.proposed_at,
            proposed_by=each.proposed_by.display_name,
            proposed_by_id=each.proposed_by_id,
        )
        for each in found
    )


def _owed(county: str) -> QuerySet[Payment]:
    paid_again = Payment.objects.filter(replaces=OuterRef("pk"), state__in=(*LIVING, Payment.State.RETURNED))
    return Payment.objects.filter(run__county__startswith=county, state=Payment.State.RETURNED).exclude(
        Exists(paid_again.exclude(state=Payment.State.DRAFT))
    )


def _returned(each: Payment, bank_reason: str, current: dict[int, str], *, is_in_draft: bool) -> ReturnedRow:
    household = each.entitlement_month.household
    account_index = current.get(household.pk)
    has_way = account_index is not None and (account_index != each.account_index or hasattr(each, "retry_permit"))
    return ReturnedRow(
        payment_id=each.pk,
        reference=each.reference,
        run_id=each.run_id,
        run_number=each.run.number,
        household_id=household.pk,
        household_number=household.number,
        holder=each.account.holder.name,
        account_masked=mask_account(each.account.number),
        month=each.entitlement_month.month,
        amount_fen=each.amount_fen,
        bank_reason=bank_reason,
        next_step="in_run" if is_in_draft else "ready" if has_way else "new_account",
    )


def _suspense(each: SuspenseItem, on: date) -> SuspenseRow:
    line, payment = each.return_line, each.payment
    return SuspenseRow(
        item_id=each.pk,
        kind=each.kind,
        kind_label=each.get_kind_display(),
        run_id=line.file.run_id,
        run_number=line.file.run.number,
        return_number=line.file.number,
        reference=line.reference,
        claimed_fen=line.amount_fen,
        claimed_result=line.result,
        payment_id=each.payment_id,
        instructed_fen=payment.amount_fen if payment else None,
        holds_money=payment is not None and payment.state == Payment.State.SUSPENSE,
        bank_reason=line.reason,
        opened_at=each.opened_at,
        age_days=(on - timezone.localdate(each.opened_at)).days,
        imported_by_id=line.file.imported_by_id,
    )
