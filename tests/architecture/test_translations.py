"""Chinese first, English equal: no text in front of a person without both."""

import importlib
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Said in the same letters in Chinese too.
SAME_IN_CHINESE = {"%(whose)s: %(what)s"}


@pytest.fixture(scope="module")
def texts() -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module("messages")
    finally:
        sys.path.pop(0)


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_every_text_has_its_translation(texts: ModuleType, language: str) -> None:
    catalogue_of = cache(lambda app: texts.read_catalogue(app, language))
    missing = []
    for msgid, context, where in texts.messages():
        entry = catalogue_of(texts.app_of(where)).get(msgid, context)
        strings = entry.string if entry is not None else ""
        if not strings or (isinstance(strings, tuple) and not all(strings)):
            missing.append(f"{where}: {msgid}")
    assert missing == [], "run: python scripts/messages.py, then translate"


def test_chinese_texts_are_chinese_and_keep_every_placeholder(texts: ModuleType) -> None:
    wrong = []
    catalogue_of = cache(lambda app: texts.read_catalogue(app, "zh_Hans"))
    for msgid, context, where in texts.messages():
        entry = catalogue_of(texts.app_of(where)).get(msgid, context)
        source = msgid if isinstance(msgid, str) else msgid[-1]
        string = entry.string if isinstance(entry.string, str) else entry.string[0]
        if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(string)):
            wrong.append(f"{where}: placeholders of {source!r}")
        if not CHINESE.search(string) and source not in SAME_IN_CHINESE:
            wrong.append(f"{where}: {source!r} is not in Chinese")
    assert wrong == []


def test_no_template_or_screen_holds_chinese_of_its_own() -> None:
    """Chinese stands in the catalogues; the switch of languages names each in its own."""
    strays = []
    for app in ("desk", "portal"):
        for path in sorted((ROOT / "src" / "doudi" / "office" / app / "templates").rglob("*.html")):
            text = re.sub(r'lang="zh-Hans">中文<', "", path.read_text("utf-8"))
            strays += [f"{path.name}: {line.strip()}" for line in text.splitlines() if CHINESE.search(line)]
    assert strays == []
