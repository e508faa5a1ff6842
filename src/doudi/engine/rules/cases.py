"""Cases 案例: named families with the result that the law gives them. They stand beside the rules and are the proof.

A case file has `every_household` and `every_member`: facts that hold unless a case says otherwise. A fact given as null
is unknown. `expect` names outcome and amount, and any other value of the household that the case is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from doudi.engine.pack.citation import Strict
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.rules.errors import CaseFileError
from doudi.engine.rules.family import UNKNOWN, Basis, FactValue, Family, Member
from doudi.engine.rules.night import Way, columns_of_families, run_columns
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import Programme
from doudi.engine.rules.reference import Value, evaluate

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


def reference_values(programme: Programme, case: Case, pack: Pack) -> dict[str, Value]:
    """The household's formulas of a case, as the reference judges them."""
    formulas = programme.formulas
    parameters = numbers(formulas, look_up(formulas, pack=pack, region=case.family.region, as_of=case.as_of))
    by_name = dict(zip(formulas.parameters, parameters, strict=True))
    trace = evaluate(formulas, case.family, parameters=by_name, as_of=case.as_of)
    return {formula.name: trace.value(formula.name) for formula in formulas.of_household}


def compiled_values(programme: Programme, cases: Sequence[Case], pack: Pack) -> dict[str, dict[str, int | None]]:
    """The household's formulas of each case by its name, as the night computes them."""
    found: dict[str, dict[str, int | None]] = {}
    for day in sorted({case.as_of for case in cases}):
        group = [case for case in cases if case.as_of == day]
        columns = columns_of_families(programme.formulas, [case.family for case in group])
        values = run_columns(programme.formulas, columns, pack=pack, as_of=day, way=Way())
        for place, case in enumerate(group):
            numbers_of = {name: int(column[place]) for name, column in values.items()}
            found[case.name] = {name: None if n == UNKNOWN else n for name, n in numbers_of.items()}
    return found
