"""An alert rule (预警规则) as data: when it speaks, since when, how urgently, and in which words.

The formulas (`programme`, `formulas`, `when`) are in the language of the rules and are compiled by them; this page
holds the rest. A rule reads neither nationality nor religion nor health unless it cites the law that lets it (promise
25): the vocabulary has no such facts but the hospital bills and disabilities that the assistance law itself names.
"""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import Document, PackError, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import Vocabulary, load_vocabulary
from doudi.engine.values.errors import DoudiError

Family = Literal["in_need", "entitled_not_receiving", "receiving_changed"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class AlertError(DoudiError):
    """An alert rule can't be used as it is written."""

    code: ClassVar[str] = "DD-ALERT-001"


class Episode(Strict):
    """When an episode (a finding's reason) begins.

    `latest_of_fact` takes the latest day from which the named fact holds for a member or the household, so that a new
    bill is a new episode. `first_seen` takes the day of the run that saw it first.
    """

    begins: Literal["latest_of_fact", "first_seen"]
    fact: Name | None = None

    @model_validator(mode="after")
    def _names_its_fact(self) -> "Episode":
        if (self.begins == "latest_of_fact") != (self.fact is not None):
            raise ValueError("`fact` belongs to latest_of_fact, and to it alone")
        return self


class AlertFile(Strict):
    """A `packs/cn/alerts/<id>/alert.yaml`. `priority` names one of the formulas: the higher, the sooner a visit."""

    id: Name
    family: Family
    label: Label
    citation: Citation
    why: Label
    programme: Name | None = None
    formulas: Mapping[str, object] = Field(default_factory=dict)
    when: str
    episode: Episode
    cool_off_days: Annotated[int, Field(ge=0, le=730)]
    priority: Name
    reason_facts: tuple[Name, ...] = Field(min_length=1, strict=False)
    sentence: Label

    @model_validator(mode="after")
    def _says_only_what_it_knows(self) -> "AlertFile":
        if self.priority not in self.formulas:
            raise ValueError("priority names one of the alert's own formulas")
        known = {*self.formulas, *self.reason_facts}
        for text in (self.sentence.zh, self.sentence.en):
            strangers = sorted(set(PLACE.findall(text)) - known)
            if strangers:
                raise ValueError(f"the sentence names {', '.join(strangers)}, which is neither formula nor reason fact")
        return self


class Alert(Strict):
    """An alert rule with the document in which it stands."""

    rule: AlertFile
    folder: str

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def is_adverse(self) -> bool:
        """Does it speak against the family? Such a rule asks people to verify; it never takes anything away."""
        return self.rule.family == "receiving_changed"


def load_alerts(pack: Pack) -> list[tuple[Alert, Document]]:
    """Every alert rule of the pack with its document, by id."""
    vocabulary = load_vocabulary(pack)
    found = []
    for document in pack.documents("alerts"):
        if document.relative.endswith("/alert.yaml"):
            rule = validate(document, AlertFile)
            folder = document.relative.removesuffix("/alert.yaml")
            _check(rule, folder, document, vocabulary)
            found.append((Alert(rule=rule, folder=folder), document))
    return found


def _check(rule: AlertFile, folder: str, document: Document, vocabulary: Vocabulary) -> None:
    if folder.rsplit("/", 1)[-1] != rule.id:
        raise PackError("the alert's id and its folder differ.", advice="Rename one.", where=document.where("id"))
    facts = [*rule.reason_facts, *([rule.episode.fact] if rule.episode.fact else [])]
    unknown = sorted(name for name in facts if vocabulary.definition(name) is None)
    if unknown:
        raise AlertError(
            f"the vocabulary has no fact {', '.join(unknown)}.",
            advice="Reason facts are facts of the vocabulary; the alert's formulas are attached by themselves.",
            where=document.where("reason_facts"),
        )
    if rule.family == "receiving_changed" and not ("核实" in rule.sentence.zh and "verify" in rule.sentence.en.lower()):
        # Promise 17: a finding against a family is a question to people, never an instruction.
        raise AlertError(
            "a finding that speaks against a family must ask people to verify.",
            advice="Say 请核实 and `verify` in the sentence; it may not say stop.",
            where=document.where("sentence"),
        )
