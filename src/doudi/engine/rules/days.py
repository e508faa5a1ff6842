"""Ages from day numbers, in whole-number arithmetic that plain Python and numba compute alike.

The reference uses the calendar of `values.period` instead; that the two agree is a test.
"""

from doudi.engine.rules.family import UNKNOWN as U

_DAYS_BEFORE_1970 = 719_468
"""Days from 0000-03-01, where this arithmetic begins, to 1970-01-01."""


def full_years(born: int, on: int) -> int:
    """Full years 周岁 between two days; unknown when the second lies before the first (Civil Code art. 202).

    Years are counted from March, so that Feb 29 is the last day of its year: it can be passed on Feb 28 only in a year
    that has no Feb 29, which is just what article 202 says.
    """
    if born == U or on == U or on < born:
        return U
    born_year, born_day, _ = _march_year(born)
    on_year, on_day, on_last = _march_year(on)
    is_complete = on_day >= born_day or on_day == on_last
    return on_year - born_year if is_complete else on_year - born_year - 1


def _march_year(day: int) -> tuple[int, int, int]:
    """Year that begins in March, day in it (from 0), and its last day (364 or 365)."""
    shifted = day + _DAYS_BEFORE_1970
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    year = era * 400 + year_of_era
    following = year + 1
    is_leap = following % 4 == 0 and (following % 100 != 0 or following % 400 == 0)
    return year, day_of_year, 365 if is_leap else 364
