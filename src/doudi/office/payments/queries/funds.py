"""Funds with what lies in each of their accounts, and the transactions behind it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from doudi.engine.values.money import Fen
from doudi.office.payments.models import Fund, LedgerTransaction, Posting


@dataclass(frozen=True)
class FundRow:
    """A fund and where its money is. appropriated = available + in transit + paid + returned + suspense."""

    fund_id: int
    name: str
    programme: str
    year: int
    county: str
    appropriated_fen: Fen
    available_fen: Fen
    in_transit_fen: Fen
    paid_fen: Fen
    returned_fen: Fen
    suspense_fen: Fen


@dataclass(frozen=True)
class TransactionRow:
    """One transaction of a fund: its document, and what it moved in each account."""

    transaction_id: int
    kind: str
    kind_label: str
    document: str
    run_id: int | None
    run_number: str
    reverses_id: int | None
    booked_at: datetime
    booked_by: str
    moved_fen: Mapping[str, Fen]


def funds(county: str) -> tuple[FundRow, ...]:
    """The funds of a county, or of all counties below a shorter code; the newest year first."""
    return _rows(Fund.objects.filter(county__startswith=county).order_by("-year", "programme", "county"))


def fund(fund_id: int, county: str) -> FundRow | None:
    """One fund of a county; None where there is none."""
    return next(iter(_rows(Fund.objects.filter(pk=fund_id, county__startswith=county))), None)


def fund_transactions(fund_id: int, *, offset: int = 0, limit: int = 50) -> tuple[TransactionRow, ...]:
    """The transactions of a fund, newest first."""
    found = list(
        LedgerTransaction.objects.filter(postings__fund=fund_id)
        .distinct()
        .select_related("run", "booked_by")
        .order_by("-pk")[offset : offset + limit]
    )
    moved: dict[int, dict[str, Fen]] = defaultdict(dict)
    sums = (
        Posting.objects.filter(fund=fund_id, transaction__in=[each.pk for each in found])
        .values_list("transaction_id", "account")
        .annotate(moved=Sum("amount_fen"))
    )
    for transaction_id, account, amount in sums:
        moved[transaction_id][account] = int(amount)
    return tuple(
        TransactionRow(
            transaction_id=each.pk,
            kind=each.kind,
            kind_label=each.get_kind_display(),
            document=each.document,
            run_id=each.run_id,
            run_number=each.run.number if each.run else "",
            reverses_id=each.reverses_id,
            booked_at=each.booked_at,
            booked_by=each.booked_by.display_name,
            moved_fen=moved[each.pk],
        )
        for each in found
    )


def _rows(found: QuerySet[Fund]) -> tuple[FundRow, ...]:
    listed = list(found)
    held = _held(each.pk for each in listed)
    return tuple(
        FundRow(
            fund_id=each.pk,
            name=each.name,
            programme=each.programme,
            year=each.year,
            county=each.county,
            # The account of what was given is negative: it is where all the others' money comes from.
            appropriated_fen=-held[each.pk, "appropriation"],
            available_fen=held[each.pk, "available"],
            in_transit_fen=held[each.pk, "in_transit"],
            paid_fen=held[each.pk, "paid"],
            returned_fen=held[each.pk, "returned"],
            suspense_fen=held[each.pk, "suspense"],
        )
        for each in listed
    )


def _held(fund_ids: Iterable[int]) -> Mapping[tuple[int, str], Fen]:
    held: dict[tuple[int, str], Fen] = defaultdict(int)
    sums = (
        Posting.objects.filter(fund__in=list(fund_ids)).values_list("fund_id", "account").annotate(s=Sum("amount_fen"))
    )
    for fund_id, account, amount in sums:
        held[fund_id, account] = int(amount)
    return held
