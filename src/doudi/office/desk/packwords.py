"""What the pack calls things: programmes, departments' files, divisions, in the reader's language."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from doudi.engine.pack.document import Document
from doudi.engine.rules.programme import load_programme
from doudi.engine.workflow.reading import load_procedure
from doudi.office.casework.models.finding import FIELD_RULE
from doudi.office.desk.replies import language
from doudi.office.evidence.rulebook import current_pack, office_programmes

OWN_SOURCES = {
    "office": _("the office's own record"),
    "family": _("the family's own word"),
    "old_system": _("the old system's last review"),
    "recheck": _("re-check of what the family disputed"),
    "county": _("another county's answer"),
    "rule": _("computed by the rule"),
    "to_ask": _("nobody has told yet: ask at the visit"),
}


def programmes() -> list[tuple[str, str]]:
    """Every programme whose cases the office carries out, with its name."""
    return [(name, programme_label(name)) for name in office_programmes()]


def programme_label(programme: str) -> str:
    """A programme's name."""
    return _said(_labels("programmes", "programme.yaml")[programme])


def pays(programme: str) -> str:
    """How a programme pays: monthly, once or yearly; nothing where it only recognises a family."""
    found = load_programme(current_pack(), programme)
    return "" if found.amount is None else found.pays


def clock_reasons(programme: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """For which reasons the procedure lets the clock stand still, and for which it extends a limit."""
    procedure, lang = load_procedure(current_pack(), programme), language()
    return (
        [(each.id, each.label.in_language(lang)) for each in procedure.clock_stops],
        [(each.id, each.label.in_language(lang)) for each in procedure.extensions],
    )


def step_label(programme: str, step: str) -> str:
    """A step of a programme's procedure by name."""
    return load_procedure(current_pack(), programme).step(step).label.in_language(language())


def source_label(source: str) -> str:
    """A department's delivery by name; the office's own words by theirs."""
    known = _labels("sources", "contract.yaml")
    if source in known:
        return _said(known[source])
    return str(OWN_SOURCES.get(source, source))


def department_label(source: str) -> str:
    """Which department a delivery comes from; the office's own words and other counties by theirs."""
    contracts = {doc.data["id"]: doc.data for doc in current_pack().documents("sources")}
    return _said(contracts[source]["department"]) if source in contracts else source_label(source)


def rule_label(rule: str) -> str:
    """An alert rule by name; a rule that the pack no longer has keeps its id."""
    known = _labels("alerts", "alert.yaml")
    if rule == FIELD_RULE:
        return str(_("Found by the office itself"))
    return _said(known[rule]) if rule in known else rule


def place(code: str) -> str:
    """A village with its township, so that two villages of one name are told apart."""
    pack, lang = current_pack(), language()
    named = set(pack.divisions())
    parts = [part for part in (code[:9], code) if part in named]
    return " ".join(dict.fromkeys(pack.region_name(part, lang) for part in parts)) or code


def villages_of(area: str) -> list[tuple[str, str]]:
    """The villages of an area to choose from, by code and name."""
    codes = current_pack().divisions()
    return [(code, place(code)) for code in codes if len(code) == 12 and code.startswith(area)]


def townships_beside(area: str) -> list[tuple[str, str]]:
    """The other townships of the same city to choose from, by code and name."""
    pack, lang = current_pack(), language()
    others = [code for code in pack.divisions() if len(code) == 9 and code[:4] == area[:4]]
    names = [(code, f"{pack.region_name(code[:6], lang)} {pack.region_name(code, lang)}") for code in others]
    return [(code, name) for code, name in names if not code.startswith(area)]


@lru_cache(maxsize=4)
def _labels(folder: str, file_name: str) -> Mapping[str, Mapping[str, str]]:
    found = (_labelled(each) for each in current_pack().documents(folder) if each.relative.endswith(f"/{file_name}"))
    return dict(found)


def _labelled(document: Document) -> tuple[str, Mapping[str, str]]:
    data: Any = document.data
    return data["id"], data["label"]


def _said(label: Mapping[str, str]) -> str:
    return label[language()]
