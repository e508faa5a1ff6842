"""The work list: what this desk has to do, by the time that is left."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from doudi.office import clock
from doudi.office.casework.queries import TaskRow, online_waiting, words_waiting, work_list
from doudi.office.casework.queries.work import SOON_DAYS
from doudi.office.desk.case_words import step_page
from doudi.office.desk.labels import CHANGE_STEPS, ENDING_STEPS
from doudi.office.desk.lists import ExportColumn, is_export
from doudi.office.desk.packwords import place, programme_label, rule_label
from doudi.office.desk.replies import language
from doudi.office.desk.workbook import workbook_reply
from doudi.office.entitlements.due import DueRow, due_rows
from doudi.office.evidence.queries import latest_night
from doudi.office.org.permissions import may
from doudi.office.org.presence import person_at


@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """Today's work, grouped as staff read it. Who has no tasks begins where their work is."""
    person = person_at(request)
    if not may(person, "task.see"):
        begins = {"audit.see": "audit", "user.manage": "admin-users", "money.see": "money", "finding.see": "findings"}
        return redirect(next(place for capability, place in begins.items() if may(person, capability)))
    found, due = work_list(person, today=clock.today()), due_rows(person, today=clock.today())
    groups: list[tuple[str, str, str, Sequence[TaskRow | DueRow]]] = [
        ("overdue", _("Overdue"), "late", _with(found.overdue, due, lambda days: days < 0)),
        ("today", _("Due today"), "soon", _with(found.today, due, lambda days: days == 0)),
        ("soon", _("Due in three days"), "soon", _with(found.three_days, due, lambda days: 0 < days <= SOON_DAYS)),
        ("later", _("Later"), "now", _with(found.later, due, lambda days: days > SOON_DAYS)),
        ("waiting", _("Not yet its turn"), "wait", found.waiting),
    ]
    if is_export(request):
        rows = [row for _key, _word, _tone, part in groups for row in part]
        return workbook_reply(request, name="work", title=_("Work list"), columns=_columns(), rows=rows)
    context = {
        "groups": [
            {"key": key, "word": word, "tone": tone, "rows": [_shown(row) for row in rows]}
            for key, word, tone, rows in groups
        ],
        "total": found.total + len(found.waiting) + len(due),
        "left_out": found.left_out,
        "night": latest_night(),
        "online_waiting": online_waiting(person),
        "words_waiting": [
            {"href": reverse("visit", args=[each.visit_id]), "day": each.visited_on, "village": place(each.area)}
            for each in words_waiting(person, today=clock.today())
        ],
    }
    return render(request, "desk/work.html", context)


def _with(
    tasks: Sequence[TaskRow], due: Sequence[DueRow], belongs: Callable[[int], bool]
) -> Sequence[TaskRow | DueRow]:
    """Tasks and what running help asks, of one stretch of time, by their last days."""
    return sorted([*tasks, *(row for row in due if belongs(row.days_left))], key=lambda row: row.due_on)


def href_of(task: TaskRow | DueRow) -> str:
    """The page on which a task is done."""
    if isinstance(task, DueRow):
        name = "reviews" if task.kind in ("review", "standard") else "ending" if task.is_ending else "change"
        return reverse(name, args=[task.entitlement_id])
    if task.step_kind is not None:
        return step_page(task.case_number, task.step_kind, task.step)
    if task.request_id is not None:
        return reverse("county-request", args=[task.request_id])
    if task.recheck_id is not None:
        return reverse("case-recheck", args=[task.case_number, task.recheck_id])
    if task.kind == "apply" and task.finding_pk is not None:
        return reverse("apply", args=[task.finding_pk])
    if task.kind == "review":
        return reverse("task-review", args=[task.task_id])
    return reverse("task", args=[task.task_id])


def what_of(task: TaskRow | DueRow) -> str:
    """A task in words."""
    if isinstance(task, DueRow):
        return str((ENDING_STEPS if task.is_ending else CHANGE_STEPS)[task.kind])
    if task.step_label is not None:
        return task.step_label.in_language(language())
    words = {
        "apply": _("Open an application"),
        "review": _("Review who belongs to the family"),
        "recheck": _("Re-check of a disputed figure"),
        "reply": _("Answer another county"),
        "take_in": _("Take in another county's reply"),
    }
    return words.get(task.kind, _("Home visit"))


def time_left(days: int) -> str:
    """The days to a last day in words, never as a minus sign."""
    if days < 0:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    if days == 0:
        return _("today")
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


def _shown(row: TaskRow | DueRow) -> dict[str, Any]:
    task = row if isinstance(row, TaskRow) else None
    return {
        "href": href_of(row),
        "what": what_of(row),
        "family": row.head_name,
        "village": place(row.area),
        "about": _about(row),
        "due_on": row.due_on,
        "time_left": time_left(row.days_left),
        "is_provisional": task is not None and task.due_is_provisional,
        "not_before": task.not_before if task is not None else None,
        "stands_still": task is not None and task.stands_still,
        "taken_up_by": _taken_up_by(row),
    }


def _taken_up_by(row: TaskRow | DueRow) -> str:
    return row.taken_up_by if isinstance(row, TaskRow) else ""


def _about(row: TaskRow | DueRow) -> str:
    if isinstance(row, DueRow):
        return programme_label(row.programme)
    return rule_label(row.rule) if row.rule else row.case_number


def _columns() -> list[ExportColumn[TaskRow | DueRow]]:
    return [
        ExportColumn(_("What is to be done"), what_of),
        ExportColumn(_("Family"), lambda row: row.head_name),
        ExportColumn(_("Household number"), lambda row: row.household_number),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("About"), _about),
        ExportColumn(_("Last day"), lambda row: row.due_on),
        ExportColumn(_("Taken up by"), _taken_up_by),
    ]
