"""Of what visit, department and family say, one counts; and "not known" is never a number."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.office.evidence.family import Told
from doudi.office.evidence.models import Fact

NOON = datetime.fromisoformat("2026-11-23T12:00:00+08:00")


@dataclass(frozen=True)
class Word:
    """What one origin says: on which day it holds, and whether it knows."""

    origin: str
    day: int = 23
    is_known: bool = True
    hour: int = 0

    def fact(self) -> Fact:
        return Fact(
            name="wage_insured_monthly",
            origin=self.origin,
            value_int=100 if self.is_known else None,
            is_unknown=not self.is_known,
            valid_from=date(2026, 11, self.day),
            recorded_at=NOON + timedelta(hours=self.hour),
        )


def told(*words: Word) -> Told:
    named = {"visit": "seen", "department": "found", "declared": "declared"}
    return Told(**{named[word.origin]: word.fact() for word in words})


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([Word("visit"), Word("department", 1), Word("declared")], "visit"),
        # A department's newer file goes before an older visit, as it does at night.
        ([Word("visit", 1), Word("department", 20), Word("declared")], "department"),
        ([Word("visit", 20), Word("department", 20)], "visit"),
        ([Word("department", 1), Word("declared", 23)], "department"),
        ([Word("department", is_known=False), Word("visit", 1)], "visit"),
        ([Word("visit", is_known=False), Word("department", 1)], "department"),
        ([Word("department", is_known=False), Word("declared")], "declared"),
        # Visitors who came after the declaration and could not find it out leave it open.
        ([Word("visit", is_known=False, hour=1), Word("declared")], None),
        ([Word("visit", is_known=False), Word("declared", hour=1)], "declared"),
        ([Word("department", is_known=False)], None),
        ([Word("declared", is_known=False)], None),
    ],
)
def test_the_word_that_counts(words: list[Word], wanted: str | None) -> None:
    chosen = told(*words).chosen
    assert chosen is not None
    assert (None if chosen.is_unknown else chosen.origin) == wanted


def test_nothing_said_is_nothing_known() -> None:
    assert Told().chosen is None


words_of = {
    origin: st.none() | st.builds(Word, st.just(origin), st.integers(1, 28), st.booleans(), st.integers(0, 3))
    for origin in ("visit", "department", "declared")
}


@given(st.tuples(*words_of.values()))
def test_p15_a_value_counts_only_if_somebody_knows_it_and_officials_before_the_family(
    drawn: tuple[Word | None, ...],
) -> None:
    words = [word for word in drawn if word is not None]
    chosen = told(*words).chosen
    assert (chosen is None) == (not words)
    if chosen is None:
        return
    officials_know = any(word.is_known for word in words if word.origin != "declared")
    if officials_know:
        assert not chosen.is_unknown
        assert chosen.origin != "declared"
    if not any(word.is_known for word in words):
        assert chosen.is_unknown
