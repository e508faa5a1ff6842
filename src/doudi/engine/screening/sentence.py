"""The reason of a finding in one sentence, from the facts that it rests on."""

from collections.abc import Iterable, Mapping
from typing import Any

from doudi.engine.pack.vocabulary import Vocabulary
from doudi.engine.screening.alert import PLACE, TO_ASK, Alert
from doudi.engine.values.money import format_yuan

_NOT_KNOWN = {"zh": "（不详）", "en": "(not known)"}
_NOTHING = {"zh": "（没有）", "en": "(nothing)"}
_COMMA = {"zh": "、", "en": ", "}


def reason(alert: Alert, facts: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, lang: str) -> str:
    """The alert's sentence with the values of one finding's rows of `finding_facts` (as dictionaries).

    Money is written in yuan. A value that several members have is their sum; what is to be asked is listed by its
    labels. No name or number of a person is in it.
    """
    language = "en" if lang.lower().startswith("en") else "zh"
    totals: dict[str, int] = {}
    to_ask: list[str] = []
    for fact in facts:
        if fact.get("source") == TO_ASK:
            definition = vocabulary.definition(fact["name"])
            to_ask.append(definition.label.in_language(language) if definition else fact["name"])
        if fact["value_int"] is not None:
            totals[fact["name"]] = totals.get(fact["name"], 0) + fact["value_int"]

    def written(name: str) -> str:
        if name == TO_ASK:
            return _COMMA[language].join(to_ask) or _NOTHING[language]
        if name not in totals:
            return _NOT_KNOWN[language]
        return format_yuan(totals[name]) if _is_money(alert, name, vocabulary) else str(totals[name])

    return PLACE.sub(lambda place: written(place[1]), alert.rule.sentence.in_language(language))


def _is_money(alert: Alert, name: str, vocabulary: Vocabulary) -> bool:
    formula = alert.rule.formulas.get(name)
    if isinstance(formula, Mapping):
        return formula.get("type") == "fen"
    definition = vocabulary.definition(name)
    return definition is not None and definition.type == "fen"
