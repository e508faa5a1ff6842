"""A column of a workbook is turned into text as its cells are one by one."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doudi.engine.sources.contract import ColumnType
from doudi.engine.sources.sheet_cells import cell_text, column_texts

amounts = st.one_of(
    st.integers(0, 10**14).map(lambda fen: fen / 100),
    st.floats(),
    st.integers(0, 10**6).map(lambda thousandths: thousandths / 1000),
    st.sampled_from([0.0, -0.0, 0.1 + 0.2, 1.005, 1e15, 1e15 - 1, 1e16, 419901199001011234.0, 1e22, 2.675, 0.29]),
)
cells = st.one_of(
    amounts,
    st.text(max_size=6),
    st.integers(-(10**17), 10**17),
    st.booleans(),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - a workbook knows no zone
)


@pytest.mark.parametrize("kind", ["money", "month", "text"])
@given(column=st.one_of(st.lists(amounts, min_size=1, max_size=30), st.lists(cells, max_size=30)))
@settings(max_examples=300, deadline=None)
def test_a_column_reads_as_its_cells_do(kind: ColumnType, column: list[object]) -> None:
    texts, is_number = column_texts(tuple(column), kind)
    assert texts.to_list() == [cell_text(cell, kind) for cell in column]
    assert is_number.tolist() == [type(cell) in (int, float) for cell in column]
