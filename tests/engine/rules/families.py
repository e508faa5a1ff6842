"""Families for the tests: plain numbers in, families and columns out."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from doudi.engine.rules.columns import FamilyColumns
from doudi.engine.rules.family import Basis, FactValue, Family, Member
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.kernel import family_numbers

Plain = int | str | bool | date | None

EVERY_HOUSEHOLD: dict[str, Plain] = {
    "residence": "rural",
    "other_income_monthly": 0,
    "financial_assets": 0,
    "motor_vehicles": 0,
    "dwellings": 1,
}
EVERY_MEMBER: dict[str, Plain] = {
    "birth_date": date(1980, 5, 1),
    "membership_exclusion": "none",
    "wage_insured_monthly": 0,
    "social_contribution_monthly": 0,
    "pension_monthly": 0,
    "unemployment_benefit_monthly": 0,
    "wage_casual_monthly": 0,
    "support_received_monthly": 0,
}
RELATIONS = ("02", "10", "20", "30")


def facts(values: Mapping[str, Plain]) -> dict[str, FactValue]:
    """Facts with an origin."""
    return {n: FactValue(v, source="wages_pensions", as_of=date(2026, 10, 31), ref="b1:7") for n, v in values.items()}


def dibao_family(
    *members: Mapping[str, Plain], household: Mapping[str, Plain] | None = None, basis: Basis = "office"
) -> Family:
    """A rural family of 清河县 of which everything is known, apart from what is said."""
    people = tuple(
        Member(f"m{place}", RELATIONS[place % len(RELATIONS)], facts({**EVERY_MEMBER, **given}))
        for place, given in enumerate(members)
    )
    own = facts({**EVERY_HOUSEHOLD, **(household or {})})
    return Family("case", "419901101002", basis, own, people)


def columns_of(families: Sequence[Family], formulas: FormulaSet) -> FamilyColumns:
    """The families as the night's columns."""
    rows = [family_numbers(formulas, family) for family in families]
    household = {
        name: np.array([own[place][0] for own, _, _ in rows], dtype=np.int64)
        for place, name in enumerate(formulas.household_facts)
    }
    member = {
        name: np.array([number for _, people, _ in rows for number in people[place]], dtype=np.int64)
        for place, name in enumerate(formulas.member_facts)
    }
    return FamilyColumns(
        offsets=np.concatenate([[0], np.cumsum([count for _, _, count in rows])]).astype(np.int64),
        regions=[family.region for family in families],
        basis=[family.basis for family in families],
        household=household,
        member=member,
    )
