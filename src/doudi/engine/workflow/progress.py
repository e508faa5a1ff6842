"""Where a case stands: which steps are open, by when, and whether a step may be done now by this person."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Literal

from doudi.engine.values.calendar import Deadline, WorkCalendar
from doudi.engine.values.errors import DoudiError
from doudi.engine.workflow.clocks import completed_on, is_standing_still, step_deadline, total_deadline
from doudi.engine.workflow.procedure import Procedure, Step
from doudi.engine.workflow.record import CaseRecord

_ONE_DAY = timedelta(days=1)

Cause = Literal["done", "withdrawn", "not_of_case", "undecided", "comes_after", "publicity", "people", "four_eyes"]


class StepRefused(DoudiError):  # noqa: N818 - a refusal is an answer to the person at the desk, not a fault
    """A step may not be done now, or not by this person. `cause` says why; `steps` names the steps it speaks of."""

    code: ClassVar[str] = "DD-STEP-001"

    def __init__(self, cause: Cause, message: str, *, advice: str = "", steps: tuple[str, ...] = ()) -> None:
        super().__init__(message, advice=advice)
        self.cause: Cause = cause
        self.steps = steps


@dataclass(frozen=True)
class OpenStep:
    """A step whose turn has come, and since when. `due` is None only while nothing has started a clock.

    `stands_still` says that the clock of the step is stopped: then it can't be overdue.
    """

    step: Step
    due: Deadline | None
    since: date | None
    allowed_from: date
    is_overdue: bool
    stands_still: bool = False


def next_steps(procedure: Procedure, case: CaseRecord, *, today: date, calendar: WorkCalendar) -> list[OpenStep]:
    """Open steps in the procedure's order. A step that waits for a publicity is listed with the day it may be done."""
    if case.is_withdrawn:
        return []
    opened = []
    for step in procedure.steps:
        if step.id in case.done or applies(step, case) is not True or missing_before(procedure, step, case):
            continue
        if step.optional and procedure.downstream(step.id) & case.done.keys():
            continue
        due = _due(procedure, step, case, today, calendar)
        allowed_from = _allowed_from(procedure, step, case, calendar, today)
        still = is_standing_still(case, step.id)
        opened.append(
            OpenStep(
                step=step,
                due=due,
                since=allowed_from if procedure.upstream(step.id) & case.done.keys() else None,
                allowed_from=allowed_from,
                is_overdue=due is not None and today > due.on and not still,
                stands_still=still,
            )
        )
    return opened


def check(
    procedure: Procedure,
    step_id: str,
    case: CaseRecord,
    actor: str,
    today: date,
    calendar: WorkCalendar,
    *,
    others: tuple[str, ...] = (),
) -> None:
    """Raise StepRefused unless this person may do this step today. A missed deadline refuses nothing."""
    step = procedure.step(step_id)
    if case.is_withdrawn:
        raise StepRefused("withdrawn", "the application was withdrawn.", advice="A new application can be made.")
    if step_id in case.done:
        raise StepRefused(
            "done", f"step {step_id} was already done on {case.done[step_id].at}.", advice="Look at the case again."
        )
    of_case = applies(step, case)
    if of_case is False:
        condition = step.guard if step.guard and case.conditions.get(step.guard) is False else step.unless
        raise StepRefused(
            "not_of_case",
            f"step {step_id} does not belong to this case: {condition} does not hold."
            if condition == step.guard
            else f"step {step_id} does not belong to this case: {condition} holds.",
        )
    missing = missing_before(procedure, step, case)
    if missing:
        raise StepRefused(
            "comes_after",
            f"step {step_id} comes after {', '.join(missing)}.",
            advice="Do these first.",
            steps=tuple(missing),
        )
    if of_case is None:
        raise StepRefused(
            "undecided",
            f"whether step {step_id} belongs to this case is not known yet.",
            advice="Find out what it depends on: assess the case, or give the opinion with its amount.",
        )
    if step.optional and procedure.downstream(step_id) & case.done.keys():
        raise StepRefused("not_of_case", f"step {step_id} was passed over; the case is further on.")
    allowed_from = _allowed_from(procedure, step, case, calendar, today)
    if today < allowed_from:
        raise StepRefused(
            "publicity",
            f"step {step_id} may be done from {allowed_from}, when the publicity is over.",
            advice="Wait until then; objections can still come in.",
        )
    _check_people(procedure, step, case, actor, others)


def applies(step: Step, case: CaseRecord) -> bool | None:
    """Does the step belong to this case? None while that is not known."""
    guard = True if step.guard is None else case.conditions.get(step.guard)
    exempt = False if step.unless is None else case.conditions.get(step.unless)
    if guard is False or exempt is True:
        return False
    return None if guard is None or exempt is None else True


def missing_before(procedure: Procedure, step: Step, case: CaseRecord) -> list[str]:
    """Steps that must come first and have not, however far back: a step may begin to belong to a case that is past it.

    One that does not belong to the case, or is optional, hands on what it waits for. One of which it is not known
    whether it belongs is waited for: nothing is skipped on a guess.
    """
    missing: list[str] = []
    for name in step.requires:
        needed = procedure.step(name)
        if name not in case.done and not needed.optional and applies(needed, case) is not False:
            found = [name]
        else:
            found = missing_before(procedure, needed, case)
        missing += [each for each in found if each not in missing]
    return missing


def _allowed_from(procedure: Procedure, step: Step, case: CaseRecord, calendar: WorkCalendar, today: date) -> date:
    """The day after the last publicity before this step; otherwise the day of the latest step before it."""
    days = []
    for name in procedure.upstream(step.id) & case.done.keys():
        earlier = procedure.step(name)
        completed = completed_on(earlier, case.done[name], calendar)
        days.append(completed + _ONE_DAY if earlier.publicity_days else completed)
    return max(days, default=today)


def _due(procedure: Procedure, step: Step, case: CaseRecord, today: date, calendar: WorkCalendar) -> Deadline | None:
    """The step's own limit or the total one, whichever ends first. After the total one's last step only it."""
    own = step_deadline(procedure, step, case, today=today, calendar=calendar)
    total = None
    if any(step.id == last or step.id in procedure.upstream(last) for last in procedure.total.until):
        total = total_deadline(procedure, case, today=today, calendar=calendar)
    return min((deadline for deadline in (own, total) if deadline is not None), default=None)


def _check_people(procedure: Procedure, step: Step, case: CaseRecord, actor: str, others: tuple[str, ...]) -> None:
    people = frozenset({actor, *others})
    if len(people) < step.people:
        raise StepRefused(
            "people", f"step {step.id} takes {step.people} different people.", advice="Name who else takes part in it."
        )
    clashing = tuple(name for name in step.four_eyes_with if name in case.done and people & case.done[name].people)
    if clashing:
        raise StepRefused(
            "four_eyes",
            f"step {step.id} must be done by someone who did not do {procedure.step(clashing[0]).id}.",
            advice="Hand the case to a colleague.",
            steps=clashing,
        )
