"""One family written as a YAML or JSON file, as `doudi assess` reads it."""

from datetime import date

from pydantic import Field

from doudi.engine.pack.citation import Strict
from doudi.engine.pack.document import Document, validate
from doudi.engine.rules.family import Basis, FactValue, Family, Member

Plain = bool | int | date | str | None


class _Told(Strict):
    value: Plain
    source: str = "declared"
    as_of: date | None = None
    ref: str = ""


class _MemberText(Strict):
    relation: str
    key: str = ""
    facts: dict[str, _Told | Plain] = Field(default_factory=dict)


class _FamilyText(Strict):
    key: str = "family"
    region: str
    basis: Basis = "declared"
    household: dict[str, _Told | Plain] = Field(default_factory=dict)
    members: tuple[_MemberText, ...] = Field(strict=False)


def read_family(document: Document) -> Family:
    """Read a family: region, basis (declared unless said), household facts, members with relation and facts.

    A fact is a bare value, null for unknown, or a mapping of `value`, `source`, `as_of` and `ref`. What is wrong is
    told with its line and never quoted.
    """
    text = validate(document, _FamilyText)
    members = tuple(
        Member(member.key or f"m{place}", member.relation, _facts(member.facts))
        for place, member in enumerate(text.members, start=1)
    )
    return Family(text.key, text.region, text.basis, _facts(text.household), members)


def _facts(given: dict[str, _Told | Plain]) -> dict[str, FactValue]:
    told = {name: fact if isinstance(fact, _Told) else _Told(value=fact) for name, fact in given.items()}
    return {name: FactValue(t.value, source=t.source, as_of=t.as_of, ref=t.ref) for name, t in told.items()}
