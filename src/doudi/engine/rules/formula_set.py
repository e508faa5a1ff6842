"""Formulas that belong together: read, checked against vocabulary and parameters, pruned and put in order.

A set is what both executors run: a programme's formulas, or an alert's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from doudi.engine.pack.citation import Citation, Label
from doudi.engine.pack.document import Document, Entry, validate
from doudi.engine.pack.parameters import Parameters
from doudi.engine.pack.vocabulary import (
    COUNT_BOUND,
    FIRST_DAY,
    LAST_DAY,
    SHARE_BOUND,
    SHARE_SCALE,
    Entity,
    FactDefinition,
    Vocabulary,
)
from doudi.engine.rules.check import Named, check, fits
from doudi.engine.rules.documents import FormulasFile, FormulaText
from doudi.engine.rules.errors import FormulaNameError, FormulaTypeError
from doudi.engine.rules.expression import AGGREGATES, Expr, Kind
from doudi.engine.rules.formula import parse
from doudi.engine.rules.graph import in_order, reachable
from doudi.engine.values.money import MONEY_LIMIT_FEN

AS_OF = "as_of"
# What no number of the law exceeds, by unit; a value beyond is refused when it is looked up.
_PARAMETER_BOUNDS = {
    "fen": MONEY_LIMIT_FEN,
    "fen_per_month": MONEY_LIMIT_FEN,
    "fen_per_12_months": 12 * 10**9,
    "fen_per_person_month": 10**9,
    "count": COUNT_BOUND,
    "months": 1_200,
    "days": 73_000,
    "years": 200,
}
_SHARE_UNITS = {"percent": SHARE_SCALE // 100, "permille": SHARE_SCALE // 1000}


class Given(NamedTuple):
    """A formula as given, and where its text stands."""

    name: str
    text: FormulaText
    document: Document
    place: Entry
    reads_as: Mapping[str, str] = MappingProxyType({})
    """Names as the text writes them, and as the set calls them, where a formula comes from another programme."""

    @property
    def where(self) -> str:
        return self.document.where(*self.place)

    @classmethod
    def condition(cls, name: str, formula: str, document: Document) -> "Given":
        """A yes-or-no formula of the household that stands alone under its name."""
        label = Label(zh="条件", en="condition")
        citation = Citation(instrument=document.relative, article="", mark="L")
        text = FormulaText(entity="household", type="bool", label=label, citation=citation, formula=formula)
        return cls(name, text, document, (name,))


@dataclass(frozen=True)
class Formula:
    """One checked formula."""

    name: str
    entity: Entity
    label: Label
    citation: Citation
    where: str
    tree: Expr
    kind: Kind


@dataclass(frozen=True)
class ParameterUse:
    """A parameter that formulas read, its kind, and the factor from the pack's unit to ours (percent, permille)."""

    name: str
    kind: Kind
    factor: int
    label: Label


@dataclass(frozen=True, eq=False)
class FormulaSet:
    """Checked formulas in an order in which each comes after what it needs, and what they read."""

    formulas: Mapping[str, Formula]
    household_facts: Mapping[str, FactDefinition]
    member_facts: Mapping[str, FactDefinition]
    parameters: Mapping[str, ParameterUse]
    vocabulary: Vocabulary

    @property
    def of_household(self) -> tuple[Formula, ...]:
        """The household's formulas, in order."""
        return tuple(formula for formula in self.formulas.values() if formula.entity == "household")

    def label(self, name: str) -> Label:
        """What a fact, formula or parameter is called."""
        definition = self.vocabulary.definition(name)
        if definition is not None:
            return definition.label
        return self.formulas[name].label if name in self.formulas else self.parameters[name].label

    def kind(self, name: str) -> Kind:
        """Type and unit of a fact, formula or parameter, or of `as_of`."""
        if name == AS_OF:
            return Kind("date", FIRST_DAY, LAST_DAY)
        definition = self.vocabulary.definition(name)
        if definition is not None:
            return fact_kind(definition)
        return self.formulas[name].kind if name in self.formulas else self.parameters[name].kind


def read_formulas(document: Document) -> list[Given]:
    """Read a `formulas.yaml`."""
    file = validate(document, FormulasFile)
    return [Given(name, text, document, ("formulas", name, "formula")) for name, text in file.formulas.items()]


def fact_kind(definition: FactDefinition) -> Kind:
    """The kind of a fact, from its definition."""
    low, high = definition.bounds
    return Kind(definition.type, low, high, definition.unit, codes=tuple(definition.codes))


def parameter_uses(parameters: Parameters) -> dict[str, ParameterUse]:
    """Every declared parameter as formulas see it."""
    return {name: _use(name, declared.unit, declared.label) for name, declared in parameters.declarations.items()}


def _use(name: str, unit: str, label: Label) -> ParameterUse:
    if unit in _SHARE_UNITS:
        return ParameterUse(name, Kind("share", -SHARE_BOUND, SHARE_BOUND), _SHARE_UNITS[unit], label)
    bound = _PARAMETER_BOUNDS[unit]
    if unit.startswith("fen"):
        return ParameterUse(name, Kind("fen", -bound, bound, unit), 1, label)
    return ParameterUse(name, Kind("count", -bound, bound, "" if unit == "count" else unit), 1, label)


def build_formula_set(
    given: Sequence[Given], *, vocabulary: Vocabulary, parameters: Parameters, roots: Iterable[str]
) -> FormulaSet:
    """Parse and check the formulas that the roots need, in order; all others are checked too, then left out."""
    trees = {one.name: parse(one.text.formula, where=one.where).renamed(one.reads_as) for one in given}
    by_name = {one.name: one for one in given}
    uses = parameter_uses(parameters)
    names = _facts_and_parameters(vocabulary, uses)
    taken = set(names)
    for one in given:
        if one.name in taken:
            raise FormulaNameError(
                f"the name {one.name} is taken by a fact, a parameter or another formula.",
                advice="Choose another name.",
                where=one.where,
            )
        taken.add(one.name)
    order = in_order({name: tree.names for name, tree in trees.items()}, where_of=lambda name: by_name[name].where)
    checked: dict[str, Formula] = {}
    for name in order:
        checked[name] = _checked(by_name[name], trees[name], names)
        names[name] = Named(checked[name].entity, checked[name].kind)
    wanted = reachable(roots, {name: tree.names for name, tree in trees.items()})
    kept = {name: formula for name, formula in checked.items() if name in wanted}
    read = dict.fromkeys(name for formula in kept.values() for name in formula.tree.names)
    return FormulaSet(
        formulas=kept,
        household_facts={n: vocabulary.household[n] for n in read if n in vocabulary.household},
        member_facts={n: vocabulary.person[n] for n in read if n in vocabulary.person},
        parameters={n: uses[n] for n in read if n in uses},
        vocabulary=vocabulary,
    )


def _facts_and_parameters(vocabulary: Vocabulary, uses: Mapping[str, ParameterUse]) -> dict[str, Named]:
    names = {AS_OF: Named(None, Kind("date", FIRST_DAY, LAST_DAY))}
    names.update({name: Named(None, use.kind) for name, use in uses.items()})
    names.update({name: Named("person", fact_kind(d)) for name, d in vocabulary.person.items()})
    names.update({name: Named("household", fact_kind(d)) for name, d in vocabulary.household.items()})
    return names


def _checked(given: Given, tree: Expr, names: Mapping[str, Named]) -> Formula:
    text = given.text
    checked = check(tree, entity=text.entity, names=names, where=given.where)
    kind = checked.known_kind
    if not fits(kind, text.type, text.unit):
        declared = Kind(text.type, 0, 0, text.unit).words()
        raise FormulaTypeError(
            f"{given.name} is declared as {declared}, but its formula gives {kind.words()}.",
            advice="Correct the declaration, or round money by name (round_down_to_fen) before it is a result.",
            where=given.where,
        )
    kind = replace(kind, type=text.type, unit=text.unit, codes=())
    return Formula(given.name, text.entity, text.label, text.citation, given.where, checked, kind)


def aggregates_of(tree: Expr) -> list[Expr]:
    """The aggregates in a tree, each once."""
    return list(dict.fromkeys(node for node in tree.walk() if node.op in AGGREGATES))
