"""Spellings of one name: the column of a night and the single name at a desk are compared alike."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doudi.engine.linkage.names import normalise_name, normalised_name


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@example("古丽•阿依")
@example(" 王\u3000芳 ")
@example("Ｌｉ\u200b Ming")
@example("ß")
@example("İ")
def test_one_name_is_spelt_as_a_column_of_names_is(name: str) -> None:
    column = pl.DataFrame({"name": [name]}).select(normalised_name("name")).to_series()[0]
    assert (column or "") == normalise_name(name)


@pytest.mark.parametrize("name", ["古丽•阿依", "古丽‧阿依", "古丽・阿依", "古丽.阿依", " 古丽 · 阿依"])
def test_each_dot_in_a_minority_name_is_the_same_dot(name: str) -> None:
    assert normalise_name(name) == "古丽·阿依"
