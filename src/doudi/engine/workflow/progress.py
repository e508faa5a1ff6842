"""Where a case stands: which steps are open, by when, and whether a step may be done now by this person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from doudi.engine.values.calendar import Deadline, WorkCalendar
from doudi.engine.values.errors import DoudiError
from doudi.engine.workflow.procedure import Limit, Procedure, Step

_ONE_DAY = timedelta(days=1)


class StepRefused(DoudiError):  # noqa: N818 - a refusal is an answer to the person at the desk, not a fault
    """A step may not be done now, or not by this person."""

    code: ClassVar[str] = "DD-STEP-001"


@dataclass(frozen=True)
class StepRecord:
    """A step that was done: on which day, by whom, and with whom (the second visitor of a home visit)."""

    at: date
    actor: str
    others: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Everyone who took part."""
        return frozenset({self.actor, *self.others})


@dataclass(frozen=True)
class OpenStep:
    """A step whose turn has come. `due` is None only while nothing has started a clock."""

    step: Step
    due: Deadline | None
    allowed_from: date
    is_overdue: bool


def next_steps(
    procedure: Procedure,
    done: Mapping[str, StepRecord],
    *,
    today: date,
    calendar: WorkCalendar,
    holds: Collection[str] = (),
    is_special: bool = False,
) -> list[OpenStep]:
    """Open steps in the procedure's order. A step that waits for a publicity is listed with the day it may be done.

    `holds` names the guards that hold for this case; `is_special` gives it the longer total limit.
    """
    opened = []
    for step in procedure.steps:
        if step.id in done or not _applies(step, holds) or _waits_for(procedure, step, done, holds):
            continue
        due = _due(procedure, step, done, calendar, is_special=is_special)
        is_overdue = due is not None and today > due.on
        opened.append(OpenStep(step, due, _allowed_from(procedure, step, done, calendar, today), is_overdue))
    return opened


def check(
    procedure: Procedure,
    step_id: str,
    done: Mapping[str, StepRecord],
    actor: str,
    today: date,
    calendar: WorkCalendar,
    *,
    others: tuple[str, ...] = (),
    holds: Collection[str] = (),
) -> None:
    """Raise StepRefused unless this person may do this step today. A missed deadline refuses nothing."""
    step = procedure.step(step_id)
    if step_id in done:
        raise StepRefused(f"step {step_id} was already done on {done[step_id].at}.", advice="Look at the case again.")
    if not _applies(step, holds):
        raise StepRefused(f"step {step_id} does not belong to this case: {step.guard} does not hold.")
    missing = _waits_for(procedure, step, done, holds)
    if missing:
        raise StepRefused(f"step {step_id} comes after {', '.join(missing)}.", advice="Do these first.")
    allowed_from = _allowed_from(procedure, step, done, calendar, today)
    if today < allowed_from:
        raise StepRefused(
            f"step {step_id} may be done from {allowed_from}, when the publicity is over.",
            advice="Wait until then; objections can still come in.",
        )
    _check_people(procedure, step, done, actor, others)


def publicity_ends(step: Step, started_on: date, calendar: WorkCalendar) -> Deadline:
    """The last day of a step's publicity 公示: calendar days, the first not counted, never ending on a day of rest."""
    if step.publicity_days is None:
        raise StepRefused(f"step {step.id} has no publicity.")
    return calendar.calendar_deadline(started_on, step.publicity_days, roll_last_day=True)


def total_deadline(
    procedure: Procedure, done: Mapping[str, StepRecord], calendar: WorkCalendar, *, is_special: bool = False
) -> Deadline | None:
    """By when the whole procedure must be through; None while its clock has not started."""
    limit = procedure.total_special if is_special else procedure.total
    return _limit_ends(procedure, limit, done, calendar)


def _applies(step: Step, holds: Collection[str]) -> bool:
    return step.guard is None or step.guard in holds


def _waits_for(procedure: Procedure, step: Step, done: Mapping[str, StepRecord], holds: Collection[str]) -> list[str]:
    """Steps that must come first and have not. A guarded step that does not apply hands on what it waits for itself."""
    missing = []
    for name in step.requires:
        needed = procedure.step(name)
        if _applies(needed, holds):
            missing += [] if name in done else [name]
        else:
            missing += _waits_for(procedure, needed, done, holds)
    return missing


def _completed_on(step: Step, record: StepRecord, calendar: WorkCalendar) -> date:
    return publicity_ends(step, record.at, calendar).on if step.publicity_days else record.at


def _allowed_from(
    procedure: Procedure, step: Step, done: Mapping[str, StepRecord], calendar: WorkCalendar, today: date
) -> date:
    """The day after the last publicity before this step; otherwise the day of the latest step before it."""
    days = []
    for name in procedure.upstream(step.id) & done.keys():
        earlier = procedure.step(name)
        completed = _completed_on(earlier, done[name], calendar)
        days.append(completed + _ONE_DAY if earlier.publicity_days else completed)
    return max(days, default=today)


def _due(
    procedure: Procedure, step: Step, done: Mapping[str, StepRecord], calendar: WorkCalendar, *, is_special: bool
) -> Deadline | None:
    """The step's own limit or the total one, whichever ends first. After the total one's last step only it."""
    own = _limit_ends(procedure, step.deadline, done, calendar) if step.deadline else None
    total = None
    if step.id == procedure.total.until or step.id in procedure.upstream(procedure.total.until):
        total = total_deadline(procedure, done, calendar, is_special=is_special)
    return min((deadline for deadline in (own, total) if deadline is not None), default=None)


def _limit_ends(
    procedure: Procedure, limit: Limit, done: Mapping[str, StepRecord], calendar: WorkCalendar
) -> Deadline | None:
    record = done.get(limit.counted_from)
    if record is None:
        return None
    start = _completed_on(procedure.step(limit.counted_from), record, calendar)
    if limit.unit == "working_days":
        return calendar.working_deadline(start, limit.n)
    return calendar.calendar_deadline(start, limit.n, roll_last_day=limit.roll_last_day)


def _check_people(
    procedure: Procedure, step: Step, done: Mapping[str, StepRecord], actor: str, others: tuple[str, ...]
) -> None:
    people = frozenset({actor, *others})
    if len(people) < step.people:
        raise StepRefused(
            f"step {step.id} takes {step.people} different people.", advice="Name who else takes part in it."
        )
    for name in step.four_eyes_with:
        if name in done and people & done[name].people:
            raise StepRefused(
                f"step {step.id} must be done by someone who did not do {procedure.step(name).id}.",
                advice="Hand the case to a colleague.",
            )
