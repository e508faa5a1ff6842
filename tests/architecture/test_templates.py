"""A strict content policy needs pages with nothing inline and nothing from elsewhere; that is checked in the source."""

import re
from pathlib import Path

import pytest

OFFICE = Path(__file__).resolve().parents[2] / "src" / "doudi" / "office"
TEMPLATES = sorted(OFFICE.rglob("templates/**/*.html"))
SCRIPTS = sorted((OFFICE / "static-src").glob("*.js"))
STYLES = sorted((OFFICE / "static-src").glob("*.scss"))

FORBIDDEN = {
    "an address outside": re.compile(r"""(?:src|href|action|content)\s*=\s*["']\s*(?:https?:)?//""", re.I),
    "an inline style": re.compile(r"""<style\b|\sstyle\s*=""", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "a script beside its file": re.compile(r"<script\b[^>]*>\s*[^<\s]", re.I),
    "an inline handler": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.I),
    "hx-on": re.compile(r"hx-on", re.I),
    "an evaluated value": re.compile(
        r"""hx-(?:vals|headers|vars)\s*=\s*["']\s*(?:js|javascript):|["']\s*javascript:""", re.I
    ),
    "a trigger filter": re.compile(r"""hx-trigger\s*=\s*["'][^"']*\[""", re.I),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+off", re.I),
}


def test_there_are_templates_to_check() -> None:
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("sin", FORBIDDEN)
def test_no_template_holds(sin: str) -> None:
    found = [
        f"{path.relative_to(OFFICE)}: {match.group(0)!r}"
        for path in TEMPLATES
        for match in FORBIDDEN[sin].finditer(path.read_text("utf-8"))
    ]
    assert found == []


def test_every_form_that_changes_something_carries_the_token_against_forgery() -> None:
    bare = [
        str(path.relative_to(OFFICE))
        for path in TEMPLATES
        for form in re.findall(r"<form\b[^>]*>.*?</form>", path.read_text("utf-8"), flags=re.S)
        if re.search(r"""method=["']post""", form, re.I) and "{% csrf_token %}" not in form
    ]
    assert bare == []


def test_scripts_and_styles_fetch_nothing_from_elsewhere_and_evaluate_nothing() -> None:
    for path in [*SCRIPTS, *STYLES]:
        text = path.read_text("utf-8")
        assert not re.search(r"https?://", text), path.name
        assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text), path.name


def test_htmx_is_pinned_exactly() -> None:
    package = (OFFICE.parents[2] / "package.json").read_text("utf-8")
    assert re.search(r'"htmx\.org": "4\.0\.1"', package)
    assert not re.search(r'": "[\^~*]|latest', package)
