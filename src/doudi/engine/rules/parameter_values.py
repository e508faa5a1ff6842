"""The numbers of the law as a set of formulas needs them: looked up for a region and a day, within their bounds."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.parameters import DatedValue
from doudi.engine.rules.errors import RuleError
from doudi.engine.rules.formula_set import FormulaSet


def look_up(formulas: FormulaSet, *, pack: Pack, region: str, as_of: date) -> Mapping[str, DatedValue]:
    """Every parameter that the formulas read, as in force in the region on the day."""
    return _looked_up(formulas, pack, region, as_of)


# A pack never changes once it is loaded, and the counter asks for the same place and day again and again.
@lru_cache(maxsize=1_024)
def _looked_up(formulas: FormulaSet, pack: Pack, region: str, as_of: date) -> Mapping[str, DatedValue]:
    return MappingProxyType({n: pack.parameter(n, region=region, on=as_of) for n in formulas.parameters})


def numbers(formulas: FormulaSet, values: Mapping[str, DatedValue]) -> list[int]:
    """The parameters as whole numbers, in the order in which the kernel reads them."""
    found: list[int] = []
    for name, use in formulas.parameters.items():
        number = values[name].value * use.factor
        if not use.kind.low <= number <= use.kind.high:
            raise RuleError(
                f"the parameter {name} lies outside {use.kind.low} to {use.kind.high}.",
                advice="Check its value and unit.",
                where=values[name].where,
            )
        found.append(number)
    return found
