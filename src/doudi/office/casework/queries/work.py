"""The work list: my tasks by the time that is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from doudi.engine.pack.citation import Label
from doudi.engine.workflow.procedure import Kind
from doudi.engine.workflow.reading import load_procedure
from doudi.office.audit.actions import record_read
from doudi.office.casework.models import CountyRequest, Task
from doudi.office.casework.queries.county import requests_to_do
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import CAPABILITIES, require
from doudi.office.registry.models import Membership

HEAD = "02"
SOON_DAYS = 3
ROWS_MAX = 500


@dataclass(frozen=True)
class TaskRow:
    """One line of the work list. `step_label` is given for steps of a case."""

    task_id: int
    kind: str
    step: str
    step_label: Label | None
    step_kind: Kind | None
    household_id: int
    household_number: str
    head_name: str
    area: str
    rule: str
    finding_pk: int | None
    case_number: str
    due_on: date
    due_is_provisional: bool
    not_before: date | None
    stands_still: bool
    days_left: int
    taken_up_by: str
    # A re-check of a figure that the family disputes, or another county's request.
    recheck_id: int | None = None
    request_id: int | None = None


@dataclass(frozen=True)
class WorkList:
    """Tasks grouped as staff read them: 已超期, 今天到期, 三日内到期, 未到期; and those whose turn has not come."""

    overdue: tuple[TaskRow, ...]
    today: tuple[TaskRow, ...]
    three_days: tuple[TaskRow, ...]
    later: tuple[TaskRow, ...]
    waiting: tuple[TaskRow, ...]
    left_out: int = 0
    """How many of the latest last days are not in the list, because it would be too long to read."""

    @property
    def total(self) -> int:
        """How many can be done now."""
        return len(self.overdue) + len(self.today) + len(self.three_days) + len(self.later)


def work_list(user: User, *, today: date) -> WorkList:
    """The open tasks of the roles whose steps this user may do, in the user's area."""
    require(user, "task.see")
    roles = [role for role, can in CAPABILITIES.items() if can and can <= CAPABILITIES[user.role]]
    every = (
        Task.objects.filter(state=Task.State.OPEN, role__in=roles)
        .filter(~Q(case__near_relatives__official=user))
        .select_related("household", "finding", "case", "taken_up_by", "recheck")
        # Who asked the departments for a figure can't re-check it.
        .exclude(recheck__not_by=user)
        # Of one day the step of a case stands before a visit, and the more urgent visit before the others.
        .order_by("due_on", "-finding__priority", "pk")
    )
    tasks = list(every[:ROWS_MAX])
    heads = head_names([task.household_id for task in tasks])
    record_read(
        actor=user,
        objects=[task.household for task in tasks],
        fields=("head_name",),
        area=user.area_id,
        purpose="work list",
    )
    asked = requests_to_do(user)
    record_read(actor=user, objects=asked, fields=("name",), area=user.area_id, purpose="work list")
    rows = [*(_row(task, heads, today) for task in tasks), *(_request_row(each, today) for each in asked)]
    rows.sort(key=lambda row: row.due_on)
    ready = [row for row in rows if not row.stands_still and (row.not_before is None or row.not_before <= today)]
    is_ready = {row.task_id for row in ready}
    return WorkList(
        overdue=tuple(row for row in ready if row.days_left < 0),
        today=tuple(row for row in ready if row.days_left == 0),
        three_days=tuple(row for row in ready if 0 < row.days_left <= SOON_DAYS),
        later=tuple(row for row in ready if row.days_left > SOON_DAYS),
        waiting=tuple(row for row in rows if row.task_id not in is_ready),
        left_out=every.count() - len(tasks) if len(tasks) == ROWS_MAX else 0,
    )


def _request_row(request: CountyRequest, today: date) -> TaskRow:
    """A request of another county to answer, or a reply to take in. It has no household on the answering side."""
    return TaskRow(
        task_id=0,
        kind="reply" if getattr(request, "reply", None) is None else "take_in",
        step="",
        step_label=None,
        step_kind=None,
        household_id=0,
        household_number="",
        head_name=request.name,
        area=request.area[:6],
        rule="",
        finding_pk=None,
        case_number=request.number,
        due_on=request.due_on,
        due_is_provisional=request.due_is_provisional,
        not_before=None,
        stands_still=False,
        days_left=(request.due_on - today) // timedelta(days=1),
        taken_up_by="",
        request_id=request.pk,
    )


def head_names(household_ids: Sequence[int]) -> Mapping[int, str]:
    """Name of the head of each household, or of its first member. Who calls this has recorded the look."""
    names: dict[int, str] = {}
    rows = Membership.objects.filter(household__in=household_ids, to_date__isnull=True).select_related("person")
    for row in rows.order_by("relation", "pk"):
        names.setdefault(row.household_id, row.person.name)
    return names


def _row(task: Task, heads: Mapping[int, str], today: date) -> TaskRow:
    step = load_procedure(current_pack(), task.case.programme).step(task.step) if task.case and task.step else None
    return TaskRow(
        task_id=task.pk,
        kind=task.kind,
        step=task.step,
        step_label=step.label if step else None,
        step_kind=step.kind if step else None,
        household_id=task.household_id,
        household_number=task.household.number,
        head_name=heads.get(task.household_id, ""),
        area=task.area,
        rule=task.finding.rule if task.finding else "",
        finding_pk=task.finding_id,
        case_number=task.case.number if task.case else "",
        due_on=task.due_on,
        due_is_provisional=task.due_is_provisional,
        not_before=task.not_before,
        stands_still=task.stands_still,
        days_left=(task.due_on - today) // timedelta(days=1),
        taken_up_by=task.taken_up_by.display_name if task.taken_up_by else "",
        recheck_id=task.recheck.pk if task.kind == Task.Kind.RECHECK else None,
    )
