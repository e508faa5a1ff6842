"""One condition of an explanation: sentence, value, threshold, distance to the line, law, facts and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from doudi.engine.pack.citation import Label
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.parameters import NATION, DatedValue
from doudi.engine.rules.documents import Sentences
from doudi.engine.rules.expression import COMPARISONS, Expr, Kind
from doudi.engine.rules.family import Family
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.grounds import grounds_of
from doudi.engine.rules.programme import MISSING, Condition, Programme
from doudi.engine.rules.reference import Leaf, Trace, Value
from doudi.engine.rules.wording import Words


@dataclass(frozen=True)
class FactLine:
    """A fact that the condition rests on, with its origin."""

    fact: str
    member: str | None
    label: str
    value: str
    source: str
    as_of: date | None
    ref: str
    unknown_since: date | None


@dataclass(frozen=True)
class ParameterLine:
    """A number of the law that the condition uses: value, source, date, and the division that set it."""

    parameter: str
    label: str
    value: str
    citation: str
    status: str
    effective_from: date
    layer: str
    layer_name: str
    where: str


@dataclass(frozen=True)
class ConditionLine:
    """One condition: met, not_met or unknown. `distance` is the room to the line, in fen or as a number."""

    name: str
    label: str
    state: str
    sentence: str
    value: str
    threshold: str
    distance: int | None
    distance_sentence: str
    citation: str
    where: str
    facts: tuple[FactLine, ...]
    parameters: tuple[ParameterLine, ...]


def condition_lines(
    programme: Programme, family: Family, trace: Trace, dated: Mapping[str, DatedValue], words: Words, pack: Pack
) -> tuple[ConditionLine, ...]:
    """Every condition of the programme, in its order."""
    return tuple(_line(programme, condition, family, trace, dated, words, pack) for condition in programme.conditions)


def _line(
    programme: Programme,
    condition: Condition,
    family: Family,
    trace: Trace,
    dated: Mapping[str, DatedValue],
    words: Words,
    pack: Pack,
) -> ConditionLine:
    formulas = programme.formulas
    formula = formulas.formulas[condition.formula]
    seen = trace.named[condition.formula, None]
    state = {True: "met", False: "not_met", None: "unknown"}[None if seen.value is None else bool(seen.value)]
    value, threshold, distance, distance_sentence = _sides(formula.tree, trace, words)
    grounds = grounds_of(condition.formula, formulas, trace)
    texts = {name: words.named(name, s.value) for (name, member), s in trace.named.items() if member is None}
    texts[MISSING] = words.missing(sorted(seen.missing, key=lambda leaf: (_place(formulas, leaf), leaf[1] or 0)))
    return ConditionLine(
        name=condition.formula,
        label=words.label(formula.label),
        state=state,
        sentence=words.fill(_sentence(condition.sentences, state, trace), _Known(texts, words)),
        value=value,
        threshold=threshold,
        distance=distance,
        distance_sentence=distance_sentence,
        citation=str(formula.citation),
        where=formula.where,
        facts=tuple(_fact(leaf, family, trace, words) for leaf in trace.named if _is_fact(formulas, leaf, grounds)),
        parameters=tuple(
            _parameter(name, dated[name], formulas, words, pack) for name in dated if (name, None) in grounds
        ),
    )


def _sentence(sentences: Sentences, state: str, trace: Trace) -> Label:
    zero = sentences.met_at_zero
    if state == "met" and zero is not None and trace.named[zero.of, None].value == 0:
        return zero.sentence
    return {"met": sentences.met, "not_met": sentences.not_met}.get(state, sentences.unknown)


class _Known(dict[str, str]):
    """Texts by name; a value that was never looked at, because something else was unknown, is not known."""

    def __init__(self, texts: Mapping[str, str], words: Words) -> None:
        super().__init__(texts)
        self._unknown = words.value(None, Kind("bool", 0, 1))

    def __missing__(self, name: str) -> str:
        return self._unknown


def _place(formulas: FormulaSet, leaf: Leaf) -> int:
    return [*formulas.vocabulary.person, *formulas.vocabulary.household].index(leaf[0])


def _is_fact(formulas: FormulaSet, leaf: Leaf, grounds: frozenset[Leaf]) -> bool:
    return leaf in grounds and (leaf[0] in formulas.household_facts or leaf[0] in formulas.member_facts)


def _sides(tree: Expr, trace: Trace, words: Words) -> tuple[str, str, int | None, str]:
    """Value, threshold and distance, where the condition is one comparison of numbers."""
    if tree.op not in COMPARISONS or any(arg.known_kind.type in ("text", "date") for arg in tree.args):
        return "", "", None, ""
    sides = [_side(arg, trace) for arg in tree.args]
    kinds = [arg.known_kind for arg in tree.args]
    kind = next((k for k in kinds if k.type == "fen" or k.unit), kinds[0])
    texts = [words.counted(side, kind) for side in sides]
    if any(arg.known_kind.scale != 1 for arg in tree.args) or None in sides:
        return texts[0], texts[1], None, ""
    left, right = (int(side) for side in sides if isinstance(side, int))
    distance = abs(left - right)
    return texts[0], texts[1], distance, _distance_sentence(left, right, words.counted(distance, kind), words)


def _side(arg: Expr, trace: Trace) -> Value:
    return trace.nodes[id(arg), None].value


def _distance_sentence(left: int, right: int, distance: str, words: Words) -> str:
    if left == right:
        return words.pick("正好等于标准。", "Exactly on the line.")
    if left < right:
        return words.pick(f"比标准低 {distance}。", f"{distance} below the line.")
    return words.pick(f"比标准高 {distance}。", f"{distance} above the line.")


def _fact(leaf: Leaf, family: Family, trace: Trace, words: Words) -> FactLine:
    name, place = leaf
    origin = family.fact(name, place)
    return FactLine(
        fact=name,
        member=None if place is None else family.members[place].key,
        label=words.leaf(leaf),
        value=words.named(name, trace.named[leaf].value),
        source=origin.source if origin else "",
        as_of=origin.as_of if origin else None,
        ref=origin.ref if origin else "",
        unknown_since=origin.unknown_since if origin else None,
    )


def _parameter(name: str, dated: DatedValue, formulas: FormulaSet, words: Words, pack: Pack) -> ParameterLine:
    use = formulas.parameters[name]
    layer = words.pick("全国", "nation") if dated.layer == NATION else pack.region_name(dated.layer, words.lang)
    return ParameterLine(
        parameter=name,
        label=words.label(use.label),
        value=words.value(dated.value * use.factor, use.kind),
        citation=str(dated.citation),
        status=dated.status,
        effective_from=dated.effective_from,
        layer=dated.layer,
        layer_name=layer,
        where=dated.where,
    )
