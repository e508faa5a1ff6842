"""The papers part of a case: taken in by photo or scan, shown, withdrawn; and the two sheets that are handed out."""

import io
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import CasePage, PaperFile, paper_file, receipt_of
from doudi.office.desk import case_words
from doudi.office.desk.families import member_choices
from doudi.office.desk.intake_sheets import PaperSheet, WithdrawPaperSheet
from doudi.office.desk.kept_files import kept_file
from doudi.office.desk.packwords import place, programme_label
from doudi.office.desk.paper_words import paper_row
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.views.cases import look_at
from doudi.office.errors import NotYours
from doudi.office.flows import papers as flow
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def scans(request: HttpRequest, number: str) -> HttpResponse:
    """The papers of a case, and the form by which more come in."""
    found = look_at(request, number, "papers of a case")
    rows = [paper_row(found, paper) for paper in found.papers]
    earlier = [(row["paper_id"], f"{row['label']} · {row['whose']} · {row['file_name']}") for row in rows
               if row["state"] is None]  # fmt: skip
    sheet = PaperSheet(
        request.POST or None, request.FILES or None, members=member_choices(found.members), earlier=earlier
    )
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: _take_in(request, number, typed))
        if done is not None:
            messages.success(
                request, ngettext("%(count)d paper is taken.", "%(count)d papers are taken.", done) % {"count": done}
            )
            return redirect("case-scans", number)
    here = reverse("case", args=[number])
    account = found.account
    context = {
        "sheet": sheet,
        "heading": _("Papers"),
        "lead": case_words.applicant_name(found),
        "button": _("Take them in"),
        "back_href": here,
        "rows": rows,
        "can_add": "add_paper" in found.can,
        "account": account,
        "account_href": reverse("case-account", args=[number]) if "set_payee_account" in found.can else "",
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, here), (_("Papers"), "")),
    }
    return render(request, "desk/scans.html", context, status=status_of(sheet))


@require_POST
def withdraw(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """Says that a paper does not count, and why."""
    person, sheet = person_at(request), WithdrawPaperSheet(request.POST)
    if sheet.is_valid():
        reason = sheet.cleaned_data["reason"]
        done = attempt(
            sheet,
            lambda: (
                flow.withdraw_paper(actor=person, at=clock.now(), case_number=number, paper_id=paper_id, reason=reason)
                or True
            ),
        )
        if done:
            messages.success(request, _("The paper does not count any more; it stays in the file with the reason."))
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
    return redirect("case-scans", number)


@require_GET
def scan(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """One paper, as it is kept."""
    return _sent(paper_file(person_at(request), number, paper_id))


@require_GET
def small_scan(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """A photo, small, for the list."""
    return _sent(paper_file(person_at(request), number, paper_id, is_small=True))


@require_GET
def missing(request: HttpRequest, number: str) -> HttpResponse:
    """The one notice of everything that is missing (一次性告知书), to be handed out."""
    found = look_at(request, number, "notice of what is missing")
    context = {**_sheet_words(found), "missing": case_words.missing_words(found), "day": clock.today()}
    return render(request, "desk/missing_sheet.html", context)


@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt (回执): number, next step, who, last day, and how to follow the case from outside."""
    found = look_at(request, number, "receipt of an application")
    card = receipt_of(person_at(request), number, purpose="receipt of an application")
    context = {
        **_sheet_words(found),
        "card": card,
        "follow_address": request.build_absolute_uri(reverse("follow")),
        "code_href": reverse("case-receipt-code", args=[number]) if card else "",
        "next": case_words.next_steps(found),
        "total_due_on": found.total_due_on,
        "opened_on": found.opened_at,
    }
    return render(request, "desk/receipt_sheet.html", context)


@require_GET
def receipt_code(request: HttpRequest, number: str) -> HttpResponse:
    """The square code on the receipt: it leads to the page on which the case is followed, with its number filled in."""
    card = receipt_of(person_at(request), number, purpose="receipt of an application")
    if card is None:
        raise NotYours(_("There is no such receipt."))
    address = request.build_absolute_uri(f"{reverse('follow')}?number={card.number}")
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=2)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


def _take_in(request: HttpRequest, number: str, typed: dict[str, Any]) -> int:
    """All of them or none."""
    for each in typed["photos"]:
        flow.add_paper(
            actor=person_at(request),
            at=clock.now(),
            case_number=number,
            kind=typed["kind"],
            person_id=typed["person_id"],
            content=each.read(),
            file_name=each.name,
            replaces_id=typed.get("replaces_id"),
            replace_reason=typed.get("replace_reason") or "",
        )
    return len(typed["photos"])


def _sheet_words(found: CasePage) -> dict[str, object]:
    return {
        "number": found.case_number,
        "applicant": case_words.applicant_name(found),
        "programme": programme_label(found.programme),
        "township": place(found.area[:9]),
        "village": place(found.area),
        "back_href": reverse("case", args=[found.case_number]),
        "crumbs": crumbs(
            (_("Cases"), reverse("cases")), (found.case_number, reverse("case", args=[found.case_number]))
        ),
    }


def _sent(file: PaperFile) -> HttpResponse:
    return kept_file(file.content, file.media, f"{file.kind}-{file.paper_id}")
