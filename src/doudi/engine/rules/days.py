"""Ages from day numbers, in whole-number arithmetic that plain Python and the compiled kernel compute alike.

The kernel's compiler reads this very text: functions of assignments and one `return`, whole numbers only. The reference
uses the calendar of `values.period` instead; that the two agree is a test.

Years begin in March, so that Feb 29 is the last day of its year. The arithmetic is that of Neri and Schneider,
Euclidean affine functions and their application to calendar algorithms (2022). `& 0x3fffffff` changes nothing: it says
that day numbers from the year 0 on are not negative, which spares the compiler the care for floors below zero.
"""

from doudi.engine.rules.family import UNKNOWN as U


def full_years(born: int, on: int) -> int:
    """Full years 周岁 between two days; unknown when the second lies before the first (Civil Code art. 202).

    A birthday on Feb 29 can be passed on Feb 28 only in a year that has no Feb 29, which is just what article 202 says.
    """
    return U if born == U or on == U or on < born else _full_years(born, on)


def _full_years(born: int, on: int) -> int:
    years = _march_year(on) - _march_year(born)
    return years - 1 if _march_day(on) < _march_day(born) and _is_last_day(on) == 0 else years


def _is_last_day(day: int) -> int:
    return 1 if _march_day(day + 1) == 0 else 0


def _march_year(day: int) -> int:
    quarters = 4 * ((day + 719468) & 0x3FFFFFFF) + 3
    return quarters // 146097 * 100 + 2939745 * (quarters % 146097 | 3) // 4294967296


def _march_day(day: int) -> int:
    """Days since Mar 1, from 0."""
    quarters = 4 * ((day + 719468) & 0x3FFFFFFF) + 3
    return 2939745 * (quarters % 146097 | 3) % 4294967296 // 11758980
