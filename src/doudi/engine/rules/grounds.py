"""Grounds 依据: the facts and parameters that a value really rests on, among all those that its formulas mention.

A branch that was not taken, a member who is not counted and a condition that did not decide are no grounds: what nobody
asked for must not stand in a letter as "not clear".
"""

from collections.abc import Iterator

from doudi.engine.rules.expression import AGGREGATES, Expr
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.reference import Leaf, Trace


def grounds_of(formula: str, formulas: FormulaSet, trace: Trace) -> frozenset[Leaf]:
    """Every fact (with its member's place) and parameter on which the household's formula of that name rests."""
    seeker = _Seeker(formulas, trace)
    seeker.name(formula, None)
    return frozenset(seeker.found)


class _Seeker:
    def __init__(self, formulas: FormulaSet, trace: Trace) -> None:
        self.formulas = formulas
        self.trace = trace
        self.found: set[Leaf] = set()
        self.visited: set[Leaf] = set()

    def name(self, name: str, member: int | None) -> None:
        formula = self.formulas.formulas.get(name)
        owner = member if (formula and formula.entity == "person") or name in self.formulas.member_facts else None
        leaf = (name, owner)
        if leaf in self.visited:
            return
        self.visited.add(leaf)
        if formula is None:
            self.found.add(leaf)
        else:
            self.tree(formula.tree, owner)

    def tree(self, tree: Expr, member: int | None) -> None:
        if tree.op == "name":
            self.name(str(tree.value), member)
        elif tree.op in AGGREGATES:
            self._aggregate(tree)
        else:
            for arg in self._deciding(tree, member):
                self.tree(arg, member)

    def _deciding(self, tree: Expr, member: int | None) -> Iterator[Expr]:
        """The arguments that the value rests on."""
        if tree.op == "case":
            yield from self._taken(tree, member)
        elif tree.op in ("and", "or") and self._value(tree, member) is (tree.op == "or"):
            yield from (arg for arg in tree.args if self._value(arg, member) is (tree.op == "or"))
        else:
            yield from tree.args

    def _taken(self, tree: Expr, member: int | None) -> Iterator[Expr]:
        for condition, value in zip(tree.args[:-1:2], tree.args[1:-1:2], strict=True):
            yield condition
            asked = self._value(condition, member)
            if asked is None:
                return
            if asked:
                yield value
                return
        yield tree.args[-1]

    def _aggregate(self, tree: Expr) -> None:
        value, condition = tree.args
        places = sorted({member for node, member in self.trace.nodes if node == id(condition) and member is not None})
        for place in places:
            self.tree(condition, place)
            if tree.op != "count" and self._value(condition, place) is not False:
                self.tree(value, place)

    def _value(self, tree: Expr, member: int | None) -> object:
        return self.trace.nodes[id(tree), member].value
