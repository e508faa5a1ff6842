"""Where a dibao case stands, by when it must move, and who may move it."""

from datetime import date

import pytest

from doudi.engine.pack.pack import load_pack
from doudi.engine.values.calendar import Deadline
from doudi.engine.workflow.clocks import publicity_ends, total_deadline
from doudi.engine.workflow.progress import OpenStep, StepRefused, check, next_steps
from doudi.engine.workflow.reading import load_procedure
from doudi.engine.workflow.record import CaseRecord, StepRecord

PACK = load_pack()
CALENDAR = PACK.calendar()
DIBAO = load_procedure(PACK, "dibao")
MONDAY = date(2026, 11, 23)
DONE_BY = {
    "apply": StepRecord(MONDAY, "clerk"),
    "accept": StepRecord(MONDAY, "clerk"),
    "near_relatives": StepRecord(MONDAY, "clerk"),
    "home_visit": StepRecord(date(2026, 11, 24), "visitor", ("second visitor",)),
    "information_check": StepRecord(date(2026, 11, 24), "checker"),
    "preliminary_opinion": StepRecord(date(2026, 11, 25), "clerk"),
    "publicity": StepRecord(date(2026, 11, 25), "clerk"),
    "review": StepRecord(date(2026, 12, 3), "reviewer"),
    "confirm": StepRecord(date(2026, 12, 4), "approver"),
    "notify": StepRecord(date(2026, 12, 7), "clerk"),
}
ORDER = list(DONE_BY)


def done_until(step_id: str) -> dict[str, StepRecord]:
    return {name: DONE_BY[name] for name in ORDER[: ORDER.index(step_id) + 1]}


# Nobody of these families is a relative of an official, and the decision was an approval.
PLAIN = {"near_relatives_registered": False, "approved": True}


def case(done: dict[str, StepRecord], **more: object) -> CaseRecord:
    return CaseRecord(**({"done": done, "conditions": PLAIN} | more))


def open_steps(done: dict[str, StepRecord], today: date = MONDAY, *, is_special: bool = False) -> dict[str, OpenStep]:
    found = next_steps(DIBAO, case(done, is_special=is_special), today=today, calendar=CALENDAR)
    return {each.step.id: each for each in found}


def test_a_new_case_waits_for_its_application_and_no_clock_runs() -> None:
    found = open_steps({})
    assert list(found) == ["apply"]
    assert found["apply"].due is None


def test_after_acceptance_three_things_start_at_once_each_with_its_limit() -> None:
    found = open_steps(done_until("accept"), today=date(2026, 11, 27))
    assert {name: opened.due and opened.due.on for name, opened in found.items()} == {
        "near_relatives": MONDAY,
        "home_visit": date(2026, 11, 26),
        "information_check": date(2026, 11, 26),
    }
    assert all(opened.is_overdue for opened in found.values())
    assert not open_steps(done_until("accept"), today=date(2026, 11, 26))["home_visit"].is_overdue


def test_the_preliminary_opinion_is_under_the_total_limit_which_leans_on_a_provisional_year() -> None:
    found = open_steps(done_until("information_check"))
    assert found["preliminary_opinion"].due == Deadline(date(2027, 1, 5), provisional=True)
    special = open_steps(done_until("information_check"), is_special=True)
    assert special["preliminary_opinion"].due == total_deadline(
        DIBAO, case(DONE_BY, is_special=True), today=MONDAY, calendar=CALENDAR
    )


def test_the_review_waits_for_the_seventh_day_of_publicity_to_be_over() -> None:
    done = done_until("publicity")
    assert publicity_ends(DIBAO.step("publicity"), date(2026, 11, 25), CALENDAR).on == date(2026, 12, 2)
    assert open_steps(done)["review"].allowed_from == date(2026, 12, 3)
    assert open_steps(done)["review"].due == Deadline(date(2026, 12, 16))
    with pytest.raises(StepRefused, match="2026-12-03"):
        check(DIBAO, "review", case(done), "reviewer", date(2026, 12, 2), CALENDAR)
    check(DIBAO, "review", case(done), "reviewer", date(2026, 12, 3), CALENDAR)


def test_a_publicity_that_would_end_on_a_saturday_lasts_until_monday() -> None:
    done = done_until("preliminary_opinion") | {"publicity": StepRecord(date(2026, 11, 28), "clerk")}
    assert open_steps(done)["review"].allowed_from == date(2026, 12, 8)


def test_no_step_can_be_skipped() -> None:
    with pytest.raises(StepRefused, match="comes after near_relatives, home_visit, information_check"):
        check(DIBAO, "preliminary_opinion", case(done_until("accept")), "clerk", MONDAY, CALENDAR)
    with pytest.raises(StepRefused, match="comes after review"):
        check(DIBAO, "confirm", case(done_until("publicity")), "approver", date(2026, 12, 30), CALENDAR)


def test_no_step_is_done_twice() -> None:
    with pytest.raises(StepRefused, match="already done on 2026-11-23"):
        check(DIBAO, "accept", case(done_until("accept")), "clerk", MONDAY, CALENDAR)


def test_a_home_visit_takes_two_different_people() -> None:
    done = done_until("near_relatives")
    for others in ((), ("visitor",)):
        with pytest.raises(StepRefused, match="2 different people"):
            check(DIBAO, "home_visit", case(done), "visitor", MONDAY, CALENDAR, others=others)
    check(DIBAO, "home_visit", case(done), "visitor", MONDAY, CALENDAR, others=("second visitor",))


@pytest.mark.parametrize("actor", ["clerk", "visitor", "second visitor"])
def test_p22_who_accepted_or_visited_does_not_review(actor: str) -> None:
    with pytest.raises(StepRefused, match="someone who did not do"):
        check(DIBAO, "review", case(done_until("publicity")), actor, date(2026, 12, 3), CALENDAR)


@pytest.mark.parametrize("actor", ["clerk", "visitor", "second visitor", "reviewer"])
def test_p22_who_had_a_hand_in_it_does_not_confirm(actor: str) -> None:
    with pytest.raises(StepRefused, match="someone who did not do"):
        check(DIBAO, "confirm", case(done_until("review")), actor, date(2026, 12, 4), CALENDAR)


def test_a_missed_deadline_is_shown_but_refuses_nothing() -> None:
    late = date(2027, 3, 1)
    assert open_steps(done_until("publicity"), today=late)["review"].is_overdue
    check(DIBAO, "review", case(done_until("publicity")), "reviewer", late, CALENDAR)


def test_the_notice_has_its_three_days_also_when_the_total_is_used_up() -> None:
    done = done_until("confirm") | {"confirm": StepRecord(date(2027, 1, 5), "approver")}
    assert open_steps(done)["notify"].due == Deadline(date(2027, 1, 8), provisional=True)


def test_when_all_is_done_nothing_is_open() -> None:
    assert open_steps(DONE_BY) == {}


def test_a_guarded_step_belongs_only_to_cases_where_its_guard_holds() -> None:
    panel = DIBAO.step("review").model_copy(update={"id": "panel", "guard": "has_objection", "four_eyes_with": ()})
    review = DIBAO.step("review").model_copy(update={"requires": ("panel",)})
    steps = [step for step in DIBAO.steps if step.id != "review"]
    procedure = DIBAO.model_copy(update={"steps": (*steps[:7], panel, review, *steps[7:])})
    done, today = done_until("publicity"), date(2026, 12, 3)

    def opened(**conditions: bool) -> list[str]:
        record = case(done, conditions=PLAIN | conditions)
        return [found.step.id for found in next_steps(procedure, record, today=today, calendar=CALENDAR)]

    assert opened(has_objection=False) == ["review"]
    assert opened(has_objection=True) == ["panel"]
    assert opened() == [], "nothing is skipped on a guess"
    without, unknown = case(done, conditions=PLAIN | {"has_objection": False}), case(done)
    check(procedure, "review", without, "reviewer", today, CALENDAR)
    with pytest.raises(StepRefused, match="comes after panel"):
        check(procedure, "review", case(done, conditions=PLAIN | {"has_objection": True}), "reviewer", today, CALENDAR)
    with pytest.raises(StepRefused, match="comes after panel"):
        check(procedure, "review", unknown, "reviewer", today, CALENDAR)
    with pytest.raises(StepRefused, match="has_objection does not hold"):
        check(procedure, "panel", without, "reviewer", today, CALENDAR)
    with pytest.raises(StepRefused, match="not known yet"):
        check(procedure, "panel", unknown, "reviewer", today, CALENDAR)
