"""A family 家庭 as the rules see it: facts with their origin, members, and the numbers that the executors compute with.

Inside the executors every value is one whole number: fen, count, days since 1970-01-01, 0 or 1, the place of a text in
its list of codes, ten-thousandths of a share; UNKNOWN stands for what is not known. This module is the only door in.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from doudi.engine.pack.vocabulary import EPOCH, FactDefinition, Vocabulary
from doudi.engine.rules.errors import FactError, FamilyShapeError

UNKNOWN = -(2**63)
"""What is not known. The interval proof keeps every computed value away from it."""

MEMBERS_MAX = 100
"""No family is larger; the proof that sums over members do not overflow relies on it."""

Basis = Literal["office", "declared", "register"]


@dataclass(frozen=True)
class FactValue:
    """One fact of one subject, with its origin. A `value` of None says that it is not known, since `unknown_since`.

    Dates are given as a date, as ISO text, or as days since 1970-01-01; texts by their code.
    """

    value: int | str | bool | datetime.date | None
    source: str = ""
    as_of: datetime.date | None = None
    ref: str = ""
    unknown_since: datetime.date | None = None


@dataclass(frozen=True)
class Member:
    """One person of the family. `relation` is that to the head, as a GB/T 4761 code."""

    key: str
    relation: str
    facts: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A household as assessed. A fact that is not there is unknown, just like one whose value is None."""

    key: str
    region: str
    basis: Basis
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    members: tuple[Member, ...] = ()

    def fact(self, name: str, member: int | None) -> FactValue | None:
        """The fact of the household, or of the member at this place."""
        return (self.facts if member is None else self.members[member].facts).get(name)


def encode(name: str, definition: FactDefinition, value: int | str | bool | datetime.date | None) -> int:
    """Turn one value into its whole number, or refuse it by name; the value itself is never quoted."""
    if value is None:
        return UNKNOWN
    number = _number(definition, value)
    if number is None:
        raise FactError(f"the fact {name} is not of type {definition.type}.", advice=_EXPECTED[definition.type])
    low, high = definition.bounds
    if not low <= number <= high:
        raise FactError(
            f"the fact {name} lies outside its bounds, {low} to {high}.",
            advice="Check the source, or the minimum and maximum in the vocabulary.",
        )
    return number


def _number(definition: FactDefinition, value: int | str | bool | datetime.date) -> int | None:
    if definition.type == "bool":
        return int(bool(value)) if isinstance(value, bool | int) and value in (0, 1) else None
    if definition.type == "text":
        places = list(definition.codes)
        return places.index(value) if isinstance(value, str) and value in definition.codes else None
    if definition.type == "date":
        return _day(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _day(value: int | str | bool | datetime.date) -> int | None:
    if isinstance(value, datetime.datetime | bool):
        return None
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value)
        except ValueError:
            return None
    return (value - EPOCH).days if isinstance(value, datetime.date) else value


_EXPECTED = {
    "bool": "Give true or false, or leave it out when it is not known.",
    "fen": "Give whole fen, or leave it out when it is not known.",
    "count": "Give a whole number, or leave it out when it is not known.",
    "share": "Give whole ten-thousandths, or leave it out when it is not known.",
    "date": "Give a date as 2026-10-31, or leave it out when it is not known.",
    "text": "Give one of the codes listed in the vocabulary, or leave it out when it is not known.",
}


def check_shape(family: Family, vocabulary: Vocabulary) -> None:
    """Refuse a family with too many members, with one member twice, or with facts that the vocabulary doesn't have."""
    if len(family.members) > MEMBERS_MAX:
        raise FamilyShapeError(
            f"a family has {len(family.members)} members; at most {MEMBERS_MAX} are believed.",
            advice="Check how households were put together.",
        )
    if len({member.key for member in family.members}) != len(family.members):
        raise FamilyShapeError("a member stands twice in the family.", advice="Name each person once.")
    strangers = [name for name in family.facts if name not in vocabulary.household]
    strangers += [name for member in family.members for name in member.facts if name not in vocabulary.person]
    if strangers:
        raise FamilyShapeError(
            f"the vocabulary has no such fact here: {', '.join(sorted(set(strangers))[:5])}.",
            advice="Facts of a person belong to a member, facts of the household to the family. Check the names.",
        )
