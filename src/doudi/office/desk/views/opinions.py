"""The words of officers: preliminary opinion, review, confirmation; and the delivery of the letter.

The recommendation of the rules stands beside the evidence; agreeing and departing ask for the same (promise P21).
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.engine.workflow.procedure import Kind
from doudi.office import clock
from doudi.office.casework.queries import CasePage
from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import CaseSheet, DecisionSheet, NoticeSheet
from doudi.office.desk.families import family_card
from doudi.office.desk.packwords import pays
from doudi.office.desk.reasons import reasons_of
from doudi.office.desk.replies import attempt, status_of
from doudi.office.desk.views.cases import look_at
from doudi.office.desk.views.steps import step_context
from doudi.office.desk.visit_words import shown_visit
from doudi.office.flows import decide
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, number: str) -> HttpResponse:
    """The township's preliminary opinion."""
    return _word_page(request, number, "opinion", _("Preliminary opinion"), decide.give_opinion)


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, number: str) -> HttpResponse:
    """The county's review."""
    return _word_page(request, number, "review", _("Review"), decide.review)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """The county's decision."""
    return _word_page(request, number, "confirm", _("Confirmation"), decide.confirm)


@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """How and when the letter reached the family."""
    person, found = person_at(request), look_at(request, number, "deliver the decision")
    sheet = NoticeSheet(request.POST or None, initial={"version": found.version, "delivered_on": clock.today()})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: decide.notify(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            return redirect("case-done", number, "notify")
    context = step_context(found, sheet, _("Delivery of the letter"), _("Record the delivery"))
    context["lead"] = _("From the day of delivery the family has 60 days to object.")
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


def _word_page(request: HttpRequest, number: str, kind: Kind, heading: str, act: Callable[..., Any]) -> HttpResponse:
    person, found = person_at(request), look_at(request, number, f"step {kind}")
    assessed = found.assessment
    # What the page before said is where the form begins; the officer changes it with a reason or keeps it with one.
    amount_fen = assessed.amount_fen if assessed else None
    last = next((each for each in reversed(found.decisions) if not each.is_set_aside), None)
    if last is not None and last.amount_fen is not None:
        amount_fen = last.amount_fen
    sheet = DecisionSheet(
        request.POST or None,
        pays=pays(found.programme),
        initial={"version": found.version, "amount_fen": amount_fen},
    )
    if request.method == "POST" and sheet.is_valid():
        typed = dict(sheet.cleaned_data)
        if typed["outcome"] == "refuse" and "amount_fen" in typed:
            typed["amount_fen"] = None
        done = attempt(sheet, lambda: act(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            return redirect("case-done", number, kind)
    context = {
        **step_context(found, sheet, heading, _("Give my word")),
        **_evidence(found),
        "meeting": case_words.meeting(found),
        "assess_sheet": CaseSheet(initial={"version": found.version}) if "assess_case" in found.can else None,
        "assess_href": reverse("case-assess", args=[number]),
        "can_decide": _is_mine(found, kind),
        "next": case_words.next_steps(found),
    }
    return render(request, "desk/word.html", context, status=status_of(sheet))


def _is_mine(found: CasePage, kind: Kind) -> bool:
    return any(each.kind == kind and each.can_do for each in found.steps)


def _evidence(found: CasePage) -> dict[str, Any]:
    return {
        "number": found.case_number,
        "assessment": found.assessment,
        "reasons": reasons_of(found.assessment.explanation) if found.assessment else None,
        "report": found.report,
        "report_href": reverse("case-report", args=[found.case_number]),
        "comparison": case_words.comparison(found),
        "words": case_words.words_said(found),
        "visits": [shown_visit(visit) for visit in found.visits],
        "household": family_card(
            household_id=found.household_id,
            number=found.household_number,
            members=found.members,
            address=found.address,
            residence=found.residence,
        ),
        "publicity": case_words.latest_publicity(found),
        "near_relatives": found.near_relatives,
    }
