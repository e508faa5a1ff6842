"""The counter path: the night's rules on one family, at once, with the explanation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.assessment import Assessment, assess
from doudi.engine.rules.classification import Classification, classify
from doudi.engine.rules.explain import Explanation, explain
from doudi.engine.rules.family import Family
from doudi.engine.rules.programme import load_programme
from doudi.engine.values.money import format_yuan


def assess_household(
    pack: Pack,
    programme_id: str,
    family: Family,
    as_of: date,
    *,
    lang: str = "zh",
    names: Mapping[str, str] | None = None,
) -> tuple[Assessment, Explanation]:
    """Assess one family for one programme and explain the result in Chinese (`zh`) or English (`en`).

    `names` says what members are to be called in the explanation, by their key. It never reaches the rules.
    """
    programme = load_programme(pack, programme_id)
    return (
        assess(programme, family, pack=pack, as_of=as_of),
        explain(programme, family, pack=pack, as_of=as_of, lang=lang, names=names),
    )


def classify_household(
    pack: Pack, family: Family, as_of: date, *, lang: str = "zh", names: Mapping[str, str] | None = None
) -> tuple[Classification, dict[str, Explanation]]:
    """Classify one family, and explain its tier, what comes with it, and each earlier tier that is still open."""
    found = classify(family, pack=pack, as_of=as_of)
    told = {*found.open_before, *found.additions, *([found.tier] if found.tier else [])}
    return found, {
        name: explain(load_programme(pack, name), family, pack=pack, as_of=as_of, lang=lang, names=names)
        for name in found.assessments
        if name in told
    }


@dataclass(frozen=True)
class ClassifiedFamily:
    """Where a family stands, in words: its tier first, then every programme with its reasoning.

    `told` are the programmes that are told in full: the tier, what comes with it, and each tier before it that is open.
    """

    classification: Classification
    headline: str
    explanations: Mapping[str, Explanation]
    told: tuple[str, ...]

    def sentences(self, *, of_all: bool = False) -> list[str]:
        """The text from top to bottom; of a programme that is not told in full, its first sentence."""
        lines = [self.headline]
        for name, explanation in self.explanations.items():
            lines += explanation.sentences() if of_all or name in self.told else explanation.sentences()[:1]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-able data: the classification with every value, and each programme's explanation."""
        explanations = {name: explanation.to_dict() for name, explanation in self.explanations.items()}
        return {"headline": self.headline, **self.classification.to_dict(), "explanations": explanations}


def explain_family(
    pack: Pack, family: Family, as_of: date, *, lang: str = "zh", names: Mapping[str, str] | None = None
) -> ClassifiedFamily:
    """Classify one family and explain every programme that was looked at, in the order of the law."""
    found = classify(family, pack=pack, as_of=as_of)
    told = (*found.open_before, *((found.tier,) if found.tier else ()), *found.additions)
    explanations = {
        name: explain(load_programme(pack, name), family, pack=pack, as_of=as_of, lang=lang, names=names)
        for name in found.assessments
    }
    return ClassifiedFamily(found, _headline(found, pack, lang), explanations, told)


def _headline(found: Classification, pack: Pack, lang: str) -> str:
    is_english = lang.lower().startswith("en")
    open_ones = [load_programme(pack, name).label.in_language(lang) for name in found.open_before]
    granted = [load_programme(pack, name) for name in (*((found.tier,) if found.tier else ()), *found.additions)]
    labels = [programme.label.in_language(lang) for programme in granted]
    if is_english:
        text = f"What fits as things stand: {', '.join(labels)}." if labels else "No programme fits as things stand."
        money = "" if found.amount_fen is None else f" {format_yuan(found.amount_fen)} yuan a month in all."
        rest = f" Still open, and looked at first: {', '.join(open_ones)}." if open_ones else ""
        return text + money + rest
    text = f"按现有情况，对上的是：{'、'.join(labels)}。" if labels else "按现有情况，没有对上的救助项目。"
    money = "" if found.amount_fen is None else f"合计每月 {format_yuan(found.amount_fen)} 元。"
    rest = f"排在前面、还不能判断的：{'、'.join(open_ones)}。" if open_ones else ""
    return text + money + rest
