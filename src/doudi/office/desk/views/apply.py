"""The beginning of a case: after a visit, or at the window."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import finding_detail
from doudi.office.desk.case_sheets import ApplicantSheet, WindowSheet
from doudi.office.desk.families import family_card, member_choices
from doudi.office.desk.looking import look_first
from doudi.office.desk.packwords import programmes, villages_of
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.errors import Refused
from doudi.office.flows.apply import open_at_window, open_from_visit
from doudi.office.flows.newcomers import Papers
from doudi.office.flows.visit import note_no_application
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """Opens an application for a family that was visited."""
    person = person_at(request)
    require(person, "case.apply")
    found = finding_detail(person, finding_pk, today=clock.today(), lang=language(), purpose="open an application")
    if not found.visits:
        raise Refused(_("This family has not been visited yet."), advice=_("Record the visit first."))
    visit = found.visits[0]
    sheet = ApplicantSheet(
        request.POST or None, members=member_choices(found.members, only_adults=True), programmes=programmes()
    )
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: open_from_visit(actor=person, at=clock.now(), visit_id=visit.visit_id, **typed))
        if done is not None:
            return redirect("case-done", done.case_number, "apply")
    context = {
        "sheet": sheet,
        "heading": _("Open an application"),
        "lead": found.row.head_name,
        "button": _("Open the case"),
        "household": family_card(
            household_id=found.row.household_id, number=found.row.household_number, members=found.members
        ),
        "decline_href": reverse("apply-decline", args=[finding_pk]) if found.apply_task_id else "",
        "back_href": reverse("finding", args=[finding_pk]),
        "crumbs": crumbs(
            (_("Findings"), reverse("findings")),
            (found.row.head_name, reverse("finding", args=[finding_pk])),
            (_("Open an application"), ""),
        ),
    }
    return render(request, "desk/apply.html", context, status=status_of(sheet))


@require_POST
def decline(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """The family does not want to apply now; it may at any time."""
    person = person_at(request)
    found = finding_detail(person, finding_pk, today=clock.today(), lang=language(), purpose="open an application")
    if found.apply_task_id is not None:
        note_no_application(actor=person, at=clock.now(), task_id=found.apply_task_id)
        messages.success(request, _("Noted. The family can apply at any time."))
    return redirect("finding", finding_pk)


@require_http_methods(["GET", "POST"])
def window(request: HttpRequest) -> HttpResponse:
    """Opens an application for whoever stands at the window."""
    person = person_at(request)
    require(person, "case.apply")
    sheet = WindowSheet(request.POST or None, areas=villages_of(person.area_id), programmes=programmes())
    shown = None
    if request.method == "POST" and sheet.is_valid():
        shown = look_first(person, sheet, Papers(sheet.cleaned_data["name"], sheet.cleaned_data["id_number"]))
    if request.method == "POST" and sheet.is_valid() and shown is None:
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: open_at_window(actor=person, at=clock.now(), **typed))
        if done is not None:
            return redirect("case-done", done.case_number, "apply")
    context = {
        "sheet": sheet,
        **(shown or {}),
        "heading": _("Application at the window"),
        "lead": _("Name, ID and village are enough to begin. What the state already has is looked up, not asked."),
        "button": _("Open the case"),
        "back_href": reverse("cases"),
        "crumbs": crumbs((_("Cases"), reverse("cases")), (_("Application at the window"), "")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))
