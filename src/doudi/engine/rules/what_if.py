"""Recomputes the outcome with some facts changed: the ground for questions and for what would change the result."""

from collections.abc import Mapping, Sequence
from datetime import date

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.kernel import FamilyNumbers, run_numbers
from doudi.engine.rules.programme import Programme
from doudi.engine.rules.reference import Leaf

_YOUNG_DAYS, _GROWN_DAYS = 3_653, 14_610
"""About ten and forty years: the two ages that an unknown birth date is tried with."""


class WhatIf:
    """One family's numbers, in which facts can be changed and put back."""

    def __init__(self, programme: Programme, family: FamilyNumbers, parameters: Sequence[int], as_of: date) -> None:
        self.programme = programme
        self.formulas = programme.formulas
        self.parameters = parameters
        self.as_of = as_of
        self.household, self.member, self.count = family
        self.household_places = {name: place for place, name in enumerate(self.formulas.household_facts)}
        self.member_places = {name: place for place, name in enumerate(self.formulas.member_facts)}
        names = [formula.name for formula in self.formulas.of_household]
        self.conditions = [names.index(condition.formula) for condition in programme.conditions]

    def definition(self, leaf: Leaf) -> FactDefinition:
        """The fact's definition in the vocabulary."""
        name, member = leaf
        return (self.formulas.household_facts if member is None else self.formulas.member_facts)[name]

    def value(self, leaf: Leaf) -> int:
        """The fact's number as it is."""
        column, place = self._cell(leaf)
        return column[place]

    def states(self, changes: Mapping[Leaf, int]) -> list[int]:
        """State of each condition (1, 0 or UNKNOWN) with these facts changed."""
        before = {leaf: self.value(leaf) for leaf in changes}
        self._set(changes)
        values = run_numbers(self.formulas, (self.household, self.member, self.count), self.parameters, self.as_of)
        self._set(before)
        return [values[place] for place in self.conditions]

    def outcome(self, changes: Mapping[Leaf, int]) -> str:
        """The outcome with these facts changed."""
        states = self.states(changes)
        if 0 in states:
            return "ineligible"
        return "undetermined" if UNKNOWN in states else "eligible"

    def trials(self, leaf: Leaf) -> list[int]:
        """A few possible values that lie as far apart as the fact's definition allows."""
        definition = self.definition(leaf)
        low, high = definition.bounds
        if definition.type == "date":
            today = (self.as_of - date(1970, 1, 1)).days
            return [today - _YOUNG_DAYS, today - _GROWN_DAYS]
        if definition.type in ("bool", "text"):
            return list(range(low, high + 1))
        return list(dict.fromkeys((max(low, min(high, 0)), high, low)))

    def _cell(self, leaf: Leaf) -> tuple[list[int], int]:
        name, member = leaf
        if member is None:
            return self.household[self.household_places[name]], 0
        return self.member[self.member_places[name]], member

    def _set(self, values: Mapping[Leaf, int]) -> None:
        for leaf, value in values.items():
            column, place = self._cell(leaf)
            column[place] = value
