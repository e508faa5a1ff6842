"""The quick executor, interpreted: one family at the counter, in microseconds."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import EPOCH
from doudi.engine.rules.days import full_years
from doudi.engine.rules.family import UNKNOWN, FactValue, Family, check_shape, encode
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.source import KERNEL, generate

Kernel = Callable[..., None]
FamilyNumbers = tuple[list[list[int]], list[list[int]], int]
"""Columns of the household (one entry each), columns of the members, number of members."""

_REGION = (0,)
_NAMES = {"__builtins__": {"range": range}, "U": UNKNOWN, "full_years": full_years}


@lru_cache(maxsize=256)
def interpreted(text: str) -> Kernel:
    """The function of a kernel's text; nothing else in the text is ever run."""
    module = compile(text, f"<{KERNEL}>", "exec", dont_inherit=True)
    (code,) = (part for part in module.co_consts if isinstance(part, CodeType) and part.co_name == KERNEL)
    return FunctionType(code, dict(_NAMES), KERNEL)


@lru_cache(maxsize=256)
def at_the_counter(formulas: FormulaSet) -> Kernel:
    """The function that writes every formula of the household, made once."""
    return interpreted(generate(formulas))


def family_numbers(formulas: FormulaSet, family: Family) -> FamilyNumbers:
    """The facts of a family that the formulas read, as whole numbers."""
    check_shape(family, formulas.vocabulary)
    household = [[_number(name, d, family.facts.get(name))] for name, d in formulas.household_facts.items()]
    member = [
        [_number(name, d, m.facts.get(name)) for m in family.members] for name, d in formulas.member_facts.items()
    ]
    return household, member, len(family.members)


def _number(name: str, definition: Any, fact: FactValue | None) -> int:
    return UNKNOWN if fact is None else encode(name, definition, fact.value)


def run_numbers(formulas: FormulaSet, family: FamilyNumbers, parameters: Sequence[int], as_of: date) -> list[int]:
    """Values of the household's formulas, in order, with UNKNOWN for what is not known."""
    household, member, members = family
    out = [[0] for _ in formulas.of_household]
    columns = [[number] for number in parameters]
    kernel = at_the_counter(formulas)
    kernel(0, 1, (0, members), household, member, columns, _REGION, (as_of - EPOCH).days, out)
    return [column[0] for column in out]


def run_family(formulas: FormulaSet, family: Family, *, pack: Pack, as_of: date) -> dict[str, int | None]:
    """Values of the household's formulas by name; None for what is not known."""
    parameters = numbers(formulas, look_up(formulas, pack=pack, region=family.region, as_of=as_of))
    values = run_numbers(formulas, family_numbers(formulas, family), parameters, as_of)
    return {
        formula.name: None if value == UNKNOWN else value
        for formula, value in zip(formulas.of_household, values, strict=True)
    }
