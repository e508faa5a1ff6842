"""Cases: the list, one case with all that a decision needs, and the page after a step is done."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doudi.office import clock
from doudi.office.casework.queries import CasePage, CaseRow, case_page, list_cases, online_waiting, work_list
from doudi.office.desk import case_words
from doudi.office.desk.families import family_card
from doudi.office.desk.labels import CASE_STATES, CHANNELS, ENDING_CAUSES, VERDICTS
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.packwords import place, programme_label, step_label
from doudi.office.desk.parts import parts as parts_of
from doudi.office.desk.replies import crumbs, language
from doudi.office.desk.visit_words import shown_visit
from doudi.office.desk.workbook import workbook_reply
from doudi.office.entitlements.queries import EntitlementRow, endings_of, entitlements_of, recognition_of
from doudi.office.flows.classify import is_classified
from doudi.office.org.models import User
from doudi.office.org.permissions import may
from doudi.office.org.presence import person_at
from doudi.office.payments.queries import payments_of


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of the area, oldest first."""
    person, text = person_at(request), request.GET.get("q", "")
    asked = request.GET.get("state", "")
    rows = list_cases(person, today=clock.today(), state=asked if asked in CASE_STATES else "", text=text)
    if is_export(request):
        kept = rows[: EXPORT_ROWS_MAX + 1]
        return workbook_reply(request, name="cases", title=_("Cases"), columns=_columns(), rows=kept)
    context = {
        "page": page_of(request, rows, shown=_shown),
        "q": text,
        "state": asked,
        "states": [(key, mark.word) for key, mark in CASE_STATES.items()],
        "may_apply": may(person, "case.apply"),
        "may_confirm": may(person, "case.approve") or may(person, "case.township"),
        "online_waiting": online_waiting(person),
    }
    return render(request, "desk/cases.html", context)


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case: where it lies, what comes next, what was declared, found, seen and said."""
    person = person_at(request)
    found = look_at(request, number, "work on a case")
    parts = parts_of(found)
    following = case_words.next_steps(found)
    granted = entitlements_of(found.household_id)
    entitlements = [row for row in granted if row.case_number == number]
    context = {
        "case": {
            "number": number,
            "applicant": case_words.applicant_name(found),
            "programme": programme_label(found.programme),
            "channel": CHANNELS[found.channel],
            "reporter": found.reporter,
            "opened_at": found.opened_at,
            "village": place(found.area),
            "state": CASE_STATES[found.state],
            "total_due": found.total_due_on,
            "total_is_provisional": found.total_is_provisional,
            "total_is_special": found.total_is_special,
            "withdrawn_on": found.withdrawn_on,
            "papers_may_follow": found.papers_may_follow,
            "why_href": reverse("case-why", args=[number]) if found.assessment else "",
            "report_href": reverse("case-report", args=[number]) if found.report else "",
            "letter_href": reverse("letter", args=[number]) if found.notice and may(person, "letter.print") else "",
        },
        "steps": case_words.steps(found),
        "carried": found.carried,
        "report": found.report,
        "next": following,
        "is_undecided": found.state == "open" and not following,
        "ended_word": CASE_STATES[found.state].word,
        "parts": parts,
        "parts_done": sum(part["is_done"] for part in parts),
        "can_accept": "accept_case" in found.can,
        "comparison": case_words.comparison(found),
        "words": case_words.words_said(found),
        "visits": [shown_visit(visit) for visit in found.visits],
        "seen_differs": sum(line.is_contradicted and line.seen is not None for line in found.facts),
        "household": family_card(
            household_id=found.household_id,
            number=found.household_number,
            members=found.members,
            address=found.address,
            residence=found.residence,
        ),
        "publicity": case_words.latest_publicity(found),
        "notice": found.notice,
        "account": found.account,
        "entitlements": [
            {**vars(row), "amount": case_words.amount_words(found.programme, row.amount_fen)} for row in entitlements
        ],
        "earlier": [_earlier(row) for row in granted if row.case_number < number],
        "recognition": recognition_of(number),
        "clocks": case_words.clocks(found),
        "classification": case_words.classification(found),
        "meeting": case_words.meeting(found),
        "tiers_href": reverse("case-tiers", args=[number]) if _is_to_be_classified(found) else "",
        "assess": _assess(found),
        "missing": case_words.missing_words(found) if found.papers_may_follow else [],
        "payments": payments_of(found.household_id),
        "receipt_href": reverse("case-receipt", args=[number]) if found.carried is None else "",
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, "")),
    }
    return render(request, "desk/case.html", context)


def _earlier(row: EntitlementRow) -> dict[str, Any]:
    """Help that this family had before, how it ended, and what the return visits found: it stays with a restart."""
    ended = next((each for each in endings_of(row.entitlement_id) if each.delivered_on is not None), None)
    return {
        **vars(row),
        "programme": programme_label(row.programme),
        "amount": case_words.amount_words(row.programme, row.amount_fen),
        "cause": ENDING_CAUSES[ended.cause] if ended is not None else "",
        "follow_ups": ended.follow_ups if ended is not None else (),
    }


@require_GET
def done(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """The result page (结果页): the number, what comes next, who does it, the last day."""
    heading = case_words.done_heading(step)
    if heading is None:
        raise Http404
    found = look_at(request, number, "result of a step")
    following = case_words.next_steps(found)
    facts = [
        {"label": _("Case"), "text": number},
        {"label": _("Programme"), "text": programme_label(found.programme)},
    ]
    for each in following[:3]:
        last = _("last day %(day)s") % {"day": each["due_on"].isoformat()} if each["due_on"] else _("no last day yet")
        facts.append({"label": _("Next step"), "text": f"{each['label']} · {each['whose']} · {last}"})
    # What this person does next stands first.
    ways = [{"href": each["href"], "label": each["label"]} for each in following if each["href"]][:1]
    if step in ("apply", "accept"):
        ways.append({"href": reverse("case-receipt", args=[number]), "label": _("Print the receipt")})
    ways += _next_of_the_kind(person_at(request), number, step)
    ways.append({"href": reverse("case", args=[number]), "label": _("To the case")})
    ways.append({"href": reverse("work"), "label": _("To the work list")})
    context = {
        "heading": heading,
        "lead": f"{case_words.applicant_name(found)} · {place(found.area)}",
        "facts": facts,
        "ways": ways,
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, reverse("case", args=[number])), (heading, "")),
    }
    return render(request, "desk/result.html", context)


def _next_of_the_kind(person: User, number: str, step: str) -> list[dict[str, str]]:
    """The case on which this person says the same kind of word next: who decides all day goes on with one click."""
    if step not in ("opinion", "review", "confirm"):
        return []
    ready = work_list(person, today=clock.today())
    rows = (*ready.overdue, *ready.today, *ready.three_days, *ready.later)
    found = next((row for row in rows if row.step_kind == step and row.case_number != number), None)
    if found is None:
        return []
    label = _("Next case: %(name)s, %(village)s") % {"name": found.head_name, "village": place(found.area)}
    return [{"href": reverse(f"case-{step}", args=[found.case_number]), "label": label}]


def look_at(request: HttpRequest, number: str, purpose: str) -> CasePage:
    """One case for the person at the desk; the look is recorded with its purpose."""
    return case_page(person_at(request), number, today=clock.today(), lang=language(), purpose=purpose)


def _is_to_be_classified(found: CasePage) -> bool:
    return "choose_programme" in found.can and is_classified(found.programme)


def _assess(found: CasePage) -> dict[str, object] | None:
    """What the rules said last, and the button that runs them again, for whoever may before the opinion."""
    if "assess_case" not in found.can:
        return None
    last = found.assessment
    return {
        "href": reverse("case-assess", args=[found.case_number]),
        "version": found.version,
        "verdict": VERDICTS[last.outcome] if last else "",
        "amount": case_words.amount_words(found.programme, last.amount_fen) if last else "",
        "is_up_to_date": last is not None and last.is_up_to_date,
        "as_of": last.as_of if last else None,
    }


def _shown(row: CaseRow) -> dict[str, object]:
    return {
        "href": reverse("case", args=[row.case_number]),
        "number": row.case_number,
        "applicant": row.head_name,
        "village": place(row.area),
        "programme": programme_label(row.programme),
        "where": "、".join(step_label(row.programme, step) for step in row.open_steps),
        "due_on": row.due_on,
        "is_overdue": row.due_on is not None and row.due_on < clock.today(),
        "state": CASE_STATES[row.state],
    }


def _columns() -> list[ExportColumn[CaseRow]]:
    return [
        ExportColumn(_("Case"), lambda row: row.case_number),
        ExportColumn(_("Family"), lambda row: row.head_name),
        ExportColumn(_("Household number"), lambda row: row.household_number),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("Programme"), lambda row: programme_label(row.programme)),
        ExportColumn(_("Where it lies"), lambda row: _shown(row)["where"]),
        ExportColumn(_("Last day"), lambda row: row.due_on),
        ExportColumn(_("State"), lambda row: CASE_STATES[row.state].word),
    ]
