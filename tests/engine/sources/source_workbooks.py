"""Builders of workbooks, good and hostile."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter
from source_deliveries import id_number

SHEET = "xl/worksheets/sheet1.xml"
HOSPITAL_HEADER = [
    "结算单号",
    "姓名",
    "身份证号",
    "医疗机构",
    "入院日期",
    "出院日期",
    "结算日期",
    "总费用",
    "基金支付",
    "个人自付",
]


def stay(number: int) -> list[Any]:
    """A good settlement; every number gives another one. Days and amounts are real ones, as Excel has them."""
    return [
        f"JS{number:06d}",
        "张小梅",
        id_number(number),
        "清河县人民医院",
        date(2026, 3, 1 + number % 20),
        date(2026, 3, 8 + number % 20),
        date(2026, 4, 1),
        1234.5 + number,
        1000.25,
        200.1,
    ]


def workbook(
    rows: Sequence[Sequence[Any]],
    *,
    titles: Sequence[str] = ("清河县医疗保障局住院结算表", "单位：元"),
    header: Sequence[str] = HOSPITAL_HEADER,
    group: tuple[int, int, str] | None = None,
    more_sheets: Sequence[str] = (),
) -> bytes:
    """A workbook with title rows over a header; `group` merges an upper header cell over some columns."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("结算")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    line = 0
    for title in titles:
        sheet.merge_range(line, 0, line, len(header) - 1, title)
        line += 1
    if group:
        sheet.merge_range(line, group[0], line, group[1], group[2])
        for column in [c for c in range(len(header)) if not group[0] <= c <= group[1]]:
            sheet.merge_range(line, column, line + 1, column, header[column])
        for column in range(group[0], group[1] + 1):
            sheet.write_string(line + 1, column, header[column])
        line += 2
    else:
        sheet.write_row(line, 0, header)
        line += 1
    for row in rows:
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(line, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(line, column, cell)
            elif cell is not None:
                sheet.write(line, column, cell)
        line += 1
    for name in more_sheets:
        book.add_worksheet(name).write(0, 0, "x")
    book.close()
    return target.getvalue()


def with_part(content: bytes, name: str, new: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for info in old.infolist():
            if info.filename != name:
                made.writestr(info.filename, old.read(info))
        made.writestr(name, new)
    return target.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read(name)


def far_corner() -> bytes:
    content = workbook([stay(1)])
    sheet = part_of(content, SHEET)
    corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return with_part(content, SHEET, sheet.replace(b"</sheetData>", corner))


def unpacking_bomb() -> bytes:
    content = workbook([stay(1)])
    sheet = part_of(content, SHEET)
    return with_part(content, SHEET, sheet.replace(b"</sheetData>", b"<row/>" * 5_000_000 + b"</sheetData>"))


def entity_bomb() -> bytes:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x") for n in range(10))
    content = workbook([stay(1)])
    sheet = part_of(content, SHEET)
    return with_part(content, SHEET, sheet.replace(b"?>", b"?><!DOCTYPE w [" + entities + b"]>", 1))


def widest() -> bytes:
    return workbook([stay(1)], titles=(), header=[*HOSPITAL_HEADER, *(f"c{n}" for n in range(16_374))])


def lying_size() -> bytes:
    content = bytearray(workbook([stay(1)]))
    at = content.rindex(SHEET.encode()) - 46
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)
