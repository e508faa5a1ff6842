"""Ages from day numbers, in whole-number arithmetic that plain Python and the compiled kernel compute alike.

The kernel's compiler reads this very text: functions of assignments and one `return`, whole numbers only. The reference
uses the calendar of `values.period` instead; that the two agree is a test.
"""

from doudi.engine.rules.family import UNKNOWN as U


def full_years(born: int, on: int) -> int:
    """Full years 周岁 between two days; unknown when the second lies before the first (Civil Code art. 202).

    Years are counted from March, so that Feb 29 is the last day of its year: it can be passed on Feb 28 only in a year
    that has no Feb 29, which is just what article 202 says.
    """
    return U if born == U or on == U or on < born else _full_years(born, on)


def _full_years(born: int, on: int) -> int:
    born_year = _march_year(born)
    on_year = _march_year(on)
    born_day = born - _first_of_march(born_year)
    on_day = on - _first_of_march(on_year)
    last_day = _first_of_march(on_year + 1) - _first_of_march(on_year) - 1
    return on_year - born_year if on_day >= born_day or on_day == last_day else on_year - born_year - 1


def _first_of_march(year: int) -> int:
    """The day on which the year that begins in March begins, since 1970-01-01 (719468 days after 0000-03-01)."""
    return 365 * year + year // 4 - year // 100 + year // 400 - 719468


def _march_year(day: int) -> int:
    """The year, begun in March, in which the day lies: eras of 400 years, then the year of the era."""
    era = (day + 719468) // 146097
    day_of_era = day + 719468 - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    return era * 400 + year_of_era
