"""What is typed into forms becomes values only as it stands there; empty is not zero, and nothing typed is lost."""

from datetime import date

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.values.money import format_yuan
from doudi.office.desk.case_sheets import DecisionSheet, RelativeSheet, VisitSheet
from doudi.office.desk.money_sheets import MonthField
from doudi.office.desk.questions import QuestionSheet, Subject
from doudi.office.desk.sheets import YuanField
from doudi.office.errors import Refused
from doudi.office.evidence.rulebook import visit_vocabulary


@given(st.integers(min_value=0, max_value=10**12))
def test_an_amount_comes_back_to_the_fen(amount_fen: int) -> None:
    assert YuanField().clean(format_yuan(amount_fen)) == amount_fen


@pytest.mark.parametrize(("typed", "amount_fen"), [("１２８６．５０", 128650), (" 1,286.5 ", 128650), ("0", 0)])
def test_full_width_digits_of_a_chinese_keyboard_are_understood(typed: str, amount_fen: int) -> None:
    assert YuanField().clean(typed) == amount_fen


@pytest.mark.parametrize("typed", ["1e3", "1_000", "12.345", "六千", "-5", "NaN", "٣"])
def test_what_is_no_plain_amount_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        YuanField().clean(typed)


def test_an_empty_amount_is_not_zero() -> None:
    assert YuanField(required=False).clean("") is None


def test_a_month_is_written_with_its_year() -> None:
    assert str(MonthField().clean("2026-12")) == "2026-12"
    with pytest.raises(forms.ValidationError):
        MonthField().clean("2026-13")


def test_p21_agreeing_and_departing_ask_for_the_same() -> None:
    """Promise P21: approve and refuse carry the same required fields; only the amount belongs to an approval."""
    for outcome in ("approve", "refuse"):
        sheet = DecisionSheet({"version": "1", "outcome": outcome, "amount_fen": "100"})
        assert not sheet.is_valid()
        assert set(sheet.errors) == {"reason"}


def test_a_visit_is_signed_or_says_why_not() -> None:
    typed = {
        "form_token": "x" * 32,
        "visited_on": "2026-11-23",
        "second_visitor_id": "2",
        "outcome": "confirmed",
        "reason": "seen",
    }
    visitors, members = [(2, "B")], [(7, "M")]
    assert not VisitSheet(typed, visitors=visitors, members=members).is_valid()
    assert VisitSheet(typed | {"signed_by_id": "7"}, visitors=visitors, members=members).is_valid()
    assert VisitSheet(typed | {"unsigned_reason": "asleep"}, visitors=visitors, members=members).is_valid()


def test_near_relatives_are_named_or_denied_but_not_left_open() -> None:
    more = {"members": [(7, "M")], "officials": [(9, "O")]}
    assert not RelativeSheet({"version": "1"}, **more).is_valid()
    assert RelativeSheet({"version": "1", "has_none": "on"}, **more).is_valid()
    named = {"version": "1", "person_id": "7", "official_id": "9", "relation": "brother"}
    assert RelativeSheet(named, **more).is_valid()
    assert not RelativeSheet(named | {"has_none": "on"}, **more).is_valid()


def test_questions_come_from_the_vocabulary_and_an_empty_one_stays_unanswered() -> None:
    vocabulary = visit_vocabulary("dibao")
    sheet = QuestionSheet(
        {"home-financial_assets": "6,200", "7-disability_kind": "mental", "7-wage_casual_monthly": ""},
        vocabulary=vocabulary,
        supplier="visit",
        subjects=[Subject(None, "household"), Subject(7, "M")],
        known={},
    )
    assert sheet.is_valid(), sheet.errors
    answers = {(answer.person_id, answer.name): answer.value for answer in sheet.answers()}
    assert answers == {(None, "financial_assets"): 620000, (7, "disability_kind"): "mental"}
    asked = {name for name, person_id in sheet.asked.values() if person_id == 7}
    assert asked == {name for name, each in vocabulary.person.items() if "visit" in each.supplied_by}


def questions(typed: dict[str, object]) -> QuestionSheet:
    return QuestionSheet(
        typed,
        vocabulary=visit_vocabulary("dibao"),
        supplier="visit",
        subjects=[Subject(None, "household"), Subject(7, "M")],
        known={},
        may_be_unclear=True,
    )


def test_one_tick_says_none_for_a_members_open_questions_and_for_nobody_else() -> None:
    sheet = questions({"7-rest": "on", "7-wage_casual_monthly": "300", "7-unclear": ["support_received_monthly"]})
    assert sheet.is_valid(), sheet.errors
    assert {(answer.person_id, answer.name): answer.value for answer in sheet.answers()} == {
        (7, "wage_casual_monthly"): 30000,
        (7, "support_received_monthly"): None,
        (7, "basic_pension_central_monthly"): 0,
        (7, "membership_exclusion"): "none",
        (7, "disability_kind"): "none",
        (7, "disability_grade"): 0,
    }


def test_a_kind_of_disability_without_its_grade_is_not_taken_for_none() -> None:
    sheet = questions({"7-rest": "on", "7-disability_kind": "mental"})
    assert sheet.is_valid(), sheet.errors
    assert "disability_grade" not in {answer.name for answer in sheet.answers()}


def test_an_answer_and_could_not_be_found_out_exclude_each_other() -> None:
    sheet = questions({"home-dwellings": "1", "home-unclear": ["dwellings"]})
    assert not sheet.is_valid()
    assert list(sheet.errors) == ["home-dwellings"]


def test_a_refusal_stands_on_the_form_beside_what_was_typed() -> None:
    sheet = DecisionSheet({"version": "1", "outcome": "refuse", "reason": "my words"})
    assert sheet.is_valid()
    sheet.refuse(Refused("It is too early.", advice="Wait."))
    assert sheet.non_field_errors() == ["It is too early.", "Wait."]
    assert sheet["reason"].value() == "my words"


def test_the_calendar_widget_shows_days_as_they_are_stored() -> None:
    sheet = VisitSheet(visitors=[], members=[], initial={"visited_on": date(2026, 11, 23)})
    assert 'value="2026-11-23"' in str(sheet["visited_on"])
