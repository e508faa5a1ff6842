"""The order in which formulas are computed, and the whole path of a circle if there is one."""

from collections.abc import Callable, Iterable, Mapping

from doudi.engine.rules.errors import FormulaCircleError


def in_order(needs: Mapping[str, Iterable[str]], *, where_of: Callable[[str], str]) -> list[str]:
    """Names so ordered that each comes after all it needs. Needs outside the mapping (facts, parameters) don't count.

    Walks with a stack of its own: a long chain of formulas must not exhaust Python's.
    """
    done: dict[str, None] = {}
    for root in needs:
        path: dict[str, None] = {}
        stack = [(root, iter(tuple(needs[root])))] if root not in done else []
        path.update(dict.fromkeys(name for name, _ in stack))
        while stack:
            name, rest = stack[-1]
            following = next((n for n in rest if n in needs and n not in done), None)
            if following is None:
                stack.pop()
                del path[name]
                done[name] = None
            elif following in path:
                raise _circle([*path], following, where_of)
            else:
                path[following] = None
                stack.append((following, iter(tuple(needs[following]))))
    return list(done)


def reachable(roots: Iterable[str], needs: Mapping[str, Iterable[str]]) -> set[str]:
    """The roots and everything that they need, directly or not."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in needs and name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def _circle(path: list[str], closing: str, where_of: Callable[[str], str]) -> FormulaCircleError:
    circle = [*path[path.index(closing) :], closing]
    steps = " -> ".join(f"{name} ({where_of(name)})" for name in circle)
    return FormulaCircleError(
        f"formulas need each other in a circle: {steps}.",
        advice="Compute one of them without the next.",
        where=where_of(closing),
    )
