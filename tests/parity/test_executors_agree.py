"""Two executors, one judge: on invented formulas and families with unknown facts they agree to the fen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.engine.rules.families import columns_of
from tests.parity.inventions import AS_OF, families, formula_sets, trial_pack
from tests.parity.third_opinion import third_opinion

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import EPOCH
from doudi.engine.rules import days
from doudi.engine.rules.assessment import assess, assess_columns
from doudi.engine.rules.family import UNKNOWN, FactValue, Family
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.night import Way, run_columns
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import load_programme
from doudi.engine.rules.reference import evaluate
from doudi.engine.values.period import full_years

SHIPPED = load_pack()
DIBAO = load_programme(SHIPPED, "dibao")
# Drawing a whole set of formulas is slow and large by nature, so hypothesis's own health checks would only complain.
UNHURRIED = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return trial_pack(tmp_path_factory.mktemp("pack"))


def judged(formulas: FormulaSet, family: Family, pack: Pack, as_of: date) -> dict[str, object]:
    parameters = numbers(formulas, look_up(formulas, pack=pack, region=family.region, as_of=as_of))
    trace = evaluate(formulas, family, parameters=dict(zip(formulas.parameters, parameters, strict=True)), as_of=as_of)
    return {formula.name: trace.value(formula.name) for formula in formulas.of_household}


@UNHURRIED
@given(data=st.data())
def test_the_interpreted_kernel_agrees_with_the_reference(pack: Pack, data: st.DataObject) -> None:
    formulas = data.draw(formula_sets(pack, 4))
    for _ in range(4):
        family = data.draw(families(formulas))
        assert run_family(formulas, family, pack=pack, as_of=AS_OF) == judged(formulas, family, pack, AS_OF)


@seed(20261123)
@settings(UNHURRIED, max_examples=25, phases=[Phase.generate])
@given(data=st.data())
def test_machine_code_and_duckdb_agree_with_the_reference(pack: Pack, data: st.DataObject) -> None:
    """Three opinions, each by other arithmetic: the compiled kernel's, the reference's, and DuckDB's."""
    formulas = data.draw(formula_sets(pack, 8))
    drawn = [data.draw(families(formulas)) for _ in range(25)]
    night = run_columns(formulas, columns_of(drawn, formulas), pack=pack, as_of=AS_OF, way=Way())
    parameters = numbers(formulas, look_up(formulas, pack=pack, region=drawn[0].region, as_of=AS_OF))
    third = third_opinion(formulas, drawn, parameters, AS_OF)
    for place, family in enumerate(drawn):
        compiled = {n: None if column[place] == UNKNOWN else int(column[place]) for n, column in night.items()}
        judgement = judged(formulas, family, pack, AS_OF)
        assert compiled == judgement
        assert third[place] == judgement


@UNHURRIED
@given(data=st.data())
def test_p15_learning_a_fact_never_changes_what_was_already_known(pack: Pack, data: st.DataObject) -> None:
    """So an absent source can't turn a decision: what it leaves unknown was not decided."""
    formulas = data.draw(formula_sets(pack, 4))
    full = data.draw(families(formulas))
    lost = data.draw(st.sampled_from([*formulas.household_facts, *formulas.member_facts, "residence"]))
    unknown = FactValue(None, unknown_since=date(2026, 5, 31))
    members = tuple(
        replace(m, facts={n: unknown if n == lost else f for n, f in m.facts.items()}) for m in full.members
    )
    own = {n: unknown if n == lost else fact for n, fact in full.facts.items()}
    less = run_family(formulas, replace(full, facts=own, members=members), pack=pack, as_of=AS_OF)
    more = run_family(formulas, full, pack=pack, as_of=AS_OF)
    assert {n: v for n, v in less.items() if v is not None} == {n: more[n] for n, v in less.items() if v is not None}


@settings(UNHURRIED, max_examples=20)
@given(data=st.data(), as_of=st.dates(date(2024, 7, 1), date(2027, 12, 31)))
def test_counter_and_night_agree_on_dibao(data: st.DataObject, as_of: date) -> None:
    shipped, programme = SHIPPED, DIBAO
    drawn = [data.draw(families(programme.formulas)) for _ in range(5)]
    columns = columns_of(drawn, programme.formulas)
    every = [formula.name for formula in programme.formulas.of_household]
    night = assess_columns(programme, columns, pack=shipped, as_of=as_of, keep=every)
    # A small night is interpreted: the same text, and every column the same.
    small = assess_columns(programme, columns, pack=shipped, as_of=as_of, compile_from=1_000, keep=every)
    assert small.missing() == night.missing()
    assert {n: v.tolist() for n, v in small.values.items()} == {n: v.tolist() for n, v in night.values.items()}
    missing = night.missing()
    for place, family in enumerate(drawn):
        counter = assess(programme, family, pack=shipped, as_of=as_of)
        amount = int(night.amount_fen[place])
        assert list(night.outcomes())[place] == counter.outcome
        assert (None if amount == UNKNOWN else amount) == counter.amount_fen
        assert judged(programme.formulas, family, shipped, as_of) == counter.values
        assert set(missing[place]) == {fact.name for fact in counter.missing}


@given(
    born=st.dates(date(1850, 1, 1), date(2199, 12, 31)),
    on=st.dates(date(1850, 1, 1), date(2199, 12, 31)),
    nudge=st.integers(-1, 1),
    is_birthday=st.booleans(),
)
def test_ages_from_day_numbers_agree_with_the_calendar(born: date, on: date, nudge: int, is_birthday: bool) -> None:
    if is_birthday:
        on = date(on.year, born.month, min(born.day, 28)) + timedelta(days=nudge)
    counted = days.full_years((born - EPOCH).days, (on - EPOCH).days)
    assert counted == (UNKNOWN if on < born else full_years(born, on))
