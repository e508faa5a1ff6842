"""Where a case stands in its programme's procedure. The engine says what may be done; this module tells it what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from doudi.engine.pack.pack import Pack
from doudi.engine.values.calendar import Deadline
from doudi.engine.workflow import progress
from doudi.engine.workflow.procedure import Procedure, Step, load_procedure
from doudi.engine.workflow.progress import OpenStep, StepRefused
from doudi.office.casework.models import Case, StepRecord
from doudi.office.errors import Refused
from doudi.office.org.models import User


@dataclass(frozen=True)
class Standing:
    """A case's procedure, what was done in it, and what is open today."""

    procedure: Procedure
    taken: dict[str, progress.StepRecord]
    open_steps: Sequence[OpenStep]
    total_due: Deadline | None

    def is_open(self, step_id: str) -> bool:
        """Has this step's turn come?"""
        return any(each.step.id == step_id for each in self.open_steps)


def standing(case: Case, *, pack: Pack, today: date) -> Standing:
    """Read where a case stands."""
    procedure = load_procedure(pack, case.programme)
    taken = _taken(case)
    calendar = pack.calendar()
    return Standing(
        procedure,
        taken,
        progress.next_steps(procedure, taken, today=today, calendar=calendar),
        progress.total_deadline(procedure, taken, calendar),
    )


def check_step(case: Case, step_id: str, *, actor: User, second: User | None, pack: Pack, today: date) -> Step:
    """Refuse unless this person may take this step of this case today. Every step of every flow comes through here."""
    procedure = load_procedure(pack, case.programme)
    step = procedure.step(step_id)
    if actor.role != step.role:
        raise Refused(
            f"“{step.label.en}” is for the role {step.role}.", advice="Hand the case to a colleague of that role."
        )
    for person in (actor, second):
        if person is not None and case.near_relatives.filter(official=person).exists():
            raise Refused(
                "A member of this family is a near relative of someone who would act here.",
                advice="Hand the case to a colleague.",
            )
    try:
        progress.check(
            procedure,
            step_id,
            _taken(case),
            str(actor.pk),
            today,
            pack.calendar(),
            others=(str(second.pk),) if second else (),
        )
    except StepRefused as refusal:
        raise Refused(refusal.message, advice=refusal.advice) from None
    return step


def _taken(case: Case) -> dict[str, progress.StepRecord]:
    records = StepRecord.objects.filter(case=case, set_aside_at__isnull=True)
    return {
        row.step: progress.StepRecord(
            row.done_on, str(row.done_by_id), (str(row.done_with_id),) if row.done_with_id else ()
        )
        for row in records
    }
