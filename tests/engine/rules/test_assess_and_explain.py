"""What a family is told: outcome, amount, what is missing, what would change it, and why."""

import json
from dataclasses import replace
from datetime import date

import pytest
from tests.engine.rules.families import dibao_family

from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.household import assess_household
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.errors import FactError, FamilyShapeError
from doudi.engine.rules.explain import Explanation, explain
from doudi.engine.rules.family import FactValue, Family
from doudi.engine.rules.programme import load_programme

PACK = load_pack()
DIBAO = load_programme(PACK, "dibao")
AS_OF = date(2026, 11, 23)
PENSION = {"pension_monthly": 20400}


def told(family: Family, lang: str = "zh") -> Explanation:
    return explain(DIBAO, family, pack=PACK, as_of=AS_OF, lang=lang)


def test_an_eligible_family_reads_why_in_plain_words() -> None:
    explanation = told(dibao_family(PENSION, PENSION, PENSION))
    assert explanation.headline == "按现有情况，您家符合最低生活保障（家庭）的条件，每月可补 648.00 元。"
    income = explanation.conditions[0]
    assert income.sentence == "您家 3 口人，每月收入合计 612.00 元，低于低保标准 420.00 元 × 3 人 = 1,260.00 元。"
    assert (income.value, income.threshold, income.distance) == ("612.00 元", "1,260.00 元", 64800)
    assert "第九条" in income.citation
    assert explanation.amount_fen == 64800


def test_each_condition_names_its_facts_with_source_and_its_numbers_with_layer() -> None:
    income = told(dibao_family(PENSION)).conditions[0]
    pension = next(line for line in income.facts if line.fact == "pension_monthly")
    assert (pension.value, pension.source, pension.as_of, pension.ref) == (
        "204.00 元",
        "wages_pensions",
        date(2026, 10, 31),
        "b1:7",
    )
    standard = next(line for line in income.parameters if line.parameter == "dibao_standard_rural")
    assert (standard.layer, standard.layer_name, standard.status) == ("419901", "清河县", "example")
    assert standard.effective_from == date(2025, 7, 1)
    assert standard.where.startswith("regions/419901/parameters.yaml line ")


def test_the_same_text_exists_in_english() -> None:
    explanation = told(dibao_family(PENSION, PENSION, PENSION), "en")
    assert explanation.conditions[0].sentence == (
        "Your family has 3 members and a monthly income of 612.00 yuan, "
        "which is below the standard of 420.00 yuan × 3 = 1,260.00 yuan."
    )


def test_one_fact_that_would_change_the_outcome_is_found_to_the_fen() -> None:
    family = dibao_family({"wage_casual_monthly": 130000}, {}, {})
    explanation = told(family)
    flip = next(f for f in explanation.flips if f.changes[0]["fact"] == "wage_casual_monthly")
    assert flip.changes[0]["would_be"] == 125999
    assert "1,259.99 元或更少（现在是 1,300.00 元）" in flip.sentence
    assert "“符合”" in flip.sentence


def test_p18_every_named_change_gives_the_other_outcome_when_recomputed() -> None:
    families = [
        dibao_family({"wage_casual_monthly": 130000}, {}, {}),
        dibao_family({"wage_casual_monthly": 130000}, {}, household={"motor_vehicles": 1}),
        dibao_family(PENSION, PENSION),
        dibao_family({"wage_casual_monthly": 50000}, {"wage_casual_monthly": 60000}, household={"dwellings": 2}),
    ]
    for family in families:
        explanation = told(family)
        assert explanation.flips
        for flip in explanation.flips:
            changed = family
            for change in flip.changes:
                changed = _with(changed, change["member"], str(change["fact"]), change["would_be"])
            outcome = assess(DIBAO, changed, pack=PACK, as_of=AS_OF).outcome
            assert {outcome, explanation.outcome} == {"eligible", "ineligible"}


def _with(family: Family, member: object, fact: str, number: object) -> Family:
    assert isinstance(number, int)
    value: int | str = ("urban", "rural")[number] if fact == "residence" else number
    if member is None:
        return replace(family, facts={**family.facts, fact: FactValue(value)})
    members = [replace(m, facts={**m.facts, fact: FactValue(value)}) if m.key == member else m for m in family.members]
    return replace(family, members=tuple(members))


def test_when_no_two_facts_suffice_it_says_so() -> None:
    rich = {"wage_casual_monthly": 200000}
    explanation = told(dibao_family(rich, rich, household={"motor_vehicles": 1, "dwellings": 2}))
    assert explanation.flips == ()
    assert explanation.flips_note == "要有两项以上的情况同时改变，结果才会不同。"


def test_p15_what_is_not_known_is_asked_for_and_never_taken_as_zero() -> None:
    family = dibao_family({"wage_casual_monthly": None}, {}, household={"financial_assets": None})
    assessed = assess(DIBAO, family, pack=PACK, as_of=AS_OF)
    assert (assessed.outcome, assessed.amount_fen) == ("undetermined", None)
    assert [(fact.name, fact.member) for fact in assessed.missing] == [
        ("wage_casual_monthly", "m0"),
        ("financial_assets", None),
    ]
    explanation = told(family)
    assert explanation.headline == "现在还不能判断您家是否符合最低生活保障（家庭）的条件：还有 2 项情况不清楚。"
    assert "还不知道：第1位成员（户主）的打零工收入（月均）" in explanation.conditions[0].sentence


def test_the_question_that_could_decide_alone_comes_first() -> None:
    """Two unknown wages decide nothing one by one; a car decides at once."""
    unknown = {"wage_casual_monthly": None}
    family = dibao_family(unknown, unknown, household={"motor_vehicles": None})
    question = assess(DIBAO, family, pack=PACK, as_of=AS_OF).cheapest_question
    assert question is not None
    assert question.name == "motor_vehicles"
    assert question.supplied_by == ("family", "visit")


def test_on_the_register_alone_there_is_a_likelihood_and_no_amount() -> None:
    assessed = assess(DIBAO, dibao_family(PENSION, basis="register"), pack=PACK, as_of=AS_OF)
    assert (assessed.outcome, assessed.is_likely, assessed.amount_fen) == ("eligible", True, None)
    explanation = told(dibao_family(PENSION, basis="register"))
    assert explanation.headline.startswith("从已有数据看，您家可能符合")
    assert explanation.amount_sentence == ""


def test_members_are_called_by_name_only_where_the_caller_gives_names() -> None:
    family = dibao_family({"wage_casual_monthly": None})
    named = explain(DIBAO, family, pack=PACK, as_of=AS_OF, lang="zh", names={"m0": "张*三"})
    assert "张*三的打零工收入" in named.conditions[0].sentence
    assert "m0" not in told(family).conditions[0].sentence


def test_assessment_and_explanation_are_json() -> None:
    assessed, explanation = assess_household(PACK, "dibao", dibao_family(PENSION), AS_OF)
    assert json.loads(json.dumps(assessed.to_dict()))["pack_hash"] == PACK.hash
    assert json.loads(json.dumps(explanation.to_dict()))["as_of"] == "2026-11-23"


@pytest.mark.parametrize(
    "family",
    [
        dibao_family({"wage_casual_monthly": -1}),
        dibao_family({"wage_casual_monthly": 10**13 + 1}),
        dibao_family({"wage_casual_monthly": "100"}),
        dibao_family({"wage_casual_monthly": True}),
        dibao_family({"birth_date": "1980-02-30"}),
        dibao_family({"membership_exclusion": "abroad"}),
        dibao_family(household={"motor_vehicles": date(2026, 1, 1)}),
    ],
)
def test_a_fact_outside_its_definition_is_refused_without_quoting_it(family: Family) -> None:
    with pytest.raises(FactError) as caught:
        assess(DIBAO, family, pack=PACK, as_of=AS_OF)
    assert "1980" not in str(caught.value)
    assert "abroad" not in str(caught.value)


def test_a_family_of_another_shape_is_refused() -> None:
    family = dibao_family({})
    with pytest.raises(FamilyShapeError):
        assess(DIBAO, replace(family, members=family.members * 2), pack=PACK, as_of=AS_OF)
    with pytest.raises(FamilyShapeError):
        assess(DIBAO, dibao_family({"motor_vehicles": 1}), pack=PACK, as_of=AS_OF)
    many = tuple(replace(family.members[0], key=str(n)) for n in range(101))
    with pytest.raises(FamilyShapeError):
        assess(DIBAO, replace(family, members=many), pack=PACK, as_of=AS_OF)
