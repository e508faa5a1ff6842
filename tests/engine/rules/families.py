"""Families for the tests: plain numbers in, families and columns out."""

from collections.abc import Mapping, Sequence
from datetime import date

from doudi.engine.rules.columns import FamilyColumns
from doudi.engine.rules.family import Basis, FactValue, Family, Member
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.night import columns_of_families

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
    return columns_of_families(formulas, families)
