"""What a run would pay, and what it could not pay: read from the register, decided by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.entitlements.models import EntitlementMonth
from doudi.office.entitlements.queries import due_months
from doudi.office.payments.bank_file import is_fit_number, is_fit_text
from doudi.office.payments.models import Payment, UnpayableMonth
from doudi.office.registry.models import BankAccount, Membership

LIVING = (Payment.State.DRAFT, Payment.State.IN_TRANSIT, Payment.State.PAID, Payment.State.SUSPENSE)

Reason = UnpayableMonth.Reason


@dataclass(frozen=True)
class PlannedLine:
    """A month that can be paid, to this account; `replaces` is the payment that the bank returned before."""

    month: EntitlementMonth
    account: BankAccount
    kind: str
    replaces: Payment | None


@dataclass(frozen=True)
class Obstacle:
    """A month that is due and cannot be paid, and why."""

    month: EntitlementMonth
    reason: str


@dataclass(frozen=True)
class Plan:
    """Everything due and not paid, parted into what can be paid and what can't. Nothing due is in neither."""

    lines: tuple[PlannedLine, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def total_fen(self) -> Fen:
        """What the lines come to."""
        return sum(line.month.amount_fen for line in self.lines)


def plan_run(*, county: str, programme: str, month: Month, on: date) -> Plan:
    """Part the months that are due up to `month` and have no living payment."""
    living = Payment.objects.filter(entitlement_month=OuterRef("pk"), state__in=LIVING)
    months = list(
        due_months(month, county, programme)
        .filter(~Exists(living))
        .select_related("household")
        .order_by("area", "household__number", "month")
    )
    households = {each.household_id for each in months}
    accounts = {
        account.household_id: account
        for account in BankAccount.objects.filter(household__in=households, active=True).select_related("holder")
    }
    residents = set(
        Membership.objects.filter(household__in=households, from_date__lte=on)
        .filter(Q(to_date__isnull=True) | Q(to_date__gt=on))
        .values_list("household_id", "person_id")
    )
    returned = {
        # In order of their numbers, so that the latest stays: an earlier one was replaced by a later one.
        payment.entitlement_month_id: payment
        for payment in Payment.objects.filter(entitlement_month__in=months, state=Payment.State.RETURNED)
        .select_related("run", "retry_permit")
        .order_by("pk")
    }
    return _part(months, accounts, residents, returned, month)


def _part(
    months: list[EntitlementMonth],
    accounts: Mapping[int, BankAccount],
    residents: set[tuple[int, int]],
    returned: Mapping[int, Payment],
    run_month: Month,
) -> Plan:
    lines: list[PlannedLine] = []
    obstacles: list[Obstacle] = []
    for each in months:
        account, before = accounts.get(each.household_id), returned.get(each.pk)
        if account is None:
            obstacles.append(Obstacle(each, Reason.NO_ACCOUNT))
            continue
        reason = _obstacle(account, residents, before)
        if reason is not None:
            obstacles.append(Obstacle(each, reason))
        elif before is not None:
            lines.append(PlannedLine(each, account, Payment.Kind.REPAYMENT, before))
        else:
            kind = Payment.Kind.REGULAR if each.month == str(run_month) else Payment.Kind.ARREARS
            lines.append(PlannedLine(each, account, kind, None))
    return Plan(tuple(lines), tuple(obstacles))


def _obstacle(account: BankAccount, residents: set[tuple[int, int]], before: Payment | None) -> str | None:
    if (account.household_id, account.holder_id) not in residents:
        return Reason.HOLDER_NOT_IN_HOUSEHOLD
    if not (is_fit_text(account.holder.name) and is_fit_text(account.bank_name)):
        return Reason.NAME_UNFIT
    if not is_fit_number(account.number):
        return Reason.NUMBER_UNFIT
    if before is not None and before.account_index == account.number_index and not hasattr(before, "retry_permit"):
        return Reason.RETURNED_UNCHANGED
    return None
