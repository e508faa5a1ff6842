"""The bank's answer: taken in once, booked in one transaction, and whatever is doubtful left to a person."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.engine.values.seal import seal
from doudi.office.audit.actions import record
from doudi.office.errors import NotYours, Unacceptable
from doudi.office.org.models import User
from doudi.office.payments.actions.funds import refuse_other_county
from doudi.office.payments.actions.runs import RunRefused, locked_run, seal_purpose
from doudi.office.payments.judgement import Effect, Judgement, Kind, judge
from doudi.office.payments.ledger import book, move
from doudi.office.payments.models import (
    BankFile,
    LedgerTransaction,
    Payment,
    PayRun,
    ReturnFile,
    ReturnLine,
    SuspenseItem,
)
from doudi.office.payments.reference import is_well_formed
from doudi.office.payments.return_file import BankAnswer, BankLine, read_return_file

_MOVES_MONEY = (Effect.PAID, Effect.RETURNED, Effect.SUSPENSE)
_ROWS_AT_A_TIME = 10_000


class ReturnNumberReused(Unacceptable):
    """The bank's return number is known with other content (promise P3)."""

    code: ClassVar[str] = "DD-PAY-021"


@dataclass(frozen=True)
class ReturnReport:
    """What a return file did. For a file that was taken in before, what it did then."""

    file_id: int
    run_id: int
    run_number: str
    return_number: str
    is_replay: bool
    answers_an_altered_file: bool
    line_count: int
    paid: int
    returned: int
    suspense: int
    listed: int
    repeated: int


@transaction.atomic
def import_return_file(*, actor: User, content: bytes, at: datetime, keyring: Keyring) -> ReturnReport:
    """Take in a return file. The same bytes again change nothing and give the first report."""
    digest = hashlib.sha256(content).hexdigest()
    answer = read_return_file(content)
    run = _run_of(actor, answer)
    known = ReturnFile.objects.filter(sha256=digest).first()
    if known is not None:
        return report_of(known, is_replay=True)
    if ReturnFile.objects.filter(run=run, number=answer.number).exists():
        raise ReturnNumberReused(
            _("A return file with this number is known, with other content. Nothing was changed."),
            advice=_("Ask the bank which of the two is right, and for a new number."),
        )
    altered = answer.bank_file_sha256 != BankFile.objects.get(run=run).sha256
    file = ReturnFile.objects.create(
        run=run,
        number=answer.number,
        sha256=digest,
        sealed_content=seal(keyring, content, seal_purpose(run, "return-file")),
        line_count=len(answer.lines),
        answers_an_altered_file=altered,
        imported_at=at,
        imported_by=actor,
        area=run.county,
    )
    payments = _payments_of(run, answer)
    judgements = _judge_all(payments, answer, altered)
    _write_lines(file, answer, payments, judgements, at)
    _move_money(file, payments, judgements, actor, at)
    close_or_reopen(run)
    report = report_of(file, is_replay=False)
    record(
        actor=actor,
        verb="return.import",
        obj=file,
        area=run.county,
        details={
            "run": run.number,
            "number": answer.number,
            "sha256": digest,
            "altered": altered,
            "paid": report.paid,
            "returned": report.returned,
            "suspense": report.suspense,
            "listed": report.listed,
        },
    )
    return report


def report_of(file: ReturnFile, *, is_replay: bool) -> ReturnReport:
    """Count what the lines of a return file did when it was taken in."""
    counts = Counter(file.lines.values_list("effect", flat=True))
    return ReturnReport(
        file_id=file.pk,
        run_id=file.run_id,
        run_number=file.run.number,
        return_number=file.number,
        is_replay=is_replay,
        answers_an_altered_file=file.answers_an_altered_file,
        line_count=file.line_count,
        paid=counts[Effect.PAID],
        returned=counts[Effect.RETURNED],
        suspense=counts[Effect.SUSPENSE],
        listed=counts[Effect.LISTED],
        repeated=counts[Effect.REPEATED],
    )


def close_or_reopen(run: PayRun) -> None:
    """A run is reconciled while none of its money is with the bank or in suspense."""
    open_states = (Payment.State.IN_TRANSIT, Payment.State.SUSPENSE)
    is_open = run.payments.filter(state__in=open_states).exists()
    target = PayRun.State.SENT if is_open else PayRun.State.RECONCILED
    PayRun.objects.filter(pk=run.pk, state__in=[PayRun.State.SENT, PayRun.State.RECONCILED]).update(state=target)


def _run_of(actor: User, answer: BankAnswer) -> PayRun:
    found = PayRun.objects.filter(number=answer.run).first()
    if found is None:
        raise NotYours(
            _("The file answers a run that is not known here."), advice=_("Ask the bank for the right file.")
        )
    refuse_other_county(actor, found.county)
    run = locked_run(actor, found.pk)
    if run.state not in (PayRun.State.SENT, PayRun.State.RECONCILED):
        raise RunRefused(
            _("The bank answers a run that is not marked as sent."),
            advice=_("Mark the run as sent with the file that the bank was given, then take the answer in again."),
        )
    return run


def _payments_of(run: PayRun, answer: BankAnswer) -> dict[str, Payment]:
    named = {line.reference for line in answer.lines if is_well_formed(line.reference)}
    return {payment.reference: payment for payment in run.payments.all() if payment.reference in named}


def _judge_all(payments: Mapping[str, Payment], answer: BankAnswer, altered: bool) -> dict[str, Judgement]:
    said: dict[str, list[BankLine]] = defaultdict(list)
    for line in answer.lines:
        if line.reference in payments and line.result != "unreadable":
            said[line.reference].append(line)
    paid_again = set(
        Payment.objects.filter(replaces__in=[payments[each] for each in said])
        .exclude(state=Payment.State.WITHDRAWN)
        .values_list("replaces_id", flat=True)
    )
    return {
        reference: judge(
            state=payments[reference].state,
            amount_fen=payments[reference].amount_fen,
            is_paid_again=payments[reference].pk in paid_again,
            lines=lines,
            altered=altered,
        )
        for reference, lines in said.items()
    }


def _write_lines(
    file: ReturnFile,
    answer: BankAnswer,
    payments: Mapping[str, Payment],
    judgements: Mapping[str, Judgement],
    at: datetime,
) -> None:
    """Every line is kept. Of several lines on one payment, the first carries the effect."""
    rows: list[ReturnLine] = []
    troubles: list[str] = []
    seen: set[str] = set()
    for line in answer.lines:
        judgement = _judgement_on(line, judgements, seen)
        payment = payments.get(line.reference)
        rows.append(
            ReturnLine(
                file=file,
                line=line.line,
                reference=line.reference,
                payment=payment,
                amount_fen=line.amount_fen,
                result=line.result,
                reason=line.reason,
                effect=judgement.effect,
                area=payment.area if payment else file.area,
            )
        )
        troubles.append(judgement.trouble)
    ReturnLine.objects.bulk_create(rows, batch_size=_ROWS_AT_A_TIME)
    SuspenseItem.objects.bulk_create(
        SuspenseItem(return_line=row, payment_id=row.payment_id, kind=trouble, opened_at=at, area=row.area)
        for row, trouble in zip(rows, troubles, strict=True)
        if trouble
    )


def _judgement_on(line: BankLine, judgements: Mapping[str, Judgement], seen: set[str]) -> Judgement:
    if line.result == "unreadable":
        return Judgement(Effect.LISTED, Kind.UNREADABLE)
    judgement = judgements.get(line.reference)
    if judgement is None:
        return Judgement(Effect.LISTED, Kind.UNKNOWN_REFERENCE)
    if line.reference in seen:
        return Judgement(Effect.REPEATED)
    seen.add(line.reference)
    return judgement


def _move_money(
    file: ReturnFile,
    payments: Mapping[str, Payment],
    judgements: Mapping[str, Judgement],
    actor: User,
    at: datetime,
) -> None:
    moving: dict[str, list[Payment]] = defaultdict(list)
    for reference, judgement in judgements.items():
        if judgement.effect in _MOVES_MONEY:
            moving[judgement.effect].append(payments[reference])
    entries = [
        entry
        for effect, group in sorted(moving.items())
        for payment in group
        for entry in move(file.run.fund_id, payment.state, effect, payment.amount_fen, payment.pk)
    ]
    if not entries:
        return
    book(
        kind=LedgerTransaction.Kind.ANSWER,
        document=f"{file.run.number} {file.number}",
        entries=entries,
        actor=actor,
        at=at,
        run=file.run,
        return_file=file,
    )
    for effect, group in moving.items():
        Payment.objects.filter(pk__in=[payment.pk for payment in group]).update(state=effect)
