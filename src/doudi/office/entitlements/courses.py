"""What endings and changes write alike: one step of a decision about running help, once, where it still is as seen."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.entitlements.models import Change, Ending
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint

Course = Ending | Change

_BY_ANOTHER = ("_four_eyes", "_answered_by_another", "_answered_by_a_third", "_reviewed_by_another", "_before_decided")


@transaction.atomic
def decide(*, actor: User, at: datetime, course: Course, outcome: str, reason: str) -> None:
    """Another officer's word on the proposal."""
    step(course, {"outcome": ""}, {"outcome": outcome, "decide_reason": reason, "decided_at": at, "decided_by": actor})
    note(actor, course, "decide", outcome=outcome)


def told(actor: User, delivered_on: date, delivery: str, notice_until: date, object_until: date) -> dict[str, object]:
    """What is written of a delivered notice."""
    return {
        "delivered_on": delivered_on,
        "delivered_by": actor,
        "delivery": delivery,
        "notice_until": notice_until,
        "object_until": object_until,
    }


def objected(actor: User, objected_on: date, text: str) -> dict[str, object]:
    """What is written of an objection."""
    return {"objected_on": objected_on, "objection": text, "objection_recorded_by": actor}


def answered(actor: User, at: datetime, outcome: str, reason: str) -> dict[str, object]:
    """What is written of its answer."""
    return {"answer": outcome, "answer_reason": reason, "answered_at": at, "answered_by": actor}


def step(course: Course, only_if: dict[str, object], values: dict[str, object]) -> None:
    """Change a course where it still is what the officer saw, once."""
    try:
        with transaction.atomic():
            changed = type(course).objects.filter(pk=course.pk, **only_if).update(**values)
    except IntegrityError as error:
        if (broken_constraint(error) or "").endswith(_BY_ANOTHER):
            raise Refused(
                _("Another officer than those who had a part in it decides here."),
                advice=_("Hand it to a colleague."),
            ) from None
        raise
    if not changed:
        raise Refused(_("This was already done."), advice=_("Open it again."))
    course.refresh_from_db()


def note(actor: User, course: Course, verb: str, **details: object) -> None:
    """The audit row of one step."""
    name = course._meta.model_name
    record(actor=actor, verb=f"{name}.{verb}", obj=course, area=course.area, details=details)
