"""Every case of the pack, on every executor: the law's own examples must come out to the fen."""

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_

import pytest
from tests.engine.rules.families import columns_of
from tests.parity.third_opinion import third_opinion

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import EPOCH, load_vocabulary
from doudi.engine.rules.assessment import assess, assess_columns
from doudi.engine.rules.cases import Case, load_cases
from doudi.engine.rules.classification import load_classification
from doudi.engine.rules.family import UNKNOWN, Family
from doudi.engine.rules.kernel import family_numbers, interpreted, run_family
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.rules.reference import evaluate
from doudi.engine.rules.source import generate
from doudi.engine.workflow.reading import load_procedure

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
def test_the_nights_text_gives_the_cases_alike(programme: Programme) -> None:
    """The very text that the night compiles, interpreted."""
    formulas = programme.formulas
    names = [formula.name for formula in formulas.of_household]
    kernel = interpreted(generate(formulas, missing_of=names))
    facts = (*formulas.household_facts, *formulas.member_facts)
    for case in load_cases(PACK, programme):
        household, member, count = family_numbers(formulas, case.family)
        parameters = numbers(formulas, look_up(formulas, pack=PACK, region=case.family.region, as_of=case.as_of))
        out = [[0] for _ in range(2 * len(names))]
        day = (case.as_of - EPOCH).days
        kernel(0, 1, (0, count), household, member, [[number] for number in parameters], (0,), day, out)
        found = {name: None if column[0] == UNKNOWN else column[0] for name, column in zip(names, out, strict=False)}
        assert found == run_family(formulas, case.family, pack=PACK, as_of=case.as_of), case.name
        if case.expected.missing is not None:
            gaps = dict(zip(names, (column[0] for column in out[len(names) :]), strict=True))
            roots = [condition.formula for condition in programme.conditions]
            bits = reduce(or_, (gaps[name] for name in roots)) or gaps[programme.amount or roots[0]]
            missing = {name for place, name in enumerate(facts) if bits >> place & 1}
            assert missing == set(case.expected.missing), case.name


@pytest.mark.parametrize("programme", list(_programmes(PACK)), ids=lambda p: p.id)
def test_the_compiled_kernel_gives_the_cases_alike(programme: Programme) -> None:
    cases = load_cases(PACK, programme)
    for day in sorted({case.as_of for case in cases}):
        group = [case for case in cases if case.as_of == day]
        columns = columns_of([case.family for case in group], programme.formulas)
        night = assess_columns(programme, columns, pack=PACK, as_of=day)
        counter = [assess(programme, case.family, pack=PACK, as_of=day) for case in group]
        assert list(night.outcomes()) == [one.outcome for one in counter]
        assert night.amount_column().to_pylist() == [one.amount_fen for one in counter]
        assert [set(names) for names in night.missing()] == [{fact.name for fact in one.missing} for one in counter]


@pytest.mark.parametrize("programme", list(_programmes(PACK)), ids=lambda p: p.id)
def test_duckdb_gives_the_cases_alike(programme: Programme) -> None:
    formulas = programme.formulas
    by_place: dict[tuple[str, date], list[Family]] = {}
    for case in load_cases(PACK, programme):
        by_place.setdefault((case.family.region, case.as_of), []).append(case.family)
    for (region, day), families in by_place.items():
        parameters = numbers(formulas, look_up(formulas, pack=PACK, region=region, as_of=day))
        third = third_opinion(formulas, families, parameters, day)
        assert third == [run_family(formulas, family, pack=PACK, as_of=day) for family in families]


@pytest.mark.parametrize("programme", [p for p in _programmes(PACK) if p.is_office], ids=lambda p: p.id)
def test_what_the_cases_of_a_programme_rest_on_its_forms_ask_for(programme: Programme) -> None:
    """A fact that no form asks stays unknown for ever, and with it the family's outcome.

    Looked at in the county without local methods: what those would ask, nobody asks where they are off.
    """
    vocabulary = load_vocabulary(PACK)
    read = set(programme.formulas.household_facts) | set(programme.formulas.member_facts)
    cases = [case for case in load_cases(PACK, programme) if case.family.region.startswith("419901")]
    subjects = [facts for case in cases for facts in (case.family.facts, *(m.facts for m in case.family.members))]
    given = {name for facts in subjects for name in facts}
    for name in sorted(read & given):
        definition = vocabulary.definition(name)
        assert definition is not None
        assert not definition.asked_for or programme.id in definition.asked_for, name


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("programme", load_classification(PACK).programmes)
def test_every_tier_has_cases_for_each_outcome(programme: str) -> None:
    outcomes = {case.expected.outcome for owner, case in CASES if owner.id == programme}
    assert {"eligible", "ineligible", "undetermined"} <= outcomes


@pytest.mark.parametrize("programme", load_classification(PACK).programmes)
def test_every_tier_has_a_procedure_with_two_pairs_of_eyes(programme: str) -> None:
    confirm = load_procedure(PACK, programme).step("confirm")
    assert "review" in confirm.four_eyes_with
