"""Requests between counties (异地协查): the list, a new one, one with its reply, and what either side does with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries.county import RequestPage, RequestRow, list_requests, request_page
from doudi.office.desk.county_sheets import RefusalSheet, ReplySheet, RequestSheet
from doudi.office.desk.families import member_choices
from doudi.office.desk.labels import REQUEST_STATES
from doudi.office.desk.lists import ExportColumn, is_export, page_of
from doudi.office.desk.questions import in_language
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.sheets import BareSheet, Sheet
from doudi.office.desk.views.cases import look_at
from doudi.office.desk.views.steps import step_context
from doudi.office.desk.workbook import workbook_reply
from doudi.office.flows import county
from doudi.office.org.presence import person_at


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """What this side asked, and what it is asked."""
    rows = list_requests(person_at(request), today=clock.today())
    if is_export(request):
        return workbook_reply(
            request, name="county-requests", title=_("Requests between counties"), columns=_columns(), rows=rows[:5001]
        )
    return render(request, "desk/county_requests.html", {"page": page_of(request, rows, shown=_shown)})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """A new request about one member of a case."""
    person, found = person_at(request), look_at(request, number, "ask another county")
    signed = {row.person_id for row in found.consents if row.state == "valid"}
    sheet = RequestSheet(
        request.POST or None,
        members=[each for each in member_choices(found.members) if each[0] in signed],
        counties=county.counties_to_ask(found.area),
        facts=[(name, in_language(each.label)) for name, each in county.askable_facts().items()],
    )
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: county.ask_county(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            messages.success(request, _("The request is with the other county; its answer comes to your work list."))
            return redirect("county-request", done)
    context = step_context(found, sheet, _("Ask another county"), _("Send the request"))
    context["lead"] = _("One person, over the signed authorisation; the other county sees nothing else of the family.")
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request; the county that is asked answers here."""
    person, page = person_at(request), _look_at(request, request_id)
    sheet = None
    if "reply" in page.can or request.method == "POST":
        asked = {name: each for name, each in county.askable_facts().items() if name in {x.name for x in page.lines}}
        sheet = ReplySheet(request.POST or None, asked=asked, today=clock.today())
    if request.method == "POST" and sheet is not None and sheet.is_valid():
        replies, text = sheet.replies(), sheet.cleaned_data["text"]
        done = attempt(
            sheet,
            lambda: county.reply_to_county(
                actor=person, at=clock.now(), request_id=request_id, text=text, facts=replies
            ),
        )
        if done is not None:
            messages.success(request, _("The answer is with the county that asked."))
            return redirect("county-request", request_id)
    return render(
        request, "desk/county_request.html", _context(page, sheet), status=status_of(*([sheet] if sheet else []))
    )


@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, request_id: int) -> HttpResponse:
    """Refuses a request with a reason."""
    person, page = person_at(request), _look_at(request, request_id)
    sheet = RefusalSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        text = sheet.cleaned_data["text"]
        done = attempt(
            sheet,
            lambda: county.refuse_county(actor=person, at=clock.now(), request_id=request_id, text=text),
        )
        if done is not None:
            messages.success(request, _("The refusal is with the county that asked."))
            return redirect("county-request", request_id)
    context = {
        "sheet": sheet,
        "heading": _("Refuse the request"),
        "lead": page.row.number,
        "button": _("Refuse with this reason"),
        "is_grave": True,
        "back_href": reverse("county-request", args=[request_id]),
        "crumbs": _crumbs(page, _("Refuse the request")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_POST
def remind(request: HttpRequest, request_id: int) -> HttpResponse:
    """Reminds the other county."""
    return _act(request, request_id, county.remind_county, _("The other county is reminded."))


@require_POST
def take_in(request: HttpRequest, request_id: int) -> HttpResponse:
    """Takes the reply into the case."""
    return _act(request, request_id, county.take_reply_in, _("The reply is in the case."))


def _act(request: HttpRequest, request_id: int, act: Callable[..., int], said: str) -> HttpResponse:
    person, sheet = person_at(request), BareSheet(request.POST)
    done = attempt(sheet, lambda: act(actor=person, at=clock.now(), request_id=request_id))
    if done is not None:
        messages.success(request, said)
    else:
        for text in sheet.non_field_errors():
            messages.error(request, str(text))
    return redirect("county-request", request_id)


def _look_at(request: HttpRequest, request_id: int) -> RequestPage:
    return request_page(
        person_at(request), request_id, today=clock.today(), lang=language(), purpose="request between counties"
    )


def _context(page: RequestPage, sheet: Sheet | None) -> dict[str, Any]:
    number = page.row.request_id
    return {
        "page": page,
        "row": page.row,
        "state": REQUEST_STATES[page.row.state],
        "sheet": sheet,
        "case_href": reverse("case", args=[page.case_number]) if page.case_number else "",
        "refuse_href": reverse("county-refuse", args=[number]) if "refuse" in page.can else "",
        "remind_href": reverse("county-remind", args=[number]) if "remind" in page.can else "",
        "take_in_href": reverse("county-take-in", args=[number]) if "take_in" in page.can else "",
        "crumbs": _crumbs(page, ""),
    }


def _crumbs(page: RequestPage, here: str) -> list[Any]:
    way = [(_("Requests between counties"), reverse("county-requests"))]
    if not here:
        return crumbs(*way, (page.row.number, ""))
    return crumbs(*way, (page.row.number, reverse("county-request", args=[page.row.request_id])), (here, ""))


def _shown(row: RequestRow) -> dict[str, Any]:
    return {
        **vars(row),
        "href": reverse("county-request", args=[row.request_id]),
        "state": REQUEST_STATES[row.state],
        "is_asking": row.side == "asking",
    }


def _columns() -> list[ExportColumn[RequestRow]]:
    return [
        ExportColumn(_("Number"), lambda row: row.number),
        ExportColumn(_("Asks"), lambda row: row.asking),
        ExportColumn(_("Answers"), lambda row: row.answering),
        ExportColumn(_("About"), lambda row: row.person_name),
        ExportColumn(_("Last day"), lambda row: row.due_on),
        ExportColumn(_("State"), lambda row: REQUEST_STATES[row.state].word),
    ]
