"""A county with families of every kind, and a pack in which its standard rises."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest
from tests.office.payments.families import DECEMBER, VILLAGE, family
from tests.office.payments.families import Office as Money

from doudi.engine.pack import pack as packs
from doudi.office.entitlements.models import Entitlement
from doudi.office.entitlements.paying import paying_of
from doudi.office.evidence import rulebook
from doudi.office.evidence.models import Fact

OLD, NEW = 42_000, 45_000


@contextmanager
def risen(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """The shipped pack with one more dated value: the rural standard of the county from January 2027."""
    shutil.copytree(packs._SHIPPED, folder)
    file = folder / "regions" / "419901" / "parameters.yaml"
    head, rural = file.read_text("utf-8").split("  dibao_standard_rural:\n")
    old = f"      - effective_from: 2025-07-01\n        value: {OLD}\n"
    assert rural.count(old) == 1
    new = old.replace("2025-07-01", "2027-01-01").replace(str(OLD), str(NEW))
    citation = rural.split(old)[1].split("\n", 2)
    before = old.replace(f"        value: {OLD}\n", f"        last_day: 2026-12-31\n        value: {OLD}\n")
    told = "\n".join(citation[:2]) + "\n"
    file.write_text(f"{head}  dibao_standard_rural:\n{rural.replace(old, before + told + new)}", "utf-8")
    monkeypatch.setattr(rulebook, "load_pack", lambda **_given: packs.load_pack(folder))
    _forget()
    try:
        yield
    finally:
        monkeypatch.undo()
        _forget()


class _Remembered(Protocol):
    """A function whose answers are kept until it is told to forget them."""

    def cache_clear(self) -> None: ...


def _forget() -> None:
    remembered: tuple[_Remembered, ...] = (
        rulebook.current_pack, rulebook.current_vocabulary, rulebook.asked_vocabulary, rulebook.visit_vocabulary,
        rulebook.office_programmes, paying_of,
    )  # fmt: skip
    for each in remembered:
        each.cache_clear()


def receiving(money: Money, amount_fen: int, *, without: str = "", **facts: int) -> Entitlement:
    """One person's household of which everything is known but `without`; what is not named in `facts` is nothing."""
    entitlement = family(money, amount_fen=amount_fen, start=DECEMBER)
    household, [membership] = entitlement.household, entitlement.household.memberships.all()
    household.residence = "rural"
    household.save(update_fields=["residence"])
    membership.person.birth_date = date(1950, 1, 1)
    membership.person.save(update_fields=["birth_date"])
    asked = rulebook.asked_vocabulary("dibao")
    for subject, definitions in (
        ({"person": membership.person}, asked.person),
        ({"household": household}, asked.household),
    ):
        for name, definition in definitions.items():
            if name in (without, "birth_date", "residence"):
                continue
            is_text = definition.type == "text"
            value: Mapping[str, object] = {
                "value_text": next(iter(definition.codes)) if is_text else None,
                "value_int": None if is_text else facts.get(name, 0),
            }
            Fact.objects.create(
                **subject, **value, name=name, valid_from=date(2026, 11, 1), origin="department", source="test",
                recorded_at=entitlement.granted_at, recorded_by=money.approver, area=VILLAGE,
            )  # fmt: skip
    return entitlement
