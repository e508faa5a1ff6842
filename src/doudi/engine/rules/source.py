"""Writes one plain Python function for a set of formulas: no object, no exception, only whole numbers.

The same text is interpreted at the counter and compiled to machine code for the night. Values that can't be unknown
(parameters, numbers) are computed without asking. Persons' formulas needed at the same time share one loop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from doudi.engine.rules.errors import RuleError
from doudi.engine.rules.expression import COMPARISONS, ROUNDINGS, Expr
from doudi.engine.rules.formula_set import AS_OF, Formula, FormulaSet, aggregates_of
from doudi.engine.rules.graph import reachable

KERNEL = "kernel"
FACTS_TRACKED_MAX = 62
ARGUMENTS = "first, last, offsets, household, member, parameters, region, as_of, out"

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*"}
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


@dataclass(frozen=True)
class Atom:
    """A variable or number of the generated text; `missing` is the set of facts, as bits, that it is unknown for."""

    code: str
    may_be_unknown: bool
    missing: str = "0"


@dataclass
class _Scope:
    """Lines at one depth of indentation, and what has been computed there."""

    indent: str
    known: dict[Expr, Atom]
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _State:
    """The variables of one aggregate while the loop runs."""

    total: str
    seen: str
    missing: str


def generate(formulas: FormulaSet, *, only: Sequence[str] | None = None, missing_of: Sequence[str] = ()) -> str:
    """The text of the function. It writes one column for each formula of the household, in order, or for those named.

    For each formula in `missing_of` a column follows, the set of facts for whose absence it is unknown: one bit per
    fact, those of the household first, in the order in which the formulas read them.
    """
    facts = len(formulas.household_facts) + len(formulas.member_facts)
    if missing_of and facts > FACTS_TRACKED_MAX:
        raise RuleError(
            f"the formulas read {facts} facts; what is missing can be tracked for {FACTS_TRACKED_MAX}.",
            advice="Split the programme.",
        )
    written = [formula.name for formula in formulas.of_household] if only is None else only
    return _Writer(formulas, tracks_missing=bool(missing_of)).text(written, missing_of)


class _Writer:
    def __init__(self, formulas: FormulaSet, *, tracks_missing: bool) -> None:
        self.formulas = formulas
        self.tracks = tracks_missing
        facts = (*formulas.household_facts, *formulas.member_facts)
        self.bits = {name: 1 << place for place, name in enumerate(facts)}
        self.count = 0
        self.names: dict[str, Atom] = {AS_OF: Atom("as_of", False)}
        self.aggregates: dict[Expr, Atom] = {}
        self.levels = _levels(formulas)

    def text(self, written: Sequence[str], missing_of: Sequence[str]) -> str:
        scope = _Scope(" " * 8, {})
        for place, name in enumerate(self.formulas.parameters):
            self._read(scope, name, f"parameters[{place}][region[h]]", may_be_unknown=False)
        for place, name in enumerate(self.formulas.household_facts):
            self._read(scope, name, f"household[{place}][h]", may_be_unknown=True)
        for level in range(max(self.levels.values(), default=0) + 1):
            self._member_loop(scope, level)
            for formula in self.formulas.of_household:
                if self.levels[formula.name] == level:
                    self.names[formula.name] = self.write(scope, formula.tree)
        results = [self.names[name].code for name in written] + [self.names[name].missing for name in missing_of]
        scope.lines += [f"{scope.indent}out[{place}][h] = {code}" for place, code in enumerate(results)]
        head = [f"def {KERNEL}({ARGUMENTS}):", "    for h in range(first, last):"]
        return "\n".join([*head, *(scope.lines or [f"{scope.indent}pass"])]) + "\n"

    def _read(self, scope: _Scope, name: str, code: str, *, may_be_unknown: bool) -> None:
        atom = self._assign(scope, code, may_be_unknown=may_be_unknown)
        if self.tracks and may_be_unknown:
            bit = self._assign(scope, f"{self.bits[name]} if {atom.code} == U else 0", may_be_unknown=False)
            atom = replace(atom, missing=bit.code)
        self.names[name] = atom

    def _assign(self, scope: _Scope, code: str, *, may_be_unknown: bool, missing: str = "0") -> Atom:
        variable = f"v{self.count}"
        self.count += 1
        scope.lines.append(f"{scope.indent}{variable} = {code}")
        return Atom(variable, may_be_unknown, missing)

    def _union(self, scope: _Scope, atoms: Iterable[Atom]) -> str:
        """All facts for which any of the atoms is unknown. A known atom has none, so no test is needed."""
        sets = list(dict.fromkeys(atom.missing for atom in atoms if atom.missing != "0"))
        if len(sets) > 1:
            return self._assign(scope, " | ".join(sets), may_be_unknown=False).code
        return sets[0] if sets else "0"

    def _missing_if_unknown(self, scope: _Scope, atom: Atom, atoms: Iterable[Atom]) -> Atom:
        """The atom with the facts of the others, unless it came out known all the same."""
        union = self._union(scope, atoms)
        if union == "0":
            return atom
        kept = self._assign(scope, f"{union} if {atom.code} == U else 0", may_be_unknown=False)
        return replace(atom, missing=kept.code)

    def _guarded(self, scope: _Scope, atoms: Sequence[Atom], code: str, *also: str) -> Atom:
        """The code's value where none of the atoms is unknown."""
        tests = [f"{atom.code} == U" for atom in dict.fromkeys(atoms) if atom.may_be_unknown] + list(also)
        if not tests:
            return self._assign(scope, code, may_be_unknown=False)
        missing = self._union(scope, atoms)
        return self._assign(scope, f"U if {' or '.join(tests)} else {code}", may_be_unknown=True, missing=missing)

    def _member_loop(self, scope: _Scope, level: int) -> None:
        wanted = [a for a, of_level in _aggregate_levels(self.formulas, self.levels).items() if of_level == level]
        if not wanted:
            return
        needs = {name: formula.tree.names for name, formula in self.formulas.formulas.items()}
        persons = {name: n for name, n in needs.items() if self.formulas.formulas[name].entity == "person"}
        read = reachable([name for aggregate in wanted for name in aggregate.names], persons)
        facts = {name for aggregate in wanted for name in aggregate.names}.union(*(needs[name] for name in read))
        states = [self._open(scope, aggregate) for aggregate in wanted]
        scope.lines.append(f"{scope.indent}for m in range(offsets[h], offsets[h + 1]):")
        inner = _Scope(scope.indent + "    ", dict(scope.known))
        outside = dict(self.names)
        for place, name in enumerate(self.formulas.member_facts):
            if name in facts:
                self._read(inner, name, f"member[{place}][m]", may_be_unknown=True)
        for formula in self.formulas.formulas.values():
            if formula.name in read:
                self.names[formula.name] = self.write(inner, formula.tree)
        for aggregate, state in zip(wanted, states, strict=True):
            self._step(inner, aggregate, state)
        scope.lines += inner.lines
        self.names = outside
        for aggregate, state in zip(wanted, states, strict=True):
            self.aggregates[aggregate] = self._close(scope, aggregate, state)

    def _open(self, scope: _Scope, aggregate: Expr) -> _State:
        start = "1" if aggregate.op == "all" else "0"
        total = self._assign(scope, start, may_be_unknown=True).code
        seen = self._assign(scope, "0", may_be_unknown=True).code if aggregate.op in ("max", "min") else ""
        missing = self._assign(scope, "0", may_be_unknown=False).code if self.tracks else "0"
        return _State(total, seen, missing)

    def _step(self, scope: _Scope, aggregate: Expr, state: _State) -> None:
        total, seen = state.total, state.seen
        value, condition = (self.write(scope, arg) for arg in aggregate.args)
        lines, indent = scope.lines, scope.indent
        if aggregate.op in ("any", "all"):
            decides, other = ("1", "0") if aggregate.op == "any" else ("0", "1")
            member = self._joined(scope, aggregate.op, value, condition)
            self._add_missing(scope, state, [member])
            joined = member.code
            unknown = f"U if {total} == U or {joined} == U else {other}"
            lines.append(
                f"{indent}{total} = {decides} if {total} == {decides} or {joined} == {decides} else ({unknown})"
            )
            return
        atoms = [condition] if aggregate.op == "count" else [condition, value]
        tests = " or ".join(f"{atom.code} == U" for atom in atoms if atom.may_be_unknown)
        self._add_missing(scope, state, atoms, unless=condition)
        skip = f"{{}} if {condition.code} == 0 else " if condition.code != "1" else ""
        if aggregate.op in ("max", "min"):
            sign = ">" if aggregate.op == "max" else "<"
            better = f"{condition.code} == 1 and ({seen} == 0 or {value.code} {sign} {total})"
            lines.append(f"{indent}{total} = {value.code} if {better} else {total}")
            unknown = f"U if {seen} == U or {tests} else 1" if tests else f"U if {seen} == U else 1"
            lines.append(f"{indent}{seen} = {skip.format(seen)}({unknown})")
            return
        more = "1" if aggregate.op == "count" else value.code
        unknown = f"U if {total} == U or {tests} else {total} + {more}" if tests else f"{total} + {more}"
        lines.append(f"{indent}{total} = {skip.format(total)}({unknown})")

    def _add_missing(self, scope: _Scope, state: _State, atoms: Iterable[Atom], unless: Atom | None = None) -> None:
        union = self._union(scope, atoms)
        if self.tracks and union != "0":
            guard = f"0 if {unless.code} == 0 else " if unless is not None and unless.code != "1" else ""
            scope.lines.append(f"{scope.indent}{state.missing} = {state.missing} | ({guard}{union})")

    def _joined(self, scope: _Scope, op: str, value: Atom, condition: Atom) -> Atom:
        """What one member adds to `any` (value and condition) or to `all` (value, or not the condition)."""
        if condition.code == "1":
            return value
        if op == "any":
            return self._logic(scope, "and", value, condition)
        return self._logic(scope, "or", value, self._guarded(scope, [condition], f"1 - {condition.code}"))

    def _close(self, scope: _Scope, aggregate: Expr, state: _State) -> Atom:
        if state.seen:
            return self._assign(
                scope, f"{state.total} if {state.seen} == 1 else U", may_be_unknown=True, missing=state.missing
            )
        if aggregate.op in ("any", "all") and self.tracks:
            return self._missing_if_unknown(scope, Atom(state.total, True), [Atom("", True, state.missing)])
        return Atom(state.total, True, state.missing)

    def write(self, scope: _Scope, tree: Expr) -> Atom:
        """Write what computes the tree; a tree already computed in this scope is not written again."""
        if tree.op == "name":
            return self.names[str(tree.value)]
        if tree.op in ("number", "bool"):
            return Atom(str(tree.value), False)
        if tree.op == "text":
            return Atom(str(tree.known_kind.low), False)
        if tree in self.aggregates:
            return self.aggregates[tree]
        if tree not in scope.known:
            scope.known[tree] = self._write(scope, tree, [self.write(scope, arg) for arg in tree.args])
        return scope.known[tree]

    def _write(self, scope: _Scope, tree: Expr, atoms: list[Atom]) -> Atom:
        first, op = atoms[0], tree.op
        if op in ("and", "or"):
            return self._logic(scope, op, *atoms)
        if op == "not":
            return self._guarded(scope, atoms, f"1 - {first.code}")
        if op == "neg":
            return self._guarded(scope, atoms, f"-({first.code})")
        if op in _ARITHMETIC:
            return self._guarded(scope, atoms, f"{first.code} {_ARITHMETIC[op]} {atoms[1].code}")
        if op == "floor_divide":
            return self._guarded(scope, atoms, f"{first.code} // {atoms[1].code}", f"{atoms[1].code} == 0")
        if op in COMPARISONS:
            return self._comparison(scope, tree, atoms)
        if op in ROUNDINGS:
            return self._rounding(scope, tree, first)
        if op == "case":
            return self._case(scope, atoms)
        if op == "full_years":
            missing = self._union(scope, atoms)
            code = f"full_years({first.code}, {atoms[1].code})"
            return self._assign(scope, code, may_be_unknown=True, missing=missing)
        if op == "over_12_months":
            return self._guarded(scope, atoms, f"{first.code} * 12")
        if op == "days_between":
            return self._guarded(scope, atoms, f"{atoms[1].code} - {first.code}")
        return self._extreme(scope, atoms, ">" if op == "greatest" else "<")

    def _logic(self, scope: _Scope, op: str, a: Atom, b: Atom) -> Atom:
        decides, other = ("0", "1") if op == "and" else ("1", "0")
        unknown = [f"{atom.code} == U" for atom in (a, b) if atom.may_be_unknown]
        rest = f"(U if {' or '.join(unknown)} else {other})" if unknown else other
        code = f"{decides} if {a.code} == {decides} or {b.code} == {decides} else {rest}"
        return self._missing_if_unknown(scope, self._assign(scope, code, may_be_unknown=bool(unknown)), (a, b))

    def _comparison(self, scope: _Scope, tree: Expr, atoms: list[Atom]) -> Atom:
        scales = [arg.known_kind.scale for arg in tree.args]
        sides = [f"{atom.code} * {max(scales) // scale}" for atom, scale in zip(atoms, scales, strict=True)]
        sides = [side.removesuffix(" * 1") for side in sides]
        return self._guarded(scope, atoms, f"(1 if {sides[0]} {_SIGNS[tree.op]} {sides[1]} else 0)")

    def _rounding(self, scope: _Scope, tree: Expr, atom: Atom) -> Atom:
        scale, x = tree.args[0].known_kind.scale, atom.code
        unit = 100 if tree.op.endswith("yuan") else 1
        step = scale * unit
        if tree.op.startswith("round_half_up"):
            return self._guarded(scope, [atom], f"{x} // {step} + (1 if ({x} % {step}) * 2 >= {step} else 0)")
        if tree.op.startswith("round_up"):
            return self._guarded(scope, [atom], f"-(-({x}) // {step}) * {unit}")
        return self._guarded(scope, [atom], f"{x} // {step} * {unit}")

    def _case(self, scope: _Scope, atoms: list[Atom]) -> Atom:
        result = atoms[-1]
        pairs = list(zip(atoms[:-1:2], atoms[1:-1:2], strict=True))
        for condition, value in reversed(pairs):
            chosen = f"({value.code} if {condition.code} == 1 else {result.code})"
            guard = f"U if {condition.code} == U else " if condition.may_be_unknown else ""
            may_be = condition.may_be_unknown or value.may_be_unknown or result.may_be_unknown
            missing = "0"
            if {condition.missing, value.missing, result.missing} != {"0"}:
                rest = f"({value.missing} if {condition.code} == 1 else {result.missing})"
                first = f"{condition.missing} if {condition.code} == U else " if condition.may_be_unknown else ""
                missing = self._assign(scope, first + rest, may_be_unknown=False).code
            result = self._assign(scope, guard + chosen, may_be_unknown=may_be, missing=missing)
        return result

    def _extreme(self, scope: _Scope, atoms: list[Atom], sign: str) -> Atom:
        result = atoms[0]
        for atom in atoms[1:]:
            choice = f"({result.code} if {result.code} {sign} {atom.code} else {atom.code})"
            result = self._guarded(scope, [result, atom], choice)
        return result


def _levels(formulas: FormulaSet) -> dict[str, int]:
    """After how many loops over the members each formula can be computed."""
    levels: dict[str, int] = {}
    for formula in formulas.formulas.values():
        levels[formula.name] = _level(formula, levels)
    return levels


def _level(formula: Formula, levels: dict[str, int]) -> int:
    own = max((levels.get(name, 0) for name in formula.tree.names), default=0)
    inner = [1 + max((levels.get(n, 0) for n in a.names), default=0) for a in aggregates_of(formula.tree)]
    return max([own, *inner])


def _aggregate_levels(formulas: FormulaSet, levels: dict[str, int]) -> dict[Expr, int]:
    return {
        aggregate: 1 + max((levels.get(name, 0) for name in aggregate.names), default=0)
        for formula in formulas.of_household
        for aggregate in aggregates_of(formula.tree)
    }
