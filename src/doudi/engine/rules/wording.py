"""How values, members and lists are said, in Chinese and English, so that a primary-school reader understands them."""

import datetime
from collections.abc import Mapping, Sequence

from doudi.engine.pack.citation import Label
from doudi.engine.pack.vocabulary import SHARE_SCALE
from doudi.engine.rules.expression import Kind
from doudi.engine.rules.family import Family
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.programme import PLACE
from doudi.engine.rules.reference import Leaf, Value
from doudi.engine.values.money import format_yuan

_SHOWN_AT_MOST = 6

# Counting words, by unit of the vocabulary.
_COUNTED = {
    "persons": Label(zh="人", en=""),
    "vehicles": Label(zh="辆", en=""),
    "dwellings": Label(zh="套", en=""),
    "grade": Label(zh="级", en=""),
    "months": Label(zh="个月", en="months"),
    "years": Label(zh="岁", en="years"),
    "days": Label(zh="天", en="days"),
}
_RELATIONS = {
    "01": Label(zh="本人", en="applicant"),
    "02": Label(zh="户主", en="head of household"),
    "10": Label(zh="配偶", en="spouse"),
    "20": Label(zh="儿子", en="son"),
    "30": Label(zh="女儿", en="daughter"),
    "40": Label(zh="孙子女", en="grandchild"),
    "50": Label(zh="父母", en="parent"),
    "60": Label(zh="祖父母", en="grandparent"),
    "70": Label(zh="兄弟姐妹", en="sibling"),
    "99": Label(zh="其他", en="other"),
}


class Words:
    """The words of one family's explanation in one language.

    `names` may give what members are to be called, by key; the engine itself knows no names and counts the members.
    """

    def __init__(self, formulas: FormulaSet, family: Family, lang: str, names: Mapping[str, str]) -> None:
        self.formulas = formulas
        self.family = family
        self.is_english = lang.lower().startswith("en")
        self.lang = lang
        self.names = names

    def pick(self, zh: str, en: str) -> str:
        """The text in the language of this explanation."""
        return en if self.is_english else zh

    def label(self, label: Label) -> str:
        """The label in the language of this explanation."""
        return label.in_language(self.lang)

    def value(self, value: Value, kind: Kind, codes: Mapping[str, Label] | None = None) -> str:
        """A value with its unit; what is not known is said to be so."""
        if value is None:
            return self.pick("不清楚", "not known")
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, str):
            return self.label(codes[value]) if codes and value in codes else value
        if kind.type == "bool":
            return self.pick("是", "yes") if value else self.pick("否", "no")
        if kind.type == "fen":
            return format_yuan(int(value)) + self.pick(" 元", " yuan")
        if kind.type == "share":
            whole, rest = divmod(int(value), SHARE_SCALE // 100)
            return f"{whole}.{rest:02d}%" if rest else f"{whole}%"
        return str(int(value))

    def named(self, name: str, value: Value) -> str:
        """A value of a fact, formula or parameter, as its name says."""
        definition = self.formulas.vocabulary.definition(name)
        return self.value(value, self.formulas.kind(name), definition.codes if definition else None)

    def counted(self, value: Value, kind: Kind, codes: Mapping[str, Label] | None = None) -> str:
        """A value as in a sentence of its own: counts carry their counting word."""
        text = self.value(value, kind, codes)
        word = _COUNTED.get(kind.unit) if kind.type == "count" and value is not None else None
        return f"{text} {self.label(word)}".rstrip() if word else text

    def member(self, place: int) -> str:
        """What a member is called: the name given, or the place in the family with the relation."""
        member = self.family.members[place]
        if member.key in self.names:
            return self.names[member.key]
        relation = _RELATIONS.get(member.relation)
        if relation is None:
            return self.pick(f"第{place + 1}位成员", f"member {place + 1}")
        return self.pick(f"第{place + 1}位成员（{relation.zh}）", f"member {place + 1} ({relation.en})")

    def leaf(self, leaf: Leaf) -> str:
        """One fact of one subject."""
        name, place = leaf
        label = self.label(self.formulas.label(name))
        if place is None:
            return self.pick(f"您家的{label}", f"the family's {label}")
        return self.pick(f"{self.member(place)}的{label}", f"{label} of {self.member(place)}")

    def missing(self, leaves: Sequence[Leaf]) -> str:
        """The missing facts in one phrase, each fact once with the members whom it concerns."""
        by_name: dict[str, list[int]] = {}
        for name, place in leaves:
            by_name.setdefault(name, []).extend([] if place is None else [place])
        phrases = []
        for name, places in list(by_name.items())[:_SHOWN_AT_MOST]:
            label = self.label(self.formulas.label(name))
            who = self.pick("、", ", ").join(self.member(place) for place in places)
            phrases.append(label if not places else self.pick(f"{who}的{label}", f"{label} of {who}"))
        text = self.pick("；", "; ").join(phrases)
        rest = len(by_name) - len(phrases)
        return text + (self.pick(f"；还有 {rest} 项", f"; and {rest} more") if rest else "")

    def fill(self, label: Label, values: Mapping[str, str]) -> str:
        """A sentence with the values put in their places."""
        return PLACE.sub(lambda found: values[found[1]], self.label(label))
