"""Findings of a whole night: opened, merged and ended many at a time, with an audit row for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from doudi.engine.values.calendar import Deadline
from doudi.office.audit.actions import Note, record_many
from doudi.office.bulk import among, insert_rows, take_ids, update_rows
from doudi.office.casework.models import Case, Finding, FindingFact, Task
from doudi.office.evidence.models import NightRun
from doudi.office.org.models import User


class FoundFact(NamedTuple):
    """A fact that a finding rests on, as the night wrote it. A night brings hundreds of thousands of them."""

    subject: str
    name: str
    value_int: int | None
    value_text: str | None
    as_of: date | None
    source: str
    batch: str
    row: int


@dataclass(frozen=True)
class NewFinding:
    """A finding that comes on the list: what it is, whose, what it rests on, and the last day of the visit."""

    finding_id: str
    rule: str
    family: str
    household_id: int
    episode_start: date
    priority: int
    area: str
    facts: Sequence[FoundFact]
    due: Deadline


@transaction.atomic
def open_findings(*, actor: User, at: datetime, night: NightRun, findings: Sequence[NewFinding]) -> None:
    """Put new findings on the list, each with its facts and the township's task to visit the family."""
    ids = take_ids(Finding, len(findings))
    insert_rows(
        Finding,
        ("id", "finding_id", "rule", "family", "household_id", "episode_start", "priority", "first_run_id",
         "last_run_id", "state", "close_reason", "area"),
        [
            (number, new.finding_id, new.rule, new.family, new.household_id, new.episode_start, new.priority, night.pk,
             night.pk, Finding.State.OPEN, "", new.area)
            for number, new in zip(ids, findings, strict=True)
        ],
    )  # fmt: skip
    _keep_facts(night, [(number, new.area, new.facts) for number, new in zip(ids, findings, strict=True)])
    notes = [Note(number, new.area, {"rule": new.rule}) for number, new in zip(ids, findings, strict=True)]
    record_many(actor=actor, verb="finding.open", model=Finding, notes=notes)
    tasks = take_ids(Task, len(findings))
    insert_rows(
        Task,
        ("id", "kind", "role", "household_id", "finding_id", "step", "due_on", "due_is_provisional", "stands_still",
         "created_at", "state", "area"),
        [
            (task, Task.Kind.VISIT, "assistant", new.household_id, number, "", new.due.on, new.due.provisional,
             False, at, Task.State.OPEN, new.area)
            for task, number, new in zip(tasks, ids, findings, strict=True)
        ],
    )  # fmt: skip
    notes = [Note(task, new.area, {"finding": n}) for task, n, new in zip(tasks, ids, findings, strict=True)]
    record_many(actor=actor, verb="task.create", model=Task, notes=notes)


@transaction.atomic
def merge_findings(
    *, actor: User, night: NightRun, findings: Sequence[tuple[Finding, int]], facts: Mapping[str, Sequence[FoundFact]]
) -> None:
    """The night reports them again, each with its new priority: newer facts stand beside the older ones."""
    update_rows(
        "UPDATE casework_finding SET last_run_id = %s, priority = given.priority, reason_gone_since = NULL"
        " FROM unnest(%s::bigint[], %s::integer[]) AS given (id, priority) WHERE casework_finding.id = given.id",
        [night.pk, [finding.pk for finding, _ in findings], [priority for _, priority in findings]],
    )
    _keep_facts(night, [(each.pk, each.area, facts.get(each.finding_id, ())) for each, _ in findings])
    notes = [Note(finding.pk, finding.area, {"night": night.run_id}) for finding, _ in findings]
    record_many(actor=actor, verb="finding.repeat", model=Finding, notes=notes)


@transaction.atomic
def end_findings(*, actor: User, at: datetime, night: NightRun, findings: Sequence[Finding]) -> tuple[int, int]:
    """Their reasons have gone from the data. Closes each unless somebody is at work on it; counts closed and kept.

    At work is: somebody took the visit up, or the household has an open case. Then the finding only carries the note.
    """
    tasks = {
        task.finding_id: task
        for task in Task.objects.select_for_update().filter(
            among("finding", [finding.pk for finding in findings]), state=Task.State.OPEN
        )
    }
    busy = set(
        Case.objects.filter(among("household", [f.household_id for f in findings]), state=Case.State.OPEN).values_list(
            "household_id", flat=True
        )
    )
    kept: list[Finding] = []
    gone: list[Finding] = []
    for finding in findings:
        task = tasks.get(finding.pk)
        is_taken_up = task is not None and task.taken_up_by_id is not None
        (kept if is_taken_up or finding.household_id in busy else gone).append(finding)
    Finding.objects.filter(among("pk", [finding.pk for finding in kept]), reason_gone_since__isnull=True).update(
        reason_gone_since=night.as_of
    )
    notes = [Note(finding.pk, finding.area, {}) for finding in kept]
    record_many(actor=actor, verb="finding.reason_gone", model=Finding, notes=notes)
    Finding.objects.filter(among("pk", [finding.pk for finding in gone]), state=Finding.State.OPEN).update(
        state=Finding.State.ENDED, closed_at=at, closed_by=actor, reason_gone_since=night.as_of
    )
    notes = [Note(finding.pk, finding.area, {"night": night.run_id}) for finding in gone]
    record_many(actor=actor, verb="finding.end", model=Finding, notes=notes)
    dropped = [tasks[finding.pk] for finding in gone if finding.pk in tasks]
    Task.objects.filter(among("pk", [task.pk for task in dropped])).update(
        state=Task.State.DROPPED, done_at=at, done_by=actor
    )
    record_many(actor=actor, verb="task.dropped", model=Task, notes=[Note(task.pk, task.area, {}) for task in dropped])
    return len(gone), len(kept)


def _keep_facts(night: NightRun, told: Sequence[tuple[int, str, Sequence[FoundFact]]]) -> None:
    insert_rows(
        FindingFact,
        ("finding_id", "run_id", "area", *FoundFact._fields),
        [(number, night.pk, area, *fact) for number, area, facts in told for fact in facts],
    )
