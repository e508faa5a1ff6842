"""From the kernel's text to LLVM's own language: the few constructions that `source` writes, and no others.

The text is plain Python on whole numbers; here every value is a 64-bit whole number. A general compiler has to find out
types, exceptions and reference counts first, which took half a minute for one programme; this takes milliseconds.
Property tests hold the machine's results against the same text interpreted.
"""

import ast
from collections.abc import Sequence
from pathlib import Path

from doudi.engine.rules import days, source
from doudi.engine.rules.family import UNKNOWN

_TABLES = ("household", "member", "parameters", "out")
NUMBERS = ("first", "last", "as_of")
_COMPARES = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "slt", ast.LtE: "sle", ast.Gt: "sgt", ast.GtE: "sge"}
_OPERATORS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.BitOr: "or", ast.BitAnd: "and"}
_DIVISIONS: dict[type[ast.operator], str] = {ast.FloorDiv: "floor_div", ast.Mod: "floor_mod"}
# Python's division floors; the machine's cuts off towards zero.
_PRELUDE = """
define internal i64 @floor_div(i64 %a, i64 %b) alwaysinline {
  %q = sdiv i64 %a, %b
  %r = srem i64 %a, %b
  %some = icmp ne i64 %r, 0
  %signs = xor i64 %r, %b
  %differ = icmp slt i64 %signs, 0
  %less = and i1 %some, %differ
  %one = zext i1 %less to i64
  %floored = sub i64 %q, %one
  ret i64 %floored
}
define internal i64 @floor_mod(i64 %a, i64 %b) alwaysinline {
  %r = srem i64 %a, %b
  %some = icmp ne i64 %r, 0
  %signs = xor i64 %r, %b
  %differ = icmp slt i64 %signs, 0
  %less = and i1 %some, %differ
  %more = select i1 %less, i64 %b, i64 0
  %floored = add i64 %r, %more
  ret i64 %floored
}
"""


class _Function:
    """Writes one function of LLVM's language out of one of Python's."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.slots: dict[str, str] = {}
        self.values: dict[str, str] = {"U": str(UNKNOWN)}
        self.count = 0
        self.block = "entry"

    def fresh(self, code: str) -> str:
        self.count += 1
        name = f"%t{self.count}"
        self.lines.append(f"  {name} = {code}")
        return name

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")
        self.block = name

    def jump(self, name: str) -> None:
        self.lines.append(f"  br label %{name}")

    # --- values ----------------------------------------------------------------------------------------------

    def number(self, node: ast.expr) -> str:
        """A 64-bit value."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return str(int(node.value))
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.fresh(f"sub i64 0, {self.number(node.operand)}")
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.IfExp):
            return self._choice(node)
        if isinstance(node, ast.Subscript):
            return self._element(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = ", ".join(f"i64 {self.number(arg)}" for arg in node.args)
            return self.fresh(f"call i64 @{node.func.id}({given})")
        raise _unknown(node)

    def truth(self, node: ast.expr) -> str:
        """A condition. Comparing has no effects, so both sides of `and` and `or` are computed without a branch."""
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            a, b = self.number(node.left), self.number(node.comparators[0])
            return self.fresh(f"icmp {_COMPARES[type(node.ops[0])]} i64 {a}, {b}")
        if isinstance(node, ast.BoolOp):
            word = "or" if isinstance(node.op, ast.Or) else "and"
            first, *rest = (self.truth(part) for part in node.values)
            for part in rest:
                first = self.fresh(f"{word} i1 {first}, {part}")
            return first
        raise _unknown(node)

    def _name(self, name: str) -> str:
        return self.values[name] if name in self.values else self.fresh(f"load i64, ptr {self.slots[name]}")

    def _operation(self, node: ast.BinOp) -> str:
        a, b = self.number(node.left), self.number(node.right)
        if type(node.op) in _DIVISIONS:
            return self.fresh(f"call i64 @{_DIVISIONS[type(node.op)]}(i64 {a}, i64 {b})")
        return self.fresh(f"{_OPERATORS[type(node.op)]} i64 {a}, {b}")

    def _choice(self, node: ast.IfExp) -> str:
        """With a branch where an arm divides or calls: dividing by the unknown or by zero must not even be tried."""
        chosen = self.truth(node.test)
        if not any(_is_costly(arm) for arm in (node.body, node.orelse)):
            a, b = self.number(node.body), self.number(node.orelse)
            return self.fresh(f"select i1 {chosen}, i64 {a}, i64 {b}")
        self.count += 1
        yes, no, after = (f"{word}{self.count}" for word in ("yes", "no", "after"))
        self.lines.append(f"  br i1 {chosen}, label %{yes}, label %{no}")
        arms = []
        for name, arm in ((yes, node.body), (no, node.orelse)):
            self.label(name)
            value = self.number(arm)
            arms.append(f"[{value}, %{self.block}]")
            self.jump(after)
        self.label(after)
        return self.fresh(f"phi i64 {', '.join(arms)}")

    def _element(self, node: ast.Subscript) -> str:
        return self.fresh(f"load i64, ptr {self._place(node)}")

    def _place(self, node: ast.Subscript) -> str:
        index = self.number(node.slice)
        if isinstance(node.value, ast.Name):
            column = f"%{node.value.id}"
        elif isinstance(node.value, ast.Subscript) and isinstance(node.value.value, ast.Name):
            column = f"%{node.value.value.id}.{ast.literal_eval(node.value.slice)}"
        else:
            raise _unknown(node)
        return self.fresh(f"getelementptr i64, ptr {column}, i64 {index}")

    # --- statements ------------------------------------------------------------------------------------------

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            (target,) = node.targets
            value = self.number(node.value)
            if isinstance(target, ast.Name):
                slot = self.slots.setdefault(target.id, f"%s.{target.id}")
                self.lines.append(f"  store i64 {value}, ptr {slot}")
                return
            if isinstance(target, ast.Subscript):
                self.lines.append(f"  store i64 {value}, ptr {self._place(target)}")
                return
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and isinstance(node.iter, ast.Call):
            self._loop(node.target.id, node.iter.args, node.body)
            return
        if isinstance(node, ast.Return) and node.value is not None:
            self.lines.append(f"  ret i64 {self.number(node.value)}")
            return
        if not isinstance(node, ast.Pass):
            raise _unknown(node)

    def _loop(self, name: str, bounds: list[ast.expr], body: list[ast.stmt]) -> None:
        low, high = (self.number(bound) for bound in bounds)
        self.count += 1
        head, inside, after = (f"{word}{self.count}" for word in ("head", "inside", "done"))
        place = f"%{name}.{self.count}"
        before = self.block
        self.jump(head)
        self.label(head)
        entry = len(self.lines)
        self.values[name] = place
        more = self.fresh(f"icmp slt i64 {place}, {high}")
        self.lines.append(f"  br i1 {more}, label %{inside}, label %{after}")
        self.label(inside)
        for statement in body:
            self.statement(statement)
        following = self.fresh(f"add i64 {place}, 1")
        self.lines.insert(entry, f"  {place} = phi i64 [{low}, %{before}], [{following}, %{self.block}]")
        self.jump(head)
        self.label(after)

    def text(self, head: str, before: Sequence[str] = ()) -> str:
        slots = [f"  {slot} = alloca i64" for slot in self.slots.values()]
        return "\n".join([head + " {", "entry:", *before, *slots, *self.lines, "}", ""])


def _is_costly(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Call) or (isinstance(part, ast.BinOp) and type(part.op) in _DIVISIONS)
        for part in ast.walk(node)
    )


def _unknown(node: ast.AST) -> AssertionError:
    return AssertionError(f"the kernel's text has a {type(node).__name__}, which `source` never writes")


def machine_text(kernel: str) -> str:
    """The kernel's text in LLVM's language, with the functions of `days` that it calls."""
    parts = [_PRELUDE]
    for node in _functions(Path(days.__file__).read_text("utf-8")):
        function = _Function()
        names = [argument.arg for argument in node.args.args]
        function.values.update({name: f"%{name}" for name in names})
        for statement in node.body[1 if ast.get_docstring(node) else 0 :]:
            function.statement(statement)
        given = ", ".join(f"i64 %{name}" for name in names)
        parts.append(function.text(f"define internal i64 @{node.name}({given}) alwaysinline"))
    (node,) = _functions(kernel)
    parts.append(_kernel(node))
    return "\n".join(parts)


def _functions(text: str) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


def _kernel(node: ast.FunctionDef) -> str:
    function = _Function()
    function.values.update({name: f"%{name}" for name in NUMBERS})
    for statement in node.body:
        function.statement(statement)
    function.lines.append("  ret void")
    # The addresses of all columns are read once, before the loop.
    tables: dict[str, set[int]] = {name: set() for name in _TABLES}
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and part.value.id in tables:
            tables[part.value.id].add(ast.literal_eval(part.slice))
    addresses = []
    for name, places in tables.items():
        for place in sorted(places):
            addresses.append(f"  %{name}.at.{place} = getelementptr ptr, ptr %{name}, i64 {place}")
            addresses.append(f"  %{name}.{place} = load ptr, ptr %{name}.at.{place}")
    given = ", ".join(f"{'i64' if name in NUMBERS else 'ptr'} %{name}" for name in source.ARGUMENTS.split(", "))
    return function.text(f"define void @{source.KERNEL}({given})", addresses)
