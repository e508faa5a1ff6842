"""Working days include make-up weekends; periods that end on a day of rest run on (Civil Code art. 203)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.pack.pack import load_pack
from doudi.engine.values.calendar import CalendarError, CalendarYear, Deadline, WorkCalendar

CALENDAR = load_pack().calendar()
DAYS = st.dates(date(2025, 1, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked before Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # a Saturday
        (date(2026, 9, 20), True),  # a Sunday
        (date(2026, 10, 1), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday
        (date(2026, 10, 11), False),
        (date(2025, 10, 8), False),
        (date(2025, 1, 26), True),  # a Sunday
    ],
)
def test_the_state_councils_days_are_known(day: date, is_worked: bool) -> None:
    assert CALENDAR.is_working_day(day) is is_worked


def test_2026_has_248_working_days() -> None:
    assert CALENDAR.count_working_days(date(2025, 12, 31), date(2026, 12, 31)) == 248


def test_make_up_weekends_count_in_a_period_of_working_days() -> None:
    assert CALENDAR.add_working_days(date(2026, 2, 13), 3) == date(2026, 2, 25)
    assert CALENDAR.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)


def test_30_working_days_over_new_year_are_provisional() -> None:
    assert CALENDAR.working_deadline(date(2026, 11, 23), 30) == Deadline(date(2027, 1, 5), provisional=True)
    assert CALENDAR.working_deadline(date(2026, 11, 23), 20) == Deadline(date(2026, 12, 21), provisional=False)


def test_calendar_days_ending_on_a_day_of_rest_run_to_the_next_working_day() -> None:
    on_saturday = date(2026, 11, 21)
    assert CALENDAR.calendar_deadline(on_saturday, 7, roll_last_day=False).on == date(2026, 11, 28)
    assert CALENDAR.calendar_deadline(on_saturday, 7, roll_last_day=True).on == date(2026, 11, 30)
    assert CALENDAR.calendar_deadline(date(2026, 2, 7), 7, roll_last_day=True).on == date(2026, 2, 14)


def test_no_working_day_at_all_means_the_same_or_the_next_one() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 23), 0) == date(2026, 11, 23)
    assert CALENDAR.add_working_days(date(2026, 11, 22), 0) == date(2026, 11, 23)


@given(DAYS, st.integers(1, 60))
def test_a_period_ends_on_a_working_day_and_holds_exactly_so_many(start: date, working_days: int) -> None:
    end = CALENDAR.add_working_days(start, working_days)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.count_working_days(start, end) == working_days


@given(DAYS, st.integers(1, 20), st.integers(1, 20))
def test_periods_in_a_row_are_one_long_period(start: date, first: int, second: int) -> None:
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, first), second) == CALENDAR.add_working_days(
        start, first + second
    )


@given(DAYS)
def test_rolling_skips_only_days_of_rest(day: date) -> None:
    rolled = CALENDAR.roll_to_working_day(day)
    assert CALENDAR.is_working_day(rolled)
    assert not any(CALENDAR.is_working_day(day + timedelta(days=step)) for step in range((rolled - day).days))


def test_a_year_without_a_calendar_has_no_answer() -> None:
    with pytest.raises(CalendarError, match=r"calendar/2028\.yaml"):
        CALENDAR.add_working_days(date(2027, 12, 30), 5)


def test_2027_says_that_it_is_provisional() -> None:
    assert CALENDAR.is_provisional(date(2027, 2, 5))
    assert not CALENDAR.is_provisional(date(2026, 12, 31))


def test_a_calendar_that_contradicts_itself_is_refused() -> None:
    saturday = date(2026, 1, 3)
    with pytest.raises(CalendarError, match="both off and worked"):
        CalendarYear(2026, frozenset({saturday}), frozenset({saturday}), is_provisional=False, notice="")
    with pytest.raises(CalendarError, match="no weekend day"):
        CalendarYear(2026, frozenset(), frozenset({date(2026, 1, 5)}), is_provisional=False, notice="")
    with pytest.raises(CalendarError, match="another year"):
        CalendarYear(2026, frozenset({date(2025, 12, 31)}), frozenset(), is_provisional=False, notice="")


def test_fewer_than_zero_working_days_are_refused() -> None:
    with pytest.raises(CalendarError):
        WorkCalendar({}).add_working_days(date(2026, 1, 1), -1)
