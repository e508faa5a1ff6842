"""What goes wrong in real files. Every spoiled row says what was done to it and what should become of it.

Rows of planted families are left alone: their truth must be findable. Rows of people on whom a household's assessment
hangs are spoiled like any other's: that is what happens.
"""

import random
from collections.abc import Callable, Sequence

from doudi.demo.extracts import Expected, Extract, Row
from doudi.demo.names import homophone
from doudi.engine.values.identity import check_digit

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_ID_HEADERS = ("公民身份号码", "证件号码", "身份证号")
_MISCHIEF = tuple[str, Expected, int, Callable[["_Table", Row], bool]]


class _Table:
    """An extract while it is being spoiled."""

    def __init__(self, extract: Extract, rng: random.Random) -> None:
        self.extract = extract
        self.rng = rng
        self.id_header = next(header for header in _ID_HEADERS if header in extract.headers)

    def plant(self, kind: str, expected: Expected, count: int, spoil: Callable[["_Table", Row], bool]) -> None:
        """Spoil so many untouched rows; `spoil` says whether the row lent itself to it."""
        left = count
        order = [row for row in self.extract.rows if not row.kind and not row.is_of_story]
        self.rng.shuffle(order)
        for row in order:
            if left and spoil(self, row):
                row.kind, row.expected, left = kind, expected, left - 1

    def repeat(self, count: int) -> None:
        """Deliver some rows twice, letter for letter."""
        order = [row for row in self.extract.rows if not row.kind and not row.is_of_story]
        for row in self.rng.sample(order, count):
            place = self.extract.rows.index(row)
            twin = Row(dict(row.cells), row.person, "exact_duplicate", "duplicate")
            row.kind = "delivered_twice"
            self.extract.rows.insert(place + self.rng.randrange(1, 4), twin)


def spoil_registry(extract: Extract, rng: random.Random) -> None:
    """户籍: old numbers, blanks, full-width digits, wrong digits, days that never were."""
    _spoil(extract, rng, _COMMON, duplicates=3)
    _spoil(
        extract,
        rng,
        (
            ("impossible_date", "quarantined", 2, lambda _, row: _put(row, "出生日期", "1987-02-30")),
            ("unknown_relation", "quarantined", 1, lambda _, row: _put(row, "与户主关系", "外甥")),
            ("short_area_code", "quarantined", 1, lambda _, row: _put(row, "区划代码", row.cells["区划代码"][:11])),
            (
                "date_with_slashes",
                "accepted",
                4,
                lambda _, row: _put(row, "出生日期", row.cells["出生日期"].replace("-", "/")),
            ),
        ),
    )


def spoil_wages(extract: Extract, rng: random.Random) -> None:
    """工资养老金: months in four spellings, money that is none, one person's number under another's name."""
    _spoil(extract, rng, _COMMON, duplicates=5)
    _spoil(
        extract,
        rng,
        (
            ("negative_money", "quarantined", 2, lambda _, row: _put(row, "应发金额(元)", "-320.00")),
            ("exponent_money", "quarantined", 2, lambda _, row: _put(row, "应发金额(元)", "1e3")),
            ("money_in_words", "quarantined", 1, lambda _, row: _put(row, "应发金额(元)", "三千二")),
            ("impossible_month", "quarantined", 1, lambda _, row: _put(row, "所属月份", "2026-13")),
            (
                "month_without_dash",
                "accepted",
                40,
                lambda _, row: _put(row, "所属月份", row.cells["所属月份"].replace("-", "")),
            ),
            (
                "month_with_slash",
                "accepted",
                20,
                lambda _, row: _put(row, "所属月份", row.cells["所属月份"].replace("-", "/")),
            ),
            ("month_in_chinese", "accepted", 20, _month_in_chinese),
            ("homophone_name", "grey", 3, _homophone_name),
            ("clashing_name", "grey", 2, _someone_elses_name),
        ),
    )


def spoil_hospital(extract: Extract, rng: random.Random) -> None:
    """医保结算: a workbook typed by hand."""
    _spoil(
        extract,
        rng,
        (
            ("full_width_digits", "accepted", 1, _full_width_id),
            ("trailing_space", "accepted", 1, lambda _, row: _put(row, "姓名", row.cells["姓名"] + " ")),
            ("wrong_check_digit", "quarantined", 1, _wrong_check_digit),
            ("negative_money", "quarantined", 1, lambda _, row: _put(row, "个人自付", "-" + row.cells["个人自付"])),
            ("discharged_before_admitted", "quarantined", 1, lambda _, row: _put(row, "出院日期", "2025-01-02")),
            ("clashing_name", "grey", 1, _someone_elses_name),
            ("clashing_name_large_bill", "grey", 1, _someone_elses_large_bill),
        ),
        duplicates=1,
    )


def _spoil(extract: Extract, rng: random.Random, mischief: Sequence[_MISCHIEF], *, duplicates: int = 0) -> None:
    table = _Table(extract, rng)
    for kind, expected, count, spoil in mischief:
        table.plant(kind, expected, count, spoil)
    if duplicates:
        table.repeat(duplicates)


def _put(row: Row, header: str, text: str) -> bool:
    row.cells[header] = text
    return True


def _full_width_id(table: _Table, row: Row) -> bool:
    return _put(row, table.id_header, row.cells[table.id_header].translate(_FULL_WIDTH))


def _old_number(table: _Table, row: Row) -> bool:
    number = row.cells[table.id_header]
    return number[6:8] == "19" and _put(row, table.id_header, number[:6] + number[8:17])


def _small_x(table: _Table, row: Row) -> bool:
    number = row.cells[table.id_header]
    return number.endswith("X") and _put(row, table.id_header, number.lower())


def _wrong_check_digit(table: _Table, row: Row) -> bool:
    number = row.cells[table.id_header]
    wrong = "0" if check_digit(number[:17]) != "0" else "1"
    return _put(row, table.id_header, number[:17] + wrong)


def _month_in_chinese(_: _Table, row: Row) -> bool:
    year, month = row.cells["所属月份"].split("-")
    return _put(row, "所属月份", f"{year}年{int(month)}月")


def _homophone_name(_: _Table, row: Row) -> bool:
    other = homophone(row.cells["姓名"])
    return other is not None and _put(row, "姓名", other)


def _someone_elses_name(table: _Table, row: Row) -> bool:
    others = sorted({other.person.name for other in table.extract.rows if other.person.name[0] != row.person.name[0]})
    return bool(others) and _put(row, "姓名", table.rng.choice(others))


def _someone_elses_large_bill(table: _Table, row: Row) -> bool:
    """A bill that would lead to the wrong household if the number alone decided."""
    row.cells |= {"总费用": "120000.00", "基金支付": "32000.00", "个人自付": "88000.00"}
    return _someone_elses_name(table, row)


_COMMON: tuple[_MISCHIEF, ...] = (
    ("full_width_digits", "accepted", 3, _full_width_id),
    ("old_15_digit_number", "accepted", 3, _old_number),
    ("small_x", "accepted", 2, _small_x),
    ("trailing_space", "accepted", 4, lambda _, row: _put(row, "姓名", row.cells["姓名"] + "  ")),
    ("wrong_check_digit", "quarantined", 2, _wrong_check_digit),
)
