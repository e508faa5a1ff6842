"""Cases 案例: named families with the result that the law gives them. They stand beside the rules and are the proof.

A case file has `every_household` and `every_member`: facts that hold unless a case says otherwise. A fact given as null
is unknown. `expect` names outcome and amount, and any other value of the household that the case is about.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import Field

from doudi.engine.pack.citation import Strict
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.rules.errors import CaseFileError
from doudi.engine.rules.family import Basis, FactValue, Family, Member
from doudi.engine.rules.programme import Programme

Given = int | bool | date | str | None


class MemberText(Strict):
    """A member of a case's family; facts not given here are those of every member."""

    relation: str
    facts: dict[str, Given] = Field(default_factory=dict)


class Expected(Strict):
    """What the rules must say."""

    outcome: str
    amount_fen: int | None = None
    values: dict[str, int | None] = Field(default_factory=dict)
    missing: tuple[str, ...] | None = Field(default=None, strict=False)


class CaseText(Strict):
    """One case as written."""

    name: str
    as_of: date
    region: str
    basis: Basis = "office"
    household: dict[str, Given] = Field(default_factory=dict)
    members: tuple[MemberText, ...] = Field(strict=False)
    expect: Expected


class CaseFile(Strict):
    """A `cases.yaml`."""

    every_household: dict[str, Given]
    every_member: dict[str, Given]
    cases: tuple[CaseText, ...] = Field(strict=False)


@dataclass(frozen=True)
class Case:
    """One case: a family on a day, what is expected, and where that stands."""

    name: str
    family: Family
    as_of: date
    expected: Expected
    where: str


def load_cases(pack: Pack, programme: Programme) -> list[Case]:
    """Read the cases of a programme; each needs a name of its own."""
    document = pack.document(f"programmes/{programme.id}/cases.yaml")
    file = validate(document, CaseFile)
    seen: set[str] = set()
    cases = []
    for position, text in enumerate(file.cases):
        where = document.where("cases", position)
        if text.name in seen:
            raise CaseFileError("two cases have the same name.", advice="Name each for what it shows.", where=where)
        seen.add(text.name)
        cases.append(_case(file, text, document, position, programme))
    return cases


def _case(file: CaseFile, text: CaseText, document: Document, position: int, programme: Programme) -> Case:
    where = document.where("cases", position)
    strangers = sorted(set(text.expect.values) - {formula.name for formula in programme.formulas.of_household})
    if strangers:
        raise CaseFileError(
            f"the programme has no value {', '.join(strangers)}.",
            advice="Expect formulas of the household.",
            where=document.where("cases", position, "expect", "values"),
        )
    members = tuple(
        Member(f"m{place}", member.relation, _facts({**file.every_member, **member.facts}, text.as_of, where))
        for place, member in enumerate(text.members, start=1)
    )
    household = _facts({**file.every_household, **text.household}, text.as_of, where)
    family = Family(key="case", region=text.region, basis=text.basis, facts=household, members=members)
    return Case(text.name, family, text.as_of, text.expect, where)


def _facts(given: dict[str, Given], as_of: date, where: str) -> dict[str, FactValue]:
    return {name: FactValue(value, source="case", as_of=as_of, ref=where) for name, value in given.items()}
