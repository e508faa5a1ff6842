"""Write docs/reference/errors.md from the code: every error class, its stable code and what it means.

The docstring of the class is the explanation, so text and type cannot drift apart. `--check` only compares.
"""

import importlib
import inspect
import os
import pkgutil
import sys
from pathlib import Path

import django

import doudi
from doudi.engine.values.errors import DoudiError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "errors.md"
HEAD = """# Errors

Every error has a stable code. What a person reads has three parts: what happened, what to do, and where.
This page is written from the code by `python scripts/reference_pages.py`; a test compares it.

| code | name | meaning |
|---|---|---|
"""


def error_classes() -> list[type[DoudiError]]:
    """Every error class of the package that has a code of its own, by code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doudi.office.settings")
    django.setup()
    for module in pkgutil.walk_packages(doudi.__path__, "doudi."):
        if ".migrations" not in module.name and not module.name.endswith(".wsgi"):
            importlib.import_module(module.name)
    found: list[type[DoudiError]] = []
    queue = [DoudiError]
    while queue:
        cls = queue.pop()
        queue.extend(cls.__subclasses__())
        if "code" in cls.__dict__ and cls is not DoudiError:
            found.append(cls)
    return sorted(set(found), key=lambda cls: (cls.code, cls.__name__))


def page() -> str:
    """The whole page as text."""
    rows = []
    for cls in error_classes():
        meaning = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
        rows.append(f"| `{cls.code}` | {cls.__name__} | {meaning} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text("utf-8") != page())
    PAGE.write_text(page(), "utf-8")
