"""The shape of the code base is a test: small rooms, honest names, no circle in disguise."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "doudi").rglob("*.py"))
WRITTEN = [path for path in SOURCES if "migrations" not in path.parts]

BANNED_NAMES = {"utils", "common", "helpers", "manager", "base", "misc"}
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_module_is_longer_than_one_head_can_hold() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in WRITTEN if (n := len(p.read_text("utf-8").splitlines())) > MODULE_LINES_MAX
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in WRITTEN
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(p.relative_to(ROOT)) for p in SOURCES if p.stem in BANNED_NAMES] == []


def test_no_import_hides_inside_a_function() -> None:
    """Such an import is the usual disguise of a circle; `AppConfig.ready` is the one place where Django wants it."""
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in WRITTEN
        for node in functions(path)
        if node.name != "ready"
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_every_module_says_what_it_is() -> None:
    """Migrations and empty package files need no introduction."""
    written = [path for path in WRITTEN if path.read_text("utf-8").strip()]
    silent = [str(p.relative_to(ROOT)) for p in written if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []


CLOCKS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("datetime", "utcnow"),
}
EDGES = {"cli.py", "clock.py", "console.py", "settings.py"}


def test_the_engine_reads_no_clock() -> None:
    """`as_of` is an argument: a past night must give the same rows again."""
    reads = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in WRITTEN
        if "engine" in path.parts and path.name not in EDGES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]
    assert reads == []
