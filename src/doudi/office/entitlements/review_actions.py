"""Writes to reviews: opened when help begins or a new standard would pay less, closed by what a person found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.bulk import insert_rows
from doudi.office.entitlements.models import Entitlement, Review
from doudi.office.errors import Refused
from doudi.office.org.models import User


@dataclass(frozen=True)
class DueReview:
    """A look at a family that is due: by the calendar, or because of a line of a change of standard."""

    entitlement_id: int
    due_on: date
    area: str
    line_id: int | None = None


@transaction.atomic
def open_reviews(*, at: datetime, reviews: Sequence[DueReview]) -> None:
    """Note what is to be looked at and when. It follows from a grant or a release, whose audit rows tell of it.

    One that is due by the calendar already stays as it is.
    """
    insert_rows(
        Review,
        ("entitlement_id", "kind", "line_id", "due_on", "opened_at", "result", "found", "area"),
        [
            (each.entitlement_id, Review.Kind.PERIODIC if each.line_id is None else Review.Kind.STANDARD, each.line_id,
             each.due_on, at, "", "", each.area)
            for each in reviews
        ],
        leaving_taken=True,
    )  # fmt: skip


@transaction.atomic
def close(*, actor: User, at: datetime, review: Review, result: str, found: str) -> None:
    """Write down what a review found."""
    changed = Review.objects.filter(pk=review.pk, result="").update(
        result=result, found=found, done_at=at, done_by=actor
    )
    if not changed:
        raise Refused(_("This was already done."), advice=_("Open it again."))
    record(actor=actor, verb="review.close", obj=review, area=review.area, details={"result": result})


@transaction.atomic
def close_open(*, actor: User, at: datetime, entitlement: Entitlement, result: str, found: str) -> None:
    """A proposal about an entitlement answers each of its open reviews that is due soon or was called for."""
    for review in Review.objects.filter(entitlement=entitlement, result=""):
        close(actor=actor, at=at, review=review, result=result, found=found)
