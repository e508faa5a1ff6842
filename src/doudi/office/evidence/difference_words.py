"""A difference in words, Chinese or English: what, before, now, from where, and what it alone does to the amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.values.money import Fen
from doudi.office.evidence.rulebook import current_pack
from doudi.office.evidence.terms import Value, in_words, money_in_words

_TEXTS: Mapping[str, tuple[str, str]] = {
    "joined": ("{name}计入共同生活的家庭成员", "{name} counts as a member of the family"),
    "left": ("{name}不再计入共同生活的家庭成员", "{name} no longer counts as a member of the family"),
    "nobody": ("一名成员", "a member"),
    "fact": ("{name}：{label}", "{name}: {label}"),
    "unknown": ("未掌握", "not known"),
    "out": ("未计入", "not counted"),
    "in": ("计入", "counted"),
    "more": ("使金额增加 {amount}", "raises the amount by {amount}"),
    "less": ("使金额减少 {amount}", "lowers the amount by {amount}"),
    "decides": ("没有这一项就算不出金额", "without it there would be no amount"),
    "none": ("单独不影响金额", "alone changes nothing"),
}


@dataclass(frozen=True)
class DifferenceWords:
    """One line of a difference as people read it. `source` is the source's id, "" for a member or a standard."""

    what: str
    before: str
    now: str
    source: str
    as_of: str
    effect: str
    explains: bool


def in_plain_words(
    line: Mapping[str, Any], *, programme: str, amount_fen: Fen, names: Mapping[str, str], lang: str
) -> DifferenceWords:
    """Say a kept difference. `names` are the members' by key."""

    def say(key: str, **blanks: str) -> str:
        return _TEXTS[key][1 if lang.startswith("en") else 0].format(**blanks)

    rules, name = load_programme(current_pack(), programme), names.get(line["member"]) or say("nobody")
    what, before, now = say(line["what"], name=name) if line["what"] in ("joined", "left") else "", "", ""
    if line["what"] == "joined":
        before, now = say("out"), say("in")
    elif line["what"] == "left":
        before, now = say("in"), say("out")
    else:
        label = rules.formulas.label(line["name"]).in_language(lang)
        what = say("fact", name=name, label=label) if line["member"] else label
        before, now = (_value(rules, line["name"], line[side], lang) or say("unknown") for side in ("old", "new"))
    without: Fen | None = line["without_fen"]
    effect = say("none")
    if line["explains"] and without is None:
        effect = say("decides")
    elif line["explains"] and without is not None:
        effect = say("more" if amount_fen > without else "less", amount=money_in_words(abs(amount_fen - without), lang))
    return DifferenceWords(what, before, now, line["source"], line["as_of"], effect, line["explains"])


def _value(rules: Programme, name: str, value: Value | None, lang: str) -> str:
    if value is None:
        return ""
    definition = rules.formulas.vocabulary.definition(name)
    if definition is None:
        is_money = rules.formulas.parameters[name].kind.type == "fen"
        return money_in_words(int(value), lang) if is_money and isinstance(value, int) else str(value)
    if definition.type == "date" and isinstance(value, str):
        value = date.fromisoformat(value)
    return in_words(definition, value, lang)
