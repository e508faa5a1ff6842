"""Applications from outside: the list, and one of them with the three answers that the township can give."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from doudi.office import clock
from doudi.office.casework.queries import OnlineView, list_online, online_page
from doudi.office.desk.intake_sheets import AcceptOnlineSheet, AskBackSheet, SetAsideSheet
from doudi.office.desk.labels import ONLINE_STATES
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.packwords import place, programme_label, programmes, villages_of
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.workbook import workbook_reply
from doudi.office.flows import intake as flow
from doudi.office.org.presence import person_at


@require_GET
def online(request: HttpRequest) -> HttpResponse:
    """What waits, the earliest last day first."""
    rows = list_online(person_at(request))
    if is_export(request):
        return workbook_reply(
            request, name="online", title=_("Online applications"), columns=_columns(), rows=rows[: EXPORT_ROWS_MAX + 1]
        )
    return render(request, "desk/online_list.html", {"page": page_of(request, rows, shown=_shown)})


@require_http_methods(["GET", "POST"])
def online_one(request: HttpRequest, online_id: int) -> HttpResponse:
    """One application from outside: accepted, asked back once, or set aside with a reason."""
    person = person_at(request)
    found = online_page(person, online_id)
    act = request.POST.get("act", "")
    accepting = AcceptOnlineSheet(
        request.POST if act == "accept" else None,
        areas=villages_of(person.area_id),
        # Who was not sure has chosen nothing, and nothing is chosen for them.
        programmes=programmes() if found.programme else [("", _("not chosen yet")), *programmes()],
        initial={"programme": found.programme, "area": found.area},
    )
    asking = AskBackSheet(request.POST if act == "ask" else None)
    setting = SetAsideSheet(request.POST if act == "set_aside" else None)
    given: dict[str, Any] = {"actor": person, "at": clock.now(), "online_id": online_id}
    if act == "accept" and accepting.is_valid():
        typed = accepting.cleaned_data
        done = attempt(accepting, lambda: flow.accept_online(**given, **typed))
        if done is not None:
            return redirect("case-done", done.case_number, "apply")
    if act == "ask" and asking.is_valid():
        question = asking.cleaned_data["question"]
        if attempt(asking, lambda: flow.ask_back(question=question, **given) or True):
            messages.success(request, _("The citizen reads the question with the receipt."))
            return redirect("online-one", online_id)
    if act == "set_aside" and setting.is_valid():
        reason = setting.cleaned_data["reason"]
        if attempt(setting, lambda: flow.set_aside(reason=reason, **given) or True):
            messages.success(request, _("It is set aside; the reason stands with the receipt."))
            return redirect("online")
    context = {
        "one": _shown(found),
        "accepting": accepting,
        "asking": asking,
        "setting": setting,
        "is_open": found.state in ("sent", "asked"),
        "may_ask": found.state == "sent",
        "crumbs": crumbs((_("Online applications"), reverse("online")), (found.number, "")),
    }
    return render(request, "desk/online_one.html", context, status=status_of(accepting, asking, setting))


def _shown(row: OnlineView) -> dict[str, Any]:
    return {
        **vars(row),
        "href": reverse("online-one", args=[row.online_id]),
        "case_href": reverse("case", args=[row.case_number]) if row.case_number else "",
        "village": place(row.area),
        "programme_label": programme_label(row.programme) if row.programme else _("not sure, the office finds out"),
        "mark": ONLINE_STATES["answered" if row.answered_at and row.state == "asked" else row.state],
        "is_overdue": row.due_on < clock.today(),
    }


def _columns() -> list[ExportColumn[OnlineView]]:
    return [
        ExportColumn(_("Receipt"), lambda row: row.number),
        ExportColumn(_("Name"), lambda row: row.name),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("Programme"), lambda row: programme_label(row.programme) if row.programme else ""),
        ExportColumn(_("Sent"), lambda row: row.sent_at),
        ExportColumn(_("Last day"), lambda row: row.due_on),
        ExportColumn(_("State"), lambda row: _shown(row)["mark"].word),
    ]
