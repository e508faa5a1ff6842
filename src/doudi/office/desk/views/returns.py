"""What came back from the bank: files, money still owed, new accounts, doubtful lines."""

from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from doudi.office import clock, crypto
from doudi.office.desk.labels import RETURN_WAITS
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export
from doudi.office.desk.money_sheets import (
    AccountDecisionSheet,
    NewAccountSheet,
    RetrySheet,
    ReturnFileSheet,
    SettleSuspenseSheet,
)
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.workbook import workbook_reply
from doudi.office.errors import NotYours
from doudi.office.flows import pay
from doudi.office.flows.account_holders import account_holders
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at
from doudi.office.payments import queries
from doudi.office.payments.queries import PayeeChangeRow, ReturnedRow, SuspenseRow


class Report(Protocol):
    """What the page tells of a return file that was taken in."""

    @property
    def is_replay(self) -> bool: ...
    @property
    def line_count(self) -> int: ...
    @property
    def paid(self) -> int: ...
    @property
    def returned(self) -> int: ...
    @property
    def suspense(self) -> int: ...
    @property
    def listed(self) -> int: ...


@require_http_methods(["GET", "POST"])
def returns(request: HttpRequest) -> HttpResponse:
    """Takes a return file in, and shows what is owed, doubtful, or waits for a second person."""
    person = person_at(request)
    require(person, "money.see")
    sheet = ReturnFileSheet(request.POST or None, request.FILES or None)
    if request.method == "POST" and sheet.is_valid():
        content = sheet.cleaned_data["file"].read()
        report = attempt(
            sheet,
            lambda: pay.import_return_file(actor=person, content=content, at=clock.now(), keyring=crypto.keyring()),
        )
        if report is not None:
            messages.add_message(request, messages.WARNING if report.is_replay else messages.SUCCESS, _told(report))
            return redirect("money-returns")
    owed = queries.owed_returns(person.area_id, reader=person)
    if is_export(request):
        title = _("Returned and still owed")
        kept = owed[: EXPORT_ROWS_MAX + 1]
        return workbook_reply(request, name="returns", title=title, columns=_columns(), rows=kept)
    context = {
        "sheet": sheet,
        "may_import": may(person, "money.returns"),
        "owed": [_owed(person, row) for row in owed],
        "changes": [_change(person, row) for row in queries.payee_changes(person.area_id, reader=person)],
        "suspense": [_doubtful(person, row) for row in queries.suspense_items(person.area_id, on=clock.today())],
        "files": queries.return_files(person.area_id),
        "crumbs": crumbs((_("Payments"), reverse("money")), (_("Returns from the bank"), "")),
    }
    return render(request, "desk/returns.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def retry(request: HttpRequest, payment_id: int) -> HttpResponse:
    """The same account may be tried again, with a reason."""
    person = person_at(request)
    require(person, "money.repay")
    if all(row.payment_id != payment_id for row in queries.owed_returns(person.area_id, reader=person)):
        raise NotYours(_("There is no such record in your area."))
    sheet = RetrySheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        reason = sheet.cleaned_data["reason"]
        done = attempt(
            sheet, lambda: pay.permit_retry(actor=person, payment_id=payment_id, reason=reason, at=clock.now())
        )
        if done is not None:
            messages.success(request, _("The next run pays it to the same account."))
            return redirect("money-returns")
    return _form_page(request, sheet, heading=_("Pay again to the same account"), button=_("Allow it"))


@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest, household_id: int) -> HttpResponse:
    """A household's new account, which waits for a second person."""
    person = person_at(request)
    require(person, "money.repay")
    holders = account_holders(actor=person, household_id=household_id, on=clock.today())
    sheet = NewAccountSheet(request.POST or None, members=holders.members)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet,
            lambda: pay.propose_account(
                actor=person, household_id=household_id, at=clock.now(), keyring=crypto.keyring(), **typed
            ),
        )
        if done is not None:
            messages.success(request, _("The new account waits for a second person, who compares it with the paper."))
            return redirect("money-returns")
    return _form_page(
        request, sheet, heading=_("New payee account"), button=_("Propose it"), lead=holders.household_number
    )


@require_http_methods(["GET", "POST"])
def decide_account(request: HttpRequest, change_id: int) -> HttpResponse:
    """The second person compares a new account with the paper."""
    person = person_at(request)
    require(person, "money.repay")
    change = next(
        (row for row in queries.payee_changes(person.area_id, reader=person) if row.change_id == change_id), None
    )
    if change is None:
        raise NotYours(_("There is no such record in your area."))
    sheet = AccountDecisionSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        is_confirmed = sheet.cleaned_data["outcome"] == "confirm"
        done = attempt(
            sheet,
            lambda: pay.decide_account(
                actor=person, change_id=change_id, is_confirmed=is_confirmed, at=clock.now(), keyring=crypto.keyring()
            ),
        )
        if done is not None:
            said = _("The new account is in force.") if is_confirmed else _("The old account stays in force.")
            messages.success(request, said)
            return redirect("money-returns")
    lead = f"{change.household_number} · {change.holder} · {change.bank} {change.account_masked}"
    return _form_page(request, sheet, heading=_("Compare the new account"), button=_("Decide"), lead=lead)


@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, item_id: int) -> HttpResponse:
    """A person says what became of a doubtful line."""
    person = person_at(request)
    require(person, "money.returns")
    items = queries.suspense_items(person.area_id, on=clock.today())
    item = next((row for row in items if row.item_id == item_id), None)
    if item is None:
        raise NotYours(_("There is no such record in your area."))
    sheet = SettleSuspenseSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: pay.settle_suspense(actor=person, item_id=item_id, at=clock.now(), **typed))
        if done is not None:
            messages.success(request, _("The item is settled."))
            return redirect("money-returns")
    lead = f"{item.run_number} · {item.kind_label} · {item.reference}"
    return _form_page(request, sheet, heading=_("Settle a doubtful line"), button=_("Settle"), lead=lead)


def _form_page(request: HttpRequest, sheet: Sheet, *, heading: str, button: str, lead: str = "") -> HttpResponse:
    context = {
        "sheet": sheet,
        "heading": heading,
        "lead": lead,
        "button": button,
        "crumbs": crumbs(
            (_("Payments"), reverse("money")), (_("Returns from the bank"), reverse("money-returns")), (heading, "")
        ),
        "back_href": reverse("money-returns"),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


def _told(report: Report) -> str:
    counts = _("%(paid)s paid, %(returned)s returned, %(suspense)s in suspense, %(listed)s to look at.") % {
        "paid": report.paid,
        "returned": report.returned,
        "suspense": report.suspense,
        "listed": report.listed,
    }
    if report.is_replay:
        return _("This file was taken in before and changed nothing now. Its result then: %(counts)s") % {
            "counts": counts
        }
    lines = ngettext("%(count)s line taken in:", "%(count)s lines taken in:", report.line_count) % {
        "count": report.line_count
    }
    return f"{lines} {counts}"


def _owed(person: User, row: ReturnedRow) -> dict[str, Any]:
    acts = []
    if row.next_step == "new_account" and may(person, "money.repay"):
        acts = [
            {"href": reverse("money-new-account", args=[row.household_id]), "label": _("New account")},
            {"href": reverse("money-retry", args=[row.payment_id]), "label": _("Same account again")},
        ]
    return {**vars(row), "mark": RETURN_WAITS[row.next_step], "acts": acts}


def _change(person: User, row: PayeeChangeRow) -> dict[str, Any]:
    is_second = may(person, "money.repay") and row.proposed_by_id != person.pk
    return {**vars(row), "href": reverse("money-decide-account", args=[row.change_id]) if is_second else ""}


def _doubtful(person: User, row: SuspenseRow) -> dict[str, Any]:
    is_second = may(person, "money.returns") and row.imported_by_id != person.pk
    return {**vars(row), "href": reverse("money-settle", args=[row.item_id]) if is_second else ""}


def _columns() -> list[ExportColumn[ReturnedRow]]:
    return [
        ExportColumn(_("Household"), lambda row: row.household_number),
        ExportColumn(_("Holder"), lambda row: row.holder),
        ExportColumn(_("Account"), lambda row: row.account_masked),
        ExportColumn(_("Month"), lambda row: row.month),
        ExportColumn(_("Amount (yuan)"), lambda row: row.amount_fen, "money"),
        ExportColumn(_("Run"), lambda row: row.run_number),
        ExportColumn(_("Reference"), lambda row: row.reference),
        ExportColumn(_("What the bank says"), lambda row: row.bank_reason),
        ExportColumn(_("What it waits for"), lambda row: RETURN_WAITS[row.next_step].word),
    ]
