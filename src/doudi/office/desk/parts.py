"""The six parts of an application: members, income, assets, expenses, consents, papers, in any order."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.office.casework.papers import MissingPaper
from doudi.office.casework.queries import CasePage
from doudi.office.desk.labels import TASK_STATES, Text
from doudi.office.desk.packwords import source_label
from doudi.office.evidence.queries import FactLine
from doudi.office.evidence.rulebook import asked_vocabulary, current_vocabulary

PARTS: Final[dict[str, Text]] = {
    "members": gettext_lazy("Family members"),
    "income": pgettext_lazy("part of an application", "Income"),
    "assets": pgettext_lazy("part of an application", "Assets"),
    "expenses": pgettext_lazy("part of an application", "Expenses"),
    "consents": gettext_lazy("Authorisation of the means check"),
    "papers": pgettext_lazy("part of an application", "Papers"),
}
# The parts whose questions come from the vocabulary, and what the first of them is called where it asks.
ASKING: Final[dict[str, Text]] = {
    "members": gettext_lazy("Situation of the family and its members"),
    "income": PARTS["income"],
    "assets": PARTS["assets"],
    "expenses": PARTS["expenses"],
}
_PART_OF_UNIT = {
    "fen_per_month": "income",
    "fen_per_12_months": "expenses",
    "fen": "assets",
    "vehicles": "assets",
    "dwellings": "assets",
    "businesses": "assets",
}
_PAGES = {
    "members": "case-members",
    "consents": "case-consents",
    "papers": "case-scans",
}
# Values that say that there is nothing.
_NOTHING = (0, False, "none")
_PART_OF_PAPER = {"id_number": "members", "consent": "consents", "payee_account": "papers"}


def part_of(definition: FactDefinition) -> str:
    """Where a fact is asked: flows of money by what they are measured in, what one is by the members."""
    return _PART_OF_UNIT.get(definition.unit, "members")


def vocabulary_of(programme: str, part: str) -> Vocabulary:
    """What an application for a programme asks in one part."""
    asked = asked_vocabulary(programme)

    def chosen(definitions: Mapping[str, FactDefinition]) -> dict[str, FactDefinition]:
        return {name: each for name, each in definitions.items() if part_of(each) == part}

    return Vocabulary(person=chosen(asked.person), household=chosen(asked.household))


def page_of_part(number: str, part: str) -> str:
    """Where a part is filled in."""
    return reverse(_PAGES[part], args=[number]) if part in _PAGES else reverse("case-declare", args=[number, part])


def parts(found: CasePage) -> list[dict[str, Any]]:
    """The six parts as a task list: 未开始, 待补正, 已完成, 现在不能办. Nothing for what an old system has decided."""
    if found.carried is not None:
        return []
    missing: dict[str, list[MissingPaper]] = {}
    for paper in found.missing:
        missing.setdefault(_part_of_gap(paper), []).append(paper)
    return [_part(found, part, label, missing.get(part, [])) for part, label in PARTS.items()]


def _part_of_gap(paper: MissingPaper) -> str:
    return _part_of_fact(paper.fact) if paper.kind == "fact" else _PART_OF_PAPER[paper.kind]


def _part_of_fact(name: str) -> str:
    definition = current_vocabulary().definition(name)
    return part_of(definition) if definition else "members"


def _found(found: CasePage) -> set[tuple[int | None, str]]:
    return {(line.person_id, line.name) for line in found.facts if line.found is not None}


def _part(found: CasePage, part: str, label: Text, gaps: list[MissingPaper]) -> dict[str, Any]:
    is_open = ("add_paper" if part == "papers" else "declare_facts") in found.can
    stale = [paper for paper in found.papers if paper.withdrawn_at and not _is_replaced(found, paper.paper_id)]
    note = _("%(count)s still missing") % {"count": len(gaps)} if gaps else ""
    if gaps or (part == "papers" and stale):
        begun = "incomplete" if _is_begun(found, part) else "not_begun"
        state = begun if found.state == "open" else "not_yet"
    else:
        state = "done"
        if part in ASKING and part != "members" and not _is_asked(found, part):
            note = _("nothing is asked here: the departments know it")
    if part == "papers" and not gaps and is_open:
        counting = sum(paper.withdrawn_at is None for paper in found.papers)
        note = _("%(count)s papers") % {"count": counting}
        if stale:
            note += " · " + _("%(count)s to be brought again") % {"count": len(stale)}
    return {
        "part": part,
        "label": label,
        "href": page_of_part(found.case_number, part) if is_open or part == "papers" else "",
        "state": TASK_STATES[state],
        "is_done": state == "done",
        "note": note,
    }


def _is_replaced(found: CasePage, paper_id: int) -> bool:
    return any(paper.replaces_id == paper_id for paper in found.papers)


def _is_begun(found: CasePage, part: str) -> bool:
    if part == "members":
        return True
    if part == "consents":
        return bool(found.consents)
    if part == "papers":
        return bool(found.papers) or found.account is not None
    return any(line.declared for line in _lines(found, part))


def _is_asked(found: CasePage, part: str) -> bool:
    asked = vocabulary_of(found.programme, part)
    every = [*asked.person.values(), *asked.household.values()]
    return any("family" in each.supplied_by and "department" not in each.supplied_by for each in every)


def _lines(found: CasePage, part: str) -> list[FactLine]:
    vocabulary = current_vocabulary()
    known = [(line, vocabulary.definition(line.name)) for line in found.facts]
    return [line for line, definition in known if definition is not None and part_of(definition) == part]


def known_already(found: CasePage, part: str) -> dict[str, list[dict[str, Any]]]:
    """What the departments know of this part, with source and day: it is shown, and not asked. What is zero or none
    stands apart, so that the questions are not pushed off the page.
    """
    names = {member.person_id: member.name for member in found.members}
    from_files = [
        {
            "whose": fact.person_name or _("The household"),
            "label": fact.label,
            "text": fact.text,
            "is_unknown": fact.value is None,
            "is_quiet": fact.value in _NOTHING,
            "source": source_label(fact.source),
            "day": fact.as_of,
        }
        for fact in found.reason_facts
        if fact.source != "rule"
        and _part_of_fact(fact.name) == part
        and (fact.person_id, fact.name) not in _found(found)
    ]
    every = from_files + [
        {
            "whose": names.get(line.person_id, "") if line.person_id else _("The household"),
            "label": line.label,
            "text": line.found.text,
            "is_unknown": line.found.is_unknown,
            "is_quiet": not line.found.is_unknown and line.found.value in _NOTHING,
            "source": source_label(line.found.source),
            "day": line.found.as_of,
        }
        for line in _lines(found, part)
        if line.found is not None
    ]
    return {
        "loud": [row for row in every if not row["is_quiet"]],
        "quiet": [row for row in every if row["is_quiet"]],
    }
