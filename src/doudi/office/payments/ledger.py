"""Booking: the only place in which postings are written, and always as one whole transaction.

The database checks each transaction again at commit (migration `0002_ledger_rules`). What is refused here is refused
with words for a person; what is refused there is a fault of ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.payments.models import Fund, LedgerTransaction, PayRun, Posting, ReturnFile

Account = Posting.Account


class FundTooSmall(Refused):
    """The fund has not enough left for this."""

    code: ClassVar[str] = "DD-PAY-001"


@dataclass(frozen=True)
class Entry:
    """One side of a transaction before it is booked."""

    fund_id: int
    account: str
    amount_fen: Fen
    payment_id: int | None = None


def lock_funds(fund_ids: Iterable[int]) -> list[Fund]:
    """Take the funds' rows for this transaction, in one order for all, so that no two bookings wait for each other."""
    return list(Fund.objects.select_for_update().filter(pk__in=set(fund_ids)).order_by("pk"))


def balance_fen(fund_id: int, account: str) -> Fen:
    """What an account of a fund holds. Lock the fund first if anything is decided on it."""
    found = Posting.objects.filter(fund_id=fund_id, account=account).aggregate(held=Sum("amount_fen"))["held"]
    return int(found or 0)


def move(fund_id: int, source: str, target: str, amount_fen: Fen, payment_id: int) -> tuple[Entry, Entry]:
    """The two sides of moving one payment's whole amount from one account to another."""
    return (
        Entry(fund_id, source, -amount_fen, payment_id),
        Entry(fund_id, target, amount_fen, payment_id),
    )


def book(
    *,
    kind: str,
    document: str,
    entries: Sequence[Entry],
    actor: User,
    at: datetime,
    run: PayRun | None = None,
    return_file: ReturnFile | None = None,
    reverses: LedgerTransaction | None = None,
) -> LedgerTransaction:
    """Write one transaction with all its postings, in one statement for any number of them."""
    _refuse_overdraft(entries)
    transaction = LedgerTransaction.objects.create(
        kind=kind,
        document=document,
        posting_count=len(entries),
        run=run,
        return_file=return_file,
        reverses=reverses,
        booked_at=at,
        booked_by=actor,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_posting (transaction_id, fund_id, account, amount_fen, payment_id)"
            " SELECT %s, side.* FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS side",
            [
                transaction.pk,
                [entry.fund_id for entry in entries],
                [str(entry.account) for entry in entries],
                [entry.amount_fen for entry in entries],
                [entry.payment_id for entry in entries],
            ],
        )
    return transaction


def reversal_of(transaction: LedgerTransaction) -> list[Entry]:
    """The entries that take a transaction back, side by side."""
    return [
        Entry(posting.fund_id, posting.account, -posting.amount_fen, posting.payment_id)
        for posting in transaction.postings.order_by("pk")
    ]


def _refuse_overdraft(entries: Sequence[Entry]) -> None:
    """Under the funds' locks: nothing is promised that was not appropriated (promise P6)."""
    lock_funds(entry.fund_id for entry in entries)
    drawn: dict[int, Fen] = {}
    for entry in entries:
        if entry.account == Account.AVAILABLE:
            drawn[entry.fund_id] = drawn.get(entry.fund_id, 0) + entry.amount_fen
    for fund_id, change_fen in drawn.items():
        if change_fen < 0 and balance_fen(fund_id, Account.AVAILABLE) + change_fen < 0:
            raise FundTooSmall(
                _("The fund has less available than this needs."),
                advice=_("Appropriate more money to the fund first."),
            )
