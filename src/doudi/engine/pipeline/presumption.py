"""What the pack presumes of facts that only people can tell and nobody has told yet (`alerts/presumed.yaml`).

A presumption never reaches an assessment, an amount or a decision. It answers one question: is it worth knocking on
this door to ask? So it may stand only for facts that no department supplies; what a department could know and does not
stays unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from doudi.engine.pack.citation import Label, Strict
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import Vocabulary, load_vocabulary
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.family import UNKNOWN, FactValue, Family, encode
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.screening.alert import AlertError

PRESUMED = "alerts/presumed.yaml"
_SOURCE = "presumed"


class _Presumed(Strict):
    value: int | bool | str
    because: Label


class _PresumedFile(Strict):
    facts: dict[str, _Presumed]


@dataclass(frozen=True, eq=False)
class Presumption:
    """The presumed answers, by fact."""

    values: Mapping[str, int | bool | str]
    vocabulary: Vocabulary

    def of_family(self, family: Family) -> Family:
        """The family with the presumed answers where nothing is known."""
        return replace(
            family,
            facts=self._filled(family.facts, self.vocabulary.household),
            members=tuple(
                replace(member, facts=self._filled(member.facts, self.vocabulary.person)) for member in family.members
            ),
        )

    def of_columns(self, columns: FamilyColumns, formulas: FormulaSet) -> FamilyColumns:
        """The same for many families; only the columns that the formulas read are filled."""
        return replace(
            columns,
            household={
                **columns.household,
                **self._columns(columns.household, formulas.household_facts, len(columns)),
            },
            member={
                **columns.member,
                **self._columns(columns.member, formulas.member_facts, int(columns.offsets[-1])),
            },
        )

    def _filled(self, facts: Mapping[str, FactValue], names: Mapping[str, object]) -> dict[str, FactValue]:
        presumed = {
            name: FactValue(value, source=_SOURCE)
            for name, value in self.values.items()
            if name in names and (name not in facts or facts[name].value is None)
        }
        return {**facts, **presumed}

    def _columns(self, known: Mapping[str, IntArray], names: Mapping[str, object], length: int) -> dict[str, IntArray]:
        found = {}
        for name in names:
            definition = self.vocabulary.definition(name)
            if name in self.values and definition is not None:
                answer = encode(name, definition, self.values[name])
                column = known.get(name)
                found[name] = (
                    np.full(length, answer, dtype=np.int64)
                    if column is None
                    else np.where(column == UNKNOWN, answer, column)
                )
        return found


@lru_cache(maxsize=8)
def load_presumption(pack: Pack) -> Presumption:
    """Read the presumed answers; one that a department could give, or of another type, is refused with its line."""
    document = pack.document(PRESUMED)
    vocabulary = load_vocabulary(pack)
    file = validate(document, _PresumedFile)
    for name, presumed in file.facts.items():
        _check(name, presumed, vocabulary, document)
    return Presumption({name: presumed.value for name, presumed in file.facts.items()}, vocabulary)


def _check(name: str, presumed: _Presumed, vocabulary: Vocabulary, document: Document) -> None:
    definition, where = vocabulary.definition(name), document.where("facts", name)
    if definition is None:
        raise AlertError(f"the vocabulary has no fact {name}.", advice="Correct the name.", where=where)
    if "department" in definition.supplied_by:
        raise AlertError(
            f"{name} is presumed, and a department can supply it.",
            advice="Presume only what no department can know; what one could know and did not tell is unknown.",
            where=where,
        )
    encode(name, definition, presumed.value)


def taken(columns: FamilyColumns, places: IntArray) -> FamilyColumns:
    """The families at these places, in their order."""
    sizes = np.diff(columns.offsets)[places]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
    members = np.repeat(columns.offsets[:-1][places], sizes) + within
    return FamilyColumns(
        offsets=offsets,
        regions=[columns.regions[place] for place in places.tolist()],
        basis=[columns.basis[place] for place in places.tolist()],
        household={name: column[places] for name, column in columns.household.items()},
        member={name: column[members] for name, column in columns.member.items()},
    )
