"""Households that want to move in, and reviews of members: what other people's changes ask of one's own township."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import review_task
from doudi.office.desk.household_sheets import AnswerMoveSheet, ReviewSheet
from doudi.office.desk.household_words import matters
from doudi.office.desk.labels import MOVE_STATES
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.packwords import place, villages_of
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.views.household_acts import refusals
from doudi.office.desk.workbook import workbook_reply
from doudi.office.errors import NotYours
from doudi.office.flows import move_between, registry
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at
from doudi.office.registry.history import MoveView
from doudi.office.registry.queries import household_page, received_requests


@require_GET
def moves(request: HttpRequest) -> HttpResponse:
    """Households of other townships that ask to be received here."""
    person = person_at(request)
    require(person, "household.change")
    rows = received_requests(person)
    if is_export(request):
        kept = rows[: EXPORT_ROWS_MAX + 1]
        return workbook_reply(request, name="moves", title=_("Moves to us"), columns=_columns(), rows=kept)
    return render(request, "desk/moves.html", {"page": page_of(request, rows, shown=_shown)})


@require_http_methods(["GET", "POST"])
def answer_move(request: HttpRequest, request_id: int) -> HttpResponse:
    """Receive the household in one of the township's villages, or say why not."""
    person = person_at(request)
    require(person, "household.change")
    asked = next((row for row in received_requests(person) if row.request_id == request_id), None)
    if asked is None:
        raise NotYours(_("There is no such request."))
    sheet = AnswerMoveSheet(request.POST or None, areas=villages_of(asked.to_area))
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        given = {"actor": person, "at": clock.now(), "request_id": request_id, "answer": typed["answer"]}
        if typed["outcome"] == "accept":
            home = attempt(sheet, lambda: move_between.accept_move(**given, area=typed["area"]))
            if home is not None:
                messages.success(request, _("The household is received; it is yours from now on."))
                return redirect("household", home.pk)
        elif attempt(sheet, lambda: move_between.refuse_move(**given) or True) is not None:
            messages.success(request, _("The other township is told why."))
            return redirect("moves")
    here = reverse("moves")
    context = {
        "sheet": sheet,
        "asked": {**vars(asked), "from": place(asked.area[:9]), "household": asked.told[0], "people": asked.told[1:]},
        "heading": _("A household wants to move in"),
        "button": _("Record the answer"),
        "back_href": here,
        "crumbs": crumbs((_("Moves to us"), here), (asked.told[0], "")),
    }
    return render(request, "desk/move.html", context, status=status_of(sheet))


@require_POST
def withdraw_move(request: HttpRequest, request_id: int) -> HttpResponse:
    """The asking township takes its request back."""
    person = person_at(request)
    if refusals(request, lambda: move_between.withdraw_move(actor=person, at=clock.now(), request_id=request_id)):
        messages.success(request, _("The request is taken back."))
    back = request.POST.get("household", "")
    return redirect("household", int(back)) if back.isdigit() and len(back) < 19 else redirect("work")


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, task_id: int) -> HttpResponse:
    """A family that receives help has changed: does the help still fit its members?"""
    person = person_at(request)
    require(person, "household.change")
    household_id = review_task(person, task_id)
    found = household_page(person, household_id, on=clock.today(), purpose="review of the members")
    sheet = ReviewSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        note = sheet.cleaned_data["note"]
        done = attempt(
            sheet,
            lambda: registry.finish_review(actor=person, at=clock.now(), task_id=task_id, note=note) or True,
        )
        if done is not None:
            messages.success(request, _("The review is recorded."))
            return redirect("work")
    here = reverse("household", args=[household_id])
    context = {
        "sheet": sheet,
        "heading": _("Review who belongs to the family"),
        "lead": _(
            "The household has changed while help runs; its amount has not. A change of it is proposed on the case."
        ),
        "matters": matters(person, found),
        "button": _("The review is done"),
        "back_href": here,
        "crumbs": crumbs((_("Work list"), reverse("work")), (found.number, here), (_("Review"), "")),
    }
    return render(request, "desk/household_act.html", context, status=status_of(sheet))


def _shown(row: MoveView) -> dict[str, Any]:
    return {**vars(row), "from": place(row.area[:9]), "mark": MOVE_STATES[row.state], "household": row.told[0]}


def _columns() -> list[ExportColumn[MoveView]]:
    return [
        ExportColumn(_("Household"), lambda row: row.told[0]),
        ExportColumn(_("Moves from"), lambda row: place(row.area[:9])),
        ExportColumn(_("Address"), lambda row: row.address),
        ExportColumn(_("Asked"), lambda row: row.asked_at),
        ExportColumn(_("State"), lambda row: MOVE_STATES[row.state].word),
    ]
