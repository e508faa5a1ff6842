"""From a formula's text to our tree: limits first, then SQLGlot, then a white list.

The text is hostile until proved otherwise. Length, letters, number of words and depth are limited before the parser
sees it, so that neither its time nor its stack can be exhausted; afterwards only known nodes and functions pass.
"""

import re
from collections.abc import Callable

import sqlglot
from sqlglot import expressions as sql
from sqlglot.errors import SqlglotError

from doudi.engine.rules.errors import FormulaTextError, FormulaWordError
from doudi.engine.rules.expression import AGGREGATES, IDENTIFIER, ROUNDINGS, Expr, Op

LENGTH_MAX = 2_000
WORDS_MAX = 300
DEPTH_MAX = 24
NODES_MAX = 1_000
PREFIX_MAX = 4
NUMBER_MAX = 10**13

_LETTERS = re.compile(r"[a-z0-9_+\-*/<>=!(),'\s]*\Z")
_WORD = re.compile(r"'[a-z0-9_]*'|[a-z_][a-z0-9_]*|[0-9]+|[<>=!/]+|[+\-*(),']")
_OPENS, _CLOSES = {"(", "case"}, {")", "end"}
_PREFIXES = {"not", "-", "+"}
_ALLOWED = "Allowed are + - * //, = <> < <= > >=, and, or, not, in, between, case, and the functions of the language."

TRUE = Expr("bool", value=1)


def parse(text: str, *, where: str) -> Expr:
    """Read one formula, or refuse it with an error that says what to write instead."""
    _limit(text, where)
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError, ValueError) as error:
        raise FormulaTextError(
            f"the formula can't be read ({type(error).__name__}).",
            advice="Write one expression, such as `sum(pension_monthly) < dibao_standard_urban`.",
            where=where,
        ) from None
    if len(trees) != 1 or trees[0] is None:
        raise FormulaTextError(
            f"the formula holds {len([t for t in trees if t])} expressions.", advice="Write exactly one.", where=where
        )
    (root,) = trees
    if not isinstance(root, sql.Expression):
        raise FormulaWordError("this is not an expression.", advice=_ALLOWED, where=where)
    tree = _Reader(where).read(root)
    if tree.depth > DEPTH_MAX:
        raise _too_deep(where)
    return tree


def _limit(text: str, where: str) -> None:
    if len(text) > LENGTH_MAX:
        raise FormulaTextError(
            f"the formula has {len(text)} characters; at most {LENGTH_MAX} are read.",
            advice="Split it: one formula, one idea.",
            where=where,
        )
    if not _LETTERS.match(text) or "--" in text or "/*" in text:
        raise FormulaTextError(
            "the formula has a character that the language doesn't know.",
            advice="Use small letters, digits, _ ( ) , ' and the operators + - * // = <> < <= > >=. "
            "Shares and decimals are parameters; comments belong into the YAML.",
            where=where,
        )
    words = _WORD.findall(text)
    if len(words) > WORDS_MAX:
        raise FormulaTextError(
            f"the formula has {len(words)} words; at most {WORDS_MAX} are read.",
            advice="Split it: one formula, one idea.",
            where=where,
        )
    depth = prefixes = 0
    for word in words:
        depth += (word in _OPENS) - (word in _CLOSES)
        prefixes = prefixes + 1 if word in _PREFIXES else 0
        if depth > DEPTH_MAX or prefixes > PREFIX_MAX:
            raise _too_deep(where)


def _too_deep(where: str) -> FormulaTextError:
    return FormulaTextError(
        f"the formula is nested deeper than {DEPTH_MAX} levels.",
        advice="Give inner parts names of their own.",
        where=where,
    )


_BINARY: dict[type[sql.Expression], Op] = {
    sql.Add: "add", sql.Sub: "sub", sql.Mul: "mul", sql.IntDiv: "floor_divide",
    sql.EQ: "eq", sql.NEQ: "ne", sql.LT: "lt", sql.LTE: "le", sql.GT: "gt", sql.GTE: "ge",
    sql.And: "and", sql.Or: "or",
}  # fmt: skip
_UNARY: dict[type[sql.Expression], Op] = {sql.Neg: "neg", sql.Not: "not"}
_SHORTEST: dict[type[sql.Expression], Op] = {sql.Greatest: "greatest", sql.Least: "least"}
_AGGREGATES: dict[type[sql.Expression], Op] = {
    sql.Sum: "sum", sql.Count: "count", sql.Any: "any", sql.Max: "max", sql.Min: "min",
}  # fmt: skip
_FUNCTIONS: dict[str, tuple[Op, int]] = {
    "full_years": ("full_years", 2),
    "days_between": ("days_between", 2),
    "over_12_months": ("over_12_months", 1),
    "all": ("all", 1),
    **{str(rounding): (rounding, 1) for rounding in sorted(ROUNDINGS)},
}


class _Reader:
    """Turns SQLGlot's nodes into ours and refuses every other one."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._by_type: dict[type[sql.Expression], Callable[[sql.Expression], Expr]] = {
            sql.Paren: lambda node: self.read(node.this),
            sql.Literal: self._literal,
            sql.Boolean: lambda node: Expr("bool", value=int(node.this)),
            sql.Column: self._name,
            sql.In: self._in,
            sql.Between: self._between,
            sql.Case: self._case,
            sql.Anonymous: self._function,
            sql.Filter: self._filter,
        }

    def read(self, node: sql.Expression) -> Expr:
        """Read one node and what is below it."""
        tree = self._read(node)
        if tree.size > NODES_MAX:
            raise FormulaTextError(
                f"the formula has more than {NODES_MAX} parts once `in` and `between` are written out.",
                advice="Give inner parts names of their own.",
                where=self.where,
            )
        return tree

    def _read(self, node: sql.Expression) -> Expr:
        kind = type(node)
        if kind in _BINARY:
            return Expr(_BINARY[kind], (self.read(node.this), self.read(node.expression)))
        if kind in _UNARY:
            return Expr(_UNARY[kind], (self.read(node.this),))
        if kind in _SHORTEST:
            return Expr(_SHORTEST[kind], tuple(self.read(n) for n in (node.this, *node.expressions)))
        if kind in _AGGREGATES:
            return self._aggregate(_AGGREGATES[kind], node)
        if kind in self._by_type:
            return self._by_type[kind](node)
        raise self._unknown_word(node)

    def _unknown_word(self, node: sql.Expression) -> FormulaWordError:
        if isinstance(node, sql.Div):
            return FormulaWordError(
                "a bare / is not in the language: it would round in silence.",
                advice="Compare shares by multiplying (a > share * b), or divide whole numbers with //, which floors.",
                where=self.where,
            )
        if isinstance(node, sql.Is | sql.Coalesce | sql.Null):
            return FormulaWordError(
                "a formula can't ask whether something is known, or put a value in its place.",
                advice="Unknown is not zero: leave it unknown, and the outcome names it as missing.",
                where=self.where,
            )
        return FormulaWordError(f"{node.key} is not in the formula language.", advice=_ALLOWED, where=self.where)

    def _literal(self, node: sql.Expression) -> Expr:
        text = str(node.this)
        if node.args.get("is_string"):
            return Expr("text", value=text)
        if not text.isdigit() or int(text) > NUMBER_MAX:
            raise FormulaTextError(
                "a number is not whole, or larger than the language reads.",
                advice="Numbers of the law are parameters with unit, date and citation.",
                where=self.where,
            )
        return Expr("number", value=int(text))

    def _name(self, node: sql.Expression) -> Expr:
        identifier = node.this
        plain = isinstance(identifier, sql.Identifier) and not identifier.args.get("quoted")
        if not plain or node.args.get("table") or not IDENTIFIER.match(str(identifier.this)):
            raise self._unknown_word(node)
        return Expr("name", value=str(identifier.this))

    def _in(self, node: sql.Expression) -> Expr:
        options = [self.read(option) for option in node.expressions]
        if node.args.get("query") or node.args.get("unnest") or node.args.get("field") or not options:
            raise FormulaWordError(
                "`in` takes a list written out, not a query.", advice="Write `x in ('a', 'b')`.", where=self.where
            )
        subject = self.read(node.this)
        tree = Expr("eq", (subject, options[0]))
        for option in options[1:]:
            tree = Expr("or", (tree, Expr("eq", (subject, option))))
        return tree

    def _between(self, node: sql.Expression) -> Expr:
        subject = self.read(node.this)
        low, high = self.read(node.args["low"]), self.read(node.args["high"])
        return Expr("and", (Expr("ge", (subject, low)), Expr("le", (subject, high))))

    def _case(self, node: sql.Expression) -> Expr:
        default = node.args.get("default")
        if node.this is not None or default is None:
            raise FormulaWordError(
                "a case needs conditions after `when`, and an `else`.",
                advice="Write `case when a then b else c end`: what holds otherwise must be said.",
                where=self.where,
            )
        args = [self.read(part) for branch in node.args["ifs"] for part in (branch.this, branch.args["true"])]
        return Expr("case", (*args, self.read(default)))

    def _function(self, node: sql.Expression) -> Expr:
        name = str(node.this).lower()
        if name not in _FUNCTIONS:
            raise FormulaWordError(
                f"there is no function {name}." if IDENTIFIER.match(name) else "there is no such function.",
                advice=f"Functions are {', '.join([*sorted(AGGREGATES), 'greatest', 'least', *sorted(_FUNCTIONS)])}.",
                where=self.where,
            )
        op, count = _FUNCTIONS[name]
        if len(node.expressions) != count:
            raise FormulaWordError(f"{name} takes {count} values.", advice="Correct the call.", where=self.where)
        args = tuple(self.read(arg) for arg in node.expressions)
        return Expr(op, (*args, TRUE)) if op in AGGREGATES else Expr(op, args)

    def _filter(self, node: sql.Expression) -> Expr:
        inner, condition = self.read(node.this), self.read(node.expression.this)
        if inner.op not in AGGREGATES:
            raise FormulaWordError("`filter` belongs to an aggregate.", advice=_ALLOWED, where=self.where)
        return Expr(inner.op, (inner.args[0], condition))

    def _aggregate(self, op: Op, node: sql.Expression) -> Expr:
        if op == "count":
            if not isinstance(node.this, sql.Star) or node.expressions:
                raise FormulaWordError(
                    "count takes a star and a condition.",
                    advice="Write `count(*) filter (where is_counted_member)`.",
                    where=self.where,
                )
            return Expr("count", (TRUE, TRUE))
        if node.this is None or node.expressions:
            raise FormulaWordError(f"{op} takes one value.", advice="Correct the call.", where=self.where)
        return Expr(op, (self.read(node.this), TRUE))
