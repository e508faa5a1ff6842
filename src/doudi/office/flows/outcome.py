"""What a flow tells the person who started it: the case's number, what comes next, who does it, and by when."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from doudi.engine.pack.citation import Label
from doudi.engine.pack.pack import Pack
from doudi.office.casework.models import Case
from doudi.office.casework.procedure import standing


@dataclass(frozen=True)
class NextStep:
    """A step whose turn has come."""

    step: str
    label: Label
    role: str
    due_on: date | None
    due_is_provisional: bool
    allowed_from: date


@dataclass(frozen=True)
class StepDone:
    """What the result page shows. `version` is the one that the next form is made for."""

    case_number: str
    version: int
    next_steps: tuple[NextStep, ...]
    sheet_token: str = ""
    assessment_id: int | None = None
    decision_id: int | None = None


def step_done(
    case: Case,
    *,
    pack: Pack,
    at: datetime,
    sheet_token: str = "",
    assessment_id: int | None = None,
    decision_id: int | None = None,
) -> StepDone:
    """Read the case as it now stands."""
    case.refresh_from_db(fields=["version", "number"])
    today = localdate(at)
    return StepDone(
        case_number=case.number,
        version=case.version,
        next_steps=next_steps(case, pack=pack, today=today),
        sheet_token=sheet_token,
        assessment_id=assessment_id,
        decision_id=decision_id,
    )


def next_steps(case: Case, *, pack: Pack, today: date) -> tuple[NextStep, ...]:
    """The open steps of a case with who acts and by when."""
    return tuple(
        NextStep(
            step=each.step.id,
            label=each.step.label,
            role=each.step.role,
            due_on=each.due.on if each.due else None,
            due_is_provisional=each.due.provisional if each.due else False,
            allowed_from=each.allowed_from,
        )
        for each in standing(case, pack=pack, today=today).open_steps
    )
