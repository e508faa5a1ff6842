"""Reads of entitlements, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.entitlements.models import Ending, Entitlement, EntitlementMonth, Recognition


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
    assessment_id: int | None
    granted_at: datetime
    granted_by: str


@dataclass(frozen=True)
class FollowUpRow:
    """A return visit after a gradual exit."""

    follow_up_id: int
    due_on: date
    done_on: date | None
    found: str
    is_in_hardship_again: bool | None


@dataclass(frozen=True)
class EndingRow:
    """The end of an entitlement on its way: what was said, told, answered."""

    ending_id: int
    cause: str
    reason: str
    explanation_zh: Mapping[str, Any] | None
    explanation_en: Mapping[str, Any] | None
    proposed_at: datetime
    proposed_by: str
    outcome: str
    decide_reason: str
    decided_by: str
    delivered_on: date | None
    notice_until: date | None
    object_until: date | None
    last_month: str | None
    objected_on: date | None
    objection: str
    answer: str
    answer_reason: str
    answered_by: str
    follow_ups: tuple[FollowUpRow, ...]


@dataclass(frozen=True)
class RecognitionRow:
    """A recognition that pays nothing itself; `valid_until` is its last day."""

    programme: str
    valid_from: date
    valid_until: date | None


def entitlements_of(household_id: int) -> tuple[EntitlementRow, ...]:
    """All a household was granted, newest first."""
    found = Entitlement.objects.filter(household_id=household_id)
    return tuple(_row(each) for each in found.select_related("household", "case", "granted_by").order_by("-pk"))


def runs_on(household_id: int, on: date) -> tuple[EntitlementRow, ...]:
    """What a household receives in the month of a day, or will from a later one."""
    month = str(Month.of(on))
    return tuple(row for row in entitlements_of(household_id) if row.end_month is None or row.end_month >= month)


def granted_in_year(person_id: int, programme: str, year: int) -> Fen:
    """What was granted in a calendar year on the application of one person, in fen, by months that fall into it."""
    found = Entitlement.objects.filter(case__applicant=person_id, programme=programme, end_month__isnull=False)
    within = found.filter(start_month__gte=f"{year}-01", end_month__lte=f"{year}-12")
    return sum(each.amount_fen for each in within)


def recognition_of(case_number: str) -> RecognitionRow | None:
    """Whether a case ended in a recognition, and how long it holds."""
    found = Recognition.objects.filter(case__number=case_number).order_by("pk").last()
    return None if found is None else RecognitionRow(found.programme, found.valid_from, found.valid_until)


def endings_of(entitlement_id: int) -> tuple[EndingRow, ...]:
    """Everything that was proposed and decided about the end of an entitlement, newest first."""
    found = Ending.objects.filter(entitlement=entitlement_id).select_related("proposed_by", "decided_by", "answered_by")
    return tuple(
        EndingRow(
            ending_id=each.pk,
            cause=each.cause,
            reason=each.reason,
            explanation_zh=each.assessment.explanation_zh if each.assessment else None,
            explanation_en=each.assessment.explanation_en if each.assessment else None,
            proposed_at=each.proposed_at,
            proposed_by=each.proposed_by.display_name,
            outcome=each.outcome,
            decide_reason=each.decide_reason,
            decided_by=each.decided_by.display_name if each.decided_by else "",
            delivered_on=each.delivered_on,
            notice_until=each.notice_until,
            object_until=each.object_until,
            last_month=each.last_month,
            objected_on=each.objected_on,
            objection=each.objection,
            answer=each.answer,
            answer_reason=each.answer_reason,
            answered_by=each.answered_by.display_name if each.answered_by else "",
            follow_ups=tuple(
                FollowUpRow(visit.pk, visit.due_on, visit.done_on, visit.found, visit.is_in_hardship_again)
                for visit in each.follow_ups.order_by("due_on")
            ),
        )
        for each in found.select_related("assessment").order_by("-pk")
    )


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
