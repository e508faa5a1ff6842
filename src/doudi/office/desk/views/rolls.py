"""Rolls of old systems: what was prepared, and the second person's word on it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.office import clock, crypto
from doudi.office.casework.queries import RollRow, list_rolls
from doudi.office.desk.case_sheets import SettleRollSheet
from doudi.office.desk.labels import ROLL_STATES
from doudi.office.desk.lists import ExportColumn, is_export
from doudi.office.desk.replies import attempt, language, status_of
from doudi.office.desk.workbook import workbook_reply
from doudi.office.flows.roll_files import in_words
from doudi.office.flows.take_over import confirm_roll, discard_roll
from doudi.office.org.models import User
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def rolls(request: HttpRequest) -> HttpResponse:
    """The rolls of the county. The second person confirms or discards the one that waits."""
    person = person_at(request)
    sheet = SettleRollSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        done = attempt(sheet, lambda: _settle(person, **sheet.cleaned_data))
        if done is not None:
            messages.success(request, done)
            return redirect("rolls")
    rows = list_rolls(person)
    if is_export(request):
        return workbook_reply(request, name="rolls", title=_("Rolls"), columns=_columns(), rows=rows)
    context = {"rolls": [_shown(row) for row in rows], "sheet": sheet}
    return render(request, "desk/rolls.html", context, status=status_of(sheet))


def _settle(person: User, *, roll_id: int, act: str, reason: str) -> str:
    if act == "confirm":
        roll = confirm_roll(actor=person, at=clock.now(), roll_id=roll_id, reason=reason, keyring=crypto.keyring())
        return _("%(count)s families go on receiving.") % {"count": roll.families}
    discard_roll(actor=person, at=clock.now(), roll_id=roll_id, reason=reason)
    return _("The roll is discarded.")


def _shown(row: RollRow) -> dict[str, object]:
    return {
        **vars(row),
        "mark": ROLL_STATES[row.state],
        "waits": [(code, in_words(code, language()), count) for code, count in row.waiting.items()],
    }


def _columns() -> list[ExportColumn[RollRow]]:
    return [
        ExportColumn(_("Roll"), lambda row: str(row.roll_id)),
        ExportColumn(_("File"), lambda row: row.file_name),
        ExportColumn(_("State"), lambda row: ROLL_STATES[row.state].word),
        ExportColumn(_("Families"), lambda row: row.families, "number"),
        ExportColumn(_("People"), lambda row: row.people, "number"),
        ExportColumn(_("Amount a month (yuan)"), lambda row: row.monthly_fen, "money"),
        ExportColumn(_("Paid through"), lambda row: row.paid_through),
        ExportColumn(_("Received"), lambda row: row.received, "number"),
        ExportColumn(_("Accepted"), lambda row: row.accepted, "number"),
        ExportColumn(_("In quarantine"), lambda row: row.quarantined, "number"),
        ExportColumn(_("Duplicate"), lambda row: row.duplicate, "number"),
        ExportColumn(_("Prepared by"), lambda row: row.prepared_by),
        ExportColumn(_("Settled by"), lambda row: row.settled_by),
        ExportColumn(_("Reason"), lambda row: row.reason),
    ]
