"""What goes wrong in real files. Every spoiled row says what was done to it and what should become of it.

Rows of planted families are left alone: their truth must be findable. Rows of people on whom a household's assessment
hangs are spoiled like any other's: that is what happens.
"""

import random
from collections.abc import Callable, Sequence

from doudi.demo.departments import DEPARTMENTS
from doudi.demo.extracts import Expected, Extract, Row
from doudi.demo.names import homophone
from doudi.engine.values.identity import check_digit

_DAY_HEADERS = {
    "初次登记日期",
    "登记时间",
    "发证日期",
    "死亡日期",
    "状态变更日期",
    "失业登记日期",
    "收监日期",
    "受灾日期",
}
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_ID_HEADERS = {
    "公民身份号码", "证件号码", "身份证号", *(department.headers[2] for department in DEPARTMENTS)
}  # fmt: skip
_NAME_HEADERS = {"姓名", *(department.headers[1] for department in DEPARTMENTS)}
_MISCHIEF = tuple[str, Expected, float, Callable[["_Table", Row], bool]]


class _Table:
    """An extract while it is being spoiled. `scale` is how many times the small city this one is."""

    def __init__(self, extract: Extract, rng: random.Random, scale: float) -> None:
        self.extract = extract
        self.rng = rng
        self.scale = scale
        self.id_header = next(header for header in extract.headers if header in _ID_HEADERS)
        self.name_header = next(header for header in extract.headers if header in _NAME_HEADERS)
        self._order = [row for row in extract.rows if not row.kind and not row.is_of_story]
        rng.shuffle(self._order)
        self._names = sorted({row.person.name for row in extract.rows})

    def plant(self, kind: str, expected: Expected, count: float, spoil: Callable[["_Table", Row], bool]) -> None:
        """Spoil so many untouched rows; `spoil` says whether the row lent itself to it."""
        left = self._times(count)
        for row in self._order:
            if not left:
                break
            if not row.kind and spoil(self, row):
                row.kind, row.expected, left = kind, expected, left - 1
        self._order = [row for row in self._order if not row.kind]

    def repeat(self, count: float) -> None:
        """Deliver some rows twice, letter for letter."""
        chosen = self.rng.sample(self._order, min(len(self._order), self._times(count)))
        for row in chosen:
            row.kind = "delivered_twice"
        rows: list[Row] = []
        for row in self.extract.rows:
            rows.append(row)
            if row.kind == "delivered_twice":
                rows.append(Row(dict(row.cells), row.person, "exact_duplicate", "duplicate"))
        self.extract.rows = rows

    def other_name(self, row: Row) -> str | None:
        """The name of somebody of another family."""
        for _ in range(20):
            name = self.rng.choice(self._names)
            if name[0] != row.person.name[0]:
                return name
        return None

    def _times(self, count: float) -> int:
        return round(count * self.scale)


def spoil_registry(extract: Extract, rng: random.Random, scale: float) -> None:
    """户籍: old numbers, blanks, full-width digits, wrong digits, days that never were."""
    table = _Table(extract, rng, scale)
    _spoil(table, _COMMON, duplicates=3)
    _spoil(
        table,
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
    for row in extract.rows:
        if row.expected == "quarantined":
            row.person.is_known_by_name = False


def spoil_wages(extract: Extract, rng: random.Random, scale: float) -> None:
    """工资养老金: months in four spellings, money that is none, one person's number under another's name."""
    table = _Table(extract, rng, scale)
    _spoil(table, _COMMON, duplicates=5)
    _spoil(
        table,
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


def spoil_hospital(extract: Extract, rng: random.Random, scale: float) -> None:
    """医保结算: a workbook typed by hand."""
    _spoil(
        _Table(extract, rng, scale),
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


def spoil_other(extract: Extract, rng: random.Random, scale: float) -> None:
    """Any other department's file: typed identity numbers, and days in the spellings of three offices."""
    table = _Table(extract, rng, scale)
    size = len(extract.rows) / (300 * scale)  # small files have few bad rows
    few, some = size, size * 3
    days = [header for header in extract.headers if header in _DAY_HEADERS]
    _spoil(
        table,
        (
            ("full_width_digits", "accepted", some, _full_width_id),
            ("old_15_digit_number", "accepted", few, _old_number),
            ("small_x", "accepted", few, _small_x),
            ("trailing_space", "accepted", some, _trailing_space),
            ("wrong_check_digit", "quarantined", few, _wrong_check_digit),
            ("homophone_name", "grey", few, _homophone_name),
            *(("day_with_slashes", "accepted", some, _Day(header, "/")) for header in days),
            *(("day_with_dots", "accepted", some, _Day(header, ".")) for header in days),
            *(("impossible_day", "quarantined", few, _Day(header, "")) for header in days),
        ),
        duplicates=few,
    )


class _Day:
    """Writes a day with another separator; without one, a day that never was."""

    def __init__(self, header: str, separator: str) -> None:
        self.header, self.separator = header, separator

    def __call__(self, _: _Table, row: Row) -> bool:
        day = row.cells[self.header]
        return _put(row, self.header, day.replace("-", self.separator) if self.separator else "2026-02-30")


def _spoil(table: _Table, mischief: Sequence[_MISCHIEF], *, duplicates: float = 0) -> None:
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


def _homophone_name(table: _Table, row: Row) -> bool:
    other = homophone(row.cells[table.name_header])
    return row.person.is_known_by_name and other is not None and _put(row, table.name_header, other)


def _someone_elses_name(table: _Table, row: Row) -> bool:
    other = table.other_name(row)
    return row.person.is_known_by_name and other is not None and _put(row, table.name_header, other)


def _trailing_space(table: _Table, row: Row) -> bool:
    return _put(row, table.name_header, row.cells[table.name_header] + "  ")


def _someone_elses_large_bill(table: _Table, row: Row) -> bool:
    """A bill that would lead to the wrong household if the number alone decided."""
    row.cells |= {"总费用": "120000.00", "基金支付": "32000.00", "个人自付": "88000.00"}
    return _someone_elses_name(table, row)


_COMMON: tuple[_MISCHIEF, ...] = (
    ("full_width_digits", "accepted", 3, _full_width_id),
    ("old_15_digit_number", "accepted", 3, _old_number),
    ("small_x", "accepted", 2, _small_x),
    ("trailing_space", "accepted", 4, _trailing_space),
    ("wrong_check_digit", "quarantined", 2, _wrong_check_digit),
)
