"""What is not known 缺少的情况: the facts for whose absence an outcome is open, and the one to ask for first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from doudi.engine.pack.citation import Label
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import FactDefinition, Supplier
from doudi.engine.rules.family import Family
from doudi.engine.rules.kernel import family_numbers
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import Programme
from doudi.engine.rules.reference import Leaf, Trace, Value, evaluate
from doudi.engine.rules.what_if import WhatIf

# What it costs to learn a fact: asking the family is quick, a visit is work, a department takes until its next file.
_COSTS: dict[Supplier, int] = {"family": 1, "visit": 2, "department": 3}


@dataclass(frozen=True)
class MissingFact:
    """A fact that is not known: whose (a member's key, or None for the household), and who could supply it."""

    name: str
    member: str | None
    label: Label
    question: Label | None
    supplied_by: tuple[Supplier, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fact as JSON-able data."""
        return {
            "name": self.name,
            "member": self.member,
            "label": self.label.model_dump(),
            "question": self.question.model_dump() if self.question else None,
            "supplied_by": list(self.supplied_by),
        }


def find_missing(
    programme: Programme, family: Family, *, values: Mapping[str, int | None], pack: Pack, as_of: date
) -> tuple[tuple[MissingFact, ...], MissingFact | None]:
    """The missing facts, cheapest first, and the single one that would decide most cheaply.

    `values` are those of the household's formulas, as assessed. The question is about a fact of which at least one
    possible value would settle the outcome with everything else still unknown; if no single fact can, it is simply the
    cheapest to ask for.
    """
    formulas = programme.formulas
    parameters = numbers(formulas, look_up(formulas, pack=pack, region=family.region, as_of=as_of))
    by_name = dict(zip(formulas.parameters, parameters, strict=True))
    roots = open_formulas(programme, values)
    trace = evaluate(formulas, family, parameters=by_name, as_of=as_of, roots=roots)
    leaves = sorted({leaf for name in roots for leaf in trace.named[name, None].missing}, key=_in_order)
    order = {name: place for place, name in enumerate((*formulas.vocabulary.person, *formulas.vocabulary.household))}
    ranked = sorted(
        leaves, key=lambda leaf: (_cost(formulas.vocabulary.definition(leaf[0])), order[leaf[0]], leaf[1] or 0)
    )
    what_if = WhatIf(programme, family_numbers(formulas, family), parameters, as_of)
    first = next((leaf for leaf in ranked if _may_decide(what_if, leaf)), ranked[0] if ranked else None)
    found = {leaf: _missing_fact(programme, family, leaf) for leaf in ranked}
    return tuple(found.values()), None if first is None else found[first]


def open_formulas(programme: Programme, values: Mapping[str, Value]) -> list[str]:
    """The conditions that are unknown, or else the amount if it is."""
    conditions = [condition.formula for condition in programme.conditions if values[condition.formula] is None]
    is_amount_open = programme.amount is not None and values[programme.amount] is None
    return conditions or ([programme.amount] if programme.amount is not None and is_amount_open else [])


def missing_leaves(programme: Programme, trace: Trace) -> list[Leaf]:
    """The facts for whose absence the conditions, or else the amount, are unknown."""
    household = {name: seen.value for (name, member), seen in trace.named.items() if member is None}
    names = open_formulas(programme, household)
    return sorted({leaf for name in names for leaf in trace.named[name, None].missing}, key=_in_order)


def _in_order(leaf: Leaf) -> tuple[str, int]:
    return leaf[0], leaf[1] or 0


def _cost(definition: FactDefinition | None) -> int:
    return min(_COSTS[supplier] for supplier in definition.supplied_by) if definition else 0


def _may_decide(what_if: WhatIf, leaf: Leaf) -> bool:
    return any(what_if.outcome({leaf: value}) != "undetermined" for value in what_if.trials(leaf))


def _missing_fact(programme: Programme, family: Family, leaf: Leaf) -> MissingFact:
    name, place = leaf
    definition = programme.formulas.vocabulary.definition(name)
    if definition is None:
        raise AssertionError("a missing fact is always one of the vocabulary")
    member = None if place is None else family.members[place].key
    return MissingFact(name, member, definition.label, definition.question, definition.supplied_by)
