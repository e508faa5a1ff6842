"""Identity numbers are checked whole, and never shown whole."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.values.identity import (
    IdentityError,
    check_digit,
    mask_account,
    mask_id,
    mask_name,
    mask_phone,
    parse_id,
    upgrade_15_to_18,
)

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HEADS = st.builds(
    lambda area, born, sequence: f"4199{area:02d}{born:%Y%m%d}{sequence:03d}",
    st.integers(1, 99),
    st.dates(date(1900, 1, 1), date(2026, 11, 20)),
    st.integers(0, 999),
)


@given(HEADS)
def test_the_check_digit_is_the_standards_weighted_sum(head: str) -> None:
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    assert check_digit(head) == "10X98765432"[total % 11]


@given(HEADS)
def test_a_number_says_when_its_person_was_born_and_which_sex(head: str) -> None:
    parsed = parse_id(head + check_digit(head))
    assert parsed.birth_date.strftime("%Y%m%d") == head[6:14]
    assert parsed.sex == ("1" if int(head[16]) % 2 else "2")
    assert not parsed.was_15


@given(HEADS.filter(lambda head: head[6:8] == "19" and int(head[14:]) < 996))
def test_an_old_number_and_its_new_form_are_one_person(head: str) -> None:
    old = head[:6] + head[8:]
    parsed = parse_id(old)
    assert parsed.was_15
    assert parsed.value18 == head + check_digit(head) == upgrade_15_to_18(old)


@given(HEADS, st.integers(0, 16), st.integers(1, 9))
def test_no_single_wrong_digit_goes_unnoticed(head: str, place: int, step: int) -> None:
    digit = (int(head[place]) + step) % 10
    wrong = head[:place] + str(digit) + head[place + 1 :] + check_digit(head)
    with pytest.raises(IdentityError):
        parse_id(wrong)


@given(HEADS, st.integers(0, 15))
def test_no_two_swapped_digits_go_unnoticed(head: str, place: int) -> None:
    if head[place] == head[place + 1]:
        return
    swapped = head[:place] + head[place + 1] + head[place] + head[place + 2 :] + check_digit(head)
    with pytest.raises(IdentityError):
        parse_id(swapped)


def _with_check(head: str) -> str:
    return head + check_digit(head)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " " + _with_check("41990119680531441"),
        _with_check("41990119680531441") + "\n",
        "４１９９０１１９６８０５３１４４１９",
        _with_check("41990119680230441"),
        _with_check("41990119681331441"),
        _with_check("01990119680531441"),
        "4199011968053144ХХ",  # Cyrillic
        "419901680230441",
        "419901680531997",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(IdentityError):
        parse_id(text)


def test_a_small_x_is_read_as_the_capital() -> None:
    head = next(f"4199011968053{n:04d}" for n in range(1000, 1100) if check_digit(f"4199011968053{n:04d}") == "X")
    assert parse_id(head + "x").value18 == head + "X"


def test_nobody_is_born_in_the_future() -> None:
    number = _with_check("41990120270101441")
    assert parse_id(number).birth_date == date(2027, 1, 1)
    with pytest.raises(IdentityError, match="future"):
        parse_id(number, as_of=date(2026, 11, 20))


def test_people_born_before_1900_wait_for_a_person_to_look() -> None:
    with pytest.raises(IdentityError, match="before 1900"):
        upgrade_15_to_18("419901680531999")


def test_a_number_in_a_log_is_not_readable() -> None:
    number = _with_check("41990119680531441")
    shown = f"{parse_id(number)!r} {parse_id(number)}"
    assert number not in shown
    assert "0531" not in shown


def test_masks_hide_what_must_not_be_read() -> None:
    assert mask_id("41990119680531123X") == "4199**********123X"
    assert mask_id("419901680531441") == "4199*******1441"
    assert mask_id("41990119") == "********"
    assert [mask_name(name) for name in ("张建三", "张三", "欧阳小明", "阿依古丽·买买提", "张", "")] == [
        "张*三",
        "张*",
        "欧**明",
        "阿******提",
        "*",
        "",
    ]
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("1234567") == "*******"
    assert mask_account("6222021001112345678") == "****5678"
    assert mask_account("12345678") == "****"
