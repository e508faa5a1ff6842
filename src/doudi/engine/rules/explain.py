"""Explain 说明理由: the whole reasoning for one family and programme, one text for letter, screen and API."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.assessment import Assessment, assess
from doudi.engine.rules.condition_lines import ConditionLine, condition_lines
from doudi.engine.rules.family import Family
from doudi.engine.rules.flips import Change, Flip, find_flips
from doudi.engine.rules.kernel import family_numbers
from doudi.engine.rules.missing import MissingFact, missing_leaves
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import Programme
from doudi.engine.rules.reference import Leaf, Trace, evaluate
from doudi.engine.rules.what_if import WhatIf
from doudi.engine.rules.wording import Words


@dataclass(frozen=True)
class QuestionLine:
    """One fact to be asked for: whose, what, the question to put, and who can answer it."""

    fact: str
    member: str | None
    label: str
    question: str
    supplied_by: tuple[str, ...]


@dataclass(frozen=True)
class FlipLine:
    """One way to another outcome, in words, with the facts and the values that they would have to take."""

    sentence: str
    changes: tuple[Mapping[str, str | int | None], ...]


@dataclass(frozen=True)
class Explanation:
    """Everything that a person may ask about an assessment, in one language."""

    programme: str
    label: str
    lang: str
    as_of: date
    outcome: str
    is_likely: bool
    amount_fen: int | None
    headline: str
    conditions: tuple[ConditionLine, ...]
    amount_sentence: str
    missing: tuple[QuestionLine, ...]
    cheapest_question: QuestionLine | None
    flips: tuple[FlipLine, ...]
    flips_note: str
    notice: str
    pack_release: str
    pack_hash: str

    def sentences(self) -> list[str]:
        """The text from top to bottom, as a letter prints it."""
        parts = [self.headline, *(line.sentence for line in self.conditions), self.amount_sentence]
        parts += [*(flip.sentence for flip in self.flips), self.flips_note, self.notice]
        return [part for part in parts if part]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as JSON-able data; dates as ISO text."""
        data: dict[str, Any] = _plain(asdict(self))
        return data


def explain(
    programme: Programme,
    family: Family,
    *,
    pack: Pack,
    as_of: date,
    lang: str,
    names: Mapping[str, str] | None = None,
    with_flips: bool = True,
) -> Explanation:
    """Explain the assessment of one family in Chinese (`zh`) or English (`en`).

    `names` says what members are to be called, by their key; without it they are counted ("第2位成员（配偶）").
    """
    formulas = programme.formulas
    assessed = assess(programme, family, pack=pack, as_of=as_of)
    dated = look_up(formulas, pack=pack, region=family.region, as_of=as_of)
    parameters = numbers(formulas, dated)
    trace = evaluate(formulas, family, parameters=dict(zip(formulas.parameters, parameters, strict=True)), as_of=as_of)
    words = Words(formulas, family, lang, names or {})
    lines = condition_lines(programme, family, trace, dated, words, pack)
    flips: list[Flip] = []
    if with_flips and assessed.outcome != "undetermined":
        what_if = WhatIf(programme, family_numbers(formulas, family), parameters, as_of)
        flips = find_flips(what_if, _leaves(programme, trace), assessed.outcome)
    questions = {(fact.name, fact.member): _question(fact, family, words) for fact in assessed.missing}
    first = assessed.cheapest_question
    return Explanation(
        programme=programme.id,
        label=words.label(programme.label),
        lang="en" if words.is_english else "zh",
        as_of=as_of,
        outcome=assessed.outcome,
        is_likely=assessed.is_likely,
        amount_fen=assessed.amount_fen,
        headline=_headline(programme, assessed, trace, words),
        conditions=lines,
        amount_sentence=_amount_sentence(programme, assessed, trace, words),
        missing=tuple(questions.values()),
        cheapest_question=questions[first.name, first.member] if first else None,
        flips=tuple(_flip_line(flip, assessed.outcome, words) for flip in flips),
        flips_note=_flips_note(assessed.outcome, flips, words) if with_flips else "",
        notice=words.pick(
            "以上是按规则测算的结果，不是最后决定；最后由工作人员核实后决定。",
            "This is what the rules say, not a decision. People decide after they have checked.",
        ),
        pack_release=assessed.pack_release,
        pack_hash=assessed.pack_hash,
    )


def _leaves(programme: Programme, trace: Trace) -> list[Leaf]:
    """Every fact that was looked at, in the order of the vocabulary."""
    facts = {*programme.formulas.household_facts, *programme.formulas.member_facts}
    return [leaf for leaf in trace.named if leaf[0] in facts]


def _headline(programme: Programme, assessed: Assessment, trace: Trace, words: Words) -> str:
    label = words.label(programme.label)
    if assessed.outcome == "undetermined":
        count = len(missing_leaves(programme, trace))
        return words.pick(
            f"现在还不能判断您家是否符合{label}的条件：还有 {count} 项情况不清楚。",
            f"It can't be said yet whether your family qualifies for {label}: {count} facts are not known.",
        )
    if assessed.is_likely:
        verb = words.pick("可能符合", "may qualify")
        if assessed.outcome == "ineligible":
            verb = words.pick("可能不符合", "may not qualify")
        return words.pick(
            f"从已有数据看，您家{verb}{label}的条件；要等上门核实一起生活的人以后才能算准。",
            f"From the data at hand your family {verb} for {label}; who lives together must still be checked.",
        )
    if assessed.outcome == "ineligible":
        return words.pick(
            f"按现有情况，您家不符合{label}的条件。", f"As things stand, your family does not qualify for {label}."
        )
    if programme.amount is None:
        return words.pick(
            f"按现有情况，您家符合{label}的条件。", f"As things stand, your family qualifies for {label}."
        )
    amount = words.named(programme.amount, assessed.amount_fen)
    zh, en = {
        "monthly": (f"每月可补 {amount}", f"{amount} a month"),
        "once": (f"一次可发 {amount}", f"{amount} once"),
        "yearly": (f"本年度可发 {amount}", f"{amount} for the year"),
    }[programme.pays]
    return words.pick(
        f"按现有情况，您家符合{label}的条件，{zh}。", f"As things stand, your family qualifies for {label}: {en}."
    )


def _amount_sentence(programme: Programme, assessed: Assessment, trace: Trace, words: Words) -> str:
    if assessed.amount_fen is None or programme.amount_sentence is None:
        return ""
    values = {name: words.named(name, seen.value) for (name, member), seen in trace.named.items() if member is None}
    return words.fill(programme.amount_sentence, values)


def _question(fact: MissingFact, family: Family, words: Words) -> QuestionLine:
    place = next((i for i, member in enumerate(family.members) if member.key == fact.member), None)
    question = words.label(fact.question) if fact.question else ""
    return QuestionLine(fact.name, fact.member, words.leaf((fact.name, place)), question, tuple(fact.supplied_by))


def _flip_line(flip: Flip, outcome: str, words: Words) -> FlipLine:
    conditions = words.pick("，并且", " and ").join(_change(change, words) for change in flip)
    verb = words.pick("符合", "would qualify")
    if outcome == "eligible":
        verb = words.pick("不符合", "would no longer qualify")
    sentence = words.pick(f"如果{conditions}，结果会变成“{verb}”。", f"If {conditions}, the family {verb}.")
    changes = tuple(
        {
            "fact": change.leaf[0],
            "member": None if change.leaf[1] is None else words.family.members[change.leaf[1]].key,
            "value": change.value,
            "would_be": change.would_be,
            "direction": change.direction,
        }
        for change in flip
    )
    return FlipLine(sentence, changes)


def _change(change: Change, words: Words) -> str:
    now, then = (_said(change.leaf, number, words) for number in (change.value, change.would_be))
    subject, kind = words.leaf(change.leaf), words.formulas.kind(change.leaf[0])
    more = ""
    if change.direction != "exactly" and change.would_be not in (0, kind.low, kind.high):
        is_less = change.direction == "at_most"
        more = words.pick("或更少", " or less") if is_less else words.pick("或更多", " or more")
    return words.pick(f"{subject}是 {then}{more}（现在是 {now}）", f"{subject} were {then}{more} (now {now})")


def _said(leaf: Leaf, number: int, words: Words) -> str:
    definition = words.formulas.vocabulary.definition(leaf[0])
    kind = words.formulas.kind(leaf[0])
    codes = definition.codes if definition else None
    return words.counted(kind.codes[number] if kind.type == "text" else number, kind, codes)


def _flips_note(outcome: str, flips: list[Flip], words: Words) -> str:
    if flips or outcome == "undetermined":
        return ""
    return words.pick(
        "要有两项以上的情况同时改变，结果才会不同。", "More than two facts would have to change for another outcome."
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
