"""Changing a household's payee account: one person proposes, another confirms (promise P9)."""

import re
from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import record
from doudi.office.crypto import blind_index
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.org.models import User
from doudi.office.payments.bank_file import is_fit_number, is_fit_text
from doudi.office.payments.models import PayeeChange
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import BankAccount, Household, Person

_SPACES = re.compile(r"[ \-]")


class PayeeRefused(Refused):
    """The payee account can't be changed in this way, or not by this person."""

    code: ClassVar[str] = "DD-PAY-040"


@transaction.atomic
def propose_account(
    *,
    actor: User,
    household: Household,
    holder: Person,
    bank_name: str,
    number: str,
    reason: str,
    at: datetime,
    keyring: Keyring,
) -> PayeeChange:
    """Write a new account down. The old one stays in force until a second person confirms."""
    digits = _SPACES.sub("", number)
    if not is_fit_number(digits) or not is_fit_text(bank_name) or not reason.strip():
        raise Unacceptable(
            _("Account number, bank or reason can't be taken as typed."),
            advice=_("The number has 8 to 32 digits; bank and reason are needed."),
        )
    if not household.memberships.filter(person=holder, to_date__isnull=True).exists():
        raise PayeeRefused(
            _("The account's holder does not belong to the household."),
            advice=_("Money goes to an account of the family itself."),
        )
    try:
        with transaction.atomic():
            change = PayeeChange.objects.create(
                household=household,
                replaces=BankAccount.objects.filter(household=household, active=True).first(),
                holder=holder,
                bank_name=bank_name,
                number=digits,
                number_index=blind_index(keyring, f"account:{digits}"),
                reason=reason,
                proposed_at=at,
                proposed_by=actor,
                area=household.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "payments_payee_one_open_change":
            raise PayeeRefused(
                _("A change of this account already waits for its second person."),
                advice=_("Confirm or refuse that one first."),
            ) from None
        raise
    record(actor=actor, verb="payee.propose", obj=change, area=change.area, details={"household": household.pk})
    return change


@transaction.atomic
def decide_account(*, actor: User, change_id: int, is_confirmed: bool, at: datetime) -> PayeeChange:
    """Confirm or refuse a proposed account. Confirming one's own proposal is refused."""
    change = PayeeChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotYours(_("There is no such record in your area."))
    if change.outcome:
        raise PayeeRefused(_("This change has already been decided."), advice=_("Open it to see by whom and when."))
    if is_confirmed and change.proposed_by_id == actor.pk:
        raise PayeeRefused(
            _("Who proposed an account cannot confirm it."),
            advice=_("Ask a second person to compare it with the paper."),
        )
    change.outcome = PayeeChange.Outcome.CONFIRMED if is_confirmed else PayeeChange.Outcome.REFUSED
    change.decided_at, change.decided_by = at, actor
    change.save(update_fields=["outcome", "decided_at", "decided_by"])
    record(
        actor=actor,
        verb="payee.confirm" if is_confirmed else "payee.refuse",
        obj=change,
        area=change.area,
        details={"household": change.household_id},
    )
    return change
