"""Days, months and years are counted as the Civil Code counts them (arts. 201-202)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.values.period import Month, PeriodError, Span, add_months, count_days, full_years

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
MONTHS = st.builds(Month, st.integers(1900, 2100), st.integers(1, 12))


def test_the_day_on_which_a_period_starts_is_not_counted() -> None:
    assert count_days(date(2026, 11, 25), 7) == date(2026, 12, 2)


def test_a_month_ends_on_the_corresponding_day_or_on_the_last() -> None:
    assert add_months(date(2026, 1, 15), 1) == date(2026, 2, 15)
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


@given(DAYS, st.integers(-600, 600))
def test_adding_months_lands_in_the_month_meant_on_the_same_or_its_last_day(day: date, months: int) -> None:
    landed = add_months(day, months)
    assert Month.of(landed) == Month.of(day).plus(months)
    assert landed.day == day.day or (landed.day < day.day and (landed + timedelta(days=1)).day == 1)


def test_who_was_born_on_29_february_grows_older_on_the_28th_of_a_common_year() -> None:
    born = date(2008, 2, 29)
    assert full_years(born, date(2026, 2, 27)) == 17
    assert full_years(born, date(2026, 2, 28)) == 18
    assert full_years(born, date(2024, 2, 28)) == 15
    assert full_years(born, date(2024, 2, 29)) == 16


@given(DAYS, st.integers(0, 120))
def test_a_year_is_full_on_the_corresponding_day_and_not_a_day_before(born: date, years: int) -> None:
    birthday = add_months(born, years * 12)
    assert full_years(born, birthday) == years
    if years:
        assert full_years(born, birthday - timedelta(days=1)) == years - 1


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(PeriodError):
        full_years(date(2026, 1, 2), date(2026, 1, 1))


@given(MONTHS)
def test_a_month_reads_back_and_its_days_are_its_own(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert Month.of(month.first_day()) == Month.of(month.last_day()) == month
    assert month.last_day() + timedelta(days=1) == month.next().first_day()
    assert month.last_day() in month.span()
    assert month.next().first_day() not in month.span()


@given(MONTHS, st.integers(-300, 300))
def test_months_add_up_and_keep_their_order(month: Month, step: int) -> None:
    other = month.plus(step)
    assert month.months_until(other) == step
    assert (month < other) == (step > 0)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "202610", "2026-1", "2026-10 ", "２０２６-10", "2026-10-01"])
def test_other_spellings_of_a_month_are_refused(text: str) -> None:
    with pytest.raises(PeriodError):
        Month.parse(text)


def test_a_span_is_half_open_and_may_stay_open() -> None:
    span = Span(date(2026, 1, 1), date(2026, 2, 1))
    assert date(2026, 1, 31) in span
    assert date(2026, 2, 1) not in span
    assert date(9999, 12, 31) in Span(date(2026, 1, 1))
    assert not span.overlaps(Span(date(2026, 2, 1)))
    assert span.overlaps(Span(date(2025, 1, 1)))


def test_a_span_without_a_day_is_refused() -> None:
    with pytest.raises(PeriodError):
        Span(date(2026, 1, 1), date(2026, 1, 1))


@given(DAYS, DAYS, DAYS, DAYS)
def test_spans_overlap_exactly_when_they_share_a_day(a: date, b: date, c: date, d: date) -> None:
    if a == b or c == d:
        return
    first, second = Span(min(a, b), max(a, b)), Span(min(c, d), max(c, d))
    assert first.overlaps(second) == (
        max(first.start, second.start) in first and max(first.start, second.start) in second
    )
