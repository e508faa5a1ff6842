"""What is done with findings beside visiting: written by hand, handed on, given back, a close undone."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.casework.queries import finding_detail
from doudi.office.casework.queries.visits import visitors_for
from doudi.office.desk.finding_sheets import AssignSheet, FieldFindingSheet, WhySheet
from doudi.office.desk.labels import ROLES
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.flows import findings as flow
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at
from doudi.office.registry.queries import household_page


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, household_id: int) -> HttpResponse:
    """Writes down what was found at a family without any rule."""
    person = person_at(request)
    require(person, "finding.write")
    found = household_page(person, household_id, on=clock.today(), purpose="write a finding down")
    sheet = FieldFindingSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        given, now = sheet.cleaned_data, clock.now()
        number = attempt(sheet, lambda: flow.write_down(actor=person, at=now, household_id=household_id, **given))
        if number is not None:
            messages.success(request, _("Written down. It stands on the list like any other finding, with its visit."))
            return redirect("finding", number)
    back = reverse("household", args=[household_id])
    context = {
        "sheet": sheet,
        "heading": _("Write a finding down"),
        "lead": ", ".join(member.name for member in found.members),
        "button": _("Write it down"),
        "back_href": back,
        "crumbs": crumbs((found.number, back), (_("Write a finding down"), "")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """Gives the visit to a colleague of the township."""
    person = person_at(request)
    require(person, "finding.assign")
    found = finding_detail(person, finding_pk, today=clock.today(), lang=language(), purpose="assign a finding")
    colleagues = [(each.user_id, f"{each.name}（{ROLES[each.role]}）") for each in visitors_for(found.row.area)]
    sheet = AssignSheet(request.POST or None, colleagues=colleagues)
    words = {
        "heading": _("Who goes to this family?"),
        "lead": found.row.head_name,
        "button": _("Give it to this colleague"),
        "done": _("The visit is in this colleague's hands."),
    }
    return _ask(
        request,
        finding_pk,
        sheet,
        words,
        lambda: flow.assign(actor=person, at=clock.now(), finding_pk=finding_pk, **sheet.cleaned_data),
    )


@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """Lets go of a visit."""
    person = person_at(request)
    require(person, "task.visit")
    found = finding_detail(person, finding_pk, today=clock.today(), lang=language(), purpose="give a finding back")
    sheet = WhySheet(request.POST or None)
    words = {
        "heading": _("Give the visit back"),
        "lead": found.row.head_name,
        "button": _("Give it back"),
        "done": _("Given back; it waits for somebody else."),
    }
    return _ask(
        request,
        finding_pk,
        sheet,
        words,
        lambda: flow.give_back(actor=person, finding_pk=finding_pk, **sheet.cleaned_data),
    )


@require_http_methods(["GET", "POST"])
def undo_close(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """Takes the outcome of a finding back, as long as nothing was built on it."""
    person = person_at(request)
    require(person, "finding.close")
    found = finding_detail(person, finding_pk, today=clock.today(), lang=language(), purpose="undo a close")
    sheet = WhySheet(request.POST or None)
    words = {
        "heading": _("Take the outcome back"),
        "lead": found.row.head_name,
        "button": _("Take it back"),
        "done": _("The finding waits for a visit again."),
    }
    return _ask(
        request,
        finding_pk,
        sheet,
        words,
        lambda: flow.undo_close(actor=person, at=clock.now(), finding_pk=finding_pk, **sheet.cleaned_data),
    )


def _ask(
    request: HttpRequest, finding_pk: int, sheet: Sheet, words: dict[str, str], act: Callable[[], None]
) -> HttpResponse:
    def done() -> bool:
        act()
        return True

    if request.method == "POST" and sheet.is_valid() and attempt(sheet, done):
        messages.success(request, words["done"])
        return redirect("finding", finding_pk)
    back = reverse("finding", args=[finding_pk])
    context: dict[str, Any] = {
        **words,
        "sheet": sheet,
        "back_href": back,
        "crumbs": crumbs((_("Findings"), reverse("findings")), (words["lead"], back), (words["heading"], "")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))
