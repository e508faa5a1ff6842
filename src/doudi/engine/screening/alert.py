"""An alert rule (预警规则) as data: when it speaks, since when, how urgently, and in which words.

The formulas (`programme`, `formulas`, `when`) are in the language of the rules and are compiled by them; this page
holds the rest. What a rule may not read (promise 25) is checked where its formulas are known, in the pipeline.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import Document, PackError, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import Sensitivity, Vocabulary, load_vocabulary
from doudi.engine.values.errors import DoudiError

Family = Literal["in_need", "entitled_not_receiving", "receiving_changed"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
TO_ASK = "to_ask"
"""In a sentence, what still has to be asked; in a finding's facts, the source of a fact that nobody has told yet."""


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


class Entitled(Strict):
    """The programme to which the family may be entitled.

    The alert speaks where `when` holds and the programme's rules find the family eligible. Where they can't say so only
    because nobody has asked yet, it speaks if the formula `likely_when` holds and the family is eligible under the
    answers that the pack presumes (`alerts/presumed.yaml`): then it is likely, and what to ask is named. A family that
    receives one of `unless_receiving` is left alone; while nobody knows who receives, so is everybody. What the office
    decides together with another programme speaks `only_if_told`: as long as its snapshot names no family that receives
    the programme, the office can't carry it out yet, and who does not receive it is not known.
    """

    programme: Name
    likely_when: Name
    unless_receiving: tuple[Name, ...] = Field(min_length=1, strict=False)
    only_if_told: bool = False


class Quality(Strict):
    """The floor under a rule's precision: confirmed of all checked, over the last so many that people checked.

    `outcomes_from` lets a corrected rule begin anew: earlier outcomes speak of its former text.
    """

    floor_percent: Annotated[int, Field(ge=0, le=100)] = 50
    outcomes_from: date | None = None


class AlertFile(Strict):
    """A `packs/cn/alerts/<id>/alert.yaml`. `priority` names one of the formulas: the higher, the sooner a visit."""

    id: Name
    family: Family
    label: Label
    citation: Citation
    why: Label
    programme: Name | None = None
    entitled: Entitled | None = None
    reads_sensitive: Mapping[Sensitivity, Citation] = Field(default_factory=dict)
    """For each kind of sensitive fact that the rule reads, directly or not: the law that lets it (promise 25)."""
    formulas: Mapping[str, object] = Field(default_factory=dict)
    when: str
    episode: Episode
    cool_off_days: Annotated[int, Field(ge=0, le=730)]
    quality: Quality = Field(default_factory=Quality)
    priority: Name
    reason_facts: tuple[Name, ...] = Field(min_length=1, strict=False)
    sentence: Label

    @model_validator(mode="after")
    def _says_only_what_it_knows(self) -> "AlertFile":
        if self.priority not in self.formulas:
            raise ValueError("priority names one of the alert's own formulas")
        if (self.family == "entitled_not_receiving") != (self.entitled is not None):
            raise ValueError("`entitled` belongs to the family entitled_not_receiving, and every alert of it has one")
        if self.entitled is not None and self.entitled.likely_when not in self.formulas:
            raise ValueError("entitled.likely_when names one of the alert's own formulas")
        known = {*self.formulas, *self.reason_facts, *([TO_ASK] if self.entitled else [])}
        for text in (self.sentence.zh, self.sentence.en):
            strangers = sorted(set(PLACE.findall(text)) - known)
            if strangers:
                raise ValueError(f"the sentence names {', '.join(strangers)}, which is neither formula nor reason fact")
            if self.entitled is not None and f"{{{TO_ASK}}}" not in text:
                raise ValueError(f"the sentence must say what to ask: {{{TO_ASK}}}")
        return self


class Alert(Strict):
    """An alert rule with the document in which it stands."""

    rule: AlertFile
    folder: str

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def facts_read(self) -> tuple[str, ...]:
        """The facts that a finding of this rule tells or is dated by."""
        episode = self.rule.episode.fact
        return self.rule.reason_facts if episode is None else (*self.rule.reason_facts, episode)

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
