"""One pay run: look, compare, release by a second person, hand to the bank, reconcile."""

from collections.abc import Mapping
from typing import Any

import cn2an
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doudi.engine.values.money import Fen
from doudi.office import clock, crypto
from doudi.office.desk.labels import CHECK_SIDES, DIFFERENCES, PAYMENT_STATES, PLACES, RUN_STATES
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.money_sheets import DiscardSheet, ReleaseSheet, SentSheet
from doudi.office.desk.packwords import programme_label
from doudi.office.desk.replies import TO_PUT_RIGHT, attempt, crumbs
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.workbook import workbook_reply
from doudi.office.errors import NotYours
from doudi.office.flows import pay
from doudi.office.org.entrance import asks_who_pays
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at
from doudi.office.payments import queries
from doudi.office.payments.queries import RunLine, RunRow


@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run with its lines, differences and obstacles."""
    found = _find(request, run_id)
    if is_export(request):
        lines, _count = queries.run_lines(run_id, reader=person_at(request), limit=EXPORT_ROWS_MAX + 1)
        title = f"{programme_label(found.programme)} {found.month} {found.number}"
        return workbook_reply(request, name="run-lines", title=title, columns=_line_columns(), rows=lines)
    return _run_page(request, found, {})


@require_POST
def discard(request: HttpRequest, run_id: int) -> HttpResponse:
    """Throws a draft away, with a reason."""
    person, found, sheet = person_at(request), _find(request, run_id), DiscardSheet(request.POST)
    if sheet.is_valid():
        reason = sheet.cleaned_data["reason"]
        done = attempt(sheet, lambda: pay.discard_run(actor=person, run_id=run_id, reason=reason, at=clock.now()))
        if done is not None:
            messages.success(request, _("The draft is discarded; its months are free again."))
            return redirect("money-run", run_id)
    return _run_page(request, found, {"discard": sheet})


@require_POST
@asks_who_pays
def release(request: HttpRequest, run_id: int) -> HttpResponse:
    """The second person's release."""
    person, found, sheet = person_at(request), _find(request, run_id), ReleaseSheet(request.POST)
    if sheet.is_valid():
        done = attempt(
            sheet, lambda: pay.release_run(actor=person, run_id=run_id, at=clock.now(), keyring=crypto.keyring())
        )
        if done is not None:
            messages.success(request, _("The run is released and its bank file written. Hand the file to the bank."))
            return redirect("money-run", run_id)
    return _run_page(request, found, {"release": sheet})


@require_POST
def sent(request: HttpRequest, run_id: int) -> HttpResponse:
    """Notes that the bank has the file, after comparing it byte by byte."""
    person, found = person_at(request), _find(request, run_id)
    sheet = SentSheet(request.POST, request.FILES)
    if sheet.is_valid():
        content = sheet.cleaned_data["handed_over"].read()
        done = attempt(
            sheet,
            lambda: pay.mark_sent(
                actor=person, run_id=run_id, handed_over=content, at=clock.now(), keyring=crypto.keyring()
            ),
        )
        if done is not None:
            messages.success(
                request, _("The file is the one that was released. The run now waits for the bank's answer.")
            )
            return redirect("money-run", run_id)
    return _run_page(request, found, {"sent": sheet})


@require_GET
def bank_file(request: HttpRequest, run_id: int) -> HttpResponse:
    """The file for the bank. Who took it stands in the audit."""
    found = _find(request, run_id)
    content = pay.download_bank_file(actor=person_at(request), run_id=run_id, keyring=crypto.keyring())
    reply = HttpResponse(content, content_type="text/csv; charset=GB18030")
    reply["Content-Disposition"] = f'attachment; filename="{found.number}.csv"'
    return reply


@require_GET
def reconciliation(request: HttpRequest, run_id: int) -> HttpResponse:
    """Does it all agree? The same money seen from every side."""
    person, row = person_at(request), _find(request, run_id)
    found = queries.reconciliation(run_id, person.area_id, crypto.keyring())
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    places = [
        {"label": label, "lines_fen": found.by_lines_fen[key], "ledger_fen": found.by_ledger_fen[key]}
        for key, label in PLACES.items()
    ]
    context = {
        "found": found,
        "checks": [{**vars(check), "label": CHECK_SIDES[check.name]} for check in found.checks],
        "places": places,
        "lines_total_fen": sum(found.by_lines_fen.values()),
        "ledger_total_fen": sum(found.by_ledger_fen.values()),
        "crumbs": crumbs(
            (_("Payments"), reverse("money")),
            (row.number, reverse("money-run", args=[run_id])),
            (_("Reconciliation"), ""),
        ),
    }
    return render(request, "desk/reconciliation.html", context)


def _find(request: HttpRequest, run_id: int) -> RunRow:
    person = person_at(request)
    require(person, "money.see")
    found = queries.run(run_id, person.area_id)
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    return found


def _run_page(request: HttpRequest, found: RunRow, bound: Mapping[str, Sheet]) -> HttpResponse:
    person, text = person_at(request), request.GET.get("q", "").strip()
    lines, _count = queries.run_lines(found.run_id, reader=person, search=text, limit=EXPORT_ROWS_MAX)
    context = {
        "run": found,
        "run_mark": RUN_STATES[found.state],
        "programme_label": programme_label(found.programme),
        "total_in_words": in_words(found.total_fen),
        "steps": _steps(found),
        "page": page_of(request, lines, shown=lambda line: {**vars(line), "mark": PAYMENT_STATES[line.state]}),
        "q": text,
        "differences": [{**vars(row), "word": DIFFERENCES[row.change]} for row in queries.differences(found.run_id)],
        "obstacles": queries.unpayable(found.run_id),
        "forms": _forms(person, found, bound),
        "waits_for": _waits_for(person, found),
        "may_send": may(person, "money.send"),
        "demo_bank_href": _demo_bank_href(found),
        "crumbs": crumbs((_("Payments"), reverse("money")), (found.number, "")),
    }
    return render(request, "desk/run.html", context, status=TO_PUT_RIGHT if bound else 200)


def in_words(amount_fen: Fen) -> str:
    """A sum in capital characters (大写), as every Chinese payment document carries it."""
    words: str = cn2an.an2cn(f"{amount_fen // 100}.{amount_fen % 100:02d}", "rmb")
    return words


def _steps(found: RunRow) -> list[dict[str, Any]]:
    labels = (_("Prepared"), _("Released"), _("Sent to the bank"), _("Reconciled"))
    days = [found.prepared_at, found.released_at, found.sent_at, None]
    done = [day is not None for day in days]
    done[-1] = found.state == "reconciled"
    is_over = found.state in ("discarded", "reconciled")
    now = None if is_over else done.index(False)
    return [
        {"label": label, "is_done": is_done, "done_on": day, "is_open": place == now}
        for place, (label, is_done, day) in enumerate(zip(labels, done, days, strict=True))
    ]


def _forms(person: User, found: RunRow, bound: Mapping[str, Sheet]) -> list[dict[str, Any]]:
    forms: list[dict[str, Any]] = []
    is_preparer = found.prepared_by_id == person.pk
    if found.state == "draft" and may(person, "money.release") and (not is_preparer or "release" in bound):
        forms.append(
            {
                "title": _("Release"),
                "lead": _("You release what %(person)s prepared. From here on nothing is taken back.")
                % {"person": found.prepared_by},
                "sheet": bound.get("release") or ReleaseSheet(),
                "button": _("Release %(count)s lines") % {"count": found.line_count},
                "href": reverse("money-release", args=[found.run_id]),
            }
        )
    if found.state == "released" and may(person, "money.send"):
        forms.append(
            {
                "title": _("Mark as sent"),
                "sheet": bound.get("sent") or SentSheet(),
                "button": _("Compare and mark as sent"),
                "href": reverse("money-sent", args=[found.run_id]),
            }
        )
    if found.state == "draft" and may(person, "money.prepare"):
        forms.append(
            {
                "title": _("Discard the draft"),
                "sheet": bound.get("discard") or DiscardSheet(),
                "button": _("Discard"),
                "href": reverse("money-discard", args=[found.run_id]),
                "is_grave": True,
            }
        )
    return forms


def _waits_for(person: User, found: RunRow) -> str:
    if found.state == "draft" and found.prepared_by_id == person.pk:
        return _("A second person of finance compares and releases this run. You prepared it, so it can't be you.")
    if found.state == "sent":
        return _("The bank's answer is taken in under “Returns from the bank”.")
    return ""


def _demo_bank_href(found: RunRow) -> str:
    is_with_bank = found.state in ("sent", "reconciled")
    return reverse("demo-bank", args=[found.run_id]) if clock.may_be_set() and is_with_bank else ""


def _line_columns() -> list[ExportColumn[RunLine]]:
    return [
        ExportColumn(_("Line"), lambda line: line.line, "number"),
        ExportColumn(_("Reference"), lambda line: line.reference),
        ExportColumn(_("Household"), lambda line: line.household_number),
        ExportColumn(_("Holder"), lambda line: line.holder),
        ExportColumn(_("Bank"), lambda line: line.bank),
        ExportColumn(_("Account"), lambda line: line.account_masked),
        ExportColumn(_("Month"), lambda line: line.month),
        ExportColumn(_("Amount (yuan)"), lambda line: line.amount_fen, "money"),
        ExportColumn(_("Case"), lambda line: line.case_number),
        ExportColumn(_("State"), lambda line: PAYMENT_STATES[line.state].word),
    ]
