"""Values are stored and read back as what they are; nothing is coerced on the way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.office.errors import Unacceptable
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.evidence.terms import UNKNOWN, Value, in_words, restored, stored


def definition(name: str) -> FactDefinition:
    found = current_vocabulary().definition(name)
    assert found is not None
    return found


@given(st.integers(-(2**70), 2**70))
def test_money_inside_of_its_bounds_comes_back_to_the_fen_and_other_money_is_refused(fen: int) -> None:
    wage = definition("wage_insured_monthly")
    low, high = wage.bounds
    if low <= fen <= high:
        kept = stored(wage, fen)
        assert restored(wage, kept.value_int, kept.value_text) == fen
    else:
        with pytest.raises(Unacceptable):
            stored(wage, fen)


@pytest.mark.parametrize("value", [True, "100", 1.5, date(2026, 1, 1), "=1+1"])
def test_a_value_of_another_type_is_refused(value: Value) -> None:
    with pytest.raises(Unacceptable) as refusal:
        stored(definition("wage_insured_monthly"), value)
    assert str(value) not in refusal.value.message


def test_dates_and_codes_come_back_as_they_were() -> None:
    born, residence = definition("birth_date"), definition("residence")
    kept = stored(born, date(1964, 3, 5))
    assert restored(born, kept.value_int, kept.value_text) == date(1964, 3, 5)
    assert stored(residence, "rural").value_text == "rural"
    with pytest.raises(Unacceptable):
        stored(residence, "village")


def test_p15_what_is_not_known_is_written_as_nothing_and_never_as_zero() -> None:
    wage = definition("wage_insured_monthly")
    assert stored(wage, None) == UNKNOWN
    assert in_words(wage, None, "en") == ""
    assert in_words(wage, 0, "en") == "0.00 yuan"
    assert in_words(wage, 128_650, "zh-hans") == "1,286.50 元"
    assert in_words(definition("residence"), "rural", "zh-hans") == "农村"
