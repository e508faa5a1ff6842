"""Reads of entitlements, as plain data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.entitlements.models import Entitlement, EntitlementMonth


@dataclass(frozen=True)
class EntitlementRow:
    """What a household may receive, and what it rests on."""

    entitlement_id: int
    household_id: int
    household_number: str
    programme: str
    amount_fen: Fen
    start_month: str
    end_month: str | None
    case_number: str
    decision_id: int
    assessment_id: int
    granted_at: datetime
    granted_by: str


def entitlements_of(household_id: int) -> tuple[EntitlementRow, ...]:
    """All a household was granted, newest first."""
    found = Entitlement.objects.filter(household_id=household_id)
    return tuple(_row(each) for each in found.select_related("household", "case", "granted_by").order_by("-pk"))


def entitlement(entitlement_id: int) -> EntitlementRow | None:
    """One entitlement; None where there is none in the reader's area."""
    found = Entitlement.objects.select_related("household", "case", "granted_by").filter(pk=entitlement_id).first()
    return None if found is None else _row(found)


def due_months(month: Month, county: str, programme: str) -> QuerySet[EntitlementMonth]:
    """The opened months up to and including this one, of one county and programme, whether paid or not."""
    return EntitlementMonth.objects.filter(
        programme=programme, month__lte=str(month), area__gte=county, area__lt=county + ":"
    )


def _row(found: Entitlement) -> EntitlementRow:
    return EntitlementRow(
        entitlement_id=found.pk,
        household_id=found.household_id,
        household_number=found.household.number,
        programme=found.programme,
        amount_fen=found.amount_fen,
        start_month=found.start_month,
        end_month=found.end_month,
        case_number=found.case.number,
        decision_id=found.decision_id,
        assessment_id=found.assessment_id,
        granted_at=found.granted_at,
        granted_by=found.granted_by.display_name,
    )
