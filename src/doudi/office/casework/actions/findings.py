"""Findings and tasks: opened by the night, closed by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from doudi.engine.values.calendar import Deadline
from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Finding, FindingFact, Task
from doudi.office.errors import Refused
from doudi.office.evidence.models import NightRun
from doudi.office.org.models import User
from doudi.office.registry.models import Household


@dataclass(frozen=True)
class FoundFact:
    """A fact that a finding rests on, as the night wrote it."""

    subject: str
    name: str
    value_int: int | None
    value_text: str | None
    as_of: date | None
    source: str
    batch: str
    row: int


@transaction.atomic
def open_finding(
    *,
    actor: User,
    night: NightRun,
    finding_id: str,
    rule: str,
    family: str,
    household: Household,
    episode_start: date,
    priority: int,
    facts: Sequence[FoundFact],
) -> Finding:
    """Put a new finding on the list, with the facts it rests on."""
    finding = Finding.objects.create(
        finding_id=finding_id,
        rule=rule,
        family=family,
        household=household,
        episode_start=episode_start,
        priority=priority,
        first_run=night,
        last_run=night,
        area=household.area,
    )
    _keep_facts(finding, night, facts)
    record(actor=actor, verb="finding.open", obj=finding, area=finding.area, details={"rule": rule})
    return finding


@transaction.atomic
def merge_finding(*, actor: User, night: NightRun, finding: Finding, priority: int, facts: Sequence[FoundFact]) -> None:
    """The night reports it again: the open finding keeps its place and gets the newer facts beside the older."""
    Finding.objects.filter(pk=finding.pk).update(last_run=night, priority=priority, reason_gone_since=None)
    _keep_facts(finding, night, facts)
    record(actor=actor, verb="finding.repeat", obj=finding, area=finding.area, details={"night": night.run_id})


def _keep_facts(finding: Finding, night: NightRun, facts: Sequence[FoundFact]) -> None:
    FindingFact.objects.bulk_create(
        [
            FindingFact(
                finding=finding,
                run=night,
                subject=fact.subject,
                name=fact.name,
                value_int=fact.value_int,
                value_text=fact.value_text,
                as_of=fact.as_of,
                source=fact.source,
                batch=fact.batch,
                row=fact.row,
                area=finding.area,
            )
            for fact in facts
        ]
    )


@transaction.atomic
def end_finding(*, actor: User, at: datetime, night: NightRun, finding: Finding) -> bool:
    """The reason has gone from the data. Closes the finding unless somebody is at work on it; says which.

    At work is: somebody took the visit up, or the household has an open case. Then the finding only carries the note.
    """
    task = Task.objects.select_for_update().filter(finding=finding, state=Task.State.OPEN).first()
    is_taken_up = task is not None and task.taken_up_by_id is not None
    has_case = Case.objects.filter(household=finding.household_id, state=Case.State.OPEN).exists()
    if is_taken_up or has_case:
        Finding.objects.filter(pk=finding.pk, reason_gone_since__isnull=True).update(reason_gone_since=night.as_of)
        record(actor=actor, verb="finding.reason_gone", obj=finding, area=finding.area)
        return False
    changed = Finding.objects.filter(pk=finding.pk, state=Finding.State.OPEN).update(
        state=Finding.State.ENDED, closed_at=at, closed_by=actor, reason_gone_since=night.as_of
    )
    if changed and task is not None:
        _finish(actor=actor, at=at, task=task, state=Task.State.DROPPED)
    if changed:
        record(actor=actor, verb="finding.end", obj=finding, area=finding.area, details={"night": night.run_id})
    return bool(changed)


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
