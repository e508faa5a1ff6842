"""The tree of a formula 公式, as our own nodes: what the two executors share, and nothing of the parser's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

Op = Literal[
    "number", "text", "bool", "name",
    "neg", "not", "and", "or",
    "add", "sub", "mul", "floor_divide",
    "eq", "ne", "lt", "le", "gt", "ge",
    "case", "greatest", "least",
    "full_years", "days_between", "over_12_months",
    "round_up_to_yuan", "round_down_to_yuan", "round_up_to_fen", "round_down_to_fen", "round_half_up_to_fen",
    "sum", "count", "any", "all", "max", "min",
]  # fmt: skip

AGGREGATES: frozenset[Op] = frozenset({"sum", "count", "any", "all", "max", "min"})
COMPARISONS: frozenset[Op] = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})
ROUNDINGS: frozenset[Op] = frozenset(
    {"round_up_to_yuan", "round_down_to_yuan", "round_up_to_fen", "round_down_to_fen", "round_half_up_to_fen"}
)


@dataclass(frozen=True)
class Kind:
    """What is known of a value before any family is seen: type, unit, scale and the interval that it can't leave.

    `unit` is empty for a bare number, which fits every count. `scale` is 1, or 10,000 for money multiplied by a share:
    such money must be compared or rounded by name before it can be a result. `codes` are those of a text.
    """

    type: Literal["bool", "fen", "count", "date", "share", "text"]
    low: int
    high: int
    unit: str = ""
    scale: int = 1
    codes: tuple[str, ...] = ()

    def words(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.type}{unit}" + (" multiplied by a share" if self.scale > 1 else "")


@dataclass(frozen=True)
class Expr:
    """One node. An aggregate's args are (value, condition); those of a `case` are condition, value, ..., else."""

    op: Op
    args: tuple["Expr", ...] = ()
    value: int | str | tuple[str, ...] | tuple[int, ...] | None = None
    kind: Kind | None = None

    @property
    def known_kind(self) -> Kind:
        if self.kind is None:
            raise AssertionError("the tree was not checked before use")
        return self.kind

    def with_kind(self, kind: Kind, args: tuple["Expr", ...] | None = None) -> "Expr":
        return replace(self, kind=kind, args=self.args if args is None else args)

    def walk(self) -> Iterator["Expr"]:
        yield self
        for arg in self.args:
            yield from arg.walk()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names that the tree reads, each once, in the order of reading."""
        return tuple(dict.fromkeys(str(node.value) for node in self.walk() if node.op == "name"))

    def renamed(self, names: Mapping[str, str]) -> "Expr":
        """The tree reading other names, as the mapping says; a name that it doesn't have stays."""
        args = tuple(arg.renamed(names) for arg in self.args)
        value = names.get(str(self.value), self.value) if self.op == "name" else self.value
        return replace(self, args=args, value=value)

    @cached_property
    def depth(self) -> int:
        return 1 + max((arg.depth for arg in self.args), default=0)

    @cached_property
    def size(self) -> int:
        """Number of nodes as written out. `x between a and b` has x twice, so nesting could double it at each level."""
        return 1 + sum(arg.size for arg in self.args)


IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
