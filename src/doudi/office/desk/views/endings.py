"""The end of what a family receives: one page that shows how far it is, and offers what is next."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.desk import case_words
from doudi.office.desk.course_words import standing_of
from doudi.office.desk.ending_sheets import (
    AnswerSheet,
    DecideSheet,
    DeliverSheet,
    FollowUpSheet,
    ObjectSheet,
    ProposeSheet,
)
from doudi.office.desk.labels import ANSWERS, ENDING_CAUSES, ENDING_OUTCOMES
from doudi.office.desk.packwords import programme_label
from doudi.office.desk.reasons import reasons_of
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.views.cases import look_at
from doudi.office.entitlements.queries import EndingRow, endings_of, entitlement
from doudi.office.flows import end
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def ending(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """How far the end of an entitlement is, and the form of whoever's turn it is."""
    person = person_at(request)
    require(person, "case.see")
    granted = entitlement(entitlement_id)
    if granted is None:
        raise Http404
    look_at(request, granted.case_number, "end of an entitlement")
    rows = endings_of(entitlement_id)
    heading, sheet, act = _turn(request, person, entitlement_id, rows, is_ended=granted.end_month is not None)
    if request.method == "POST" and sheet is not None and act is not None and sheet.is_valid():
        typed, do = sheet.cleaned_data, act
        if attempt(sheet, lambda: do(actor=person, at=clock.now(), **typed) or True) is not None:
            messages.success(request, _("It is recorded."))
            return redirect("ending", entitlement_id)
    here = reverse("case", args=[granted.case_number])
    context = {
        "granted": granted,
        "programme": programme_label(granted.programme),
        "amount": case_words.amount_words(granted.programme, granted.amount_fen),
        "rows": [_shown(row) for row in rows],
        "heading": heading,
        "sheet": sheet,
        "may_print": may(person, "letter.print"),
        "back_href": here,
        "crumbs": crumbs((_("Cases"), reverse("cases")), (granted.case_number, here), (_("End of this help"), "")),
    }
    return render(request, "desk/ending.html", context, status=status_of(sheet) if sheet is not None else 200)


def _turn(
    request: HttpRequest, person: User, entitlement_id: int, rows: tuple[EndingRow, ...], *, is_ended: bool
) -> tuple[str, Sheet | None, Callable[..., Any] | None]:
    """What comes next, if it is this person's to do."""
    typed, today = request.POST or None, clock.today()
    last = next((row for row in rows if row.outcome != "refuse" and row.answer != "overturned"), None)
    if last is None:
        if is_ended or not may(person, "case.opinion"):
            return "", None, None
        return _("Propose that it ends"), ProposeSheet(typed), _with(end.propose_ending, entitlement_id=entitlement_id)
    this = {"ending_id": last.ending_id}
    if not last.outcome:
        if may(person, "case.approve"):
            return _("Decide"), DecideSheet(typed), _with(end.decide_ending, **this)
    elif last.delivered_on is None:
        if may(person, "case.accept"):
            told = DeliverSheet(typed, initial={"delivered_on": today})
            return _("Deliver the notice"), told, _with(end.deliver_ending, **this)
    elif last.objected_on is not None and not last.answer:
        if may(person, "case.approve"):
            return _("Answer the objection"), AnswerSheet(typed), _with(end.answer_ending, **this)
    else:
        due = next((each for each in last.follow_ups if each.done_on is None and each.due_on <= today), None)
        if due is not None and may(person, "visit.record"):
            given = {"follow_up_id": due.follow_up_id, "done_on": today}
            return _("Return visit"), FollowUpSheet(typed, initial=given), end.note_follow_up
        if last.objected_on is None and may(person, "case.object"):
            said = ObjectSheet(typed, initial={"objected_on": today})
            return _("The family objects"), said, _with(end.object_to_ending, **this)
    return "", None, None


def _with(flow: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    return lambda **typed: flow(**given, **typed)


def _shown(row: EndingRow) -> dict[str, Any]:
    explanation = row.explanation_en if language() == "en" else row.explanation_zh
    return {
        **vars(row),
        "state": standing_of(row),
        "cause": ENDING_CAUSES[row.cause],
        "is_approved": row.outcome == "approve",
        "outcome": ENDING_OUTCOMES.get(row.outcome, ""),
        "answer": ANSWERS.get(row.answer, ""),
        "reasons": reasons_of(explanation) if explanation else None,
    }
