"""Money is whole fen: read strictly, written exactly, shared without a fen created or lost (P5)."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.values.money import (
    MONEY_LIMIT_FEN,
    MoneyError,
    allocate,
    format_yuan,
    parse_wan_yuan,
    parse_yuan,
)

FEN = st.integers(-MONEY_LIMIT_FEN, MONEY_LIMIT_FEN)
PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]{1,2})?")


@given(FEN)
def test_p5_what_is_written_reads_back_to_the_same_fen(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


@given(FEN, st.sampled_from([0, 1, 2]))
def test_p5_reading_agrees_with_decimal(fen: int, decimals: int) -> None:
    step = 10 ** (2 - decimals)
    exact = Decimal(fen // step * step) / 100
    assert parse_yuan(f"{exact:.{decimals}f}") == int(exact * 100)


@given(FEN)
def test_p5_writing_agrees_with_decimal(fen: int) -> None:
    assert format_yuan(fen) == f"{Decimal(fen) / 100:,.2f}"


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_p5_ten_thousand_yuan_agree_with_decimal(amount: int, decimals: int) -> None:
    exact = Decimal(amount).scaleb(-6).quantize(Decimal(1).scaleb(-decimals))
    assert parse_wan_yuan(f"{exact:f}") == int(exact * 1_000_000)


@given(st.text(alphabet="0123456789.,-+eE_ x０１٣\n\u00a0", max_size=12))
def test_p5_any_text_is_either_read_exactly_or_refused(text: str) -> None:
    try:
        fen = parse_yuan(text)
    except MoneyError:
        return
    assert PLAIN.fullmatch(text.replace(",", ""))
    assert fen == int(Decimal(text.replace(",", "")) * 100)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 12",
        "12 ",
        "12\n",
        "1e3",
        "1_000",
        "0x1f",
        "NaN",
        "Infinity",
        "+3",
        "--3",
        ".5",
        "5.",
        "007",
        "1.005",
        "12.340",
        "１２３",
        "٣",
        "1,23",
        "12,3456",
        ",123",
        "1\u00a0286",
        "¥5",
        "5元",
    ],
)
def test_what_is_no_strict_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_yuan(text)


def test_the_limit_is_believed_and_one_fen_more_is_not() -> None:
    assert parse_yuan("100000000000.00") == MONEY_LIMIT_FEN
    for text in ("100000000000.01", "-100000000000.01"):
        with pytest.raises(MoneyError):
            parse_yuan(text)


def test_amounts_are_written_as_people_read_them() -> None:
    assert [format_yuan(fen) for fen in (128650, 0, 5, -5, -128650)] == [
        "1,286.50",
        "0.00",
        "0.05",
        "-0.05",
        "-1,286.50",
    ]


@given(FEN, st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any))
def test_p5_shares_sum_to_the_whole_and_none_is_a_fen_off(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * weight) < whole
        assert weight or part == 0


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_a_negative_total_is_shared_as_its_mirror_image(total: int, weights: list[int]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


def test_equal_claims_on_the_last_fen_go_to_the_earlier() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(5, [1, 1]) == [3, 2]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_share_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(MoneyError):
        allocate(100, weights)


def test_an_error_never_quotes_the_cell() -> None:
    with pytest.raises(MoneyError) as caught:
        parse_yuan("张三3200")
    assert "张三" not in str(caught.value)
    assert caught.value.advice
