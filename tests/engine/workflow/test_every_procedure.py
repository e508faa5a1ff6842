"""Whatever people try, on every procedure: order, publicity, people. And the clock with all that moves it."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.programme import load_programme, programme_ids
from doudi.engine.values.calendar import Deadline
from doudi.engine.workflow.clocks import completed_on, publicity_ends, step_deadline, total_deadline
from doudi.engine.workflow.procedure import Procedure
from doudi.engine.workflow.progress import StepRefused, applies, check, next_steps
from doudi.engine.workflow.reading import load_procedure
from doudi.engine.workflow.record import CaseRecord, Pause, StepRecord

PACK = load_pack()
CALENDAR = PACK.calendar()
OFFERED = [name for name in programme_ids(PACK) if load_programme(PACK, name).is_office]
TEMPORARY = load_procedure(PACK, "temporary_assistance")
HARDSHIP = load_procedure(PACK, "hardship_worker")
MONDAY = date(2026, 11, 23)
Attempt = tuple[int, int, str, str, int]


def walk(procedure: Procedure, conditions: dict[str, bool], until: str = "") -> dict[str, StepRecord]:
    """The shortest way through a procedure, by different people each time, up to and including a step."""
    done: dict[str, StepRecord] = {}
    today = MONDAY
    for turn in range(100):
        found = next_steps(procedure, CaseRecord(done, conditions), today=today, calendar=CALENDAR)
        if not found or until in done:
            return done
        first = min(found, key=lambda each: each.allowed_from)
        today = max(today, first.allowed_from)
        done[first.step.id] = StepRecord(today, f"person {turn}", (f"colleague {turn}",))
    raise AssertionError("the procedure does not end")


@pytest.mark.parametrize("programme", OFFERED)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_p22_no_path_skips_a_step(programme: str, data: st.DataObject) -> None:
    """Random people try random steps on random days, while conditions become known, change and are known again."""
    procedure = load_procedure(PACK, programme)
    ids = [step.id for step in procedure.steps]
    states = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in procedure.conditions})
    known = {name: held for name, held in data.draw(states).items() if held is not None}
    done: dict[str, StepRecord] = {}
    today = date(2026, 1, 26)
    for _turn in range(data.draw(st.integers(5, 45))):
        today += timedelta(days=data.draw(st.integers(0, 9)))
        if data.draw(st.integers(0, 9)) == 0:
            known = {name: held for name, held in data.draw(states).items() if held is not None}
        case = CaseRecord(dict(done), known)
        opened = [each.step.id for each in next_steps(procedure, case, today=today, calendar=CALENDAR)]
        step_id = data.draw(st.sampled_from(opened if opened and data.draw(st.booleans()) else ids))
        actor, other = data.draw(st.sampled_from("abcdefgh")), data.draw(st.sampled_from("abcdefgh"))
        step = procedure.step(step_id)
        others = (other,) if step.people > 1 else ()
        try:
            check(procedure, step_id, case, actor, today, CALENDAR, others=others)
        except StepRefused:
            continue
        assert step_id not in done
        assert step_id in opened
        assert applies(step, case) is True
        for name in procedure.upstream(step_id):
            needed = procedure.step(name)
            assert name in done or needed.optional or applies(needed, case) is False, (step_id, name)
            if name in done:
                last = completed_on(needed, done[name], CALENDAR)
                assert last < today if needed.publicity_days else last <= today
        record = StepRecord(today, actor, others)
        assert len(record.people) >= step.people
        assert not any(record.people & done[name].people for name in step.four_eyes_with if name in done)
        done[step_id] = record


@pytest.mark.parametrize("programme", OFFERED)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_every_way_through_a_procedure_ends_in_one_decision_and_one_notice(programme: str, data: st.DataObject) -> None:
    procedure = load_procedure(PACK, programme)
    conditions = {name: data.draw(st.booleans()) for name in sorted(procedure.conditions)}
    if conditions.get("amount > ordinary_limit"):
        conditions["amount > township_limit"] = True
    done = walk(procedure, conditions)
    assert sum(step.id in done for step in procedure.of_kind("confirm")) == 1
    assert "notify" in done


def test_an_emergency_is_decided_first_and_its_papers_and_visit_follow() -> None:
    urgent = {"papers_may_follow": True, "amount > township_limit": False, "amount > ordinary_limit": False}
    assert list(walk(TEMPORARY, urgent)) == [
        "apply", "accept", "opinion", "township_confirm", "notify", "complete_papers", "later_visit",
    ]  # fmt: skip
    ordinary = list(walk(TEMPORARY, urgent | {"papers_may_follow": False}))
    assert ordinary == [
        "apply", "accept", "home_visit", "information_check", "opinion", "publicity", "township_confirm", "notify",
    ]  # fmt: skip


def test_above_the_townships_limit_the_county_decides_and_above_the_ordinary_one_a_meeting_comes_first() -> None:
    county = {"papers_may_follow": True, "amount > township_limit": True, "amount > ordinary_limit": False}
    assert "meeting" not in walk(TEMPORARY, county)
    assert "confirm" in walk(TEMPORARY, county)
    hard = county | {"amount > ordinary_limit": True}
    before = walk(TEMPORARY, hard, until="opinion")
    with pytest.raises(StepRefused, match="comes after meeting"):
        check(TEMPORARY, "confirm", CaseRecord(before, hard), "approver", MONDAY, CALENDAR)
    with pytest.raises(StepRefused, match="amount > township_limit holds"):
        check(TEMPORARY, "township_confirm", CaseRecord(before, hard), "leader", MONDAY, CALENDAR)


def test_c1_two_visits_by_different_pairs_and_two_publicities_of_five_working_days() -> None:
    done = {
        "apply": StepRecord(MONDAY, "clerk"),
        "accept": StepRecord(MONDAY, "clerk"),
        "home_visit": StepRecord(MONDAY, "li", ("wang",)),
    }
    for pair in (("li", "zhao"), ("zhao", "wang")):
        with pytest.raises(StepRefused, match="did not do home_visit"):
            check(HARDSHIP, "home_visit_2", CaseRecord(done), pair[0], MONDAY, CALENDAR, others=pair[1:])
    with pytest.raises(StepRefused, match="comes after home_visit_2"):
        check(HARDSHIP, "neighbours", CaseRecord(done), "li", MONDAY, CALENDAR)
    check(HARDSHIP, "home_visit_2", CaseRecord(done), "zhao", MONDAY, CALENDAR, others=("qian",))
    assert publicity_ends(HARDSHIP.step("first_publicity"), MONDAY, CALENDAR).on == date(2026, 11, 30)
    whole = walk(HARDSHIP, {})
    assert (whole["review"].at - whole["first_publicity"].at).days >= 8
    assert (whole["confirm"].at - whole["second_publicity"].at).days >= 8


def test_days_on_which_the_clock_stood_still_do_not_count() -> None:
    done = {"apply": StepRecord(MONDAY, "clerk"), "accept": StepRecord(MONDAY, "clerk")}
    visit = TEMPORARY.step("home_visit")

    def due(today: date, *pauses: Pause) -> date:
        case = CaseRecord(done, {"papers_may_follow": False}, pauses=pauses)
        found = step_deadline(TEMPORARY, visit, case, today=today, calendar=CALENDAR)
        assert found is not None
        return found.on

    assert due(MONDAY) == date(2026, 11, 30)
    # Two working days of papers on the way: Wednesday and Thursday.
    assert due(MONDAY, Pause(date(2026, 11, 24), date(2026, 11, 26))) == date(2026, 12, 2)
    # A weekend in between changes nothing; days of two overlapping stops count once.
    assert due(MONDAY, Pause(date(2026, 11, 27), date(2026, 11, 29))) == date(2026, 11, 30)
    both = (Pause(date(2026, 11, 24), date(2026, 11, 26)), Pause(date(2026, 11, 25), date(2026, 11, 26)))
    assert due(MONDAY, *both) == date(2026, 12, 2)
    # While it stands still the last day moves with today, and the step is not overdue.
    still = Pause(date(2026, 11, 24))
    assert due(date(2026, 12, 8), still) == date(2026, 12, 14)
    [opened] = [
        each
        for each in next_steps(
            TEMPORARY,
            CaseRecord(done, {"papers_may_follow": False}, pauses=(still,)),
            today=date(2026, 12, 20),
            calendar=CALENDAR,
        )
        if each.step.id == "home_visit"
    ]
    assert opened.stands_still
    assert not opened.is_overdue
    # A stop of another step leaves this one's clock alone.
    assert due(MONDAY, Pause(date(2026, 11, 24), date(2026, 11, 26), steps=("information_check",))) == date(
        2026, 11, 30
    )


@given(start=st.integers(0, 60), length=st.integers(0, 20), later=st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_a_stop_of_the_clock_never_shortens_a_limit(start: int, length: int, later: int) -> None:
    accepted = date(2026, 1, 5) + timedelta(days=start)
    done = {"apply": StepRecord(accepted, "clerk"), "accept": StepRecord(accepted, "clerk")}
    since = accepted + timedelta(days=later)
    pause = Pause(since, since + timedelta(days=length))
    plain, stopped = (
        total_deadline(TEMPORARY, CaseRecord(done, pauses=pauses), today=accepted, calendar=CALENDAR)
        for pauses in ((), (pause,))
    )
    assert plain is not None
    assert stopped is not None
    assert plain.on <= stopped.on
    assert CALENDAR.is_working_day(stopped.on)
    if since < plain.on:
        counted = CALENDAR.count_working_days(accepted, stopped.on)
        lost = sum(
            CALENDAR.is_working_day(since + timedelta(days=n))
            for n in range(1, length + 1)
            if since + timedelta(days=n) > accepted
        )
        assert counted == 20 + lost


def test_an_extension_lengthens_one_step_or_the_whole() -> None:
    done = {"apply": StepRecord(MONDAY, "clerk"), "accept": StepRecord(MONDAY, "clerk")}
    comparison = HARDSHIP.step("comparison")
    plain = step_deadline(HARDSHIP, comparison, CaseRecord(done), today=MONDAY, calendar=CALENDAR)
    longer = CaseRecord(done, more_days={"comparison": 5})
    assert (plain, step_deadline(HARDSHIP, comparison, longer, today=MONDAY, calendar=CALENDAR)) == (
        Deadline(date(2026, 12, 7)),
        Deadline(date(2026, 12, 14)),
    )
    ordinary = total_deadline(HARDSHIP, CaseRecord(done), today=MONDAY, calendar=CALENDAR)
    special = total_deadline(HARDSHIP, CaseRecord(done, is_special=True), today=MONDAY, calendar=CALENDAR)
    assert ordinary is not None
    assert special is not None
    assert CALENDAR.count_working_days(MONDAY, ordinary.on) == 45
    assert CALENDAR.count_working_days(MONDAY, special.on) == 60
    # Next year's calendar is not announced yet, and both lean on it.
    assert ordinary.provisional
    assert special.provisional


def test_a_deadline_across_spring_festival_counts_the_make_up_days() -> None:
    """2026: the festival runs to 23 February; Saturdays the 14th and the 28th are worked for it."""
    accepted = date(2026, 2, 12)
    assert CALENDAR.is_working_day(date(2026, 2, 14))
    done = {"apply": StepRecord(accepted, "clerk"), "accept": StepRecord(accepted, "clerk")}
    case = CaseRecord(done, {"papers_may_follow": False})
    due = step_deadline(TEMPORARY, TEMPORARY.step("home_visit"), case, today=accepted, calendar=CALENDAR)
    assert due is not None
    # 13th, 14th (make-up), 24th, 25th, 26th.
    assert due == Deadline(date(2026, 2, 26))


def test_an_optional_step_is_waited_for_by_nobody_and_passed_over_with_the_next() -> None:
    panel = TEMPORARY.step("home_visit").model_copy(update={"id": "panel", "optional": True, "unless": None})
    opinion = TEMPORARY.step("opinion").model_copy(update={"requires": ("home_visit", "information_check", "panel")})
    steps = [opinion if step.id == "opinion" else step for step in TEMPORARY.steps]
    procedure = Procedure.model_construct(**(dict(TEMPORARY) | {"steps": (*steps[:4], panel, *steps[4:])}))
    conditions = {"papers_may_follow": False, "amount > township_limit": False, "amount > ordinary_limit": False}
    done = walk(procedure, conditions, until="accept")
    opened = next_steps(procedure, CaseRecord(done, conditions), today=MONDAY, calendar=CALENDAR)
    assert {each.step.id for each in opened} == {"home_visit", "information_check", "panel"}
    done |= {
        "home_visit": StepRecord(MONDAY, "a", ("b",)),
        "information_check": StepRecord(MONDAY, "c"),
    }
    check(procedure, "opinion", CaseRecord(done, conditions), "d", MONDAY, CALENDAR)
    done["opinion"] = StepRecord(MONDAY, "d")
    with pytest.raises(StepRefused, match="passed over"):
        check(procedure, "panel", CaseRecord(done, conditions), "e", MONDAY, CALENDAR, others=("f",))


def test_a_step_that_comes_to_belong_to_a_case_which_is_past_it_holds_the_case_up() -> None:
    """A near relative is registered after the review: the county still has to go there before it decides."""
    dibao = load_procedure(PACK, "dibao")
    plain = {"near_relatives_registered": False}
    done = walk(dibao, plain, until="review")
    today = max(record.at for record in done.values())
    check(dibao, "confirm", CaseRecord(done, plain), "approver", today, CALENDAR)
    with pytest.raises(StepRefused, match="comes after county_visit"):
        check(dibao, "confirm", CaseRecord(done, {"near_relatives_registered": True}), "approver", today, CALENDAR)


def test_a_withdrawn_application_has_no_open_step() -> None:
    case = CaseRecord({"apply": StepRecord(MONDAY, "clerk")}, is_withdrawn=True)
    assert next_steps(TEMPORARY, case, today=MONDAY, calendar=CALENDAR) == []
    with pytest.raises(StepRefused, match="withdrawn"):
        check(TEMPORARY, "accept", case, "clerk", MONDAY, CALENDAR)
