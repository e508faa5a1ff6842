"""Cases of the alerts: families with the answer that the rule must give. They stand beside each alert, as its proof.

The pipeline holds them because a case needs both the screening's alert and the rules' executors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from doudi.engine.pack.citation import Strict
from doudi.engine.pack.document import validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.alert_book import CompiledAlert, load_alert_book
from doudi.engine.rules.family import Basis, FactValue, Family, Member
from doudi.engine.screening import Alert

Given = int | bool | date | str | None


class _MemberText(Strict):
    relation: str
    facts: dict[str, Given] = Field(default_factory=dict)


class _CaseText(Strict):
    name: str
    as_of: date
    region: str
    basis: Basis = "register"
    receives: tuple[str, ...] = Field(default=(), strict=False)
    household: dict[str, Given] = Field(default_factory=dict)
    members: tuple[_MemberText, ...] = Field(strict=False)
    speaks: bool | None


class _CaseFile(Strict):
    every_household: dict[str, Given]
    every_member: dict[str, Given]
    cases: tuple[_CaseText, ...] = Field(min_length=3, strict=False)


@dataclass(frozen=True)
class AlertCase:
    """One case: the family, what it receives, the day, and whether the alert speaks; None: it can't be known."""

    compiled: CompiledAlert
    name: str
    family: Family
    receives: frozenset[str]
    as_of: date
    speaks: bool | None
    where: str

    @property
    def alert(self) -> Alert:
        return self.compiled.alert


def load_alert_cases(pack: Pack) -> list[AlertCase]:
    """Every case of every alert. An alert without cases is refused: nobody could tell what it means."""
    cases = []
    for compiled in load_alert_book(pack):
        beside = pack.document(f"{compiled.alert.folder}/cases.yaml")
        file = validate(beside, _CaseFile)
        for position, text in enumerate(file.cases):
            members = tuple(
                Member(f"m{place}", member.relation, _facts(file.every_member, member.facts, text.as_of))
                for place, member in enumerate(text.members, start=1)
            )
            household = _facts(file.every_household, text.household, text.as_of)
            family = Family("case", text.region, text.basis, household, members)
            where = beside.where("cases", position)
            receives = frozenset(text.receives)
            cases.append(AlertCase(compiled, text.name, family, receives, text.as_of, text.speaks, where))
    return cases


def _facts(usual: Mapping[str, Given], own: Mapping[str, Given], as_of: date) -> dict[str, FactValue]:
    return {name: FactValue(value, source="case", as_of=as_of) for name, value in {**usual, **own}.items()}
