"""One application, classified: which tier a family reaches, what comes with it, and what is still open."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from tests.engine.rules.families import EVERY_HOUSEHOLD, EVERY_MEMBER, RELATIONS, Plain, facts

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pipeline.household import classify_household
from doudi.engine.rules.classification import classify, load_classification
from doudi.engine.rules.errors import FormulaNameError
from doudi.engine.rules.explain import explain
from doudi.engine.rules.family import Family, Member
from doudi.engine.rules.programme import load_programme

PACK = load_pack()
AS_OF = date(2026, 11, 23)
WHOLE_HOUSEHOLD: dict[str, Plain] = {
    **EVERY_HOUSEHOLD,
    "has_company_shares": False,
    "dibao_received_monthly": 0,
    "has_income_risen_through_work": False,
    "gradual_exit_months_used": 0,
}
WHOLE_MEMBER: dict[str, Plain] = {
    **EVERY_MEMBER,
    "disability_kind": "none",
    "disability_grade": 0,
    "full_time_study": "none",
    "supporter_standing": "other",
    "supporter_age": 40,
    "has_listed_critical_illness": False,
    "is_working": True,
    "own_financial_assets": 0,
    "support_from_exempt_relatives_monthly": 0,
    "basic_pension_central_monthly": 0,
    "hospital_self_paid_12m": 0,
    "medical_other_self_paid_12m": 0,
    "education_spending_12m": 0,
    "care_spending_12m": 0,
}
UNAIDED: dict[str, Plain] = dict.fromkeys(
    (
        "eats_unaided",
        "dresses_unaided",
        "gets_in_and_out_of_bed_unaided",
        "uses_toilet_unaided",
        "walks_indoors_unaided",
        "bathes_unaided",
    ),
    True,
)
ALONE: dict[str, Plain] = {"birth_date": date(1950, 1, 1), "supporter_standing": "nobody", **UNAIDED}
SEVERE: dict[str, Plain] = {"disability_kind": "limb", "disability_grade": 1, "is_working": False}


def family(*members: Mapping[str, Plain], **household: Plain) -> Family:
    people = tuple(
        Member(f"m{place}", RELATIONS[place], facts({**WHOLE_MEMBER, **given})) for place, given in enumerate(members)
    )
    return Family("case", "419901101002", "office", facts({**WHOLE_HOUSEHOLD, **household}), people)


def wage(fen: int) -> dict[str, Plain]:
    return {"wage_casual_monthly": fen}


@pytest.mark.parametrize(
    ("given", "tier", "amount"),
    [
        (family(ALONE), "tekun", 64600),
        (family({}, {}), "dibao", 84000),
        (family(wage(84000), SEVERE), "dibao_single", 42000),
        (family(wage(300000), SEVERE), "dibao_as_single", 42000),
        (family(wage(42000)), "dibao_edge", None),
        (family({**wage(100000), "hospital_self_paid_12m": 720001}), "rigid_expense", None),
        (family(wage(100000)), None, None),
    ],
)
def test_the_first_tier_that_fits_is_the_familys(given: Family, tier: str | None, amount: int | None) -> None:
    found = classify(given, pack=PACK, as_of=AS_OF)
    assert (found.tier, found.amount_fen, found.is_settled) == (tier, amount, True)


def test_a_supplement_comes_on_top_of_the_grant() -> None:
    child: dict[str, Plain] = {"birth_date": date(2015, 1, 1), "has_chosen_child_scheme": True}
    found = classify(family({}, child), pack=PACK, as_of=AS_OF)
    assert (found.tier, found.additions, found.amount_fen) == ("dibao", ("category_supplement",), 84000 + 4200)


def test_a_family_that_leaves_through_work_is_told_of_gradual_exit() -> None:
    leaving = family(wage(100000), dibao_received_monthly=30000, has_income_risen_through_work=True)
    found = classify(leaving, pack=PACK, as_of=AS_OF)
    assert (found.tier, found.additions, found.amount_fen) == (None, ("dibao_gradual_exit",), 30000)


def test_p15_an_earlier_tier_that_is_not_known_stays_open_and_is_named() -> None:
    found = classify(family({"birth_date": date(1950, 1, 1), "supporter_standing": None}), pack=PACK, as_of=AS_OF)
    assert (found.tier, found.open_before, found.is_settled) == ("dibao", ("tekun",), False)
    assert [fact.name for fact in found.assessments["tekun"].missing] == ["supporter_standing"]


def test_what_a_later_tier_lacks_is_named_through_the_formulas_it_borrows() -> None:
    found = classify(family({"wage_casual_monthly": None}), pack=PACK, as_of=AS_OF)
    assert found.tier is None
    assert {fact.name for fact in found.assessments["dibao_edge"].missing} == {"wage_casual_monthly"}


def test_the_explanation_of_a_borrowed_condition_cites_the_law_it_comes_from() -> None:
    edge = load_programme(PACK, "dibao_edge")
    told = explain(edge, family(wage(63000)), pack=PACK, as_of=AS_OF, lang="zh")
    assert told.headline == "按现有情况，您家不符合最低生活保障边缘家庭的条件。"
    income = next(line for line in told.conditions if line.name == "meets_income_test")
    assert (income.value, income.threshold, income.distance) == ("630.00 元", "630.00 元", 0)
    flips = {flip.changes[0]["fact"]: flip.changes[0]["would_be"] for flip in told.flips}
    assert flips["wage_casual_monthly"] == 62999
    assert "民发〔2021〕57号" in income.citation


def test_a_recognition_without_cash_promises_no_amount() -> None:
    rigid = load_programme(PACK, "rigid_expense")
    told = explain(rigid, family({**wage(100000), "hospital_self_paid_12m": 720001}), pack=PACK, as_of=AS_OF, lang="zh")
    assert told.headline == "按现有情况，您家符合刚性支出困难家庭的条件。"
    assert (told.amount_fen, told.amount_sentence) == (None, "")
    assert any("12" in line.sentence and "内有效" in line.sentence for line in told.conditions)


def test_the_counter_explains_the_tier_and_what_is_open_before_it() -> None:
    found, explanations = classify_household(
        PACK, family({"birth_date": date(1950, 1, 1), "supporter_standing": None}), AS_OF
    )
    assert found.tier == "dibao"
    assert list(explanations) == ["tekun", "dibao", "category_supplement"]


def _pack_with(folder: Path, order: str) -> Pack:
    shipped = Path(PACK.document("pack.yaml").path).parent
    for document in PACK.all_documents():
        target = folder / document.relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((shipped / document.relative).read_bytes())
    citation = "citation: {instrument: 试, article: 一, mark: L}"
    (folder / "programmes/classification.yaml").write_text(f"{citation}\norder: {order}\n", "utf-8")
    return load_pack(folder)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("[{programme: dibao}, {programme: dibao}]", "names dibao twice"),
        ("[{programme: dibao, with: [dibaoo]}]", "no such programme"),
    ],
)
def test_an_order_that_names_a_programme_twice_or_wrongly_is_refused(tmp_path: Path, order: str, says: str) -> None:
    with pytest.raises(FormulaNameError, match=says):
        load_classification(_pack_with(tmp_path, order))


def test_a_formula_that_borrows_from_nowhere_is_refused_with_its_line(tmp_path: Path) -> None:
    pack = _pack_with(tmp_path, "[{programme: dibao}]")
    path = tmp_path / "programmes/dibao_edge/formulas.yaml"
    path.write_text(path.read_text("utf-8").replace("not dibao__qualifies", "not dibaoo__qualifies"), "utf-8")
    with pytest.raises(FormulaNameError, match=r"formulas\.yaml line \d+: there is no programme dibaoo"):
        load_programme(load_pack(tmp_path), "dibao_edge")
    assert pack.release == PACK.release
