"""Writing extracts as departments deliver them: GB18030 text with Windows line ends, a workbook made for print."""

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from doudi.demo.departments import Department
from doudi.demo.extracts import Extract

_MONEY = ("总费用", "基金支付", "个人自付")
_MADE_AT = datetime(2026, 11, 18, 9, 30)  # noqa: DTZ001 - a workbook's property, which has no zone
# Strings stay strings: an identity number must not become a rounded number, nor a name a formula.
_STRINGS = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
CSV_FIRST_ROW = 2
XLSX_FIRST_ROW = 5


def write_csv(extract: Extract, folder: Path) -> None:
    """One header line, then a line per row; the truth counts lines from 1."""
    with (folder / extract.file_name).open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(extract.headers)
        writer.writerows([row.cells[header] for header in extract.headers] for row in extract.rows)


def write_sheet(extract: Extract, folder: Path, department: Department) -> None:
    """A workbook with a title, a line of who filled it in and the unit, and two rows of merged headers."""
    book = xlsxwriter.Workbook(str(folder / extract.file_name), dict(_STRINGS))
    book.set_properties({"title": department.title, "created": _MADE_AT})
    sheet = book.add_worksheet(department.stem)
    bold = book.add_format({"bold": True, "align": "center"})
    last = len(extract.headers) - 1
    sheet.merge_range(0, 0, 0, last, department.title, bold)
    sheet.write_string(1, 0, "填报单位（盖章）：")
    if department.unit:
        sheet.write_string(1, last, department.unit)
    for column, header in enumerate(extract.headers):
        sheet.merge_range(2, column, 3, column, header, bold)
    for number, row in enumerate(extract.rows, start=XLSX_FIRST_ROW - 1):
        for column, header in enumerate(extract.headers):
            text = row.cells[header]
            if header in department.money and text and not row.kind:
                sheet.write_number(number, column, Decimal(text))
            elif text:
                sheet.write_string(number, column, text)
    book.close()


def write_xlsx(extract: Extract, folder: Path, *, period: str) -> None:
    """Two title rows with a cell for the unit, a header of two rows with merged cells, then the settlements."""
    book = xlsxwriter.Workbook(str(folder / extract.file_name), dict(_STRINGS))
    book.set_properties({"title": "医保住院结算", "created": _MADE_AT})
    sheet = book.add_worksheet("住院结算")
    bold = book.add_format({"bold": True, "align": "center"})
    last = len(extract.headers) - 1
    sheet.merge_range(0, 0, 0, last, "清河县基本医疗保险住院费用结算明细表", bold)
    sheet.write_string(1, 0, "填报单位：清河县医疗保障局")
    sheet.write_string(1, 4, f"统计期间：{period}")
    sheet.write_string(1, last, "单位：元")
    for column, header in enumerate(extract.headers):
        if header in _MONEY:
            sheet.write_string(3, column, header, bold)
        else:
            sheet.merge_range(2, column, 3, column, header, bold)
    first_money = extract.headers.index(_MONEY[0])
    sheet.merge_range(2, first_money, 2, first_money + len(_MONEY) - 1, "费用情况", bold)
    for number, row in enumerate(extract.rows, start=XLSX_FIRST_ROW - 1):
        for column, header in enumerate(extract.headers):
            text = row.cells[header]
            if header in _MONEY and not row.kind:
                # A number for Excel, as its users type it; the others were typed as text.
                sheet.write_number(number, column, Decimal(text))
            elif text:
                sheet.write_string(number, column, text)
    book.close()
