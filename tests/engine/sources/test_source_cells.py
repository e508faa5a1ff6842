"""What a cell may hold. The column-wise checks say the same as the scalar parsers of `values`, cell by cell."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_deliveries import AS_OF, id_number

from doudi.engine.sources.cells import Cells, codes_of
from doudi.engine.sources.check_identity import check_id_numbers
from doudi.engine.sources.check_money import check_money
from doudi.engine.sources.check_text import check_names, check_phones
from doudi.engine.sources.contract import ColumnSpec, Unit
from doudi.engine.sources.days import check_days, check_months
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.identity import parse_id
from doudi.engine.values.money import parse_wan_yuan, parse_yuan

AMOUNT = ColumnSpec.model_validate(
    {"headers": ["金额"], "label": {"zh": "金额", "en": "amount"}, "type": "money", "unit": "yuan"}
)


def codes(cells: Cells) -> list[str]:
    found = [""] * len(cells.text)
    for code, places in codes_of(cells.refusal):
        for place in places:
            found[place] = code
    return found


def money(texts: list[str], unit: Unit = "yuan") -> tuple[list[int | None], list[str]]:
    cells = Cells.of(pl.Series(texts, dtype=pl.String))
    return check_money(cells, AMOUNT, unit).to_list(), codes(cells)


def scalar(parse: object, text: str) -> object:
    try:
        return parse(text)  # type: ignore[operator]  # one of the parsers named in the tests below
    except DoudiError:
        return None


amounts = st.one_of(
    st.from_regex(r"\A-?[0-9]{1,14}(\.[0-9]{0,8})?\Z"),
    st.from_regex(r"\A[0-9]{1,3}(,[0-9]{3}){0,3}(\.[0-9]{1,2})?\Z"),
    st.sampled_from(["NaN", "Infinity", "1e3", "1_000", "0x1f", "٣", "1.", ".5", "+1", "00", "-0", "1,00", "1 0"]),
)


@given(st.lists(amounts, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_money_of_a_column_is_what_the_strict_parser_says_of_each_cell(texts: list[str]) -> None:
    for unit, parse in (("yuan", parse_yuan), ("wan_yuan", parse_wan_yuan)):
        values, _ = money(texts, unit)
        for text, value in zip(texts, values, strict=True):
            expected = scalar(parse, text)
            if isinstance(expected, int) and (expected < 0 or text.startswith("-")):
                expected = None  # no source delivers negative amounts
            if expected is None and "." in text and text.rstrip("0") != text:
                continue  # zeros behind the last fen are no parts of a fen
            assert value == expected, text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NaN", "DD-CELL-032"),
        ("Infinity", "DD-CELL-032"),
        ("1e3", "DD-CELL-032"),
        ("-5", "DD-CELL-031"),
        ("99999999999999", "DD-CELL-033"),
        ("12.345", "DD-CELL-034"),
        ("1_000", "DD-CELL-030"),
        ("٣٤", "DD-CELL-030"),
        ("=1+1", "DD-CELL-030"),
    ],
)
def test_money_that_no_one_can_mean_is_refused_with_its_reason(text: str, code: str) -> None:
    assert money([text]) == ([None], [code])


def test_full_width_amounts_and_units_behind_the_amount_are_read_and_counted() -> None:
    cells = Cells.of(pl.Series(["１２３．４０", " 5 ", "¥1,286.50", "1.2万元", "7"]))
    assert check_money(cells, AMOUNT, "yuan").to_list() == [12340, 500, 128650, 1200000, 700]
    assert int(cells.is_normalised.sum()) == 4


identity_numbers = st.one_of(
    st.integers(0, 59_999).map(id_number),
    st.integers(0, 59_999).map(lambda n: id_number(n)[:17] + "X"),
    st.integers(0, 59_999).map(lambda n: id_number(n)[:6] + id_number(n)[8:17]),
    st.from_regex(r"\A4199[0-9]{13}[0-9Xx]\Z"),
    st.from_regex(r"\A4199[0-9]{11}\Z"),
    st.sampled_from(["", "1", "41990119700101123", "41990119700101123Х", "４１９９"]),
)


@given(st.lists(identity_numbers, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_an_identity_column_says_of_each_number_what_the_parser_says(texts: list[str]) -> None:
    cells = Cells.of(pl.Series(texts, dtype=pl.String))
    values = check_id_numbers(cells, as_of=AS_OF).to_list()
    for place, text in enumerate(texts):
        if text in ("", "４１９９"):
            continue
        try:
            expected = parse_id(text, as_of=AS_OF).value18
        except DoudiError:
            expected = None
        assert (values[place] if cells.open[place] else None) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (id_number(7)[:17] + "Х", "DD-CELL-011"),  # Cyrillic
        (id_number(7)[:17] + "Ⅹ", "DD-CELL-011"),  # Roman ten
        (id_number(7)[:17], "DD-CELL-010"),
        ("419901700101996", "DD-CELL-016"),
        ("A" * 18, "DD-CELL-010"),
    ],
)
def test_a_number_that_only_looks_right_is_refused(text: str, code: str) -> None:
    cells = Cells.of(pl.Series([text]))
    check_id_numbers(cells, as_of=AS_OF)
    assert codes(cells) == [code]


def test_wrong_check_digit_impossible_and_future_birth_are_told_apart() -> None:
    from_head = [head + check for head, check in ((h, _check(h)) for h in _HEADS)]
    wrong = id_number(7)[:17] + ("0" if id_number(7)[17] != "0" else "1")
    cells = Cells.of(pl.Series([wrong, *from_head]))
    check_id_numbers(cells, as_of=AS_OF)
    assert codes(cells) == ["DD-CELL-012", "DD-CELL-013", "DD-CELL-014"]


def test_full_width_numbers_and_apostrophes_are_put_right_and_counted() -> None:
    plain = id_number(12)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in plain)
    cells = Cells.of(pl.Series([plain, wide, f"'{plain}", f"\t{plain}　"]))
    assert check_id_numbers(cells, as_of=AS_OF).to_list() == [plain] * 4
    assert int(cells.is_normalised.sum()) == 3


def test_an_identity_number_that_excel_holds_as_a_number_is_refused() -> None:
    cells = Cells.of(pl.Series(["419901197001011234"]), is_number=pl.Series([True]).to_numpy())
    check_id_numbers(cells, as_of=AS_OF)
    assert codes(cells) == ["DD-CELL-015"]


@given(st.dates(date(1900, 1, 1), AS_OF))
@settings(max_examples=100, deadline=None)
def test_a_day_reads_the_same_in_every_spelling(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    spellings = [
        f"{y:04d}-{m:02d}-{d:02d}",
        f"{y}/{m}/{d}",
        f"{y}年{m}月{d}日",
        f"{y:04d}{m:02d}{d:02d}",
        f"{y}.{m}.{d}",
    ]
    cells = Cells.of(pl.Series([*spellings, f"{y}-{m}-{d} 00:00:00"]))
    days = check_days(cells, as_of=AS_OF, earliest=date(1900, 1, 1), may_be_future=False)
    assert days.to_list() == [day] * 6
    months = Cells.of(pl.Series([f"{y:04d}-{m:02d}", f"{y}/{m}", f"{y}年{m}月", f"{y:04d}{m:02d}"]))
    read = check_months(months, as_of=AS_OF, earliest=date(1900, 1, 1), may_be_future=False)
    assert read.to_list() == [f"{y:04d}-{m:02d}"] * 4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-29", "DD-CELL-021"),
        ("2026-13-01", "DD-CELL-021"),
        ("2026-11-21", "DD-CELL-022"),
        ("1899-12-31", "DD-CELL-023"),
        ("45931", "DD-CELL-020"),
        ("05/10/2026", "DD-CELL-020"),
    ],
)
def test_days_that_are_none_are_refused(text: str, code: str) -> None:
    cells = Cells.of(pl.Series([text]))
    assert check_days(cells, as_of=AS_OF, earliest=date(1900, 1, 1), may_be_future=False).to_list() == [None]
    assert codes(cells) == [code]


def test_names_lose_their_padding_and_keep_their_dots() -> None:
    cells = Cells.of(
        pl.Series(["张 三", "欧阳　小 梅", "阿依古丽•买买提", "𠮷田", "Anna Li", "张三?", "张三（已故）", "?"])
    )
    read = check_names(cells, length_max=60).to_list()
    assert read[:5] == ["张三", "欧阳小梅", "阿依古丽·买买提", "𠮷田", "Anna Li"]
    assert codes(cells) == ["", "", "", "", "", "DD-CELL-004", "DD-CELL-004", "DD-CELL-004"]


def test_telephone_numbers_in_their_usual_spellings() -> None:
    cells = Cells.of(pl.Series(["13800000000", "138-0000-0000", "+86 13800000000", "0391-1234567", "12"]))
    assert check_phones(cells).to_list()[:4] == ["13800000000", "13800000000", "13800000000", "03911234567"]
    assert codes(cells) == ["", "", "", "", "DD-CELL-070"]


_HEADS = ("41990119700230001", "41990120270101001")


def _check(head: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(head, weights, strict=True)) % 11]
