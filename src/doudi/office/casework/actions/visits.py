"""Visits as they are written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Finding, NeighbourInterview, Visit
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Household, Person


@dataclass(frozen=True)
class Circumstances:
    """When they arrived, where it was if not at the address, and why nobody signed, as far as it was written down."""

    arrived_at: time | None = None
    place: str = ""
    position: str = ""
    unsigned_kind: str = ""


@dataclass(frozen=True)
class Interview:
    """What a neighbour said; who it was and where he or she lives may stay empty."""

    said: str
    neighbour: str = ""
    lives: str = ""


@transaction.atomic
def write_visit(
    *,
    actor: User,
    at: datetime,
    household: Household,
    finding: Finding | None,
    case: Case | None,
    visited_on: date,
    second_visitor: User,
    signed_by: Person | None,
    unsigned_reason: str,
    outcome: str,
    reason: str,
    form_token: str,
    circumstances: Circumstances,
) -> Visit:
    """Write a visit down. The same form sent twice is one visit."""
    try:
        with transaction.atomic():
            visit = Visit.objects.create(
                household=household,
                finding=finding,
                case=case,
                visited_on=visited_on,
                arrived_at=circumstances.arrived_at,
                place=circumstances.place,
                position=circumstances.position,
                unsigned_kind=circumstances.unsigned_kind,
                first_visitor=actor,
                second_visitor=second_visitor,
                signed_by=signed_by,
                unsigned_reason=unsigned_reason,
                outcome=outcome,
                reason=reason,
                recorded_at=at,
                recorded_by=actor,
                form_token=form_token,
                area=household.area,
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_visit_form_token"):
            raise Refused(
                _("This visit was already recorded; the form was sent twice."), advice=_("Open the household.")
            ) from None
        raise
    record(
        actor=actor,
        verb="visit.record",
        obj=visit,
        area=visit.area,
        details={"household": household.pk, "outcome": outcome, "second_visitor": second_visitor.pk},
    )
    return visit


@transaction.atomic
def join_visit_to_case(*, actor: User, visit: Visit, case: Case) -> None:
    """Let a visit that came before the application belong to the case."""
    if Visit.objects.filter(pk=visit.pk, case__isnull=True).update(case=case):
        record(actor=actor, verb="visit.join_case", obj=visit, area=visit.area, details={"case": case.pk})


@transaction.atomic
def add_interviews(*, actor: User, at: datetime, visit: Visit, interviews: Sequence[Interview]) -> None:
    """Write down what neighbours said. None of it reaches the family's copy of the visit."""
    NeighbourInterview.objects.bulk_create(
        [
            NeighbourInterview(
                visit=visit,
                neighbour=each.neighbour,
                lives=each.lives,
                said=each.said,
                recorded_at=at,
                recorded_by=actor,
                area=visit.area,
            )
            for each in interviews
        ]
    )
    record(actor=actor, verb="visit.interviews", obj=visit, area=visit.area, details={"interviews": len(interviews)})
