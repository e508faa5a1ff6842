"""为什么: why this result, in numbered sentences that a family could read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import CaseSheet
from doudi.office.desk.lists import ExportColumn, is_export
from doudi.office.desk.reasons import as_table, reasons_of
from doudi.office.desk.replies import crumbs
from doudi.office.desk.views.cases import look_at
from doudi.office.desk.workbook import workbook_reply


@require_GET
def why(request: HttpRequest, number: str) -> HttpResponse:
    """The explanation of the latest assessment of a case."""
    found = look_at(request, number, "explanation of the result")
    here = reverse("case", args=[number])
    if is_export(request) and found.assessment:
        columns: list[ExportColumn[dict[str, Any]]] = [
            ExportColumn(_("Condition"), lambda row: row["label"]),
            ExportColumn(_("State"), lambda row: row["state"]),
            ExportColumn(_("Sentence"), lambda row: row["sentence"]),
            ExportColumn(_("Value"), lambda row: row["value"]),
            ExportColumn(_("Line"), lambda row: row["threshold"]),
            ExportColumn(_("Basis"), lambda row: row["citation"]),
        ]
        rows = as_table(found.assessment.explanation)
        return workbook_reply(request, name="why", title=f"{_('Why this result')} {number}", columns=columns, rows=rows)
    context = {
        "number": number,
        "applicant": case_words.applicant_name(found),
        "assessment": found.assessment,
        "reasons": reasons_of(found.assessment.explanation) if found.assessment else None,
        "assess_sheet": CaseSheet(initial={"version": found.version}) if "assess_case" in found.can else None,
        "assess_href": reverse("case-assess", args=[number]),
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, here), (_("Why this result"), "")),
        "back_href": here,
        "is_decided": found.state != "open",
    }
    return render(request, "desk/why.html", context)
