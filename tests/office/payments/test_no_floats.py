"""Promise P5 as a rule about our own code: no float takes part where money is."""

import ast
from pathlib import Path

import pytest

import doudi.engine.values.money
import doudi.office.entitlements
import doudi.office.payments

FOLDERS = [Path(doudi.office.payments.__path__[0]), Path(doudi.office.entitlements.__path__[0])]
FILES = [Path(doudi.engine.values.money.__file__), *(file for folder in FOLDERS for file in folder.rglob("*.py"))]


def float_sites(source: str) -> list[int]:
    """Lines with a float literal, the name float, Decimal, round(), or a true division."""
    sites = []
    for node in ast.walk(ast.parse(source)):
        is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_named = isinstance(node, ast.Name) and node.id in {"float", "Decimal", "round"}
        is_division = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if is_float or is_named or is_division:
            sites.append(node.lineno)  # type: ignore[attr-defined]  # each of these kinds has a line
    return sites


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_p5_no_float_where_money_is(file: Path) -> None:
    assert float_sites(file.read_text("utf-8")) == []


@pytest.mark.parametrize("source", ["x = 1.5", "x = float(y)", "x = y / 2", "x /= 2", "round(x)", "Decimal(x)"])
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert float_sites(source) == [1]
