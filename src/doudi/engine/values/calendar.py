"""Working days 工作日: weekends and holidays are off, make-up weekends 调休上班 are on.

The bridging and make-up days are a yearly notice of the State Council: data, one table per year, never computed. A year
without its table has no answer; a provisional table (before the notice) answers, and every deadline that leaned on it
says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.period import count_days

_ONE_DAY = timedelta(days=1)


class CalendarError(DoudiError):
    """The calendar of a year is missing or contradicts itself."""

    code: ClassVar[str] = "DD-CALENDAR-001"


@dataclass(frozen=True)
class CalendarYear:
    """One year's holidays 放假 and make-up working days 调休上班, with the notice they come from."""

    year: int
    holidays: frozenset[date]
    make_up_working_days: frozenset[date]
    is_provisional: bool
    notice: str

    def __post_init__(self) -> None:
        days = self.holidays | self.make_up_working_days
        if any(day.year != self.year for day in days):
            raise CalendarError(f"the calendar of {self.year} has a day of another year.")
        if self.holidays & self.make_up_working_days:
            raise CalendarError(f"the calendar of {self.year} has a day that is both off and worked.")
        if any(day.weekday() < 5 for day in self.make_up_working_days):
            raise CalendarError(f"the calendar of {self.year} has a make-up day that is no weekend day.")


@dataclass(frozen=True, order=True)
class Deadline:
    """The last day on which something may be done 期限; provisional when it leaned on an unannounced calendar."""

    on: date
    provisional: bool = False


@dataclass(frozen=True)
class WorkCalendar:
    """The years that are known, and what can be said with them."""

    years: Mapping[int, CalendarYear]

    def is_working_day(self, day: date) -> bool:
        """Is it worked on that day?"""
        year = self._year(day)
        if day.weekday() >= 5:
            return day in year.make_up_working_days
        return day not in year.holidays

    def is_provisional(self, day: date) -> bool:
        """Is that day's year still without its State Council notice?"""
        return self._year(day).is_provisional

    def roll_to_working_day(self, day: date) -> date:
        """The day itself if it is worked, otherwise the first working day after it (民法典 art. 203)."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def add_working_days(self, start: date, working_days: int) -> date:
        """The last day of a period of working days; the day on which it starts is not counted.

        Zero working days means the same day, or the first working day after it.
        """
        if working_days < 0:
            raise CalendarError("a period can't have fewer than zero working days.")
        if working_days == 0:
            return self.roll_to_working_day(start)
        day = start
        while working_days:
            day += _ONE_DAY
            working_days -= self.is_working_day(day)
        return day

    def count_working_days(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`."""
        return sum(self.is_working_day(start + _ONE_DAY * step) for step in range(1, (end - start).days + 1))

    def working_deadline(self, start: date, working_days: int) -> Deadline:
        """When a period of working days ends, and whether that may still move."""
        return self._deadline(start, self.add_working_days(start, working_days))

    def calendar_deadline(self, start: date, days: int, *, roll_last_day: bool) -> Deadline:
        """When a period of calendar days ends. With `roll_last_day` it never ends on a day of rest."""
        last = count_days(start, days)
        return self._deadline(start, self.roll_to_working_day(last) if roll_last_day else last)

    def _deadline(self, start: date, last: date) -> Deadline:
        return Deadline(last, any(self.is_provisional(date(year, 12, 31)) for year in range(start.year, last.year + 1)))

    def _year(self, day: date) -> CalendarYear:
        try:
            return self.years[day.year]
        except KeyError:
            known = ", ".join(str(year) for year in sorted(self.years)) or "none"
            raise CalendarError(
                f"there is no calendar for {day.year} (known: {known}).",
                advice=f"Add calendar/{day.year}.yaml to the pack, from the State Council's notice, or marked "
                "`provisional: true` until it is published.",
            ) from None
