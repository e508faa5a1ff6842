"""Excel workbooks of lists: text stays text, who took it stands on the sheet, and the audit knows (promise P32)."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from doudi.office import clock
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn
from doudi.office.errors import Refused
from doudi.office.flows.export_list import record_export
from doudi.office.org.presence import person_at

Row = TypeVar("Row")
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_ABOVE = 3


def workbook_reply(
    request: HttpRequest, *, name: str, title: str, columns: Sequence[ExportColumn[Row]], rows: Sequence[Row]
) -> HttpResponse:
    """Answers with a list as a workbook, after the audit has noted who takes how many rows of what."""
    if len(rows) > EXPORT_ROWS_MAX:
        raise Refused(
            _("This list has more than %(rows)s rows.") % {"rows": EXPORT_ROWS_MAX},
            advice=_("Narrow it down with the filters, then export again."),
        )
    person, at = person_at(request), clock.now()
    record_export(actor=person, list_name=name, row_count=len(rows))
    watermark = _("Exported by %(person)s (%(login)s) at %(at)s. For official use only.") % {
        "person": person.display_name,
        "login": person.get_username(),
        "at": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
    }
    content = write_workbook(title=title, watermark=watermark, columns=columns, rows=rows)
    reply = HttpResponse(content, content_type=CONTENT_TYPE)
    stamp = timezone.localtime(at).strftime("%Y%m%d-%H%M")
    reply["Content-Disposition"] = f'attachment; filename="doudi-{name}-{stamp}.xlsx"'
    reply["Cache-Control"] = "no-store"
    return reply


def write_workbook(*, title: str, watermark: str, columns: Sequence[ExportColumn[Row]], rows: Sequence[Row]) -> bytes:
    """Writes one sheet: title, watermark, headings, rows. No cell is ever a formula."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {
            "text": book.add_format({"num_format": "@"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "number": book.add_format({"num_format": "0"}),
        }
        sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, watermark, book.add_format({"font_color": "#666666"}))
        sheet.set_footer("&L" + watermark.replace("&", "&&"))
        for place, column in enumerate(columns):
            sheet.write_string(ROWS_ABOVE, place, str(column.heading), bold)
            sheet.set_column(place, place, 20 if column.kind == "text" else 14)
        for line, row in enumerate(rows, start=ROWS_ABOVE + 1):
            for place, column in enumerate(columns):
                _write_cell(sheet, line, place, column.cell(row), column.kind, formats)
        sheet.freeze_panes(ROWS_ABOVE + 1, 0)
    return buffer.getvalue()


def _write_cell(sheet: Any, line: int, place: int, value: Any, kind: str, formats: dict[str, Any]) -> None:
    if value is None:
        sheet.write_blank(line, place, None, formats["text"])
    elif kind == "money":
        # Two decimals of a whole number of fen; never by way of a float of ours.
        sheet.write_number(line, place, Decimal(value).scaleb(-2), formats["money"])
    elif kind == "number":
        sheet.write_number(line, place, value, formats["number"])
    elif isinstance(value, datetime):
        sheet.write_string(line, place, timezone.localtime(value).strftime("%Y-%m-%d %H:%M"), formats["text"])
    elif isinstance(value, date):
        sheet.write_string(line, place, value.strftime("%Y-%m-%d"), formats["text"])
    else:
        sheet.write_string(line, place, str(value), formats["text"])
