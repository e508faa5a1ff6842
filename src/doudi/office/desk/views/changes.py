"""Another amount for running help: the family of now, what is different, and the form of whoever's turn it is."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import CasePage
from doudi.office.desk.change_sheets import (
    AnswerChangeSheet,
    ChangeWordSheet,
    JoiningSheet,
    NothingSheet,
    ProposeChangeSheet,
)
from doudi.office.desk.course_words import standing_of
from doudi.office.desk.ending_sheets import DeliverSheet, ObjectSheet
from doudi.office.desk.families import member_row
from doudi.office.desk.labels import CHANGE_ANSWERS, CHANGE_OUTCOMES, OCCASIONS
from doudi.office.desk.packwords import pays, programme_label, source_label
from doudi.office.desk.reasons import reasons_of
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.views.cases import look_at
from doudi.office.entitlements.change_queries import AmountRow, ChangeRow, amounts_of, changes_of
from doudi.office.entitlements.queries import EntitlementRow, entitlement
from doudi.office.evidence.difference_words import DifferenceWords, in_plain_words
from doudi.office.flows import change as flow
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at

Turn = tuple[str, Sheet | None, Callable[..., Any] | None]


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """What this help pays, how a change of it stands, and the form of whoever's turn it is."""
    person = person_at(request)
    granted, found = _granted(request, person, entitlement_id)
    rows = changes_of(entitlement_id)
    heading, sheet, act = _turn(request, person, granted, rows)
    if request.method == "POST" and sheet is not None and act is not None and sheet.is_valid():
        typed, do = sheet.cleaned_data, act
        if attempt(sheet, lambda: do(actor=person, at=clock.now(), **typed) or True) is not None:
            messages.success(request, _("It is recorded."))
            return redirect("change", entitlement_id)
    is_open = granted.end_month is None and pays(granted.programme) == "monthly"
    context = {
        **_frame(granted, found),
        "amounts": _amounts(granted, amounts_of(entitlement_id)),
        "members": [member_row(member) for member in found.members],
        "rows": [_shown(row, granted.programme) for row in rows],
        "heading": heading,
        "sheet": sheet,
        "may_add": is_open and may(person, "case.declare"),
        "may_ask": is_open and may(person, "case.review"),
        "may_print": may(person, "letter.print"),
    }
    return render(request, "desk/change.html", context, status=status_of(sheet) if sheet is not None else 200)


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """Somebody who lives with the family is taken in; what is known of them is then visited and asked for."""
    person = person_at(request)
    granted, found = _granted(request, person, entitlement_id)
    require(person, "case.declare")
    sheet = JoiningSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        given: dict[str, Any] = {"actor": person, "at": clock.now(), "entitlement_id": entitlement_id}
        if attempt(sheet, lambda: flow.add_member(**given, **typed)) is not None:
            messages.success(request, _("The member is entered. Record a visit next, so that the rules can run."))
            return redirect("change", entitlement_id)
    context = {
        **_frame(granted, found),
        "sheet": sheet,
        "heading": _("One more member"),
        "members": [member_row(member) for member in found.members],
    }
    return render(request, "desk/joining.html", context, status=status_of(sheet))


@require_POST
def ask(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """The departments' data of the last night for the family as it is now."""
    person = person_at(request)
    _granted(request, person, entitlement_id)
    sheet, at = NothingSheet(request.POST), clock.now()
    found = attempt(sheet, lambda: flow.ask_departments(actor=person, at=at, entitlement_id=entitlement_id))
    if found is not None:
        text = ngettext("The departments gave %(count)s fact.", "The departments gave %(count)s facts.", found)
        messages.success(request, text % {"count": found})
    for refused in sheet.non_field_errors():
        messages.error(request, str(refused))
    return redirect("change", entitlement_id)


def _granted(request: HttpRequest, person: User, entitlement_id: int) -> tuple[EntitlementRow, CasePage]:
    require(person, "case.see")
    granted = entitlement(entitlement_id)
    if granted is None:
        raise Http404
    return granted, look_at(request, granted.case_number, "change of an entitlement")


def _turn(request: HttpRequest, person: User, granted: EntitlementRow, rows: tuple[ChangeRow, ...]) -> Turn:
    """What comes next, if it is this person's to do."""
    typed, today = request.POST or None, clock.today()
    last = next((row for row in rows if "refuse" not in (row.outcome, row.review_outcome)), None)
    if last is not None and (turn := _next_of(typed, today, person, last)) is not None:
        return turn
    is_settled = last is None or (last.from_month is not None and (last.objected_on is None or bool(last.answer)))
    is_open = granted.end_month is None and pays(granted.programme) == "monthly"
    if is_settled and is_open and may(person, "case.opinion") and (last is None or last.delivered_on is not None):
        proposed = _with(flow.propose_change, entitlement_id=granted.entitlement_id)
        return _("Propose the amount that the rules give today"), ProposeChangeSheet(typed), proposed
    return "", None, None


def _next_of(typed: Any, today: Any, person: User, last: ChangeRow) -> Turn | None:
    this = {"change_id": last.change_id}
    if not last.review_outcome:
        if may(person, "case.review"):
            return _("Review"), ChangeWordSheet(typed), _with(flow.review_change, **this)
    elif not last.outcome:
        if may(person, "case.approve"):
            return _("Decide"), ChangeWordSheet(typed), _with(flow.decide_change, **this)
    elif last.delivered_on is None:
        if may(person, "case.accept"):
            told = DeliverSheet(typed, initial={"delivered_on": today})
            return _("Deliver the notice"), told, _with(flow.deliver_change, **this)
    elif last.objected_on is not None and not last.answer:
        if may(person, "case.approve"):
            return _("Answer the objection"), AnswerChangeSheet(typed), _with(flow.answer_change, **this)
    elif last.objected_on is None and last.object_until is not None and today <= last.object_until:
        said = ObjectSheet(typed, initial={"objected_on": today})
        return (
            (_("The family objects"), said, _with(flow.object_to_change, **this))
            if may(person, "case.object")
            else None
        )
    return None


def _with(act: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    return lambda **typed: act(**given, **typed)


def _frame(granted: EntitlementRow, found: CasePage) -> dict[str, Any]:
    here = reverse("case", args=[granted.case_number])
    return {
        "granted": granted,
        "programme": programme_label(granted.programme),
        "back_href": here,
        "visit_href": reverse("case-visit", args=[found.case_number]),
        "crumbs": crumbs((_("Cases"), reverse("cases")), (granted.case_number, here), (_("What this help pays"), "")),
    }


def _lines(said: Sequence[DifferenceWords]) -> list[dict[str, Any]]:
    """What explains the amount first. A change of the amount itself stands before what only became known."""
    return [
        {**vars(line), "source": source_label(line.source) if line.source else "—"}
        for line in sorted(said, key=lambda line: not line.explains)
    ]


def _amounts(granted: EntitlementRow, later: tuple[AmountRow, ...]) -> list[dict[str, Any]]:
    words = {True: _("new standard"), False: _("change of the family")}
    said = [
        {"from_month": row.from_month, "amount_fen": row.amount_fen, "why": words[row.is_by_standard]} for row in later
    ]
    return [*said, {"from_month": granted.start_month, "amount_fen": granted.amount_fen, "why": _("as granted")}]


def _shown(row: ChangeRow, programme: str) -> dict[str, Any]:
    loud: list[DifferenceWords] = []
    quiet: list[DifferenceWords] = []
    for line in row.differences:
        said = in_plain_words(
            line, programme=programme, amount_fen=row.new_amount_fen, names=row.names, lang=language()
        )
        (quiet if line["old"] is None and line["new"] in (0, "none") else loud).append(said)
    return {
        **vars(row),
        "state": standing_of(row, review_outcome=row.review_outcome),
        "is_increase": row.is_increase,
        "occasion": OCCASIONS[row.occasion],
        "review": CHANGE_OUTCOMES.get(row.review_outcome, ""),
        "outcome": CHANGE_OUTCOMES.get(row.outcome, ""),
        "is_approved": row.outcome == "approve",
        "answer": CHANGE_ANSWERS.get(row.answer, ""),
        "lines": _lines(loud),
        "quiet_lines": _lines(quiet),
        "reasons": reasons_of(row.explanation_en if language() == "en" else row.explanation_zh),
    }
