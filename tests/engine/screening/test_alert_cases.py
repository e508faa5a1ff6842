"""Every case of every alert, on both executors: one family interpreted, all families compiled."""

from collections import defaultdict

import numpy as np
import pytest

from doudi.engine.pack.pack import load_pack
from doudi.engine.pack.vocabulary import FactDefinition, load_vocabulary
from doudi.engine.pipeline.alert_cases import AlertCase, load_alert_cases
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.family import UNKNOWN, FactValue, encode

PACK = load_pack()
CASES = load_alert_cases(PACK)
VOCABULARY = load_vocabulary(PACK)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert.id}: {case.name}")
def test_one_family(case: AlertCase) -> None:
    found = case.compiled.speaks(case.family, pack=PACK, as_of=case.as_of, receives=case.receives)
    assert found is case.speaks, case.where


@pytest.mark.parametrize("alert", sorted({case.alert.id for case in CASES}))
def test_all_families_at_once(alert: str) -> None:
    by_day = defaultdict(list)
    for case in CASES:
        if case.alert.id == alert:
            by_day[case.as_of].append(case)
    for as_of, cases in by_day.items():
        families = [case.family for case in cases]
        members = [member for family in families for member in family.members]
        columns = FamilyColumns(
            offsets=np.cumsum([0, *(len(family.members) for family in families)]).astype(np.int64),
            regions=[family.region for family in families],
            basis=[family.basis for family in families],
            household={n: column(n, d, [f.facts.get(n) for f in families]) for n, d in VOCABULARY.household.items()},
            member={n: column(n, d, [m.facts.get(n) for m in members]) for n, d in VOCABULARY.person.items()},
        )
        alone = cases[0].alert.rule.entitled
        receiving = [int(bool(alone and case.receives & set(alone.unless_receiving))) for case in cases]
        interpreted = cases[0].compiled.speaks_of_all(
            columns, pack=PACK, as_of=as_of, receiving=np.array(receiving, dtype=np.int64), compile_from=10_000
        )
        expected = [UNKNOWN if case.speaks is None else int(case.speaks) for case in cases]
        assert interpreted.speaks.tolist() == expected
        # What the night compiles for 100,000 households and more is the same text.
        predicate = cases[0].compiled.predicate
        compiled = predicate.evaluate_columns(columns, pack=PACK, as_of=as_of)
        assert {n: v.tolist() for n, v in compiled.values.items()} == {
            n: v.tolist() for n, v in interpreted.values.items()
        }
        if alone is None:
            assert compiled.when.tolist() == expected


def column(name: str, definition: FactDefinition, values: list[FactValue | None]) -> IntArray:
    return np.array([UNKNOWN if v is None else encode(name, definition, v.value) for v in values], dtype=np.int64)


WITHOUT_A_LINE = {"company_while_receiving", "double_grant", "recipient_died", "recipient_in_prison"}
"""Alerts that ask for yes or no: there is nothing to lie below, at or above."""


def test_each_alert_with_a_line_has_cases_below_at_and_above_it() -> None:
    for alert in {case.alert.id for case in CASES} - WITHOUT_A_LINE:
        names = " | ".join(case.name for case in CASES if case.alert.id == alert)
        assert "exactly at" in names, alert
        assert "above" in names, alert
        assert "below" in names or case_limit_is_least(alert), alert


def case_limit_is_least(alert: str) -> bool:
    """A limit of no car, of one household book or of one family in it: nothing can lie below it."""
    return alert in {"vehicle_while_receiving", "household_split", "household_merge"}


def test_each_alert_has_a_case_that_speaks_one_that_is_silent_and_one_that_cannot_be_known() -> None:
    for alert in {case.alert.id for case in CASES}:
        assert {case.speaks for case in CASES if case.alert.id == alert} == {True, False, None}, alert


def test_p15_no_case_with_an_unknown_side_speaks_against_a_family() -> None:
    adverse = [case for case in CASES if case.alert.is_adverse]
    assert any(case.speaks is None for case in adverse)
