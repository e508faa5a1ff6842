"""Every case of the pack, on every executor: the law's own examples must come out to the fen."""

from collections.abc import Iterator

import pytest
from tests.engine.rules.families import columns_of

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.rules.assessment import assess, assess_columns
from doudi.engine.rules.cases import Case, load_cases
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.rules.reference import evaluate

PACK = load_pack()


def _programmes(pack: Pack) -> Iterator[Programme]:
    for document in pack.documents("programmes"):
        if document.relative.endswith("/programme.yaml"):
            yield load_programme(pack, document.relative.split("/")[1])


CASES = [(programme, case) for programme in _programmes(PACK) for case in load_cases(PACK, programme)]


@pytest.mark.parametrize(("programme", "case"), CASES, ids=[f"{p.id}: {c.name}" for p, c in CASES])
def test_the_case_comes_out_as_the_law_says(programme: Programme, case: Case) -> None:
    assessed = assess(programme, case.family, pack=PACK, as_of=case.as_of)
    assert (assessed.outcome, assessed.amount_fen) == (case.expected.outcome, case.expected.amount_fen)
    for name, value in case.expected.values.items():
        assert assessed.values[name] == value, name
    if case.expected.missing is not None:
        assert {fact.name for fact in assessed.missing} == set(case.expected.missing)


@pytest.mark.parametrize(("programme", "case"), CASES, ids=[f"{p.id}: {c.name}" for p, c in CASES])
def test_the_reference_judges_the_case_alike(programme: Programme, case: Case) -> None:
    formulas = programme.formulas
    parameters = numbers(formulas, look_up(formulas, pack=PACK, region=case.family.region, as_of=case.as_of))
    by_name = dict(zip(formulas.parameters, parameters, strict=True))
    trace = evaluate(formulas, case.family, parameters=by_name, as_of=case.as_of)
    quick = run_family(formulas, case.family, pack=PACK, as_of=case.as_of)
    assert {name: trace.value(name) for name in quick} == quick


@pytest.mark.parametrize("programme", list(_programmes(PACK)), ids=lambda p: p.id)
def test_the_compiled_kernel_gives_the_cases_alike(programme: Programme) -> None:
    cases = load_cases(PACK, programme)
    for day in sorted({case.as_of for case in cases}):
        group = [case for case in cases if case.as_of == day]
        columns = columns_of([case.family for case in group], programme.formulas)
        night = assess_columns(programme, columns, pack=PACK, as_of=day)
        for case, outcome, amount in zip(group, night.outcomes(), night.amount_fen.tolist(), strict=True):
            assert outcome == case.expected.outcome, case.name
            assert (None if amount == UNKNOWN else amount) == case.expected.amount_fen, case.name


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 20
