"""Every limit of every programme has cases below it, at it and above it, and next to it where it is of money.

A limit is a comparison by size in one of the programme's own formulas. What its sides came to in each case is read from
the reference's trace, so that a limit added without its cases is found, whatever the cases are called.
"""

from collections import defaultdict

import pytest

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.cases import load_cases
from doudi.engine.rules.expression import Expr
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import load_programme, programme_ids
from doudi.engine.rules.reference import evaluate

PACK = load_pack()
NEXT_FEN = 12
"""The least step of money that is compared over twelve months: one fen a month."""


def limits(formulas: FormulaSet) -> dict[int, tuple[str, Expr]]:
    """The programme's own comparisons by size; what it borrows has its cases where it is written."""
    return {
        id(node): (formula.name, node)
        for formula in formulas.formulas.values()
        if "__" not in formula.name
        for node in formula.tree.walk()
        if node.op in ("lt", "le", "gt", "ge") and not _is_switch(formulas, node)
    }


def _is_switch(formulas: FormulaSet, node: Expr) -> bool:
    """A local number that is given or zero, such as a supplement that a place doesn't have, is no limit of a family."""
    left, right = node.args
    return left.op == "name" and str(left.value) in formulas.parameters and right.op == "number"


def distances(name: str) -> dict[int, list[tuple[int, int]]]:
    """For each limit what the cases have there, and how far that lies from the limit, in the compared unit."""
    formulas = load_programme(PACK, name).formulas
    wanted = limits(formulas)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for case in load_cases(PACK, load_programme(PACK, name)):
        parameters = numbers(formulas, look_up(formulas, pack=PACK, region=case.family.region, as_of=case.as_of))
        by_name = dict(zip(formulas.parameters, parameters, strict=True))
        trace = evaluate(formulas, case.family, parameters=by_name, as_of=case.as_of)
        for (node, member), _ in trace.nodes.items():
            if node in wanted:
                left, right = wanted[node][1].args
                here, there = (trace.nodes[id(side), member].value for side in (left, right))
                if isinstance(here, int) and isinstance(there, int):
                    gap = here * right.known_kind.scale - there * left.known_kind.scale
                    found[node].append((here, gap))
    return found


@pytest.mark.parametrize("name", programme_ids(PACK))
def test_every_limit_has_cases_below_at_and_above(name: str) -> None:
    found = distances(name)
    for node, (formula, tree) in limits(load_programme(PACK, name).formulas).items():
        told, kind = f"{formula}: {tree.op}", tree.args[0].known_kind
        gaps = [gap for _, gap in found[node]]
        at_limit = [here for here, gap in found[node] if gap == 0]
        assert at_limit, f"{told}: no case lies at the limit"
        assert max(gaps) > 0, f"{told}: no case lies above the limit"
        if max(at_limit) > kind.low:  # Below "no vehicle at all" there is nothing.
            assert min(gaps) < 0, f"{told}: no case lies below the limit"
        if kind.type == "fen" and tree.args[1].value != 0:
            step = NEXT_FEN * max(side.known_kind.scale for side in tree.args)
            assert any(0 < abs(gap) <= step for gap in gaps), f"{told}: no case lies next to the limit"
