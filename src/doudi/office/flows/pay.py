"""Paying: from what is owed to what the bank did, each step one call for a screen or a command.

All arguments are keyword-only; `actor` is the org.User who acts, `at` the instant, `keyring` the office's keys.

    open_fund(actor, county, programme, year, name, at) -> Fund                              money.prepare
    appropriate(actor, fund_id, amount_fen, document, at) -> LedgerTransaction               money.prepare
        once for each document
    correct_appropriation(actor, transaction_id, amount_fen, document, at)                   money.prepare
        a reversal and a new booking
    prepare_run(actor, county, programme, month, at) -> Prepared(run, is_replay)             money.prepare
        a draft of all that is due and unpaid; the draft that is there is found
    discard_run(actor, run_id, reason, at) -> PayRun                                         money.prepare
    release_run(actor, run_id, at, keyring) -> PayRun                                        money.release
        by another person: commits the money and writes the bank file
    download_bank_file(actor, run_id, keyring) -> bytes                                      money.send
    mark_sent(actor, run_id, handed_over: bytes, at, keyring) -> PayRun                      money.send
        the file given to the bank is uploaded and compared byte for byte
    import_return_file(actor, content: bytes, at, keyring) -> ReturnReport                   money.returns
        the same bytes again give the first report, with is_replay
    settle_suspense(actor, item_id, outcome, reason, at) -> SuspenseItem                     money.returns
        `paid` | `returned` | `noted`; not by who took the file in
    permit_retry(actor, payment_id, reason, at) -> RetryPermit                               money.repay
        a returned payment may go to the same account again
    propose_account(actor, household_id, holder_id, bank_name, number, reason, at, keyring)  money.repay
        -> PayeeChange, not yet in force
    decide_account(actor, change_id, is_confirmed, at, keyring) -> PayeeChange               money.repay
        by another person

A returned month needs no step of its own: the next run prepared after its account was corrected pays it.

Reads for the screens are in `doudi.office.payments.queries` and give plain dataclasses. `county` is the reader's own
area code (`actor.area_id`); a run or fund elsewhere is None, as one that does not exist.

    funds with balances                 funds(county), fund(fund_id, county)
    a fund's bookings                   fund_transactions(fund_id, offset=, limit=)
    runs, one run                       runs(county, offset=, limit=), run(run_id, county)
    a run's lines                       run_lines(run_id, reader=, search=, offset=, limit=) -> (lines, count)
    changes since last month            differences(run_id)
    what could not be paid              unpayable(run_id); without a run: obstacles(county=, programme=, month=, on=)
    what the bank answered              return_files(county, run_id=)
    what came back and is owed          owed_returns(county, reader=), count_owed(county)
    what is doubtful                    suspense_items(county, on=)
    accounts for a second person        payee_changes(county, reader=)
    does it all agree                   reconciliation(run_id, county, keyring)
    what a household was paid           payments_of(household_id)
    what a household was granted        entitlements.queries.entitlements_of(household_id), .entitlement(entitlement_id)
    the whole ledger                    verify_ledger(keyring) -> LedgerReport(checks, .is_sound)

Refusals are `doudi.office.errors.Refused`: plain words for the user and an HTTP status.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.engine.values.seal import unseal
from doudi.office.audit.freshness import require_anchor
from doudi.office.casework.models import StepRecord
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements.month_actions import open_months
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.payments.actions import funds, payees, returns, runs, settling
from doudi.office.payments.actions.returns import ReturnReport
from doudi.office.payments.actions.runs import Prepared, RunRefused
from doudi.office.payments.bank_file import verify_bank_file
from doudi.office.payments.models import (
    BankFile,
    Fund,
    LedgerTransaction,
    PayeeChange,
    Payment,
    PayRun,
    RetryPermit,
    SuspenseItem,
)
from doudi.office.registry.actions import set_account
from doudi.office.registry.models import Household, Person


def open_fund(*, actor: User, county: str, programme: str, year: int, name: str, at: datetime) -> Fund:
    """Open the fund of a county, programme and year, or find it."""
    require(actor, "money.prepare")
    return funds.open_fund(actor=actor, county=county, programme=programme, year=year, name=name, at=at)


def appropriate(*, actor: User, fund_id: int, amount_fen: Fen, document: str, at: datetime) -> LedgerTransaction:
    """Book money given to a fund by a document; the same document again has no further effect."""
    require(actor, "money.prepare")
    return funds.appropriate(actor=actor, fund_id=fund_id, amount_fen=amount_fen, document=document, at=at)


def correct_appropriation(
    *, actor: User, transaction_id: int, amount_fen: Fen, document: str, at: datetime
) -> LedgerTransaction:
    """Take a wrong appropriation back and book the right one."""
    require(actor, "money.prepare")
    return funds.correct_appropriation(
        actor=actor, transaction_id=transaction_id, amount_fen=amount_fen, document=document, at=at
    )


def prepare_run(*, actor: User, county: str, programme: str, month: Month, at: datetime) -> Prepared:
    """Put everything that is due and unpaid up to a month into a draft, or find the draft that is there."""
    require(actor, "money.prepare")
    runs.refuse_unready(actor=actor, county=county, month=month, at=at)
    # Apart from the run: the months are due and stay written also when nothing of them can be paid today.
    open_months(county=county, programme=programme, through=month)
    return runs.prepare_run(actor=actor, county=county, programme=programme, month=month, at=at)


def discard_run(*, actor: User, run_id: int, reason: str, at: datetime) -> PayRun:
    """Throw a draft away."""
    require(actor, "money.prepare")
    return runs.discard_run(actor=actor, run_id=run_id, reason=reason, at=at)


def release_run(*, actor: User, run_id: int, at: datetime, keyring: Keyring) -> PayRun:
    """Commit a draft's money and write its file for the bank; by another person than who prepared it."""
    require(actor, "money.release")
    require_anchor()
    _refuse_part_in_cases(actor, run_id)
    return runs.release_run(actor=actor, run_id=run_id, at=at, keyring=keyring)


@transaction.atomic
def download_bank_file(*, actor: User, run_id: int, keyring: Keyring) -> bytes:
    """The released file, opened and checked. Whoever takes it leaves a trace."""
    require(actor, "money.send")
    run = runs.note_download(actor=actor, run_id=run_id)
    stored = BankFile.objects.filter(run=run).first()
    if stored is None:
        raise RunRefused(_("This run has no bank file yet."), advice=_("Release it first."))
    content = unseal(keyring, bytes(stored.sealed_content), runs.seal_purpose(run, "bank-file"))
    verify_bank_file(content, keyring)
    return content


def mark_sent(*, actor: User, run_id: int, handed_over: bytes, at: datetime, keyring: Keyring) -> PayRun:
    """Note that the bank has the file, comparing what it was given with what was released."""
    require(actor, "money.send")
    return runs.mark_sent(actor=actor, run_id=run_id, handed_over=handed_over, at=at, keyring=keyring)


def import_return_file(*, actor: User, content: bytes, at: datetime, keyring: Keyring) -> ReturnReport:
    """Take in the bank's answer."""
    require(actor, "money.returns")
    return returns.import_return_file(actor=actor, content=content, at=at, keyring=keyring)


def settle_suspense(*, actor: User, item_id: int, outcome: str, reason: str, at: datetime) -> SuspenseItem:
    """Say what became of doubtful money: `paid`, `returned`, or `noted` where no money of ours is concerned."""
    require(actor, "money.returns")
    return settling.settle_suspense(actor=actor, item_id=item_id, outcome=outcome, reason=reason, at=at)


def permit_retry(*, actor: User, payment_id: int, reason: str, at: datetime) -> RetryPermit:
    """Allow a returned payment to go to the same account in the next run."""
    require(actor, "money.repay")
    return settling.permit_retry(actor=actor, payment_id=payment_id, reason=reason, at=at)


def propose_account(
    *,
    actor: User,
    household_id: int,
    holder_id: int,
    bank_name: str,
    number: str,
    reason: str,
    at: datetime,
    keyring: Keyring,
) -> PayeeChange:
    """Write down a household's new account. Nothing is paid to it before a second person has confirmed it."""
    require(actor, "money.repay")
    household = Household.objects.filter(pk=household_id).first()
    holder = Person.objects.filter(pk=holder_id).first()
    if household is None or holder is None:
        raise NotYours(_("There is no such record in your area."))
    refuse_near_relatives(household, actor)
    return payees.propose_account(
        actor=actor,
        household=household,
        holder=holder,
        bank_name=bank_name,
        number=number,
        reason=reason,
        at=at,
        keyring=keyring,
    )


@transaction.atomic
def decide_account(*, actor: User, change_id: int, is_confirmed: bool, at: datetime, keyring: Keyring) -> PayeeChange:
    """Confirm a proposed account, which then takes the old one's place, or refuse it."""
    require(actor, "money.repay")
    change = payees.decide_account(actor=actor, change_id=change_id, is_confirmed=is_confirmed, at=at)
    refuse_near_relatives(change.household, actor)
    if is_confirmed:
        set_account(
            actor=actor,
            household=change.household,
            holder=change.holder,
            bank_name=change.bank_name,
            number=change.number,
            keyring=keyring,
        )
    return change


def _refuse_part_in_cases(actor: User, run_id: int) -> None:
    """Nobody pays on a case in which they had a part themselves, in whichever role they were then (promise P22)."""
    cases = Payment.objects.filter(run=run_id).values("entitlement_month__entitlement__case")
    had_part = StepRecord.objects.filter(Q(done_by=actor) | Q(done_with=actor), case__in=cases)
    if had_part.exists():
        raise Refused(
            _("You had a part in a case that this run pays."), advice=_("Ask another person of finance to release it.")
        )
