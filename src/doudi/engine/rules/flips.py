"""What would change the outcome: one fact or two, with the exact value from which it would, verified by recomputation.

A threshold is found by halving between the fact as it is and the end of what it may be, recomputing the whole outcome
each time; so it is exact to the fen, holds whatever roundings lie between, and is verified by its very construction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.reference import Leaf
from doudi.engine.rules.what_if import WhatIf

_SHOWN_AT_MOST = 3
_PAIRED_AT_MOST = 16
"""Facts tried in pairs: those that mend a failing condition alone, then those with most room to fall."""

Direction = Literal["at_most", "at_least", "exactly"]


@dataclass(frozen=True)
class Change:
    """A fact, as it is and as it would have to be: at most, at least, or exactly that value."""

    leaf: Leaf
    value: int
    would_be: int
    direction: Direction


Flip = tuple[Change, ...]
"""One or two changes that together give the other outcome."""


def find_flips(what_if: WhatIf, leaves: Sequence[Leaf], outcome: str) -> list[Flip]:
    """Up to three ways to the other outcome: of one fact if there is any, else of two, else none.

    Only known facts that can change are considered. The nearest ways come first.
    """
    if outcome == "undetermined":
        return []
    target = "eligible" if outcome == "ineligible" else "ineligible"
    facts = [leaf for leaf in leaves if what_if.definition(leaf).can_change and what_if.value(leaf) != UNKNOWN]
    failing = [place for place, state in enumerate(what_if.states({})) if state == 0]
    singles: list[Flip] = [(change,) for leaf in facts if (change := _single(what_if, leaf, failing, target))]
    if singles:
        return sorted(singles, key=lambda flip: abs(flip[0].would_be - flip[0].value))[:_SHOWN_AT_MOST]
    return _pairs(what_if, facts, target)


def _single(what_if: WhatIf, leaf: Leaf, failing: Sequence[int], target: str) -> Change | None:
    """The nearest value of one fact with the other outcome.

    A tier lies between two lines: at the end of its bounds the fact may fail on the other side (so little income that
    another tier comes first). Then the value that just mends a failing condition is tried, and named as it is.
    """
    change = _solve(what_if, leaf, {}, _reaches(what_if, target))
    if change is not None:
        return change
    mended = (step for step in _first_steps(what_if, leaf, failing) if step.direction != "exactly")
    reached = (step for step in mended if what_if.outcome({leaf: step.would_be}) == target)
    return next((replace(step, direction="exactly") for step in reached), None)


_Test = Callable[[dict[Leaf, int]], bool]


def _reaches(what_if: WhatIf, target: str) -> _Test:
    return lambda changes: what_if.outcome(changes) == target


def _mends(what_if: WhatIf, condition: int) -> _Test:
    return lambda changes: what_if.states(changes)[condition] == 1


def _solve(what_if: WhatIf, leaf: Leaf, others: dict[Leaf, int], test: _Test) -> Change | None:
    """The nearest value of the fact with which the test holds, the other changes made."""
    definition, value = what_if.definition(leaf), what_if.value(leaf)
    low, high = definition.bounds
    if definition.type == "fen" and value >= 0:
        low = max(low, 0)  # Nobody is told that a debt or a loss would help.
    if definition.type in ("text", "bool"):
        found = next((v for v in range(low, high + 1) if v != value and test({**others, leaf: v})), None)
        return None if found is None else Change(leaf, value, found, "exactly")
    solved: list[Change] = []
    ends: tuple[tuple[int, Direction], ...] = ((low, "at_most"), (high, "at_least"))
    for end, direction in ends:
        if end != value and test({**others, leaf: end}):
            solved.append(Change(leaf, value, _nearest(value, end, lambda v: test({**others, leaf: v})), direction))
    return min(solved, key=lambda change: abs(change.would_be - value), default=None)


def _nearest(fails: int, holds: int, test: Callable[[int], bool]) -> int:
    """The value next to one that fails with which the test holds, found by halving between the two."""
    while abs(holds - fails) > 1:
        middle = (fails + holds) // 2
        if test(middle):
            holds = middle
        else:
            fails = middle
    return holds


def _pairs(what_if: WhatIf, facts: Sequence[Leaf], target: str) -> list[Flip]:
    failing = [place for place, state in enumerate(what_if.states({})) if state == 0]
    tries = {leaf: _first_steps(what_if, leaf, failing) for leaf in facts}
    ranked = sorted(facts, key=lambda leaf: (-len(tries[leaf]), -abs(what_if.value(leaf))))[:_PAIRED_AT_MOST]
    found: list[Flip] = []
    for position, first in enumerate(ranked):
        low, _ = what_if.definition(first).bounds
        # A fact that mends nothing alone (one of two wages) may still help as far as it can fall.
        steps = tries[first] or [Change(first, what_if.value(first), low, "at_most")]
        for second in ranked[position + 1 :]:
            for step in steps:
                solved = _solve(what_if, second, {first: step.would_be}, _reaches(what_if, target))
                if solved is not None:
                    found.append((step, solved))
                    break
            if len(found) >= _SHOWN_AT_MOST:
                return found
    return found


def _first_steps(what_if: WhatIf, leaf: Leaf, failing: Sequence[int]) -> list[Change]:
    """For each failing condition that the fact alone can mend, the change that does."""
    steps = []
    for place in failing:
        change = _solve(what_if, leaf, {}, _mends(what_if, place))
        if change is not None:
            steps.append(change)
    return steps
