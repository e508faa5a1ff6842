"""A change of standard: begun, computed, looked at line by line, released by a second person."""

import time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.engine.values.period import Month
from doudi.office import clock
from doudi.office.desk.change_sheets import BeginStandardSheet, NothingSheet, SettleSheet
from doudi.office.desk.labels import ADJUSTMENT_STATES, EFFECTS
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.packwords import pays, place, programme_label, programmes, villages_of
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.workbook import workbook_reply
from doudi.office.entitlements.adjustment_queries import (
    AdjustmentRow,
    LineRow,
    adjustment,
    adjustments,
    effects_of,
    lines_of,
)
from doudi.office.flows import adjust
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at

_SECONDS_A_REQUEST = 8.0
_TOWNSHIP_DIGITS = 9


@require_http_methods(["GET", "POST"])
def standards(request: HttpRequest) -> HttpResponse:
    """The changes of standard of the county, and the form that begins one."""
    person = person_at(request)
    require(person, "standard.see")
    monthly = [(key, word) for key, word in programmes() if pays(key) == "monthly"]
    month = str(Month.of(clock.today()))
    rows = adjustments(person)
    if is_export(request):
        return workbook_reply(
            request, name="standards", title=_("Changes of standard"), columns=_head_columns(), rows=rows
        )
    sheet = BeginStandardSheet(request.POST or None, programmes=monthly, initial={"from_month": month})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        begun = attempt(sheet, lambda: adjust.begin_adjustment(actor=person, at=clock.now(), **typed))
        if begun is not None:
            return redirect("standard", begun.pk)
    context = {
        "page": page_of(request, rows, shown=_head),
        "sheet": sheet if may(person, "case.review") else None,
    }
    return render(request, "desk/standards.html", context, status=status_of(sheet))


@require_GET
def standard(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """One change of standard: counts and sums, every line, and what is next."""
    person, found = _find(request, adjustment_id)
    town = request.GET.get("town", "")
    effect = request.GET.get("effect", "")
    towns = sorted({code[:_TOWNSHIP_DIGITS] for code, _word in villages_of(found.county)})
    lines = lines_of(
        person,
        adjustment_id,
        effect=effect if effect in EFFECTS else "",
        area=town if town in towns else "",
    )
    if is_export(request):
        title = f"{programme_label(found.programme)} {found.from_month}"
        kept = lines[: EXPORT_ROWS_MAX + 1]
        return workbook_reply(request, name="standard", title=title, columns=_columns(), rows=kept)
    return _page(request, person, found, page_of(request, lines, shown=_shown), SettleSheet())


@require_POST
def compute(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Goes on computing for some seconds; the page then says how far it is."""
    person, found = _find(request, adjustment_id)
    sheet, until = NothingSheet(request.POST), time.monotonic() + _SECONDS_A_REQUEST
    given: dict[str, Any] = {"actor": person, "adjustment_id": adjustment_id}
    while found.state == "computing" and time.monotonic() < until:
        if attempt(sheet, lambda: adjust.compute_part(at=clock.now(), **given)) is None:
            break
        _person, found = _find(request, adjustment_id)
    for refused in sheet.non_field_errors():
        messages.error(request, str(refused))
    return redirect("standard", adjustment_id)


@require_POST
def release(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """The second person's release."""
    person, found = _find(request, adjustment_id)
    sheet = SettleSheet(request.POST)
    if sheet.is_valid():
        given: dict[str, Any] = {"actor": person, "at": clock.now(), "adjustment_id": adjustment_id}
        done = attempt(sheet, lambda: adjust.release_adjustment(**given, **sheet.cleaned_data))
        if done is not None:
            raised = ngettext("%(count)s amount rises.", "%(count)s amounts rise.", done.raised) % {
                "count": done.raised
            }
            review = ngettext("%(count)s family is reviewed.", "%(count)s families are reviewed.", done.to_review)
            messages.success(request, f"{raised} {review % {'count': done.to_review}}")
            return redirect("standard", adjustment_id)
    return _page(request, person, found, _first_page(request, person, adjustment_id), sheet)


@require_POST
def discard(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Gives it up; nothing was changed by it."""
    person, found = _find(request, adjustment_id)
    sheet = SettleSheet(request.POST)
    if sheet.is_valid():
        given: dict[str, Any] = {"actor": person, "at": clock.now(), "adjustment_id": adjustment_id}
        if attempt(sheet, lambda: adjust.discard_adjustment(**given, **sheet.cleaned_data) or True) is not None:
            messages.success(request, _("It is given up; nothing was changed."))
            return redirect("standards")
    return _page(request, person, found, _first_page(request, person, adjustment_id), sheet)


def _find(request: HttpRequest, adjustment_id: int) -> tuple[User, AdjustmentRow]:
    person = person_at(request)
    require(person, "standard.see")
    found = adjustment(person, adjustment_id)
    if found is None:
        raise Http404
    return person, found


def _first_page(request: HttpRequest, person: User, adjustment_id: int) -> Any:
    return page_of(request, lines_of(person, adjustment_id), shown=_shown)


def _page(request: HttpRequest, person: User, found: AdjustmentRow, page: Any, sheet: Sheet) -> HttpResponse:
    towns = sorted({code[:_TOWNSHIP_DIGITS] for code, _word in villages_of(found.county)})
    is_open = found.state in ("computing", "ready")
    context = {
        "row": _head(found),
        "effects": [{**vars(each), "word": EFFECTS[each.effect]} for each in effects_of(found.adjustment_id)],
        "page": page,
        "effect": request.GET.get("effect", ""),
        "town": request.GET.get("town", ""),
        "towns": [(code, place(code)) for code in towns],
        "words": list(EFFECTS.items()),
        "sheet": sheet,
        "may_compute": found.state == "computing" and may(person, "case.review"),
        "may_release": found.state == "ready" and may(person, "case.approve") and found.prepared_by_id != person.pk,
        "may_discard": is_open and may(person, "case.review"),
        "crumbs": crumbs((_("Changes of standard"), reverse("standards")), (programme_label(found.programme), "")),
    }
    return render(request, "desk/standard.html", context, status=status_of(sheet))


def _head(row: AdjustmentRow) -> dict[str, Any]:
    return {**vars(row), "label": programme_label(row.programme), "mark": ADJUSTMENT_STATES[row.state]}


def _shown(row: LineRow) -> dict[str, Any]:
    return {
        **vars(row),
        "village": place(row.area),
        "difference_fen": row.difference_fen,
        "word": EFFECTS[row.effect],
    }


def _head_columns() -> list[ExportColumn[AdjustmentRow]]:
    return [
        ExportColumn(_("Programme"), lambda row: programme_label(row.programme)),
        ExportColumn(_("From month"), lambda row: row.from_month),
        ExportColumn(_("Families"), lambda row: row.entitlements, "number"),
        ExportColumn(_("State"), lambda row: ADJUSTMENT_STATES[row.state].word),
        ExportColumn(_("Reason"), lambda row: row.reason),
        ExportColumn(_("Prepared"), lambda row: row.prepared_at),
        ExportColumn(_("Prepared by"), lambda row: row.prepared_by),
        ExportColumn(_("Settled by"), lambda row: row.settled_by),
    ]


def _columns() -> list[ExportColumn[LineRow]]:
    return [
        ExportColumn(_("Household number"), lambda row: row.household_number),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("Case"), lambda row: row.case_number),
        ExportColumn(_("Before (yuan)"), lambda row: row.old_amount_fen, "money"),
        ExportColumn(_("After (yuan)"), lambda row: row.new_amount_fen, "money"),
        ExportColumn(_("Difference (yuan)"), lambda row: row.difference_fen, "money"),
        ExportColumn(_("Effect"), lambda row: str(EFFECTS[row.effect])),
    ]
