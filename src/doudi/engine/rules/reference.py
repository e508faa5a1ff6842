"""The slow executor, only made to be right: it walks the tree, keeps every value, explains, and judges.

It knows nothing of the kernel's numbers: unknown is None, dates are dates, texts are codes, yes and no are bools.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from operator import ge, gt, le, lt

from doudi.engine.pack.vocabulary import EPOCH
from doudi.engine.rules.expression import AGGREGATES, COMPARISONS, ROUNDINGS, Expr
from doudi.engine.rules.family import UNKNOWN, Family, check_shape, encode
from doudi.engine.rules.formula_set import AS_OF, FormulaSet, fact_kind
from doudi.engine.rules.graph import reachable
from doudi.engine.values.period import PeriodError, full_years

Value = int | bool | str | datetime.date | None
Leaf = tuple[str, int | None]
"""One fact of one subject: its name, and the member's place, or None for the household."""


@dataclass(frozen=True)
class Seen:
    """A value, and the facts for whose absence it is unknown."""

    value: Value
    missing: frozenset[Leaf] = frozenset()


@dataclass
class Trace:
    """Every value that was computed: formulas and facts by name and member, and inner nodes of the trees."""

    named: dict[Leaf, Seen] = field(default_factory=dict)
    nodes: dict[tuple[int, int | None], Seen] = field(default_factory=dict)

    def value(self, name: str, member: int | None = None) -> Value:
        """The value of a formula, fact or parameter."""
        return self.named[name, member].value


def evaluate(
    formulas: FormulaSet,
    family: Family,
    *,
    parameters: Mapping[str, int],
    as_of: datetime.date,
    roots: Iterable[str] | None = None,
) -> Trace:
    """Compute the household's formulas, and the members' as far as they are asked for: who doesn't count isn't asked.

    With `roots`, only those formulas and what they need. Parameters are numbers in the kernel's units.
    """
    check_shape(family, formulas.vocabulary)
    walker = _Walker(formulas, family, parameters, as_of)
    wanted = None if roots is None else reachable(roots, {n: f.tree.names for n, f in formulas.formulas.items()})
    for formula in formulas.of_household:
        if wanted is None or formula.name in wanted:
            walker.trace.named[formula.name, None] = walker.see(formula.tree, None)
    return walker.trace


class _Walker:
    def __init__(
        self, formulas: FormulaSet, family: Family, parameters: Mapping[str, int], as_of: datetime.date
    ) -> None:
        self.formulas = formulas
        self.family = family
        self.trace = Trace()
        self.persons = {n: f.tree.names for n, f in formulas.formulas.items() if f.entity == "person"}
        self.needed: dict[int, list[str]] = {}
        self.trace.named[AS_OF, None] = Seen(as_of)
        self.trace.named.update({(name, None): Seen(number) for name, number in parameters.items()})

    def see(self, tree: Expr, member: int | None) -> Seen:
        seen = self._see(tree, member)
        self.trace.nodes[id(tree), member] = seen
        return seen

    def _see(self, tree: Expr, member: int | None) -> Seen:
        if tree.op == "name":
            return self._name(str(tree.value), member)
        if tree.op in ("number", "text", "bool"):
            return Seen(bool(tree.value) if tree.op == "bool" else _literal(tree))
        if tree.op in AGGREGATES:
            return self._aggregate(tree)
        if tree.op in ("and", "or"):
            return _logic([self.see(arg, member) for arg in tree.args], decides=tree.op == "or")
        if tree.op == "case":
            return self._case(tree, member)
        args = [self.see(arg, member) for arg in tree.args]
        values = [arg.value for arg in args]
        return Seen(None, _missing(args)) if None in values else Seen(_apply(tree, values))

    def _name(self, name: str, member: int | None) -> Seen:
        for leaf in ((name, None), (name, member)):
            if leaf in self.trace.named:
                return self.trace.named[leaf]
        owner = member if name in self.formulas.member_facts else None
        seen = Seen(self._fact(name, owner))
        if seen.value is None:
            seen = Seen(None, frozenset({(name, owner)}))
        self.trace.named[name, owner] = seen
        return seen

    def _fact(self, name: str, member: int | None) -> Value:
        definition = (self.formulas.household_facts if member is None else self.formulas.member_facts)[name]
        fact = self.family.fact(name, member)
        number = UNKNOWN if fact is None else encode(name, definition, fact.value)
        if number == UNKNOWN:
            return None
        if definition.type == "date":
            return EPOCH + datetime.timedelta(days=number)
        if definition.type == "text":
            return fact_kind(definition).codes[number]
        return bool(number) if definition.type == "bool" else number

    def _case(self, tree: Expr, member: int | None) -> Seen:
        for condition, value in zip(tree.args[:-1:2], tree.args[1:-1:2], strict=True):
            asked = self.see(condition, member)
            if asked.value is None:
                return asked
            if asked.value:
                return self.see(value, member)
        return self.see(tree.args[-1], member)

    def _of_member(self, tree: Expr, member: int) -> Seen:
        """The tree's value for one member, after the member's formulas that it needs, in their order."""
        if id(tree) not in self.needed:
            read = reachable(tree.names, self.persons)
            self.needed[id(tree)] = [name for name in self.persons if name in read]
        for name in self.needed[id(tree)]:
            if (name, member) not in self.trace.named:
                self.trace.named[name, member] = self.see(self.formulas.formulas[name].tree, member)
        return self.see(tree, member)

    def _aggregate(self, tree: Expr) -> Seen:
        places = range(len(self.family.members))
        conditions = [self._of_member(tree.args[1], place) for place in places]
        if tree.op in ("any", "all"):
            wants = tree.op == "any"
            turned = conditions if wants else [_not(condition) for condition in conditions]
            values = [self._of_member(tree.args[0], place) for place in places]
            joined = [_logic([c, v], decides=not wants) for c, v in zip(turned, values, strict=True)]
            return _logic(joined, decides=wants)
        selected = [place for place in places if conditions[place].value is not False]
        values = [Seen(1) if tree.op == "count" else self._of_member(tree.args[0], place) for place in selected]
        reasons = [*values, *(conditions[place] for place in selected)]
        if any(seen.value is None for seen in reasons):
            return Seen(None, _missing(reasons))
        numbers = [seen.value for seen in values]
        if tree.op in ("sum", "count"):
            return Seen(sum(number for number in numbers if isinstance(number, int)))
        if not numbers:
            return Seen(None)
        return Seen(_extreme(tree.op, numbers))


def _literal(tree: Expr) -> Value:
    return tree.value if isinstance(tree.value, int | str) else None


def _missing(args: list[Seen]) -> frozenset[Leaf]:
    return frozenset().union(*[arg.missing for arg in args if arg.value is None])


def _not(seen: Seen) -> Seen:
    return seen if seen.value is None else Seen(not seen.value)


def _logic(args: list[Seen], *, decides: bool) -> Seen:
    """Kleene's `or` (decides=True) and `and` (decides=False) over any number of values."""
    values = [arg.value for arg in args]
    if decides in values:
        return Seen(decides)
    return Seen(None, _missing(args)) if None in values else Seen(not decides)


def _apply(tree: Expr, values: list[Value]) -> Value:
    """The value of an operator whose arguments are all known."""
    if tree.op == "not":
        return not values[0]
    if tree.op in ("greatest", "least"):
        return _extreme("max" if tree.op == "greatest" else "min", values)
    if tree.op in COMPARISONS:
        first, second = (arg.known_kind.scale for arg in tree.args)
        return _compares(tree.op, _exact(values[0], second), _exact(values[1], first))
    if tree.op in ("full_years", "days_between"):
        return _between(tree.op, values)
    numbers = [int(value) for value in values if isinstance(value, int)]
    if tree.op in ROUNDINGS:
        return _rounded(tree.op, Fraction(numbers[0], tree.args[0].known_kind.scale))
    return _ARITHMETIC[tree.op](numbers)


def _exact(value: Value, factor: int) -> int | str:
    """One side of a comparison, by cross-multiplication with the other side's scale."""
    return value if isinstance(value, str) else _order(value) * factor


def _order(value: Value) -> int:
    """Dates and numbers on one line each; a text or nothing has no place on it."""
    if isinstance(value, datetime.date):
        return value.toordinal()
    if isinstance(value, int):
        return int(value)
    raise TypeError("the type check lets only numbers and dates be ordered")


def _extreme(op: str, values: list[Value]) -> Value:
    return max(values, key=_order) if op == "max" else min(values, key=_order)


def _compares(op: str, left: int | str, right: int | str) -> bool:
    if op in ("eq", "ne"):
        return (left == right) == (op == "eq")
    if isinstance(left, str) or isinstance(right, str):
        raise TypeError("the type check lets texts be compared for equality only")
    return _ORDERS[op](left, right)


def _between(op: str, values: list[Value]) -> int | None:
    first, second = values
    if not isinstance(first, datetime.date) or not isinstance(second, datetime.date):
        raise TypeError("the type check lets only dates be given here")
    if op == "days_between":
        return (second - first).days
    try:
        return full_years(first, second)
    except PeriodError:
        return None


def _rounded(op: str, amount: Fraction) -> int:
    unit = 100 if op.endswith("yuan") else 1
    units = amount / unit
    if op.startswith("round_half_up"):
        return floor(units + Fraction(1, 2)) * unit
    return (ceil(units) if op.startswith("round_up") else floor(units)) * unit


_ORDERS: Mapping[str, Callable[[int, int], bool]] = {"lt": lt, "le": le, "gt": gt, "ge": ge}
_ARITHMETIC: Mapping[str, Callable[[list[int]], int | None]] = {
    "neg": lambda n: -n[0],
    "add": lambda n: n[0] + n[1],
    "sub": lambda n: n[0] - n[1],
    "mul": lambda n: n[0] * n[1],
    "over_12_months": lambda n: n[0] * 12,
    "floor_divide": lambda n: None if n[1] == 0 else floor(Fraction(n[0], n[1])),
}
