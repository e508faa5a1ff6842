"""How a programme pays, read from the pack: month after month, once, a year's help in one sum, or nothing at all."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from doudi.engine.rules.programme import load_programme
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.evidence.rulebook import current_pack


@dataclass(frozen=True)
class Paying:
    """`pays` is monthly, once or yearly; `cap_per_year` and `valid_months` name parameters of the pack."""

    pays: str
    pays_nothing: bool
    cap_per_year: str | None
    valid_months: str | None

    @property
    def is_monthly(self) -> bool:
        """Is it paid month after month, until somebody decides otherwise?"""
        return self.pays == "monthly"

    def months(self, decided_on: date) -> tuple[Month, Month | None]:
        """First and last month of a grant: from the month after the decision on, or that month alone (57号 art. 21)."""
        month = Month.of(decided_on)
        return (month.next(), None) if self.is_monthly else (month, month)


@lru_cache(maxsize=64)
def paying_of(programme: str) -> Paying:
    """How a programme of the pack pays."""
    found = load_programme(current_pack(), programme)
    return Paying(found.pays, found.amount is None, found.cap_per_year, found.valid_months)


def cap_of(programme: str, *, area: str, on: date) -> Fen | None:
    """What one person may be granted in a calendar year at most; None where the programme sets no cap."""
    name = paying_of(programme).cap_per_year
    return None if name is None else current_pack().parameter(name, region=area, on=on).value


def valid_months_of(programme: str, *, area: str, on: date) -> int | None:
    """For how many months a recognition holds; None where it holds until somebody decides otherwise."""
    name = paying_of(programme).valid_months
    return None if name is None else current_pack().parameter(name, region=area, on=on).value
