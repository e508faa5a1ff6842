"""Types, units, periods and the proof that nothing overflows: what a formula must pass before any family is seen.

Every node gets its kind, with the interval that it can't leave. Beyond ±(2^63 - 2) it is refused, so that no executor
ever wraps around and the mark for "unknown" is never met by a computed value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from doudi.engine.pack.vocabulary import SHARE_SCALE, Entity
from doudi.engine.rules.errors import (
    FormulaNameError,
    FormulaOverflowError,
    FormulaPeriodError,
    FormulaTypeError,
)
from doudi.engine.rules.expression import AGGREGATES, COMPARISONS, ROUNDINGS, Expr, Kind
from doudi.engine.rules.family import MEMBERS_MAX

SAFE = 2**63 - 2
BOOL = Kind("bool", 0, 1)
PERSONS = "persons"
YEARS_BOUND = 400
DAYS_BOUND = 150_000


@dataclass(frozen=True)
class Named:
    """A name that formulas may read: whose it is (None: the same for everyone) and its kind."""

    entity: Entity | None
    kind: Kind


def check(tree: Expr, *, entity: Entity, names: Mapping[str, Named], where: str) -> Expr:
    """Return the tree with every node's kind, or refuse it."""
    return _Checker(entity, names, where).check(tree)


def fits(kind: Kind, declared_type: str, declared_unit: str) -> bool:
    """May a formula of this declared type and unit have a result of this kind?"""
    if kind.scale != 1 or kind.type != declared_type:
        return _is_zero(kind) and declared_type in ("fen", "share")
    return kind.unit == declared_unit or (kind.type == "count" and kind.unit == "") or _is_zero(kind)


def _is_zero(kind: Kind) -> bool:
    return kind.type == "count" and kind.unit == "" and kind.low == kind.high == 0


class _Checker:
    def __init__(self, entity: Entity, names: Mapping[str, Named], where: str) -> None:
        self.entity = entity
        self.names = names
        self.where = where
        self.is_inside_aggregate = False

    def check(self, tree: Expr) -> Expr:
        if tree.op in AGGREGATES:
            return self._aggregate(tree)
        if tree.op == "name":
            return tree.with_kind(self._name(str(tree.value)))
        if tree.op in COMPARISONS:
            return self._comparison(tree)
        if tree.op == "text":
            raise self._clash("a text stands alone", "Compare a fact of type text: `residence = 'urban'`.")
        args = tuple(self.check(arg) for arg in tree.args)
        kind = self._kind(tree, tuple(arg.known_kind for arg in args))
        return self._safe(tree.with_kind(kind, args))

    def _safe(self, tree: Expr) -> Expr:
        kind = tree.known_kind
        if kind.low < -SAFE or kind.high > SAFE:
            raise FormulaOverflowError(
                f"the result of {tree.op} may leave 64 bits (it lies between {kind.low} and {kind.high}).",
                advice="Give the facts a minimum and maximum in the vocabulary, or take fewer factors.",
                where=self.where,
            )
        return tree

    def _clash(self, what: str, advice: str) -> FormulaTypeError:
        return FormulaTypeError(f"{what}.", advice=advice, where=self.where)

    def _name(self, name: str) -> Kind:
        named = self.names.get(name)
        if named is None:
            raise FormulaNameError(
                f"there is no fact, parameter or formula {name}.",
                advice="Check its spelling, or add it to the vocabulary.",
                where=self.where,
            )
        if named.entity == "person" and self.entity == "household" and not self.is_inside_aggregate:
            raise self._clash(
                f"{name} is a person's, and a household has several",
                f"Say what is meant: sum({name}), any(...), max(...) and the like.",
            )
        return named.kind

    def _aggregate(self, tree: Expr) -> Expr:
        if self.entity == "person" or self.is_inside_aggregate:
            raise self._clash(
                f"{tree.op} stands inside a person's formula or another aggregate",
                "Give the total a name as a formula of the household, and read that name.",
            )
        self.is_inside_aggregate = True
        value, condition = (self.check(arg) for arg in tree.args)
        self.is_inside_aggregate = False
        self._want_bool(condition.known_kind, "the condition of an aggregate")
        kind = value.known_kind
        if tree.op in ("any", "all"):
            self._want_bool(kind, f"what {tree.op} asks")
            kind = BOOL
        elif tree.op == "count":
            kind = Kind("count", 0, MEMBERS_MAX, PERSONS)
        elif tree.op == "sum":
            if kind.type not in ("fen", "count"):
                raise self._clash(f"{kind.words()} can't be added up", "Sums are of money or counts.")
            kind = replace(kind, low=min(0, kind.low * MEMBERS_MAX), high=max(0, kind.high * MEMBERS_MAX))
        elif kind.type in ("bool", "text"):
            raise self._clash(f"{kind.words()} has no {tree.op}", "Use any or all.")
        return self._safe(tree.with_kind(kind, (value, condition)))

    def _want_bool(self, kind: Kind, what: str) -> None:
        if kind.type != "bool":
            raise self._clash(f"{what} is {kind.words()}, not yes or no", "Write a comparison.")

    def _comparison(self, tree: Expr) -> Expr:
        left, right = tree.args
        if "text" in (left.op, right.op):
            return self._text_comparison(tree)
        left, right = self.check(left), self.check(right)
        a, b = left.known_kind, right.known_kind
        if "text" in (a.type, b.type) or "bool" in (a.type, b.type):
            raise self._clash(
                f"{a.words()} is compared with {b.words()}",
                "Texts are compared with a code; join yes or no with and, or.",
            )
        self._common(a, b, "compared with")
        scale = max(a.scale, b.scale)
        for kind in (a, b):
            factor = scale // kind.scale
            if max(abs(kind.low), abs(kind.high)) * factor > SAFE:
                raise FormulaOverflowError(
                    "comparing by cross-multiplication may leave 64 bits.",
                    advice="Give the facts a smaller maximum in the vocabulary.",
                    where=self.where,
                )
        return tree.with_kind(BOOL, (left, right))

    def _text_comparison(self, tree: Expr) -> Expr:
        left, right = tree.args if tree.args[1].op == "text" else tree.args[::-1]
        if left.op != "name" or tree.op not in ("eq", "ne"):
            raise self._clash(
                "a text is used in another way than `name = 'code'`", "Use = or <> between a name and a code."
            )
        left = self.check(left)
        codes = left.known_kind.codes
        if right.value not in codes:
            raise self._clash(
                f"{left.value} is compared with a text that is none of its codes",
                f"Its codes are {', '.join(codes)}." if codes else f"It is of type {left.known_kind.words()}.",
            )
        place = codes.index(str(right.value))
        return tree.with_kind(BOOL, (left, right.with_kind(Kind("text", place, place, codes=codes))))

    def _common(self, a: Kind, b: Kind, verb: str) -> Kind:
        """The type and unit that two values share; a bare number fits any count, and a bare 0 also fits money."""
        for one, other in ((a, b), (b, a)):
            if _is_zero(one) and other.type in ("fen", "share", "count"):
                return other
            if one.type == other.type == "count" and one.unit == "":
                return other
        if a.type != b.type or a.unit != b.unit:
            raise self._clash(
                f"{a.words()} is {verb} {b.words()}",
                "Both sides need the same type and unit; a month, twelve months and a stock are different units.",
            )
        return a

    def _kind(self, tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        if tree.op == "number":
            return Kind("count", int(str(tree.value)), int(str(tree.value)))
        if tree.op == "bool":
            return Kind("bool", int(str(tree.value)), int(str(tree.value)))
        if tree.op in ROUNDINGS:
            return self._rounded(tree.op, kinds[0])
        return _RULES[tree.op](self, tree, kinds)

    def _rounded(self, op: str, kind: Kind) -> Kind:
        if kind.type != "fen":
            raise self._clash(f"{kind.words()} is rounded like money", "Roundings are for money.")
        step = kind.scale * (100 if op.endswith("yuan") else 1)
        unit = 100 if op.endswith("yuan") else 1
        return replace(kind, low=(kind.low // step) * unit, high=-(-kind.high // step) * unit, scale=1)

    def logic(self, tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        for kind in kinds:
            self._want_bool(kind, f"what `{tree.op}` joins")
        return BOOL

    def negative(self, _tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        (kind,) = kinds
        if kind.type in ("bool", "text", "date"):
            raise self._clash(f"{kind.words()} has no negative", "Use `not` for yes or no.")
        return replace(kind, low=-kind.high, high=-kind.low)

    def additive(self, tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        a, b = kinds
        common = self._common(a, b, "added to" if tree.op == "add" else "subtracted with")
        if common.type in ("bool", "text", "date"):
            raise self._clash(f"{common.words()} can't be added or subtracted", "Use days_between for dates.")
        scale = self._same_scale(kinds)
        if tree.op == "add":
            return replace(common, low=a.low + b.low, high=a.high + b.high, scale=scale)
        return replace(common, low=a.low - b.high, high=a.high - b.low, scale=scale)

    def _same_scale(self, kinds: tuple[Kind, ...]) -> int:
        scales = {kind.scale for kind in kinds if not _is_zero(kind)} or {1}
        if len(scales) > 1:
            raise self._clash(
                "money multiplied by a share meets plain money", "Round it by name first, e.g. round_down_to_fen(...)."
            )
        return scales.pop()

    def product(self, _tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        a, b = kinds
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        low, high = min(corners), max(corners)
        for one, other in ((a, b), (b, a)):
            if one.type == "fen" and other.type == "count":
                return replace(one, low=low, high=high, unit=self._unit_of_product(one.unit, other.unit))
            if one.type == "fen" and other.type == "share" and one.scale == 1:
                return replace(one, low=low, high=high, scale=SHARE_SCALE)
            if one.type == other.type == "count" and one.unit == "":
                return replace(other, low=low, high=high)
        raise self._clash(
            f"{a.words()} is multiplied by {b.words()}", "Money is multiplied by counts, or by one share."
        )

    def _unit_of_product(self, money: str, count: str) -> str:
        if count == "" or (count == PERSONS and money == "fen"):
            return money
        if (money, count) in _PRODUCTS:
            return _PRODUCTS[money, count]
        raise self._clash(
            f"{money} is multiplied by a count of {count}",
            "Known products: fen_per_person_month, fen_per_12_months or fen by persons, fen_per_month by months.",
        )

    def quotient(self, _tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        a, b = kinds
        if a.scale != 1 or b.scale != 1 or {a.type, b.type} - {"fen", "count"}:
            raise self._clash(f"{a.words()} is divided by {b.words()}", "Only whole money and counts are divided.")
        reach = max(abs(a.low), abs(a.high)) + 1
        if a.type == "fen" and b.type == "count":
            self._refuse_spreading(a, b)
            return replace(a, low=-reach, high=reach)
        if a.type != b.type or (a.unit != b.unit and b.unit != ""):
            raise self._clash(f"{a.words()} is divided by {b.words()}", "Divide equal units, or by a bare number.")
        unit = a.unit if b.unit == "" and a.type == "count" else ""
        return Kind("count", -reach, reach, unit)

    def _refuse_spreading(self, money: Kind, count: Kind) -> None:
        if money.unit == "fen_per_12_months" or count.unit in ("months", "days", "years"):
            raise FormulaPeriodError(
                "a longer period's total is divided into months.",
                advice="Use a fact whose `from` says average_over_lookback, with the citation that allows it.",
                where=self.where,
            )
        if count.unit not in ("",):
            raise self._clash(
                f"money is divided by {count.unit}",
                "Rounding per head can add a yuan: multiply the standard by the persons instead.",
            )

    def choice(self, tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        values = kinds
        if tree.op == "case":
            for condition in kinds[:-1:2]:
                self._want_bool(condition, "what stands after `when`")
            values = (*kinds[1:-1:2], kinds[-1])
        common = values[0]
        for kind in values[1:]:
            common = self._common(common, kind, "an alternative to")
        if common.type == "text" or (common.type == "bool" and tree.op != "case"):
            raise self._clash(f"{tree.op} chooses between {common.words()}", "It chooses between numbers or dates.")
        lows, highs = [k.low for k in values], [k.high for k in values]
        pick_low = max if tree.op == "greatest" else min
        pick_high = min if tree.op == "least" else max
        return replace(common, low=pick_low(lows), high=pick_high(highs), scale=self._same_scale(values))

    def dates(self, tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        if any(kind.type != "date" for kind in kinds):
            raise self._clash(f"{tree.op} is asked of {kinds[0].words()} and {kinds[1].words()}", "Give it two dates.")
        if tree.op == "full_years":
            return Kind("count", 0, YEARS_BOUND, "years")
        return Kind("count", -DAYS_BOUND, DAYS_BOUND, "days")

    def twelve(self, _tree: Expr, kinds: tuple[Kind, ...]) -> Kind:
        (kind,) = kinds
        if (kind.type, kind.unit) != ("fen", "fen_per_month"):
            raise self._clash(f"{kind.words()} is taken over 12 months", "Only a month's money is.")
        return replace(kind, low=kind.low * 12, high=kind.high * 12, unit="fen_per_12_months")


_PRODUCTS = {
    ("fen_per_person_month", PERSONS): "fen_per_month",
    ("fen_per_12_months", PERSONS): "fen_per_12_months",
    ("fen_per_month", "months"): "fen",
}

_Rule = Callable[[_Checker, Expr, tuple[Kind, ...]], Kind]
_RULES: Mapping[str, _Rule] = {
    "not": _Checker.logic,
    "and": _Checker.logic,
    "or": _Checker.logic,
    "neg": _Checker.negative,
    "add": _Checker.additive,
    "sub": _Checker.additive,
    "mul": _Checker.product,
    "floor_divide": _Checker.quotient,
    "greatest": _Checker.choice,
    "least": _Checker.choice,
    "case": _Checker.choice,
    "full_years": _Checker.dates,
    "days_between": _Checker.dates,
    "over_12_months": _Checker.twelve,
}
