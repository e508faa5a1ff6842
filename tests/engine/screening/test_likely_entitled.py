"""Entitled but not receiving: what people alone can tell may be presumed, what a department could know may not."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.rules.families import columns_of

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pipeline.alert_book import CompiledAlert, load_alert_book
from doudi.engine.pipeline.judge import nightly_programmes
from doudi.engine.pipeline.presumption import load_presumption, taken
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.family import UNKNOWN, FactValue, Family, Member
from doudi.engine.screening.alert import AlertError

PACK = load_pack()
BOOK = {compiled.alert.id: compiled for compiled in load_alert_book(PACK)}
AS_OF = date(2026, 11, 23)
DEPARTMENTS = {
    "birth_date": date(1955, 5, 1),
    "wage_insured_monthly": 0,
    "social_contribution_monthly": 0,
    "pension_monthly": 18_800,
    "unemployment_benefit_monthly": 0,
}
REGISTERED = {"residence": "rural", "dibao_received_monthly": 0, "vehicles_registered": 0, "dwellings_registered": 1}


def old_man(household: dict[str, object] | None = None, **facts: object) -> Family:
    own = {name: FactValue(value) for name, value in {**REGISTERED, **(household or {})}.items()}
    told = {name: FactValue(value) for name, value in {**DEPARTMENTS, **facts}.items()}
    return Family("h", "419901102002", "register", own, (Member("m1", "02", told),))


def speaks(compiled: CompiledAlert, family: Family) -> bool | None:
    return compiled.speaks(family, pack=PACK, as_of=AS_OF)


def test_every_programme_of_the_classification_has_an_alert_for_who_is_entitled_and_does_not_receive() -> None:
    watched = {c.programme.id for c in BOOK.values() if c.programme is not None}
    assert watched == set(nightly_programmes(PACK))


def test_what_only_people_can_tell_is_presumed_and_the_assessment_itself_stays_open() -> None:
    compiled = BOOK["dibao_not_received"]
    assert speaks(compiled, old_man()) is True
    assessed = assess(compiled.programme, old_man(), pack=PACK, as_of=AS_OF)
    assert (assessed.outcome, assessed.amount_fen) == ("undetermined", None)
    tellable = {fact.name for fact in assessed.missing}
    assert tellable <= set(load_presumption(PACK).values)


@pytest.mark.parametrize("name", sorted(DEPARTMENTS))
def test_p15_what_a_department_could_know_and_did_not_tell_makes_no_finding(name: str) -> None:
    assert speaks(BOOK["dibao_not_received"], old_man(**{name: None})) is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"support_received_monthly": 23_199}, True),
        ({"support_received_monthly": 23_200}, False),
        ({"membership_exclusion": "serving_sentence"}, False),
    ],
)
def test_what_people_have_told_goes_before_what_is_presumed(told: dict[str, object], expected: bool) -> None:
    assert speaks(BOOK["dibao_not_received"], old_man(**told)) is expected


def test_while_nobody_knows_who_receives_no_entitled_alert_speaks() -> None:
    compiled = BOOK["dibao_not_received"]
    programme = compiled.programme
    assert programme is not None
    facts = (*compiled.predicate.formulas.household_facts, *programme.formulas.household_facts)
    columns = columns_of([old_man()], programme.formulas)
    predicate = columns_of([old_man()], compiled.predicate.formulas)
    both = replace(
        columns,
        household={**columns.household, **predicate.household},
        member={**columns.member, **predicate.member},
    )
    assert set(facts) == set(both.household)

    def said(receiving: int) -> int:
        found = compiled.speaks_of_all(
            both, pack=PACK, as_of=AS_OF, receiving=np.array([receiving], dtype=np.int64), compile_from=10
        )
        return int(found.speaks[0])

    assert [said(0), said(1), said(UNKNOWN)] == [1, 0, UNKNOWN]


@given(places=st.lists(st.integers(0, 3), unique=True).map(sorted))
def test_families_taken_out_of_columns_are_those_families(places: list[int]) -> None:
    compiled = BOOK["dibao_not_received"]
    families = [
        old_man(),
        Family("none", "419901102002", "register", {}, ()),
        replace(old_man(), members=tuple(Member(f"m{n}", "02", {"pension_monthly": FactValue(n)}) for n in range(3))),
        old_man(pension_monthly=7),
    ]
    formulas = compiled.predicate.formulas
    few = taken(columns_of(families, formulas), np.array(places, dtype=np.int64))
    same = columns_of([families[place] for place in places], formulas)
    assert few.offsets.tolist() == same.offsets.tolist()
    for name, column in same.member.items():
        assert few.member[name].tolist() == column.tolist()
    for name, column in same.household.items():
        assert few.household[name].tolist() == column.tolist()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  pension_monthly: {value: 0, because: {zh: 无, en: none}}\n", "a department can supply it"),
        ("  no_such_fact: {value: 0, because: {zh: 无, en: none}}\n", "no fact no_such_fact"),
    ],
)
def test_a_presumption_of_what_a_department_knows_is_refused(line: str, words: str, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[3] / "src" / "doudi" / "packs" / "cn"
    folder = Path(shutil.copytree(shipped, tmp_path / "cn"))
    path = folder / "alerts" / "presumed.yaml"
    path.write_text(path.read_text("utf-8") + line, "utf-8")
    pack: Pack = load_pack(folder)
    with pytest.raises(AlertError, match=words):
        load_presumption(pack)
