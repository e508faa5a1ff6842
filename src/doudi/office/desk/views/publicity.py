"""Publicity (公示): start it, print the sheet, write down objections and settle them."""

import io
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import CasePage, ObjectionView, PublicityView
from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import CaseSheet, ObjectionSheet, SettleSheet
from doudi.office.desk.labels import DECISIONS, OBJECTION_OUTCOMES
from doudi.office.desk.packwords import place, programme_label
from doudi.office.desk.replies import TO_PUT_RIGHT, attempt, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.views.cases import look_at
from doudi.office.desk.views.steps import step_context
from doudi.office.errors import NotYours
from doudi.office.flows import publicise
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def publicity(request: HttpRequest, number: str) -> HttpResponse:
    """Before: what would be shown, and the button. After: the sheet, its days, the objections."""
    person, found = person_at(request), look_at(request, number, "publicity")
    sheet = CaseSheet(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and sheet.is_valid():
        version = sheet.cleaned_data["version"]
        done = attempt(
            sheet, lambda: publicise.start_publicity(actor=person, at=clock.now(), case_number=number, version=version)
        )
        if done is not None:
            return redirect("case-done", number, "publicity")
    return _page(request, found, sheet=sheet)


@require_POST
def objection(request: HttpRequest, number: str) -> HttpResponse:
    """Writes an objection down."""
    person, sheet = person_at(request), ObjectionSheet(request.POST)
    if sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet, lambda: publicise.record_objection(actor=person, at=clock.now(), case_number=number, **typed)
        )
        if done is not None:
            messages.success(request, _("The objection is written down. The case waits until it is settled."))
            return redirect("case-publicity", number)
    return _page(request, look_at(request, number, "publicity"), objecting=sheet)


@require_POST
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """Says what was found about an objection."""
    person, sheet = person_at(request), SettleSheet(request.POST)
    if sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: publicise.settle_objection(actor=person, at=clock.now(), **typed))
        if done is not None:
            messages.success(request, _("The objection is settled."))
            return redirect("case-publicity", number)
    return _page(request, look_at(request, number, "publicity"), settling=sheet)


@require_GET
def sheet_code(request: HttpRequest, number: str) -> HttpResponse:
    """The square code on the paper sheet that leads to the public page."""
    found = look_at(request, number, "publicity")
    if not found.publicities:
        raise NotYours(_("This case has not been publicised."))
    address = request.build_absolute_uri(reverse("public-sheet", args=[found.publicities[-1].token]))
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=2)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


def _page(
    request: HttpRequest,
    found: CasePage,
    *,
    sheet: CaseSheet | None = None,
    objecting: ObjectionSheet | None = None,
    settling: SettleSheet | None = None,
) -> HttpResponse:
    number = found.case_number
    last = found.publicities[-1] if found.publicities else None
    opinion = next(
        (each for each in reversed(found.decisions) if each.stage == "opinion" and not each.is_set_aside), None
    )
    starting = sheet or CaseSheet(initial={"version": found.version})
    context = {
        **step_context(found, starting, _("Publicity"), _("Start the publicity")),
        "number": number,
        "can_start": "start_publicity" in found.can,
        "programme": programme_label(found.programme),
        "opinion": DECISIONS[opinion.outcome] if opinion else "",
        "village": place(found.area),
        "member_count": len(found.members),
        "publicity": case_words.latest_publicity(found),
        "public_href": reverse("public-sheet", args=[last.token]) if last and last.is_running else "",
        "code_href": reverse("case-publicity-code", args=[number]) if last else "",
        "objections": _objections(last, settling) if last else [],
        "objecting": objecting or ObjectionSheet(initial={"received_on": clock.today()}),
        "can_object": "record_objection" in found.can,
        "settle_href": reverse("case-settle", args=[number]),
        "objection_href": reverse("case-objection", args=[number]),
    }
    bound: list[Sheet] = [each for each in (sheet, objecting, settling) if each is not None]
    status = TO_PUT_RIGHT if objecting or settling else status_of(*bound)
    return render(request, "desk/publicity.html", context, status=status)


def _objections(last: PublicityView, settling: SettleSheet | None) -> list[dict[str, Any]]:
    return [_objection(each, settling) for each in last.objections]


def _objection(each: ObjectionView, settling: SettleSheet | None) -> dict[str, Any]:
    is_this = settling is not None and settling.data.get("objection_id") == str(each.objection_id)
    fresh = SettleSheet(
        initial={"objection_id": each.objection_id}, prefix="", auto_id=f"settle-{each.objection_id}-%s"
    )
    return {
        **vars(each),
        "outcome": OBJECTION_OUTCOMES.get(each.outcome, ""),
        "sheet": None if each.settled_at else settling if is_this else fresh,
    }
