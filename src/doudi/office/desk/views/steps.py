"""Steps between acceptance and opinion: near relatives, home visit, information check, assessment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import CasePage, visit_form
from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import CaseSheet, CountVisitSheet, RelativeSheet
from doudi.office.desk.families import member_choices
from doudi.office.desk.labels import ROLES
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.views.cases import look_at
from doudi.office.desk.views.visits import VisitPage, visit_page
from doudi.office.desk.visit_words import shown_visit
from doudi.office.evidence.queries import latest_night
from doudi.office.flows import verify
from doudi.office.org.presence import person_at
from doudi.office.org.queries import people_in_role


@require_http_methods(["GET", "POST"])
def relatives(request: HttpRequest, number: str) -> HttpResponse:
    """The register of near relatives (近亲属备案): one member named, or the statement that there is none."""
    person, found = person_at(request), look_at(request, number, "register of near relatives")
    officials = [
        (each.pk, f"{each.display_name}（{word}）")
        for role, word in ROLES.items()
        for each in people_in_role(role, found.area)
    ]
    sheet = RelativeSheet(
        request.POST or None,
        members=member_choices(found.members),
        officials=officials,
        initial={"version": found.version},
    )
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        named = (
            [
                verify.Relative(
                    person_id=typed["person_id"],
                    relation=typed["relation"],
                    official_id=typed["official_id"],
                    official_name=typed["official_name"],
                )
            ]
            if typed["person_id"]
            else []
        )
        done = attempt(
            sheet,
            lambda: verify.declare_near_relatives(
                actor=person, at=clock.now(), case_number=number, version=typed["version"], relatives=named
            ),
        )
        if done is not None:
            return redirect("case-done", number, "relatives")
    context = step_context(found, sheet, _("Register of near relatives"), _("Enter it"))
    context["lead"] = _("Near relatives of people who handle cases, or who sit on the village committee.")
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, number: str) -> HttpResponse:
    """The home visit of a case; one made before the application may count."""
    person, found = person_at(request), look_at(request, number, "home visit")
    form = visit_form(person, case_number=number, today=clock.today(), lang=language(), purpose="home visit")
    earlier = []
    if "count_home_visit" in found.can:
        href = reverse("case-count-visit", args=[number])
        earlier = [
            {**shown_visit(each), "href": href, "version": found.version}
            for each in found.visits
            if each.outcome != "unknown"
        ]
    page = VisitPage(form, reverse("case", args=[number]), case_number=number)
    return visit_page(request, page, earlier=earlier)


@require_POST
def count_visit(request: HttpRequest, number: str) -> HttpResponse:
    """Lets an earlier visit count as the case's home visit."""
    person, sheet = person_at(request), CountVisitSheet(request.POST)
    if sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet, lambda: verify.count_home_visit(actor=person, at=clock.now(), case_number=number, **typed)
        )
        if done is not None:
            return redirect("case-done", number, "visit")
    _tell_errors(request, sheet)
    return redirect("case-visit", number)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Asks the departments' data of the last night for this family."""
    person, found = person_at(request), look_at(request, number, "information check")
    sheet = CaseSheet(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and sheet.is_valid():
        version = sheet.cleaned_data["version"]
        done = attempt(
            sheet, lambda: verify.run_check(actor=person, at=clock.now(), case_number=number, version=version)
        )
        if done is not None:
            return redirect("case-done", number, "check")
    night = latest_night()
    context = step_context(found, sheet, _("Information check"), _("Look up the departments' data"))
    context["lead"] = (
        _("The data of the last night, as of %(day)s, is laid beside what the family declared.")
        % {"day": night.as_of.isoformat()}
        if night
        else _("No night's data has been loaded yet.")
    )
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_POST
def assess(request: HttpRequest, number: str) -> HttpResponse:
    """Runs the rules on what is known now."""
    person, sheet = person_at(request), CaseSheet(request.POST)
    if sheet.is_valid():
        version = sheet.cleaned_data["version"]
        done = attempt(
            sheet, lambda: verify.assess_case(actor=person, at=clock.now(), case_number=number, version=version)
        )
        if done is not None:
            return redirect("case" if request.POST.get("back") == "case" else "case-opinion", number)
    _tell_errors(request, sheet)
    return redirect("case", number)


def step_context(found: CasePage, sheet: Sheet, heading: str, button: str) -> dict[str, Any]:
    """What the page of one step needs."""
    number = found.case_number
    here = reverse("case", args=[number])
    return {
        "sheet": sheet,
        "heading": heading,
        "lead": case_words.applicant_name(found),
        "button": button,
        "back_href": here,
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, here), (heading, "")),
    }


def _tell_errors(request: HttpRequest, sheet: CaseSheet) -> None:
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
