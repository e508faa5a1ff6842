"""Findings and tasks as people handle them: taken up, done, closed. `nights.py` brings them in."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from doudi.engine.values.calendar import Deadline
from doudi.office.audit.actions import record
from doudi.office.casework.models import Finding, Task
from doudi.office.casework.models.finding import FIELD_RULE
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
def assign_task(*, actor: User, at: datetime, task: Task, to: User) -> None:
    """Put a task into somebody's hands, also out of somebody else's."""
    changed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(
        taken_up_by=to, taken_up_at=at, assigned_by=actor, given_back_reason=""
    )
    if not changed:
        raise Refused(_("This task is done."), advice=_("Open the work list again."))
    details = {"to": to.pk, "before": task.taken_up_by_id}
    record(actor=actor, verb="task.assign", obj=task, area=task.area, details=details)


@transaction.atomic
def give_back_task(*, actor: User, task: Task, reason: str) -> None:
    """Whoever has it lets go of it; it waits for somebody again, and says why."""
    changed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN, taken_up_by=actor).update(
        taken_up_by=None, taken_up_at=None, assigned_by=None, given_back_reason=reason
    )
    if not changed:
        raise Refused(_("This task is not in your hands."), advice=_("Open the work list again."))
    record(actor=actor, verb="task.give_back", obj=task, area=task.area)


@transaction.atomic
def reopen_finding(*, actor: User, finding: Finding, reason: str) -> None:
    """A finding that was closed by mistake waits again. What was said before stays with its visits and in the audit."""
    was = {"outcome": finding.state, "closed_by": finding.closed_by_id}
    closed = [Finding.State.CONFIRMED, Finding.State.CLEARED, Finding.State.UNKNOWN]
    try:
        with transaction.atomic():
            changed = Finding.objects.filter(pk=finding.pk, state__in=closed).update(
                state=Finding.State.OPEN, closed_at=None, closed_by=None, close_reason="", reopen_reason=reason
            )
    except IntegrityError:
        raise Refused(
            _("The night has opened this finding anew since."), advice=_("Go on with the newer one.")
        ) from None
    if not changed:
        raise Refused(_("This finding is not closed."), advice=_("Open the finding again."))
    record(actor=actor, verb="finding.reopen", obj=finding, area=finding.area, details=was)


@transaction.atomic
def write_field_finding(
    *, actor: User, at: datetime, household: Household, family: str, text: str, priority: int, form_token: str
) -> Finding:
    """What somebody of the office found by themselves comes on the same list. The same form writes it once."""
    finding_id = f"field-{form_token}"
    if Finding.objects.filter(finding_id=finding_id).exists():
        raise Refused(_("This was written down already."), advice=_("See the list of findings."))
    finding = Finding.objects.create(
        finding_id=finding_id,
        rule=FIELD_RULE,
        family=family,
        household=household,
        episode_start=localdate(at),
        priority=priority,
        found_by=actor,
        found_text=text,
        area=household.area,
    )
    record(actor=actor, verb="finding.write", obj=finding, area=finding.area, details={"family": family})
    return finding


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
