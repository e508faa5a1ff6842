"""What is different between the family a decision rested on and the family of today, and what each line alone does.

What a line does is not argued but computed: the line is undone in the family of today, and the rules run once more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.family import FactValue, Family, Member
from doudi.engine.rules.programme import Programme
from doudi.engine.values.money import Fen
from doudi.office.evidence.family import build_family, current_members
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.registry.models import Household

What = Literal["joined", "left", "fact", "standard"]
Raw = int | str | bool | None


@dataclass(frozen=True)
class Difference:
    """One line. `without_fen` is the amount if this line alone had not come about; None where there would be none."""

    what: What
    name: str
    """The fact or parameter; of a member who joined or left the relation to the head."""
    member: str
    """Key of the member; "" for the household."""
    old: Raw
    new: Raw
    source: str
    as_of: str
    without_fen: Fen | None
    explains: bool
    """Does the amount of today differ without this line?"""


@dataclass(frozen=True)
class Basis:
    """A family as it was assessed on a day."""

    family: Family
    on: date


def basis_of(assessment: Assessment | None, household: Household, *, granted_at: datetime, on: date) -> Basis:
    """What an amount rests on: its assessment's own copy, or for a taken-over family what was known when it came."""
    if assessment is not None:
        return Basis(restored_family(assessment.inputs["family"]), assessment.as_of)
    members = [row for row in current_members(household, on) if row.recorded_at <= granted_at]
    family = build_family(household, members, vocabulary=current_vocabulary(), known_at=granted_at)
    return Basis(family, on)


def frozen_family(family: Family) -> dict[str, Any]:
    """A family as JSON-able data, as an assessment keeps it."""
    return asdict(family)


def restored_family(kept: Mapping[str, Any]) -> Family:
    """A family from its kept copy; dates stay ISO text, which the rules read too."""
    members = tuple(Member(each["key"], each["relation"], _facts(each["facts"])) for each in kept["members"])
    return Family(kept["key"], kept["region"], kept["basis"], _facts(kept["facts"]), members)


def differences(
    programme: Programme, *, before: Basis, now: Basis, amount_fen: Fen | None, pack: Pack
) -> Sequence[Difference]:
    """Every difference that the programme's rules can see: members, facts, and the numbers of the law."""

    def amount(family: Family, on: date = now.on) -> Fen | None:
        return assess(programme, family, pack=pack, as_of=on).amount_fen

    lines: list[Difference] = []
    for undone, line in _of_family(programme, before.family, now.family):
        without = amount(undone)
        lines.append(replace(line, without_fen=without, explains=without != amount_fen))
    standards = list(_of_standards(programme, before, now, pack))
    if standards:
        without = amount(now.family, before.on)
        lines += [replace(line, without_fen=without, explains=without != amount_fen) for line in standards]
    return lines


def _of_family(programme: Programme, old: Family, new: Family) -> Iterator[tuple[Family, Difference]]:
    """Each line together with the family of today in which it is undone."""
    before, today = _by_key(old), _by_key(new)
    for key, member in today.items():
        if key not in before:
            rest = tuple(each for each in new.members if each.key != key)
            yield replace(new, members=rest), _line("joined", member.relation, key)
    for key, member in before.items():
        if key not in today:
            yield replace(new, members=(*new.members, member)), _line("left", member.relation, key)
    for name in programme.formulas.household_facts:
        if _value(old.facts, name) != _value(new.facts, name):
            yield replace(new, facts=_undone(old.facts, new.facts, name)), _fact(name, "", old.facts, new.facts)
    for place, member in enumerate(new.members):
        then = before.get(member.key)
        for name in programme.formulas.member_facts if then is not None else ():
            if then is not None and _value(then.facts, name) != _value(member.facts, name):
                was = replace(member, facts=_undone(then.facts, member.facts, name))
                members = (*new.members[:place], was, *new.members[place + 1 :])
                yield replace(new, members=members), _fact(name, member.key, then.facts, member.facts)


def _of_standards(programme: Programme, before: Basis, now: Basis, pack: Pack) -> Iterator[Difference]:
    for name in programme.formulas.parameters:
        old = pack.parameter(name, region=before.family.region, on=before.on)
        new = pack.parameter(name, region=now.family.region, on=now.on)
        if old.value != new.value:
            day = new.effective_from.isoformat()
            yield replace(_line("standard", name, ""), old=old.value, new=new.value, as_of=day)


def _line(what: What, name: str, member: str) -> Difference:
    return Difference(what, name, member, None, None, "", "", None, explains=False)


def _fact(name: str, member: str, old: Mapping[str, FactValue], new: Mapping[str, FactValue]) -> Difference:
    told = new.get(name)
    line = replace(_line("fact", name, member), old=_value(old, name), new=_value(new, name))
    if told is None:
        return line
    return replace(line, source=told.source, as_of=str(told.as_of or ""))


def _undone(old: Mapping[str, FactValue], new: Mapping[str, FactValue], name: str) -> Mapping[str, FactValue]:
    rest = {key: value for key, value in new.items() if key != name}
    return rest | ({name: old[name]} if name in old else {})


def _value(facts: Mapping[str, FactValue], name: str) -> Raw:
    told = facts.get(name)
    value = None if told is None else told.value
    return value.isoformat() if isinstance(value, date) else value


def _by_key(family: Family) -> dict[str, Member]:
    return {member.key: member for member in family.members}


def _facts(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, FactValue]:
    return {name: FactValue(**_dated(told)) for name, told in kept.items()}


def _dated(told: Mapping[str, Any]) -> dict[str, Any]:
    days = {key: date.fromisoformat(told[key]) if isinstance(told[key], str) else told[key] for key in _DAYS}
    return {**told, **days}


_DAYS = ("as_of", "unknown_since")
