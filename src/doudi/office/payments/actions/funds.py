"""Funds: opening one, appropriating money to it, correcting an appropriation."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.engine.values.money import MONEY_LIMIT_FEN, Fen
from doudi.office.audit.actions import record
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.org.models import User
from doudi.office.payments.ledger import Account, Entry, book, lock_funds, reversal_of
from doudi.office.payments.models import Fund, LedgerTransaction


class AppropriationRefused(Refused):
    """Money can't be appropriated, or an appropriation can't be corrected, in this way."""

    code: ClassVar[str] = "DD-PAY-002"


@transaction.atomic
def open_fund(*, actor: User, county: str, programme: str, year: int, name: str, at: datetime) -> Fund:
    """Open the fund of a county, programme and year; opening it again finds it."""
    refuse_other_county(actor, county)
    fund, is_new = Fund.objects.get_or_create(
        county=county, programme=programme, year=year, defaults={"name": name, "opened_at": at, "opened_by": actor}
    )
    if is_new:
        record(actor=actor, verb="fund.open", obj=fund, area=county, details={"programme": programme, "year": year})
    return fund


@transaction.atomic
def appropriate(*, actor: User, fund_id: int, amount_fen: Fen, document: str, at: datetime) -> LedgerTransaction:
    """Book money given to a fund by a document. The same document is booked once."""
    fund = _own_fund(actor, fund_id)
    _refuse_amount(amount_fen, document)
    known = LedgerTransaction.objects.filter(
        kind="appropriation", document=document, postings__fund=fund, reversed_by__isnull=True
    ).first()
    if known is not None:
        if known.postings.filter(account=Account.AVAILABLE, amount_fen=amount_fen).exists():
            return known
        raise AppropriationRefused(
            _("This document is already booked with another amount."),
            advice=_("Correct the earlier booking instead of booking it again."),
        )
    booked = book(
        kind="appropriation",
        document=document,
        entries=[
            Entry(fund.pk, Account.APPROPRIATION, -amount_fen),
            Entry(fund.pk, Account.AVAILABLE, amount_fen),
        ],
        actor=actor,
        at=at,
    )
    record(
        actor=actor,
        verb="fund.appropriate",
        obj=fund,
        area=fund.county,
        details={"amount_fen": amount_fen, "document": document, "transaction": booked.pk},
    )
    return booked


@transaction.atomic
def correct_appropriation(
    *, actor: User, transaction_id: int, amount_fen: Fen, document: str, at: datetime
) -> LedgerTransaction:
    """Take a wrongly booked appropriation back and book the right one: a reversal and a new posting (promise P7)."""
    wrong = LedgerTransaction.objects.filter(pk=transaction_id, kind="appropriation").first()
    posting = None if wrong is None else wrong.postings.filter(account=Account.AVAILABLE).first()
    if wrong is None or posting is None:
        raise NotYours(_("There is no such appropriation."))
    fund = _own_fund(actor, posting.fund_id)
    _refuse_amount(amount_fen, document)
    if LedgerTransaction.objects.filter(reverses=wrong).exists():
        raise AppropriationRefused(
            _("This appropriation has already been corrected."), advice=_("Correct the newer booking.")
        )
    # Booked in this order, the fund holds the right amount before it gives the wrong one back.
    right = book(
        kind="appropriation",
        document=document,
        entries=[
            Entry(fund.pk, Account.APPROPRIATION, -amount_fen),
            Entry(fund.pk, Account.AVAILABLE, amount_fen),
        ],
        actor=actor,
        at=at,
    )
    book(kind="reversal", document=document, entries=reversal_of(wrong), actor=actor, at=at, reverses=wrong)
    record(
        actor=actor,
        verb="fund.correct",
        obj=fund,
        area=fund.county,
        details={"reversed": wrong.pk, "transaction": right.pk, "amount_fen": amount_fen, "document": document},
    )
    return right


def refuse_other_county(actor: User, county: str) -> None:
    """Funds and runs belong to a county; who works elsewhere learns not even whether there are any."""
    if not county.startswith(actor.area_id):
        raise NotYours(_("There is no such record in your area."))


def _own_fund(actor: User, fund_id: int) -> Fund:
    """The fund, locked. Two bookings on one fund stand in line."""
    found = lock_funds([fund_id])
    if not found or not found[0].county.startswith(actor.area_id):
        raise NotYours(_("There is no such record in your area."))
    return found[0]


def _refuse_amount(amount_fen: Fen, document: str) -> None:
    if not 0 < amount_fen <= MONEY_LIMIT_FEN:
        raise Unacceptable(_("The amount must be above zero."), advice=_("Type the amount in yuan."))
    if not 0 < len(document.strip()) <= 120:
        raise Unacceptable(
            _("The document's number is missing or too long."), advice=_("Type the number of the budget document.")
        )
