"""Funds and pay runs: what is there, and the next run."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from doudi.engine.values.period import Month
from doudi.office import clock
from doudi.office.desk.labels import RUN_STATES
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.money_sheets import AppropriationSheet, FundSheet, PrepareSheet
from doudi.office.desk.packwords import programme_label, programmes
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.workbook import workbook_reply
from doudi.office.errors import NotYours
from doudi.office.flows import pay
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at
from doudi.office.payments import queries
from doudi.office.payments.queries import RunRow


@require_GET
def money(request: HttpRequest) -> HttpResponse:
    """Funds with their balances, and all runs, newest first."""
    person = person_at(request)
    require(person, "money.see")
    county = person.area_id
    runs = queries.runs(county, limit=EXPORT_ROWS_MAX)
    if is_export(request):
        return workbook_reply(request, name="runs", title=_("Pay runs"), columns=_run_columns(), rows=runs)
    page = page_of(request, runs, shown=lambda run: {**vars(run), **_words_of(run)})
    context = {
        "county_name": person.area.name,
        "funds": queries.funds(county),
        "page": page,
        "owed_count": queries.count_owed(county),
        "may_prepare": may(person, "money.prepare"),
    }
    return render(request, "desk/money.html", context)


@require_http_methods(["GET", "POST"])
def open_fund(request: HttpRequest) -> HttpResponse:
    """A fund for a programme and year."""
    person = person_at(request)
    require(person, "money.prepare")
    year = clock.today().year
    sheet = FundSheet(request.POST or None, programmes=programmes(), initial={"year": year})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        fund = attempt(sheet, lambda: pay.open_fund(actor=person, county=person.area_id, at=clock.now(), **typed))
        if fund is not None:
            messages.success(request, _("The fund is open. Book its appropriation next."))
            return redirect("money-appropriate", fund.pk)
    context = {
        "sheet": sheet,
        "heading": _("Open a fund"),
        "button": _("Open it"),
        "crumbs": crumbs((_("Payments"), reverse("money")), (_("Open a fund"), "")),
        "back_href": reverse("money"),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def appropriate(request: HttpRequest, fund_id: int) -> HttpResponse:
    """Money given to a fund by a document."""
    person = person_at(request)
    require(person, "money.prepare")
    fund = queries.fund(fund_id, person.area_id)
    if fund is None:
        raise NotYours(_("There is no such record in your area."))
    sheet = AppropriationSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: pay.appropriate(actor=person, fund_id=fund_id, at=clock.now(), **typed))
        if done is not None:
            messages.success(request, _("The appropriation is booked."))
            return redirect("money")
    context = {
        "sheet": sheet,
        "heading": _("Book an appropriation"),
        "lead": f"{fund.name} {fund.year}",
        "button": _("Book it"),
        "crumbs": crumbs((_("Payments"), reverse("money")), (_("Book an appropriation"), "")),
        "back_href": reverse("money"),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest) -> HttpResponse:
    """Puts all that is due into a draft, or finds the draft that is there."""
    person = person_at(request)
    require(person, "money.prepare")
    this_month = Month.of(clock.today())
    sheet = PrepareSheet(request.POST or None, programmes=programmes(), initial={"month": str(this_month)})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        prepared = attempt(sheet, lambda: pay.prepare_run(actor=person, county=person.area_id, at=clock.now(), **typed))
        if prepared is not None:
            if prepared.is_replay:
                messages.info(request, _("This draft was there already; nothing was added."))
            return redirect("money-run", prepared.run.pk)
    context = {
        "sheet": sheet,
        "heading": _("Prepare a run"),
        "lead": _("All months that are due and not yet paid go into a draft. A second person releases it."),
        "button": _("Prepare"),
        "crumbs": crumbs((_("Payments"), reverse("money")), (_("Prepare a run"), "")),
        "back_href": reverse("money"),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


def _words_of(run: RunRow) -> dict[str, object]:
    return {"mark": RUN_STATES[run.state], "programme_label": programme_label(run.programme)}


def _run_columns() -> list[ExportColumn[RunRow]]:
    return [
        ExportColumn(_("Run"), lambda run: run.number),
        ExportColumn(_("Month"), lambda run: run.month),
        ExportColumn(_("Programme"), lambda run: programme_label(run.programme)),
        ExportColumn(_("Lines"), lambda run: run.line_count, "number"),
        ExportColumn(_("Total (yuan)"), lambda run: run.total_fen, "money"),
        ExportColumn(_("State"), lambda run: RUN_STATES[run.state].word),
        ExportColumn(_("Prepared by"), lambda run: run.prepared_by),
        ExportColumn(_("Released by"), lambda run: run.released_by),
    ]
