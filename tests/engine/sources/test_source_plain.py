"""The quick way of reading says of every cell what the careful one says: same value, same reason, same count."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_deliveries import AS_OF, id_number

from doudi.engine.sources.column import check_carefully, check_column
from doudi.engine.sources.contract import ColumnSpec
from doudi.engine.sources.plain import plain_cells


def spec(kind: str, **more: Any) -> ColumnSpec:
    described = {"headers": ["列"], "label": {"zh": "列", "en": "column"}, "type": kind, **more}
    return ColumnSpec.model_validate(described)


SPECS = {
    "id_number": spec("id_number"),
    "optional id_number": spec("id_number", required=False, empty=("无",)),
    "date": spec("date", earliest=date(1950, 1, 1)),
    "future date": spec("date", may_be_future=True, required=False, empty=("-", "长期", "2026-10-10")),
    "month": spec("month", earliest=date(2000, 1, 1)),
    "future month": spec("month", may_be_future=True),
    "money": spec("money", unit="yuan", max=1_000_000),
    "wide money": spec("money", unit="yuan"),
    "least money": spec("money", unit="yuan", min=10, required=False, empty=("0", "12.30")),
    "ten thousand": spec("money", unit="wan_yuan", max=5_000_000),
    "count": spec("count"),
    "small count": spec("count", min=1, max=50, required=False, empty=("9",)),
    "code": spec("code", codes={"工资": "wage", "养老金": "pension", "C1": "c1", "甲（一）": "wide", " 乙": "blank"}),
    "area_code": spec("area_code", digits=(6, 9, 12)),
    "phone": spec("phone", required=False, empty=("-",)),
    "name": spec("name", length_max=8),
    "text": spec("text", length_max=20, required=False, empty=("无", "-")),
    "long text": spec("text", length_max=200),
}

_LETTERS = "0123456789Xx-./,年月日 \t　１９Ｘ，（）()张三赵〇·•'A=+@#N¥万元eE\u200b\ufeff\ufffd\ue000\x00Х٣𠮷"
plain_texts = {
    "id_number": st.integers(0, 59_999).map(id_number),
    "date": st.dates(date(1890, 1, 1), date(2030, 1, 1)).map(str),
    "month": st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(lambda day: str(day)[:7]),
    "money": st.from_regex(r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{0,7})?\Z"),
    "count": st.from_regex(r"\A[0-9]{1,11}\Z"),
    "code": st.sampled_from(["工资", "养老金", "C1", "甲（一）", "甲(一)", "乙", " 乙", "工资 "]),
    "area_code": st.from_regex(r"\A[0-9]{5,13}\Z"),
    "phone": st.from_regex(r"\A(\+86)?1[2-9][0-9]{8,10}\Z"),
    "name": st.text("张三赵小〇·A '.,-", min_size=1, max_size=10),
    "text": st.text("张三清河县AZaz09()#·./_ -（）", min_size=1, max_size=24),
}
anything = st.one_of(
    st.sampled_from(["", " ", "无", "-", "NaN", "1e3", "=1+1", "0", "00", "1.", ".5", "2026-02-29", "2026-1-1", "\r"]),
    st.text(_LETTERS, max_size=24),
    st.text(max_size=10),
)


def bent(text: str, how: tuple[int, str]) -> str:
    """A text with one letter more, fewer or replaced."""
    place, letter = how[0] % (len(text) + 1), how[1]
    return text[:place] + letter + text[place + how[0] % 2 :]


def texts_for(kind: str) -> st.SearchStrategy[list[str]]:
    usual = (
        plain_texts[kind.rsplit(maxsplit=1)[-1]]
        if kind.rsplit(maxsplit=1)[-1] in plain_texts
        else plain_texts[SPECS[kind].type]
    )
    changed = st.builds(bent, usual, st.tuples(st.integers(0, 60), st.sampled_from(_LETTERS)))
    return st.lists(st.one_of(usual, usual, changed, anything), min_size=1, max_size=30)


@pytest.mark.parametrize("kind", SPECS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_plain_cells_are_read_as_the_careful_checks_read_them(kind: str, data: st.DataObject) -> None:
    texts = pl.Series(data.draw(texts_for(kind)), dtype=pl.String)
    quick = check_column(texts, SPECS[kind], None, AS_OF)
    careful = check_carefully(texts, SPECS[kind], None, AS_OF)
    assert quick.values.to_list() == careful.values.to_list()
    assert quick.values.dtype == careful.values.dtype
    assert quick.refusal.tolist() == careful.refusal.tolist()
    assert quick.is_changed.tolist() == careful.is_changed.tolist()


@pytest.mark.parametrize("kind", ["id_number", "text", "area_code", "phone", "money", "date"])
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_numbers_and_error_values_of_a_workbook_too(kind: str, data: st.DataObject) -> None:
    texts = pl.Series(data.draw(texts_for(kind)), dtype=pl.String)
    marks = st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)).map(np.array)
    is_number, is_error = data.draw(marks), data.draw(marks)
    quick = check_column(texts, SPECS[kind], None, AS_OF, is_number=is_number, is_error=is_error)
    careful = check_carefully(texts, SPECS[kind], None, AS_OF, is_number=is_number, is_error=is_error)
    assert quick.values.to_list() == careful.values.to_list()
    assert quick.refusal.tolist() == careful.refusal.tolist()
    assert quick.is_changed.tolist() == careful.is_changed.tolist()


@pytest.mark.parametrize("kind", SPECS)
def test_texts_that_come_again_and_again_are_read_once_with_the_same_result(kind: str) -> None:
    distinct = [
        "",
        "工资",
        "张三",
        "2026-10",
        "2026-10-05",
        "12.30",
        "７",
        "1e3",
        "=1",
        id_number(3),
        "419901",
        "赵 四",
    ]
    texts = pl.Series(distinct * 300, dtype=pl.String)
    repeated = check_column(texts, SPECS[kind], None, AS_OF)
    once = check_carefully(pl.Series(distinct), SPECS[kind], None, AS_OF)
    assert repeated.values.to_list() == once.values.to_list() * 300
    assert repeated.refusal.tolist() == once.refusal.tolist() * 300
    assert repeated.is_changed.tolist() == once.is_changed.tolist() * 300


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("id_number", id_number(7)),
        ("date", "2026-10-05"),
        ("month", "2026-10"),
        ("money", "1234.5"),
        ("ten thousand", "0.123456"),
        ("count", "12"),
        ("code", "工资"),
        ("area_code", "419901001"),
        ("phone", "13800000000"),
        ("name", "张三"),
        ("text", "清河县第1厂"),
    ],
)
def test_the_usual_spelling_takes_the_quick_way(kind: str, text: str) -> None:
    is_plain, values = plain_cells(pl.Series([text]), SPECS[kind], None, AS_OF)
    assert is_plain.tolist() == [True]
    assert values.to_list() == check_carefully(pl.Series([text]), SPECS[kind], None, AS_OF).values.to_list()
