"""Who receives dibao already, and what a family really lives on: known to the city, to no single department."""

import random

from doudi.demo.people import AS_OF, Household
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


def choose_recipients(rng: random.Random, households: list[Household]) -> None:
    """Let some of the poorest ordinary families receive; what they earn besides is little."""
    able = [h for h in households if not h.story and department_income_fen(h) * 10 < line_fen(h) * 6]
    for household in rng.sample(able, min(len(able), int(len(households) * _SHARE))):
        let_receive(rng, household)


def let_receive(rng: random.Random, household: Household) -> None:
    """Bring the casual work of the family below its line, and pay the gap, in whole yuan."""
    room = max(0, line_fen(household) * 8 // 10 - department_income_fen(household))
    for person in household.members:
        person.truth["wage_casual_monthly"] = 0
    household.members[0].truth["wage_casual_monthly"] = rng.randrange(0, room // 10_000 + 1) * 10_000
    gap = max(5_000, line_fen(household) - true_income_fen(household))
    household.receives_fen = -(-gap // 100) * 100
