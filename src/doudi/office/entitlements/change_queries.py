"""Reads of changes and of what an entitlement paid and pays, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from doudi.engine.values.money import Fen
from doudi.office.entitlements.models import AmountVersion, Change, Review
from doudi.office.registry.models import Person


@dataclass(frozen=True)
class ChangeRow:
    """Another amount on its way: what was said, told, answered. `names` are the members' in its differences, by key."""

    change_id: int
    occasion: str
    reason: str
    old_amount_fen: Fen
    new_amount_fen: Fen
    differences: Sequence[Mapping[str, Any]]
    names: Mapping[str, str]
    explanation_zh: Mapping[str, Any]
    explanation_en: Mapping[str, Any]
    proposed_at: datetime
    proposed_by: str
    review_outcome: str
    review_reason: str
    reviewed_by: str
    outcome: str
    decide_reason: str
    decided_by: str
    from_month: str | None
    delivered_on: date | None
    notice_until: date | None
    object_until: date | None
    objected_on: date | None
    objection: str
    answer: str
    answer_reason: str
    answered_by: str

    @property
    def is_increase(self) -> bool:
        """Does the family get more?"""
        return self.new_amount_fen > self.old_amount_fen


@dataclass(frozen=True)
class AmountRow:
    """From a month on an amount, and by what: a change of the family, or a new standard."""

    from_month: str
    amount_fen: Fen
    is_by_standard: bool
    written_at: datetime


def changes_of(entitlement_id: int) -> tuple[ChangeRow, ...]:
    """Everything proposed and decided about what an entitlement pays, newest first."""
    people = ("proposed_by", "reviewed_by", "decided_by", "answered_by")
    found = Change.objects.filter(entitlement=entitlement_id).select_related("assessment", *people).order_by("-pk")
    return tuple(
        ChangeRow(
            change_id=each.pk,
            occasion=each.occasion,
            reason=each.reason,
            old_amount_fen=each.old_amount_fen,
            new_amount_fen=each.new_amount_fen,
            differences=each.differences,
            names=names_in(each.differences),
            explanation_zh=each.assessment.explanation_zh,
            explanation_en=each.assessment.explanation_en,
            proposed_at=each.proposed_at,
            proposed_by=each.proposed_by.display_name,
            review_outcome=each.review_outcome,
            review_reason=each.review_reason,
            reviewed_by=each.reviewed_by.display_name if each.reviewed_by else "",
            outcome=each.outcome,
            decide_reason=each.decide_reason,
            decided_by=each.decided_by.display_name if each.decided_by else "",
            from_month=each.from_month,
            delivered_on=each.delivered_on,
            notice_until=each.notice_until,
            object_until=each.object_until,
            objected_on=each.objected_on,
            objection=each.objection,
            answer=each.answer,
            answer_reason=each.answer_reason,
            answered_by=each.answered_by.display_name if each.answered_by else "",
        )
        for each in found
    )


def names_in(differences: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Names of the members that differences are about, by key. Who calls this has recorded the look."""
    keys = {line["member"] for line in differences} - {""}
    return dict(Person.objects.filter(key__in=keys).values_list("key", "name"))


def amounts_of(entitlement_id: int) -> tuple[AmountRow, ...]:
    """What was said later than the grant about what it pays, newest first."""
    found = AmountVersion.objects.filter(entitlement=entitlement_id).order_by("-pk")
    return tuple(AmountRow(row.from_month, row.amount_fen, row.line_id is not None, row.written_at) for row in found)


@dataclass(frozen=True)
class ReviewRow:
    """A look at the family: due, or done with what was found."""

    review_id: int
    kind: str
    due_on: date
    result: str
    found: str
    done_at: datetime | None
    done_by: str


def reviews_of(entitlement_id: int) -> tuple[ReviewRow, ...]:
    """Every look that is due or was taken, the latest first."""
    rows = Review.objects.filter(entitlement=entitlement_id).select_related("done_by").order_by("-due_on", "-pk")
    return tuple(
        ReviewRow(
            row.pk, row.kind, row.due_on, row.result, row.found, row.done_at,
            row.done_by.display_name if row.done_by else "",
        )
        for row in rows
    )  # fmt: skip
