"""Findings: the list, and one with its reason."""

from collections.abc import Container, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from doudi.office import clock
from doudi.office.casework.queries import (
    FindingDetail,
    FindingFactView,
    FindingRow,
    count_findings,
    finding_detail,
    list_findings,
)
from doudi.office.desk.case_sheets import CloseFindingSheet
from doudi.office.desk.families import family_card
from doudi.office.desk.labels import FINDING_FAMILIES, FINDING_STATES
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.packwords import place, rule_label, source_label
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.visit_words import shown_visit
from doudi.office.desk.workbook import workbook_reply
from doudi.office.flows.visit import close_unanswered
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at


@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """The findings of the area, most urgent first, narrowed down by what they are, why and where."""
    person, text = person_at(request), request.GET.get("q", "")
    asked = request.GET.get("state", "open")
    state = "" if asked == "all" else asked if asked in FINDING_STATES else "open"
    counts = count_findings(person, state=state)
    kind = _chosen(request, "kind", FINDING_FAMILIES)
    rule, town = _chosen(request, "rule", counts.rules), _chosen(request, "town", counts.townships)
    rows = list_findings(person, state=state, family=kind, rule=rule, area=town, text=text)
    if is_export(request):
        kept = rows[: EXPORT_ROWS_MAX + 1]
        return workbook_reply(request, name="findings", title=_("Findings"), columns=_columns(), rows=kept)
    rules = sorted(counts.rules.items(), key=lambda item: (-item[1], item[0]))
    context = {
        "page": page_of(request, rows, shown=_shown),
        "q": text,
        "kind": kind,
        "rule": rule,
        "town": town,
        "state": state,
        "families": [
            {"key": key, "word": word, "count": counts.families.get(key, 0)} for key, word in FINDING_FAMILIES.items()
        ],
        "rules": [(key, rule_label(key), count) for key, count in rules],
        "towns": [(code, place(code), count) for code, count in sorted(counts.townships.items())],
        "states": [(key, mark.word) for key, mark in FINDING_STATES.items()],
        "is_narrowed": bool(text or kind or rule or town or state != "open"),
        "may_release": may(person, "night.release"),
    }
    return render(request, "desk/findings.html", context)


def _chosen(request: HttpRequest, name: str, known: Container[str]) -> str:
    """A filter's value, if the list knows it; anything else filters nothing."""
    value = request.GET.get(name, "")
    return value if value in known else ""


@require_GET
def finding(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """One finding: the sentence, the facts with their rows, the family, what was done."""
    person, today = person_at(request), clock.today()
    found = finding_detail(person, finding_pk, today=today, lang=language(), purpose="look at a finding")
    row = found.row
    context: dict[str, Any] = {
        "finding": {
            **_shown(row),
            "sentence": found.sentence,
            "why": found.why.in_language(language()) if found.why else "",
            "citation": found.citation,
            "as_of": row.last_seen,
            "reason_gone_since": row.reason_gone_since,
            "closed_at": found.closed_at,
            "closed_by": found.closed_by,
            "close_reason": found.close_reason,
            "found_by": found.found_by,
            "found_text": found.found_text,
            "reopen_reason": found.reopen_reason,
            "given_back_reason": found.given_back_reason,
        },
        "fact_groups": _fact_groups(found.facts),
        "visits": [shown_visit(visit) for visit in found.visits],
        "household": family_card(household_id=row.household_id, number=row.household_number, members=found.members),
        "cases": found.case_numbers,
        "crumbs": crumbs((_("Findings"), reverse("findings")), (row.head_name, "")),
        **_ways(
            found,
            may_visit=may(person, "visit.record"),
            may_apply=may(person, "case.apply"),
            may_close=may(person, "finding.close"),
        ),
        **_hands(found, person),
    }
    return render(request, "desk/finding.html", context)


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """Ends a finding that could not be found out, after visits that met nobody."""
    person = person_at(request)
    require(person, "finding.close")
    found = finding_detail(person, finding_pk, today=clock.today(), lang=language(), purpose="close a finding")
    sheet = CloseFindingSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        reason = sheet.cleaned_data["reason"]
        done = attempt(
            sheet,
            lambda: _close(person, finding_pk, reason),
        )
        if done is not None:
            messages.success(request, _("The finding is closed as “could not be found out”."))
            return redirect("finding", finding_pk)
    back = reverse("finding", args=[finding_pk])
    context = {
        "sheet": sheet,
        "heading": _("Close without an answer"),
        "lead": _("For a family that nobody met on at least two visits. The night reports it again if need be."),
        "button": _("Close the finding"),
        "back_href": back,
        "crumbs": crumbs(
            (_("Findings"), reverse("findings")), (found.row.head_name, back), (_("Close without an answer"), "")
        ),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


def _close(person: User, finding_pk: int, reason: str) -> int:
    close_unanswered(actor=person, at=clock.now(), finding_pk=finding_pk, reason=reason)
    return finding_pk


def _ways(found: FindingDetail, *, may_visit: bool, may_apply: bool, may_close: bool) -> dict[str, str]:
    task, apply_task = found.open_task_id, found.apply_task_id
    in_vain = sum(visit.outcome == "unknown" for visit in found.visits)
    is_given_up = may_close and found.row.state == "open" and in_vain >= 2
    return {
        "close_href": reverse("finding-close", args=[found.row.finding_pk]) if is_given_up else "",
        "task_href": reverse("task", args=[task]) if task and may_visit else "",
        "apply_href": reverse("apply", args=[found.row.finding_pk]) if apply_task and may_apply else "",
    }


def _hands(found: FindingDetail, person: User) -> dict[str, str]:
    """Handing a visit on, giving it back, undoing a close: offered where they can be done."""
    waits, own = found.open_task_id is not None, found.task_holder_id == person.pk
    offered = {
        "assign_href": ("finding-assign", waits and may(person, "finding.assign")),
        "give_back_href": ("finding-give-back", waits and own and may(person, "task.visit")),
        "undo_href": ("finding-undo", found.may_be_reopened and may(person, "finding.close")),
    }
    return {name: reverse(route, args=[found.row.finding_pk]) if can else "" for name, (route, can) in offered.items()}


def _shown(row: FindingRow) -> dict[str, Any]:
    return {
        "href": reverse("finding", args=[row.finding_pk]),
        "family_name": row.head_name,
        "number": row.household_number,
        "rule": rule_label(row.rule),
        "kind": FINDING_FAMILIES.get(row.family, row.family),
        "village": place(row.area),
        "since": row.episode_start,
        "priority": row.priority,
        "due_on": row.due_on,
        "state": FINDING_STATES[row.state],
        "in_hands_of": row.in_hands_of,
    }


def _fact_groups(facts: Sequence[FindingFactView]) -> list[dict[str, Any]]:
    """What speaks first; what is zero, a date or a word, and what the rule worked out from them, folded below."""
    computed = [fact for fact in facts if fact.source == "rule"]
    given = [fact for fact in facts if fact.source != "rule"]
    loud = [fact for fact in given if fact.value and not isinstance(fact.value, date | str)]
    quiet = [fact for fact in given if fact not in loud]
    # Where nothing is loud, silence itself is the reason and stays unfolded.
    groups = [(loud, ""), (quiet, _quiet_word(len(quiet)) if loud else ""), (computed, _computed_word(len(computed)))]
    return [{"facts": [_fact(fact) for fact in part], "folded_as": word} for part, word in groups if part]


def _quiet_word(count: int) -> str:
    return ngettext("%(count)s more: zero, a date or a kind", "%(count)s more: zero, dates or kinds", count) % {
        "count": count
    }


def _computed_word(count: int) -> str:
    return ngettext("How the rule worked it out (%(count)s)", "How the rule worked it out (%(count)s)", count) % {
        "count": count
    }


def _fact(fact: FindingFactView) -> dict[str, object]:
    return {
        "label": fact.label,
        "subject": fact.person_name or _("the household"),
        "value": fact.text,
        "as_of": fact.as_of,
        "source": source_label(fact.source),
        "batch": fact.batch[:8],
        "row": fact.row,
    }


def _columns() -> list[ExportColumn[FindingRow]]:
    return [
        ExportColumn(_("Finding"), lambda row: row.finding_id),
        ExportColumn(_("Family"), lambda row: row.head_name),
        ExportColumn(_("Household number"), lambda row: row.household_number),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("Why"), lambda row: rule_label(row.rule)),
        ExportColumn(_("Kind"), lambda row: FINDING_FAMILIES.get(row.family, row.family)),
        ExportColumn(_("Since"), lambda row: row.episode_start),
        ExportColumn(_("Priority"), lambda row: row.priority, "number"),
        ExportColumn(_("Last day"), lambda row: row.due_on),
        ExportColumn(_("State"), lambda row: FINDING_STATES[row.state].word),
        ExportColumn(_("In the hands of"), lambda row: row.in_hands_of),
    ]
