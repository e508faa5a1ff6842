"""Hostile and mistaken formulas are refused with advice, with file and line, and at once."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doudi.engine.pack.document import Document, parse_document
from doudi.engine.pack.pack import load_pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.rules.check import Named, check
from doudi.engine.rules.errors import (
    FormulaCircleError,
    FormulaNameError,
    FormulaOverflowError,
    FormulaPeriodError,
    FormulaTextError,
    FormulaTypeError,
    FormulaWordError,
    RuleError,
)
from doudi.engine.rules.formula import parse
from doudi.engine.rules.formula_set import FormulaSet, build_formula_set, fact_kind, parameter_uses, read_formulas

PACK = load_pack()
VOCABULARY = load_vocabulary(PACK)
NAMES = {
    **{name: Named("household", fact_kind(d)) for name, d in VOCABULARY.household.items()},
    **{name: Named("person", fact_kind(d)) for name, d in VOCABULARY.person.items()},
    **{name: Named(None, use.kind) for name, use in parameter_uses(PACK.parameters).items()},
}

ENTRY = """
  {name}:
    entity: {entity}
    type: {type}
    unit: "{unit}"
    label: {{zh: 试, en: trial}}
    citation: {{instrument: 试, article: 第一条, mark: L}}
    formula: {formula}
"""


def document(*entries: tuple[str, str, str, str, str]) -> Document:
    """A formulas file; each entry is name, entity, type, unit, formula."""
    keys = ("name", "entity", "type", "unit", "formula")
    text = "formulas:" + "".join(ENTRY.format(**dict(zip(keys, entry, strict=True))) for entry in entries)
    return parse_document(text, path=Path("formulas.yaml"), relative="programmes/trial/formulas.yaml")


def built(*entries: tuple[str, str, str, str, str]) -> FormulaSet:
    given = read_formulas(document(*entries))
    return build_formula_set(
        given, vocabulary=VOCABULARY, parameters=PACK.parameters, roots=[one.name for one in given]
    )


def refused(formula: str, *, kind: str = "bool", unit: str = "", entity: str = "household") -> RuleError:
    started = time.process_time()
    with pytest.raises(RuleError) as caught:
        built(("trial", entity, kind, unit, "'" + formula.replace("'", "''") + "'"))
    assert time.process_time() - started < 2
    assert caught.value.where == "programmes/trial/formulas.yaml line 8"
    assert caught.value.advice
    assert caught.value.code.startswith("DD-RULE-")
    return caught.value


@pytest.mark.parametrize(
    ("formula", "error"),
    [
        ("dwellings + " * 400 + "1 > 0", FormulaTextError),
        ("(" * 900 + "dwellings" + ")" * 900 + " > 0", FormulaTextError),
        ("not " * 200 + "true", FormulaTextError),
        ("- - - - - - - - dwellings > 0", FormulaTextError),
        ("case when true then " * 60 + "true" + " else false end" * 60, FormulaTextError),
        ("+".join(["dwellings"] * 60) + " > 0", FormulaTextError),
        ("(" * 22 + "dwellings" + " between 1 and 2)" * 22, FormulaTextError),
        ("(" * 22 + "dwellings" + " in (1, 2))" * 22, FormulaTextError),
        ("dwellings in (" + ", ".join(["1"] * 140) + ")", FormulaTextError),
        ("case " + "when true then 1 " * 90 + "else 2 end > 1", FormulaTextError),
        ("dwellings > 0; dwellings > 1", FormulaTextError),
        ("", FormulaTextError),
        ("dwellings >", FormulaTextError),
        ("dwellings > 0 -- and so on", FormulaTextError),
        ("dwellings > 0 /* and so on */", FormulaTextError),
        ("dwellings > 1.5", FormulaTextError),
        ("dwellings > 99999999999999999999", FormulaTextError),
        ('"dwellings" > 0', FormulaTextError),
        ("facts.dwellings > 0", FormulaTextError),
        ("ＤWELLINGS > 0", FormulaTextError),
        ("(select 1) > 0", FormulaWordError),
        ("exists (select 1)", FormulaWordError),
        ("dwellings in (select dwellings)", FormulaWordError),
        ("select dwellings from household", FormulaWordError),
        ("drop table household", FormulaWordError),
        ("any(pension_monthly > 0) over ()", FormulaWordError),
        ("read_csv('x') > 0", FormulaWordError),
        ("pg_sleep(10) > 0", FormulaWordError),
        ("coalesce(dwellings, 0) > 0", FormulaWordError),
        ("dwellings is null", FormulaWordError),
        ("ifnull(dwellings, 0) > 0", FormulaWordError),
        ("cast(dwellings as integer) > 0", FormulaWordError),
        ("count(dwellings) > 0", FormulaWordError),
        ("sum(distinct dwellings) > 0", FormulaWordError),
        ("case dwellings when 1 then true else false end", FormulaWordError),
        ("case when true then true end", FormulaWordError),
        ("full_years(as_of) > 1", FormulaWordError),
        ("no_such_fact > 0", FormulaNameError),
        ("pension_monthly > 0", FormulaTypeError),
        ("dwellings > motor_vehicles", FormulaTypeError),
        ("financial_assets > other_income_monthly", FormulaTypeError),
        ("financial_assets > 100", FormulaTypeError),
        ("residence = 'suburban'", FormulaTypeError),
        ("residence > 'rural'", FormulaTypeError),
        ("residence = residence", FormulaTypeError),
        ("'rural'", FormulaTypeError),
        ("dwellings and true", FormulaTypeError),
        ("dwellings", FormulaTypeError),
        ("as_of > 3", FormulaTypeError),
        ("as_of + 1 > as_of", FormulaTypeError),
        ("any(any(pension_monthly > 0))", FormulaTypeError),
        ("sum(pension_monthly > 0) > 0", FormulaTypeError),
        ("any(pension_monthly)", FormulaTypeError),
        ("financial_assets * financial_assets > 0", FormulaTypeError),
        ("dwellings * 9999999999999 * 9999999999999 > 0", FormulaOverflowError),
    ],
)
def test_a_formula_outside_the_language_is_refused(formula: str, error: type[RuleError]) -> None:
    assert type(refused(formula)) is error


WORDS = re.findall(
    r"\S+",
    """
    ( ) , + - * // = <> < <= > >= ; / . " ` [ ] { } $ : @ -- /* ( ) ( ) 0 1 7 9999999999999 'rural'
    and or not in between case when then else end true false filter where select from over exists
    sum count any all max min greatest least full_years days_between over_12_months round_up_to_yuan
    cast null is interval lambda date dwellings motor_vehicles residence pension_monthly birth_date
    financial_assets as_of dibao_standard_rural dibao_financial_assets_months
    """,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), st.text(max_size=80)))
def test_whatever_is_written_is_read_or_refused_with_advice(text: str) -> None:
    refusal = None
    try:
        check(parse(text, where="here"), entity="household", names=NAMES, where="here")
    except RuleError as error:
        refusal = error
    assert refusal is None or (refusal.advice and refusal.where == "here")


def test_a_money_division_says_why() -> None:
    assert "round in silence" in refused("financial_assets / 3 > 0").message


def test_dividing_per_head_is_refused_because_it_rounds_too_early() -> None:
    error = refused("sum(pension_monthly) // (count(*)) < 1", kind="bool")
    assert "per head" in error.advice


def test_p16_a_yearly_total_can_not_become_a_months_amount() -> None:
    for formula in (
        "sum(hospital_self_paid_12m) // 12",
        "sum(hospital_self_paid_12m // 12)",
        "financial_assets // dibao_financial_assets_months",
    ):
        assert type(refused(formula, kind="fen", unit="fen_per_month")) is FormulaPeriodError
    for formula in (
        "sum(hospital_self_paid_12m)",
        "round_down_to_fen(sum(hospital_self_paid_12m) * gradual_exit_share)",
        "greatest(sum(pension_monthly), sum(hospital_self_paid_12m))",
        "case when dwellings > 0 then sum(hospital_self_paid_12m) else sum(pension_monthly) end",
        "financial_assets // 12",
        "round_down_to_fen(financial_assets * gradual_exit_share)",
    ):
        assert type(refused(formula, kind="fen", unit="fen_per_month")) in (FormulaTypeError, FormulaOverflowError)
    assert type(refused("sum(hospital_self_paid_12m + pension_monthly) > 0")) is FormulaTypeError


def test_overflow_is_proved_impossible_or_refused() -> None:
    factors = " * ".join(["(financial_assets // financial_assets)"] * 4)
    assert type(refused(f"{factors} > 0")) is FormulaOverflowError


def test_the_whole_path_of_a_circle_is_named() -> None:
    with pytest.raises(FormulaCircleError) as caught:
        built(
            ("first", "household", "fen", "fen", "second + 0"),
            ("second", "household", "fen", "fen", "third + 0"),
            ("third", "household", "fen", "fen", "second + 0"),
        )
    message = caught.value.message
    assert "second" in message
    assert "third" in message
    assert "first (" not in message
    assert message.count(" -> ") == 2
    assert "line 16" in message


def test_a_long_chain_of_formulas_is_no_trouble() -> None:
    chain = [
        (f"step_{n}", "person", "bool", "", f"step_{n - 1} or false" if n else "pension_monthly > 0")
        for n in range(300)
    ]
    chain.append(("last_one", "household", "bool", "", "any(step_299)"))
    assert len(built(*chain).formulas) == 301


def test_a_formula_may_not_take_the_name_of_a_fact() -> None:
    with pytest.raises(FormulaNameError):
        built(("dwellings", "household", "bool", "", "motor_vehicles > 0"))


def test_a_formula_must_give_what_it_declares() -> None:
    assert type(refused("dwellings > 0", kind="fen", unit="fen")) is FormulaTypeError
    assert type(refused("financial_assets", kind="fen", unit="fen_per_month")) is FormulaTypeError
