"""临时救助 at the window: help first in an emergency, township, county or meeting by the amount, clocks, withdrawal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.walks import Office
from tests.office.flows.window_cases import AtWindow

from doudi.engine.values.period import Month
from doudi.office.casework.models import Case, Meeting, NearRelative, StepRecord, Task
from doudi.office.casework.queries import case_page, work_list
from doudi.office.entitlements.models import Entitlement, EntitlementMonth
from doudi.office.entitlements.month_actions import open_months
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply, keep_time, meet
from doudi.office.flows.meet import Called
from doudi.office.org.models import User

EMERGENCY = {"emergency_kind": "sudden_illness", "needs_help_at_once": True, "hardship_degree": "light"}


@pytest.fixture
def leader(make_user: Callable[..., User]) -> User:
    """Who decides for the township up to its limit."""
    return make_user("township_reviewer", "419901101", display_name="周致远")


def urgent(office: Office, **changes: Any) -> AtWindow:
    """An emergency at the window, told and assessed, with no paper signed yet."""
    case = AtWindow(office, "temporary_assistance", household=EMERGENCY | changes).open().declare()
    case.assess()
    return case


def spending(office: Office) -> AtWindow:
    """No emergency, but one fen of medicine and no income: an expense-based case of the lowest degree."""
    told = {"hardship_degree": "light"}
    case = AtWindow(office, "temporary_assistance", household=told, person={"medical_other_self_paid_12m": 1}).open()
    case.declare().assess()
    return case


def test_in_an_emergency_help_comes_first_and_the_papers_follow(office: Office, leader: User) -> None:
    case = urgent(office)
    accepted = case.accept()
    assert accepted.is_accepted
    assert {each.kind for each in accepted.missing} == {"consent", "payee_account"}
    # Neither visit nor check nor publicity is waited for.
    assert case.open_steps() == ["opinion"]
    case.opinion()
    assert case.open_steps() == ["township_confirm"]
    case.confirm(leader)
    with office.as_user(leader):
        granted = Entitlement.objects.get(case__number=case.number)
    assert (granted.amount_fen, granted.start_month, granted.end_month) == (42_000, "2026-11", "2026-11")
    assert case.open_steps() == ["notify", "complete_papers", "later_visit"]
    with pytest.raises(Refused, match="2 papers or answers are still missing"):
        case.do(apply.complete_papers)
    case.sign()
    case.do(apply.complete_papers)
    assert case.visited_by(office.assistant, office.colleague, "later")
    case.notify()
    assert case.open_steps() == []


def test_what_is_granted_once_is_owed_for_one_month_and_no_further(office: Office, leader: User, as_job: Any) -> None:

    case = urgent(office)
    case.accept()
    case.opinion()
    case.confirm(leader)
    with as_job("419901"):
        assert open_months(county="419901", programme="temporary_assistance", through=Month(2027, 6)) == 1
        assert [each.month for each in EntitlementMonth.objects.all()] == ["2026-11"]


def test_without_an_emergency_papers_visit_check_and_publicity_come_first(office: Office, leader: User) -> None:
    office.load()
    case = AtWindow(
        office,
        "temporary_assistance",
        household={"hardship_degree": "light"},
        person={"medical_other_self_paid_12m": 1},
    ).open()
    case.declare().assess()
    assert not case.accept().is_accepted
    case.sign()
    assert case.accept().is_accepted
    assert case.open_steps() == ["home_visit", "information_check"]
    with pytest.raises(Refused, match="First comes: Home visit, Information check"):
        case.opinion(amount_fen=42_000)
    assert case.visited_by(office.assistant, office.colleague, "first")
    case.check()
    case.assess()
    case.opinion(amount_fen=42_000)
    with pytest.raises(Refused, match="First comes: Publicity"):
        case.confirm(leader)
    case.publicise()
    with pytest.raises(Refused, match="from 2026-12-01, when the publicity is over"):
        case.confirm(leader)
    case.later(8).confirm(leader)
    assert case.case().state == Case.State.APPROVED


def test_whoever_did_not_ask_the_rules_is_told_the_way_at_the_acceptance(office: Office) -> None:
    """Else no step would be open, a visit would not count, and the case would stand still without a word."""
    case = AtWindow(office, "temporary_assistance", household={"hardship_degree": "light"}).open().declare().sign()
    assert case.accept().is_accepted
    assert case.open_steps() == ["home_visit", "information_check"]
    assert case.visited_by(office.assistant, office.colleague, "first")


def test_an_emergency_told_after_the_rules_were_run_still_lets_the_papers_follow(office: Office) -> None:
    case = AtWindow(office, "temporary_assistance", household={"hardship_degree": "light"}).open().declare()
    case.assess()
    case.household = EMERGENCY
    accepted = case.declare().accept()
    assert accepted.is_accepted
    assert accepted.missing
    assert case.open_steps() == ["opinion"]


def test_where_the_rules_cannot_name_the_way_the_case_page_says_what_to_do(
    office: Office, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    told = {"hardship_degree": "light", "emergency_kind": "fire", "needs_help_at_once": True}
    case = AtWindow(office, "temporary_assistance", household=told).open().declare().sign()
    case.do(apply.declare_facts, facts=[Seen("needs_help_at_once", None)])
    assert case.accept().is_accepted
    assert case.open_steps() == []
    page = client_for(office.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "下一环节取决于规则测算" in page
    assert "办理结果" not in page
    case.do(apply.declare_facts, facts=[Seen("needs_help_at_once", False)])
    case.assess()
    assert case.open_steps() == ["home_visit", "information_check"]


@pytest.mark.parametrize(("amount_fen", "step"), [(300_000, "township_confirm"), (300_001, "meeting")])
def test_the_township_decides_up_to_its_limit_and_not_a_fen_more(
    office: Office, leader: User, amount_fen: int, step: str
) -> None:
    case = urgent(office)
    case.accept()
    with office.as_user(office.clerk):
        # As the rules would see a family whose ordinary limit lies just there.
        last = Assessment.objects.latest("pk")
        values = {**last.result["values"], "ordinary_limit": 300_000, "meeting_limit": 5_000_000}
        last.pk, last.result = None, {**last.result, "values": values}
        last.save()
    case.opinion(amount_fen=amount_fen)
    assert case.open_steps() == [step]
    if step == "meeting":
        with pytest.raises(NotAllowed):
            case.confirm(leader)


def test_p22_the_townships_decision_is_its_own_reviewers_and_nobody_elses(
    office: Office, leader: User, make_user: Callable[..., User]
) -> None:
    case = urgent(office)
    case.accept()
    case.opinion()
    neighbour = make_user("township_reviewer", "419901102")

    def waits_for(person: User) -> list[str]:
        with office.as_user(person):
            found = work_list(person, today=case.at.date())
        every = (*found.overdue, *found.today, *found.three_days, *found.later)
        return [row.step for row in every if row.case_number == case.number]

    assert waits_for(leader) == ["township_confirm"]
    for somebody in (office.clerk, office.reviewer, office.approver):
        assert "township_confirm" not in waits_for(somebody)
        with pytest.raises(NotAllowed):
            case.confirm(somebody)
    with pytest.raises(NotYours):
        case.confirm(neighbour)
    case.confirm(leader)
    assert case.case().state == Case.State.APPROVED


def test_an_officer_cannot_raise_the_amount_beyond_what_is_his_to_decide(office: Office, leader: User) -> None:
    case = urgent(office)
    case.accept()
    case.opinion()
    with pytest.raises(Refused, match="does not belong to this case"):
        case.confirm(leader, amount_fen=300_001)
    case.confirm(leader, amount_fen=50_000)


def called(case: AtWindow, *votes: tuple[User, str], recused: User | None = None) -> list[Called]:
    out = [Called(user.pk, vote) for user, vote in votes]
    return out + ([Called(recused.pk, "recused", "与申请人是亲属")] if recused else [])


def hold(case: AtWindow, seats: list[Called], amount_fen: int = 400_000) -> None:
    case.do(
        meet.hold_meeting,
        actor=case.office.reviewer,
        held_on=case.at.date(),
        agenda="许明月家庭困难一事一议",
        minutes="同意给予救助。",
        amount_fen=amount_fen,
        called=seats,
    )


def test_b3_above_the_ordinary_limit_a_meeting_votes_before_the_county_decides(
    office: Office, leader: User, make_user: Callable[..., User]
) -> None:
    members = [make_user("reviewer", "419901", display_name=f"委员{n}") for n in "甲乙丙"]
    case = urgent(office, hardship_degree="extreme")
    case.accept()
    case.opinion(amount_fen=400_000)
    assert case.open_steps() == ["meeting"]
    with pytest.raises(Refused, match="First comes: Meeting on the single case"):
        case.confirm(office.approver)
    votes = list(zip(members, ("for", "for", "against"), strict=True))
    with pytest.raises(Unacceptable, match="At least 3 members vote"):
        hold(case, called(case, *votes[:2], recused=leader))
    with pytest.raises(Unacceptable, match="gave an opinion"):
        hold(case, called(case, *votes, (office.clerk, "for")))
    with pytest.raises(Unacceptable, match="says why"):
        hold(case, [*called(case, *votes), Called(leader.pk, "recused")])
    with pytest.raises(Unacceptable, match="no amount that a meeting"):
        hold(case, called(case, *votes), amount_fen=504_001)
    hold(case, called(case, *votes, recused=leader))
    with office.as_user(office.approver):
        page = case_page(office.approver, case.number, today=case.at.date(), lang="en", purpose="test")
    assert page.meeting is not None
    assert (page.meeting.outcome, page.meeting.votes_for, page.meeting.votes_against) == ("agreed", 2, 1)
    assert ("周致远", "recused", "与申请人是亲属") in page.meeting.members
    with pytest.raises(Refused, match="did not agree to this amount"):
        case.confirm(office.approver, amount_fen=400_001)
    case.confirm(office.approver, amount_fen=400_000)
    with office.as_user(office.approver):
        assert Entitlement.objects.get().amount_fen == 400_000


def test_what_a_meeting_did_not_agree_to_is_not_granted(office: Office, make_user: Callable[..., User]) -> None:
    members = [make_user("reviewer", "419901") for _ in range(3)]
    case = urgent(office, hardship_degree="extreme")
    case.accept()
    case.opinion(amount_fen=400_000)
    hold(case, called(case, *zip(members, ("for", "against", "abstained"), strict=True)))
    with office.as_user(office.approver):
        assert Meeting.objects.get().outcome == Meeting.Outcome.NOT_AGREED
    with pytest.raises(Refused, match="did not agree"):
        case.confirm(office.approver, amount_fen=300_001)
    case.confirm(office.approver, "refuse")
    assert case.case().state == Case.State.REFUSED


def test_a_near_relative_of_the_family_does_not_vote(office: Office, make_user: Callable[..., User]) -> None:

    members = [make_user("reviewer", "419901") for _ in range(3)]
    case = urgent(office, hardship_degree="extreme")
    case.accept()
    case.opinion(amount_fen=400_000)
    with office.as_user(office.clerk):
        NearRelative.objects.create(
            case=case.case(), person_id=case.applicant(), official=members[0], relation="姐妹", recorded_at=case.at,
            recorded_by=office.clerk, area=case.case().area,
        )  # fmt: skip
    with pytest.raises(Unacceptable, match="near relative"):
        hold(case, called(case, *((each, "for") for each in members)))


def test_the_clock_stops_while_the_office_waits_and_the_work_list_says_so(office: Office) -> None:
    office.load()
    case = spending(office).sign()
    case.accept()
    with pytest.raises(Unacceptable, match="no such reason"):
        case.do(keep_time.stop_clock, stop="whim", reason="等等再说")
    case.do(keep_time.stop_clock, stop="cross_county_request", reason="等待邻县回函")
    with pytest.raises(Refused, match="stands still already"):
        case.do(keep_time.stop_clock, stop="cross_county_request", reason="再停")
    late = date(2026, 12, 20)
    with office.as_user(office.clerk):
        rows = work_list(office.clerk, today=late)
        assert [row.step for row in rows.overdue if row.case_number == case.number] == []
        assert {row.step for row in rows.waiting} >= {"home_visit"}
        page = case_page(office.clerk, case.number, today=late, lang="zh", purpose="test")
        assert not any(step.is_overdue for step in page.steps)
        assert page.clock_stops[0].label == "等待外县核对或者户籍地函复"
    case.later(14).do(keep_time.resume_clock)
    with office.as_user(office.clerk):
        task = Task.objects.get(case__number=case.number, step="home_visit", state="open")
        # Five working days after the 23rd of November, and the ten that the clock stood still.
        assert (task.due_on, task.stands_still) == (date(2026, 12, 14), False)
    with pytest.raises(Refused, match="clock is running"):
        case.do(keep_time.resume_clock)


def test_only_the_county_extends_a_limit_and_once_for_a_reason(office: Office) -> None:
    case = urgent(office)
    case.accept()
    before = case_due(office, case)
    with pytest.raises(NotAllowed):
        case.do(keep_time.extend_limit, extension="hard_to_verify", reason="自己给自己延期")
    case.do(keep_time.extend_limit, actor=office.reviewer, extension="hard_to_verify", reason="人户分离")
    assert case_due(office, case) > before
    with pytest.raises(Refused, match="for this reason already"):
        case.do(keep_time.extend_limit, actor=office.reviewer, extension="hard_to_verify", reason="再延")


def case_due(office: Office, case: AtWindow) -> date:
    with office.as_user(office.clerk):
        due = case_page(office.clerk, case.number, today=case.at.date(), lang="zh", purpose="test").total_due_on
    assert due is not None
    return due


def test_the_family_withdraws_over_its_own_signature_and_may_apply_again(office: Office) -> None:
    case = urgent(office)
    case.accept()
    with pytest.raises(Unacceptable, match="no adult member"):
        case.do(keep_time.withdraw, signed_by_id=0, signed_on=case.at.date(), reason="不需要了")
    case.do(keep_time.withdraw, signed_by_id=case.applicant(), signed_on=case.at.date(), reason="亲属已帮助，不需要了")
    assert case.case().state == Case.State.WITHDRAWN
    assert case.open_steps() == []
    with office.as_user(office.clerk):
        assert not Task.objects.filter(case__number=case.number, state="open").exists()
    with pytest.raises(Refused, match="already decided"):
        case.opinion()
    again = urgent(office)
    assert again.number != case.number


def test_the_same_month_is_not_granted_twice(office: Office, leader: User) -> None:
    """A month is paid at most once, so a second grant of it would silently never be paid."""
    for turn in range(2):
        case = urgent(office)
        case.accept()
        case.opinion()
        if turn:
            with pytest.raises(Refused, match="this month already"):
                case.confirm(leader)
        else:
            case.confirm(leader)


def test_help_without_application_for_a_known_family(office: Office, leader: User) -> None:
    case = AtWindow(
        office,
        "temporary_assistance",
        household={"assistance_standing": "dibao", "is_hit_by_epidemic": True, "hardship_degree": "light"},
    ).open(channel="direct")
    case.declare().assess()
    assert case.accept().is_accepted
    case.opinion()
    case.confirm(leader)
    with office.as_user(office.clerk):
        assert StepRecord.objects.filter(case__number=case.number, step="township_confirm").exists()
    assert case.case().channel == Case.Channel.DIRECT
