"""Months, spans and the counting of days and years 期间 (民法典 arts. 200-203)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from doudi.engine.values.errors import DoudiError

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class PeriodError(DoudiError):
    """A month or span that can't be."""

    code: ClassVar[str] = "DD-PERIOD-001"


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month, written `2026-10`."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1 <= self.year <= 9999):
            raise PeriodError("there is no such month.", advice="Months are written as 2026-10.")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2026-10`; other spellings are the business of who reads the department's file."""
        found = _MONTH.fullmatch(text)
        if found is None:
            raise PeriodError("the text is no month.", advice="Months are written as 2026-10.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which a day lies."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def plus(self, months: int) -> "Month":
        """The month so many months later, or earlier for a negative number."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def next(self) -> "Month":
        """The month after this one."""
        return self.plus(1)

    def months_until(self, later: "Month") -> int:
        """How many months lie between: 2026-10 until 2026-12 is 2."""
        return (later.year - self.year) * 12 + later.month - self.month

    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    def last_day(self) -> date:
        """The last day of the month, Feb 29 included."""
        return add_months(self.first_day(), 1) - timedelta(days=1)

    def span(self) -> "Span":
        """All days of the month."""
        return Span(self.first_day(), self.next().first_day())


@dataclass(frozen=True)
class Span:
    """Days from `start` up to but not including `end`; without an end it goes on."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise PeriodError(
                "a span must end after it starts.", advice="Spans are half-open: the end is the first day outside."
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Span") -> bool:
        """Do the two spans share a day?"""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months on; where there is none, the last day of that month (art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, _days_in_month(year, month)))


def full_years(born: date, on: date) -> int:
    """Age in full years 周岁. Who was born on Feb 29 completes a year on Feb 28 of a common year (art. 202)."""
    if on < born:
        raise PeriodError("the day lies before the birth.", advice="Check the date of birth.")
    years = on.year - born.year
    return years if on >= add_months(born, years * 12) else years - 1


def count_days(start: date, days: int) -> date:
    """The last day of a period of so many days: the day on which it starts is not counted (art. 201)."""
    return start + timedelta(days=days)


def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
