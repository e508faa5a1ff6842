"""Findings and tasks as people handle them: taken up, done, closed. `nights.py` brings them in."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from doudi.engine.values.calendar import Deadline
from doudi.office.audit.actions import record
from doudi.office.casework.models import Finding, Task
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.models import Household


@transaction.atomic
def close_finding(*, actor: User, at: datetime, finding: Finding, outcome: str, reason: str) -> None:
    """A person says what the visit made of the finding."""
    changed = Finding.objects.filter(pk=finding.pk, state=Finding.State.OPEN).update(
        state=outcome, closed_at=at, closed_by=actor, close_reason=reason
    )
    if not changed:
        finding.refresh_from_db()
        who = finding.closed_by.display_name if finding.closed_by else ""
        raise Refused(
            _("This finding was already closed by %(who)s at %(when)s.")
            % {"who": who, "when": shown_time(finding.closed_at)},
            advice=_("Open the finding again."),
        )
    record(actor=actor, verb="finding.close", obj=finding, area=finding.area, details={"outcome": outcome})


@transaction.atomic
def create_task(*, actor: User, at: datetime, kind: Task.Kind, finding: Finding, role: str, due: Deadline) -> Task:
    """Ask the township to visit the family of a finding, or to help it apply."""
    task = Task.objects.create(
        kind=kind,
        role=role,
        household=finding.household,
        finding=finding,
        due_on=due.on,
        due_is_provisional=due.provisional,
        created_at=at,
        area=finding.area,
    )
    record(actor=actor, verb="task.create", obj=task, area=task.area, details={"finding": finding.pk})
    return task


@transaction.atomic
def ask_for_review(*, actor: User, at: datetime, household: Household, due_on: date) -> None:
    """Ask the township to review who belongs to a family that receives help. One open review is enough."""
    task, is_new = Task.objects.get_or_create(
        household=household,
        kind=Task.Kind.REVIEW,
        state=Task.State.OPEN,
        defaults={"role": "clerk", "due_on": due_on, "created_at": at, "area": household.area},
    )
    if is_new:
        record(actor=actor, verb="task.create", obj=task, area=task.area, details={"household": household.pk})


@transaction.atomic
def write_review(*, actor: User, at: datetime, task: Task, note: str) -> None:
    """Say what the review of the members came to; the task is done with it."""
    finish_task(actor=actor, at=at, task=task)
    Task.objects.filter(pk=task.pk).update(note=note)


@transaction.atomic
def take_up_task(*, actor: User, at: datetime, task: Task) -> None:
    """Say: I am on it."""
    changed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN, taken_up_by__isnull=True).update(
        taken_up_by=actor, taken_up_at=at
    )
    if not changed:
        raise Refused(_("Somebody took this task up already, or it is done."), advice=_("Open the work list again."))
    record(actor=actor, verb="task.take_up", obj=task, area=task.area)


@transaction.atomic
def finish_task(*, actor: User, at: datetime, task: Task) -> None:
    """The task is done. A second click finds it done and is told by whom and when."""
    if not _finish(actor=actor, at=at, task=task, state=Task.State.DONE):
        task.refresh_from_db()
        who = task.done_by.display_name if task.done_by else ""
        raise Refused(
            _("This task was already done by %(who)s at %(when)s.") % {"who": who, "when": shown_time(task.done_at)},
            advice=_("Open the work list again."),
        )


@transaction.atomic
def drop_task(*, actor: User, at: datetime, task: Task) -> None:
    """The task is no longer needed."""
    _finish(actor=actor, at=at, task=task, state=Task.State.DROPPED)


def _finish(*, actor: User, at: datetime, task: Task, state: Task.State) -> bool:
    changed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(state=state, done_at=at, done_by=actor)
    if changed:
        record(actor=actor, verb=f"task.{state.value}", obj=task, area=task.area)
    return bool(changed)


def shown_time(instant: datetime | None) -> str:
    """An instant as refusals name it, in local time."""
    return f"{localtime(instant):%Y-%m-%d %H:%M}" if instant else ""
