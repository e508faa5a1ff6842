"""Runs, their lines, what changed since last month, and what could not be paid."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum

from doudi.engine.values.identity import mask_account
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.audit.actions import record_read
from doudi.office.org.models import User
from doudi.office.payments.models import Payment, PayRun, UnpayableMonth
from doudi.office.payments.planning import plan_run


@dataclass(frozen=True)
class RunRow:
    """A run, who did what to it, and where its money is."""

    run_id: int
    number: str
    county: str
    programme: str
    month: str
    sequence: int
    fund_id: int
    fund_name: str
    state: str
    state_label: str
    line_count: int
    total_fen: Fen
    prepared_at: datetime
    prepared_by: str
    prepared_by_id: int
    released_at: datetime | None
    released_by: str
    sent_at: datetime | None
    sent_by: str
    bank_file_sha256: str
    # Sum of the lines in each state: draft, withdrawn, in_transit, paid, returned, suspense.
    state_fen: Mapping[str, Fen]


@dataclass(frozen=True)
class RunLine:
    """One payment of a run, with the way back to the decision it rests on."""

    payment_id: int
    line: int
    reference: str
    kind: str
    kind_label: str
    household_id: int
    household_number: str
    holder: str
    bank: str
    account_masked: str
    month: str
    amount_fen: Fen
    state: str
    state_label: str
    entitlement_id: int
    case_number: str
    replaces_reference: str


@dataclass(frozen=True)
class DifferenceRow:
    """A household whose regular payment differs from last month's: new, gone, or another amount."""

    household_id: int
    household_number: str
    change: str
    before_fen: Fen
    now_fen: Fen


@dataclass(frozen=True)
class ObstacleRow:
    """A month that is owed and cannot be paid as things stand."""

    household_id: int
    household_number: str
    month: str
    amount_fen: Fen
    reason: str
    reason_label: str


def runs(county: str, *, offset: int = 0, limit: int = 50) -> tuple[RunRow, ...]:
    """The runs of a county (or of all below a shorter code), newest first."""
    return _rows(PayRun.objects.filter(county__startswith=county).order_by("-pk")[offset : offset + limit])


def run(run_id: int, county: str) -> RunRow | None:
    """One run of a county; None where there is none."""
    return next(iter(_rows(PayRun.objects.filter(pk=run_id, county__startswith=county))), None)


def run_lines(
    run_id: int, *, reader: User, search: str = "", offset: int = 0, limit: int = 50
) -> tuple[tuple[RunLine, ...], int]:
    """The lines of a run that fit the search (reference, household number or holder's name), and how many fit.

    Each line names a person, so that the look leaves its trace (promise P29).
    """
    found = Payment.objects.filter(run=run_id)
    if search:
        found = found.filter(
            Q(reference=search)
            | Q(entitlement_month__household__number=search)
            | Q(account__holder__name__startswith=search)
        )
    page = list(
        found.select_related(
            "entitlement_month__household", "entitlement_month__entitlement__case", "account__holder", "replaces"
        ).order_by("line")[offset : offset + limit]
    )
    holders = [each.account.holder for each in page]
    record_read(actor=reader, objects=holders, fields=("name", "account"), area=reader.area_id, purpose="pay run")
    return tuple(_line(each) for each in page), found.count()


def unpayable(run_id: int) -> tuple[ObstacleRow, ...]:
    """What was due when the run was prepared and could not be paid."""
    found = UnpayableMonth.objects.filter(run=run_id).select_related("entitlement_month__household").order_by("pk")
    return tuple(
        ObstacleRow(
            household_id=each.entitlement_month.household_id,
            household_number=each.entitlement_month.household.number,
            month=each.entitlement_month.month,
            amount_fen=each.entitlement_month.amount_fen,
            reason=each.reason,
            reason_label=each.get_reason_display(),
        )
        for each in found
    )


def obstacles(*, county: str, programme: str, month: Month, on: date) -> tuple[ObstacleRow, ...]:
    """What is due up to a month and cannot be paid today, without preparing a run."""
    labels = dict(UnpayableMonth.Reason.choices)
    return tuple(
        ObstacleRow(
            household_id=each.month.household_id,
            household_number=each.month.household.number,
            month=each.month.month,
            amount_fen=each.month.amount_fen,
            reason=each.reason,
            reason_label=str(labels[each.reason]),
        )
        for each in plan_run(county=county, programme=programme, month=month, on=on).obstacles
    )


def differences(run_id: int) -> tuple[DifferenceRow, ...]:
    """Household by household, how this run's own month differs from the month before. Arrears are not compared."""
    this = PayRun.objects.get(pk=run_id)
    before = _regular(this, str(Month.parse(this.month).plus(-1)))
    now = _regular(this, this.month)
    rows = []
    for household in sorted(before.keys() | now.keys()):
        old, new = before.get(household, 0), now.get(household, 0)
        if old != new:
            change = "new" if household not in before else "gone" if household not in now else "changed"
            rows.append(DifferenceRow(household[1], household[0], change, old, new))
    return tuple(rows)


def _regular(this: PayRun, month: str) -> dict[tuple[str, int], Fen]:
    """What each household gets for a month in any run of it, whatever the bank made of it."""
    sums = (
        Payment.objects.filter(
            run__county=this.county, run__programme=this.programme, entitlement_month__month=month, replaces=None
        )
        .exclude(state=Payment.State.WITHDRAWN)
        .values_list("entitlement_month__household__number", "entitlement_month__household_id")
        .annotate(total=Sum("amount_fen"))
    )
    return {(number, household): int(total) for number, household, total in sums}


def _rows(found: QuerySet[PayRun]) -> tuple[RunRow, ...]:
    listed = list(found.select_related("fund", "prepared_by", "released_by", "sent_by", "bank_file"))
    held: dict[int, dict[str, Fen]] = defaultdict(dict)
    sums = Payment.objects.filter(run__in=listed).values_list("run_id", "state").annotate(total=Sum("amount_fen"))
    for run_id, state, total in sums:
        held[run_id][state] = int(total)
    return tuple(
        RunRow(
            run_id=each.pk,
            number=each.number,
            county=each.county,
            programme=each.programme,
            month=each.month,
            sequence=each.sequence,
            fund_id=each.fund_id,
            fund_name=each.fund.name,
            state=each.state,
            state_label=each.get_state_display(),
            line_count=each.line_count,
            total_fen=each.total_fen,
            prepared_at=each.prepared_at,
            prepared_by=each.prepared_by.display_name,
            prepared_by_id=each.prepared_by_id,
            released_at=each.released_at,
            released_by=each.released_by.display_name if each.released_by else "",
            sent_at=each.sent_at,
            sent_by=each.sent_by.display_name if each.sent_by else "",
            bank_file_sha256=each.bank_file.sha256 if hasattr(each, "bank_file") else "",
            state_fen=held[each.pk],
        )
        for each in listed
    )


def _line(each: Payment) -> RunLine:
    month = each.entitlement_month
    return RunLine(
        payment_id=each.pk,
        line=each.line,
        reference=each.reference,
        kind=each.kind,
        kind_label=each.get_kind_display(),
        household_id=month.household_id,
        household_number=month.household.number,
        holder=each.account.holder.name,
        bank=each.account.bank_name,
        account_masked=mask_account(each.account.number),
        month=month.month,
        amount_fen=each.amount_fen,
        state=each.state,
        state_label=each.get_state_display(),
        entitlement_id=month.entitlement_id,
        case_number=month.entitlement.case.number,
        replaces_reference=each.replaces.reference if each.replaces else "",
    )
