"""Writing extracts as departments deliver them: GB18030 text with Windows line ends, a workbook made for print."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from doudi.demo.departments import Department
from doudi.demo.extracts import HOSPITAL_HEADERS, Extract

_MONEY = ("总费用", "基金支付", "个人自付")
_MADE_AT = datetime(2026, 11, 18, 9, 30)  # noqa: DTZ001 - a workbook's property, which has no zone
# Strings stay strings: an identity number must not become a rounded number, nor a name a formula.
_STRINGS = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
CSV_FIRST_ROW = 2
XLSX_FIRST_ROW = 5


@dataclass(frozen=True)
class SheetRow:
    """One row of a workbook: its cells as text, and whether money in it is a number or was typed as text."""

    cells: tuple[str, ...]
    is_typed: bool


def write_csv(extract: Extract, path: Path, *, with_header: bool = True) -> None:
    """One header line, unless the file goes on, then a line per row; the truth counts lines from 1."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        if with_header:
            writer.writerow(extract.headers)
        writer.writerows([row.cells[header] for header in extract.headers] for row in extract.rows)


def sheet_rows(extract: Extract) -> list[SheetRow]:
    """The rows as a workbook takes them."""
    return [SheetRow(tuple(row.cells[header] for header in extract.headers), bool(row.kind)) for row in extract.rows]


def write_sheet(path: Path, rows: Iterable[SheetRow], department: Department) -> None:
    """A workbook with a title, a line of who filled it in and the unit, and two rows of merged headers."""
    book = xlsxwriter.Workbook(str(path), dict(_STRINGS))
    book.set_properties({"title": department.title, "created": _MADE_AT})
    sheet = book.add_worksheet(department.stem)
    bold = book.add_format({"bold": True, "align": "center"})
    last = len(department.headers) - 1
    sheet.merge_range(0, 0, 0, last, department.title, bold)
    sheet.write_string(1, 0, "填报单位（盖章）：")
    if department.unit:
        sheet.write_string(1, last, department.unit)
    for column, header in enumerate(department.headers):
        sheet.merge_range(2, column, 3, column, header, bold)
    _fill(sheet, rows, [header in department.money for header in department.headers])
    book.close()


def write_settlements(path: Path, rows: Iterable[SheetRow], *, period: str) -> None:
    """Two title rows with a cell for the unit, a header of two rows with merged cells, then the settlements."""
    book = xlsxwriter.Workbook(str(path), dict(_STRINGS))
    book.set_properties({"title": "医保住院结算", "created": _MADE_AT})
    sheet = book.add_worksheet("住院结算")
    bold = book.add_format({"bold": True, "align": "center"})
    last = len(HOSPITAL_HEADERS) - 1
    sheet.merge_range(0, 0, 0, last, "清河县基本医疗保险住院费用结算明细表", bold)
    sheet.write_string(1, 0, "填报单位：清河县医疗保障局")
    sheet.write_string(1, 4, f"统计期间：{period}")
    sheet.write_string(1, last, "单位：元")
    for column, header in enumerate(HOSPITAL_HEADERS):
        if header in _MONEY:
            sheet.write_string(3, column, header, bold)
        else:
            sheet.merge_range(2, column, 3, column, header, bold)
    first_money = HOSPITAL_HEADERS.index(_MONEY[0])
    sheet.merge_range(2, first_money, 2, first_money + len(_MONEY) - 1, "费用情况", bold)
    _fill(sheet, rows, [header in _MONEY for header in HOSPITAL_HEADERS])
    book.close()


def _fill(sheet: Worksheet, rows: Iterable[SheetRow], is_money: Sequence[bool]) -> None:
    """A number for Excel, as its users type it; the others were typed as text."""
    for number, row in enumerate(rows, start=XLSX_FIRST_ROW - 1):
        for column, text in enumerate(row.cells):
            if not text:
                continue
            if is_money[column] and not row.is_typed:
                sheet.write_number(number, column, Decimal(text))
            else:
                sheet.write_string(number, column, text)
