"""When a limit ends: working or calendar days, days on which the clock stood still, and extensions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from doudi.engine.values.calendar import Deadline, WorkCalendar
from doudi.engine.workflow.procedure import DayUnit, Limit, Procedure, Step
from doudi.engine.workflow.record import CaseRecord, Pause, StepRecord

_ONE_DAY = timedelta(days=1)


def publicity_ends(step: Step, started_on: date, calendar: WorkCalendar) -> Deadline:
    """The last day of a step's publicity 公示; the first day is not counted, and it never ends on a day of rest."""
    if step.publicity_days is None:
        raise ValueError(f"step {step.id} has no publicity")
    return _ends(calendar, started_on, step.publicity_days, step.publicity_unit, roll_last_day=True)


def completed_on(step: Step, record: StepRecord, calendar: WorkCalendar) -> date:
    """The day on which a step was over: a publicity, when its last day was."""
    return publicity_ends(step, record.at, calendar).on if step.publicity_days else record.at


def step_deadline(
    procedure: Procedure, step: Step, case: CaseRecord, *, today: date, calendar: WorkCalendar
) -> Deadline | None:
    """When the step's own limit ends; None while its clock has not started, or if it has no limit."""
    if step.deadline is None:
        return None
    limit = step.deadline
    if step.id in case.more_days:
        limit = limit.model_copy(update={"n": limit.n + case.more_days[step.id]})
    pauses = [pause for pause in case.pauses if not pause.steps or step.id in pause.steps]
    return _limit_ends(procedure, limit, case, pauses, today=today, calendar=calendar)


def total_deadline(procedure: Procedure, case: CaseRecord, *, today: date, calendar: WorkCalendar) -> Deadline | None:
    """By when the whole procedure must be through; None while its clock has not started."""
    limit = procedure.total_special if case.is_special else procedure.total
    pauses = [pause for pause in case.pauses if not pause.steps]
    return _limit_ends(procedure, limit, case, pauses, today=today, calendar=calendar)


def is_standing_still(case: CaseRecord, step_id: str | None = None) -> bool:
    """Does the clock of the step, or of the whole case, stand still now?"""
    return any(pause.until is None and (not pause.steps or step_id in pause.steps) for pause in case.pauses)


def _limit_ends(
    procedure: Procedure,
    limit: Limit,
    case: CaseRecord,
    pauses: Sequence[Pause],
    *,
    today: date,
    calendar: WorkCalendar,
) -> Deadline | None:
    begun = [name for name in limit.counted_from if name in case.done]
    if not begun:
        return None
    start = max(completed_on(procedure.step(name), case.done[name], calendar) for name in begun)
    stood = _stood_still(pauses, start, today)
    if not stood:
        return _ends(calendar, start, limit.n, limit.unit, roll_last_day=limit.roll_last_day)
    day, left = start, limit.n
    while left or day in stood:
        day += _ONE_DAY
        counts = day not in stood and (limit.unit == "calendar_days" or calendar.is_working_day(day))
        left -= counts and left > 0
    if limit.unit == "working_days" or limit.roll_last_day:
        day = calendar.roll_to_working_day(day)
    # Only to learn whether a year on the way is provisional.
    leaned = calendar.calendar_deadline(start, (day - start).days, roll_last_day=False)
    return replace(leaned, on=day)


def _stood_still(pauses: Sequence[Pause], start: date, today: date) -> frozenset[date]:
    """The days after the start that do not count. A clock that stands still now has stood so up to today."""
    days = set()
    for pause in pauses:
        day, until = pause.since + _ONE_DAY, pause.until or today
        while day <= until:
            if day > start:
                days.add(day)
            day += _ONE_DAY
    return frozenset(days)


def _ends(calendar: WorkCalendar, start: date, n: int, unit: DayUnit, *, roll_last_day: bool) -> Deadline:
    if unit == "working_days":
        return calendar.working_deadline(start, n)
    return calendar.calendar_deadline(start, n, roll_last_day=roll_last_day)
