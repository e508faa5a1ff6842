"""What the pack calls things: programmes, departments' files, divisions, in the reader's language."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from doudi.engine.pack.document import Document
from doudi.office.desk.replies import language
from doudi.office.evidence.rulebook import current_pack


def programmes() -> list[tuple[str, str]]:
    """Every programme of the pack with its name."""
    return [(name, _said(label)) for name, label in _labels("programmes", "programme.yaml").items()]


def programme_label(programme: str) -> str:
    """A programme's name."""
    return _said(_labels("programmes", "programme.yaml")[programme])


def source_label(source: str) -> str:
    """A department's delivery by name; the office's own words by theirs."""
    known = _labels("sources", "contract.yaml")
    return _said(known[source]) if source in known else source


def place(code: str) -> str:
    """A village with its township, so that two villages of one name are told apart."""
    pack, lang = current_pack(), language()
    named = set(pack.divisions())
    parts = [part for part in (code[:9], code) if part in named]
    return " ".join(dict.fromkeys(pack.region_name(part, lang) for part in parts)) or code


@lru_cache(maxsize=4)
def _labels(folder: str, file_name: str) -> Mapping[str, Mapping[str, str]]:
    found = (_labelled(each) for each in current_pack().documents(folder) if each.relative.endswith(f"/{file_name}"))
    return dict(found)


def _labelled(document: Document) -> tuple[str, Mapping[str, str]]:
    data: Any = document.data
    return data["id"], data["label"]


def _said(label: Mapping[str, str]) -> str:
    return label[language()]
