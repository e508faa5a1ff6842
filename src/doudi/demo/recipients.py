"""Who receives dibao already, and what a family really lives on: known to the city, to no single department."""

import random
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from doudi.demo.people import AS_OF, Household, Person
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month

STANDARD_URBAN_FEN, STANDARD_RURAL_FEN = 63_000, 42_000
"""Per person and month, as the pack's example values for the county say from 2025-07-01."""
_SHARE = 0.045
_NOW = str(Month.of(AS_OF).plus(-1))


def line_fen(household: Household) -> Fen:
    """The standard times the members."""
    return (STANDARD_URBAN_FEN if household.is_urban else STANDARD_RURAL_FEN) * len(household.members)


def department_income_fen(household: Household) -> Fen:
    """What departments know of the newest month."""
    return sum(
        income.gross_fen
        for person in household.members
        for income in person.incomes
        if income.first_month <= _NOW <= income.last_month
    )


def true_income_fen(household: Household) -> Fen:
    """What the family lives on, casual work and support included."""
    hidden = sum(
        int(person.truth.get(name, 0))
        for person in household.members
        for name in ("wage_casual_monthly", "support_received_monthly")
    )
    return department_income_fen(household) + hidden + int(household.truth.get("other_income_monthly", 0))


def is_poor(household: Household) -> bool:
    """Is the family's true income below the line?"""
    return true_income_fen(household) < line_fen(household)


def has_adult_without_means(household: Household) -> bool:
    """Does a severely disabled adult live here whose own income, casual work included, is below one person's standard?

    Such a person can get dibao alone, whatever the family earns.
    """
    standard = STANDARD_URBAN_FEN if household.is_urban else STANDARD_RURAL_FEN
    return any(
        person.age >= 18 and _is_severe(person) and _own_income_fen(person) < standard for person in household.members
    )


def _own_income_fen(person: Person) -> Fen:
    known = sum(income.gross_fen for income in person.incomes if income.first_month <= _NOW <= income.last_month)
    return known + sum(int(person.truth.get(name, 0)) for name in ("wage_casual_monthly", "support_received_monthly"))


def _is_severe(person: Person) -> bool:
    """Grade 1 or 2, or a disability of the mind of grade 3."""
    cards = [record.cells for record in person.records if record.source == "disability_cards"]
    return any(int(card["残疾等级(级)"]) <= (3 if card["残疾类别"] in ("智力", "精神") else 2) for card in cards)


@dataclass(frozen=True)
class Caseload:
    """How many people of a city the office pays dibao, and how many live in families just above the line."""

    urban: int
    rural: int
    edge: int
    rigid: int

    def of_part(self, number: int, of: int) -> "Caseload":
        """The share of one part of the city; all shares together give the whole."""
        return Caseload(*(whole * (number + 1) // of - whole * number // of for whole in astuple(self)))


CITY_CASELOAD = Caseload(urban=8_211, rural=26_645, edge=16_243, rigid=5_054)
"""Story A6: 34,856 people receive; to each hundred 46.6 people of 低保边缘 and 14.5 of 刚性支出困难."""


def choose_recipients(rng: random.Random, households: list[Household], *, caseload: Caseload | None = None) -> None:
    """Let some of the poorest ordinary families receive; what they earn besides is little.

    With a `caseload`, exactly so many people receive, those included to whom something was planted, and others are
    families of 低保边缘 or 刚性支出困难; without it, a usual share of the families.
    """
    able = [h for h in households if not h.story and department_income_fen(h) * 10 < line_fen(h) * 6]
    if caseload is None:
        for household in rng.sample(able, min(len(able), int(len(households) * _SHARE))):
            let_receive(rng, household)
        return
    rng.shuffle(able)
    for is_urban, people in ((True, caseload.urban), (False, caseload.rural)):
        already = sum(len(h.members) for h in households if h.receives_fen and h.is_urban is is_urban)
        for household in _filling(people - already, (h for h in able if h.is_urban is is_urban)):
            let_receive(rng, household)
    above = [h for h in able if not h.receives_fen]
    for household in _filling(caseload.edge, above):
        _let_stand_above(rng, household, "dibao_edge", 102, 148)
    for household in _filling(caseload.rigid, (h for h in above if not h.recognised_as)):
        _let_stand_above(rng, household, "rigid_expense", 152, 198)


def _filling(people: int, households: Iterable[Household]) -> list[Household]:
    """Families one after the other until so many people are reached, leaving out those that would be too many."""
    chosen = []
    for household in households:
        if len(household.members) <= people:
            chosen.append(household)
            people -= len(household.members)
        if people <= 0:
            break
    return chosen


def _let_stand_above(rng: random.Random, household: Household, programme: str, low: int, high: int) -> None:
    """Bring the family's true income to so many hundredths of its line."""
    for person in household.members:
        person.truth["wage_casual_monthly"] = 0
    wanted = line_fen(household) * rng.randrange(low, high) // 100
    household.members[0].truth["wage_casual_monthly"] = max(0, wanted - department_income_fen(household))
    household.recognised_as = programme


def let_receive(rng: random.Random, household: Household) -> None:
    """Bring the casual work of the family below its line, and pay the gap, in whole yuan."""
    room = max(0, line_fen(household) * 8 // 10 - department_income_fen(household))
    for person in household.members:
        person.truth["wage_casual_monthly"] = 0
    household.members[0].truth["wage_casual_monthly"] = rng.randrange(0, room // 10_000 + 1) * 10_000
    gap = max(5_000, line_fen(household) - true_income_fen(household))
    household.receives_fen = -(-gap // 100) * 100
