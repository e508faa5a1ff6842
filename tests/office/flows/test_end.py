"""Running help ends by named people, after notice, and never while an objection made in time is unanswered."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.office.flows.walks import AFTER_PUBLICITY, Office

from doudi.engine.values.period import Month
from doudi.office.entitlements.models import Ending, Entitlement, EntitlementMonth, FollowUp
from doudi.office.entitlements.month_actions import open_months
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.terms import Seen
from doudi.office.flows import end, visit
from doudi.office.org.models import User

JANUARY = datetime.fromisoformat("2027-01-11T09:00:00+08:00")
HORIZON = Month(2027, 12)


@pytest.fixture
def other(make_user: Callable[..., User]) -> User:
    """Another officer of the county."""
    return make_user("approver", "419901", display_name="裴远")


def receiving(office: Office) -> Entitlement:
    office.walk_to_review()
    office.review()
    office.confirm()
    with office.as_user(office.clerk):
        return Entitlement.objects.get()


def grown_rich(office: Office, at: datetime = JANUARY) -> None:
    """A visit finds a car, which the rules do not allow."""
    with office.as_user(office.assistant):
        visit.record_visit(
            actor=office.assistant, at=at, visited_on=at.date(), second_visitor_id=office.colleague.pk,
            outcome="confirmed", reason="家里新买了一辆汽车。", form_token=f"car-{at}",
            seen=[Seen("motor_vehicles", 1)], case_number=office.number, signed_by_id=office.person_ids()[1],
        )  # fmt: skip


def act(office: Office, user: User, flow: Callable[..., Any], at: datetime = JANUARY, **given: Any) -> Any:
    with office.as_user(user):
        return flow(actor=user, at=at, **given)


def proposed(office: Office, entitlement: Entitlement, cause: str = "stop") -> int:
    number: int = act(
        office, office.clerk, end.propose_ending, entitlement_id=entitlement.pk, cause=cause, reason="有一辆汽车。"
    )
    return number


def told(office: Office, entitlement: Entitlement, cause: str = "stop") -> int:
    ending = proposed(office, entitlement, cause)
    act(office, office.approver, end.decide_ending, ending_id=ending, outcome="approve", reason="同意。")
    act(office, office.clerk, end.deliver_ending, ending_id=ending, delivered_on=JANUARY.date(), delivery="上门")
    return ending


def months(office: Office, as_job: Any) -> dict[str, int]:
    with as_job("419901"):
        open_months(county="419901", programme="dibao", through=HORIZON)
        return dict(EntitlementMonth.objects.values_list("month", "amount_fen"))


def test_p18_the_last_month_is_the_one_in_which_the_notice_ends(office: Office, as_job: Any) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    ending = told(office, entitlement)
    with office.as_user(office.clerk):
        row = Ending.objects.get(pk=ending)
    # Fifteen days from 11 January; sixty to ask for reconsideration.
    assert (row.notice_until, row.object_until, row.last_month) == (date(2027, 1, 26), date(2027, 3, 12), "2027-01")
    with office.as_user(office.clerk):
        # Facts, sources, rule and version stand in the assessment that the notice prints.
        assert row.assessment is not None
        assert any(line["state"] == "not_met" for line in row.assessment.explanation_zh["conditions"])
    assert list(months(office, as_job)) == ["2027-01"]


def test_p18_nothing_ends_by_a_proposal_or_a_decision_alone(office: Office, as_job: Any) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    ending = proposed(office, entitlement)
    with pytest.raises(Refused, match="was not decided"):
        act(office, office.clerk, end.deliver_ending, ending_id=ending, delivered_on=JANUARY.date(), delivery="上门")
    act(office, office.approver, end.decide_ending, ending_id=ending, outcome="approve", reason="同意。")
    assert len(months(office, as_job)) == 12


def test_p20_what_is_not_known_or_still_met_is_no_ground_to_stop(office: Office) -> None:
    entitlement = receiving(office)
    with pytest.raises(Refused, match="do not say that the conditions are no longer met"):
        proposed(office, entitlement)


def test_p21_p22_who_proposes_does_not_decide_and_both_say_why(office: Office, other: User) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    with pytest.raises(NotAllowed):
        act(office, office.approver, end.propose_ending, entitlement_id=entitlement.pk, cause="stop", reason="有车。")
    ending = proposed(office, entitlement)
    with pytest.raises(NotAllowed):
        act(office, office.clerk, end.decide_ending, ending_id=ending, outcome="approve", reason="同意。")
    for outcome in ("approve", "refuse"):
        with pytest.raises(Unacceptable, match="reason is needed"):
            act(office, office.approver, end.decide_ending, ending_id=ending, outcome=outcome, reason=" ")
    act(office, office.approver, end.decide_ending, ending_id=ending, outcome="refuse", reason="车是残疾人代步车。")
    with pytest.raises(Refused, match="already done"):
        act(office, other, end.decide_ending, ending_id=ending, outcome="approve", reason="同意。")
    assert proposed(office, entitlement) != ending


def test_p17_the_database_lets_no_job_end_help(office: Office) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    ending = proposed(office, entitlement)
    with office.as_user(office.clerk):
        row = Ending.objects.get(pk=ending)
        with pytest.raises(IntegrityError, match="only a person"), transaction.atomic():
            Ending.objects.filter(pk=ending).update(
                outcome="approve", decide_reason="自动", decided_at=JANUARY, decided_by=office.service
            )
        with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
            Ending.objects.filter(pk=ending).update(
                outcome="approve", decide_reason="同意", decided_at=JANUARY, decided_by=row.proposed_by
            )
        with pytest.raises(IntegrityError, match="by_its_notice"), transaction.atomic():
            Ending.objects.filter(pk=ending).update(last_month="2027-01")


def test_p19_an_objection_in_time_keeps_paying_until_another_officer_answers(
    office: Office, other: User, as_job: Any
) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    ending = told(office, entitlement)
    later = JANUARY + timedelta(days=40)
    act(
        office,
        office.clerk,
        end.object_to_ending,
        later,
        ending_id=ending,
        objected_on=later.date(),
        text="车是儿子的。",
    )
    assert len(months(office, as_job)) == 12
    with pytest.raises(Refused, match="Another officer"):
        act(office, office.approver, end.answer_ending, later, ending_id=ending, outcome="upheld", reason="属实。")
    answered = JANUARY + timedelta(days=70)
    act(office, other, end.answer_ending, answered, ending_id=ending, outcome="upheld", reason="已核实。")
    with office.as_user(office.clerk):
        # The months up to the answer stay paid.
        assert Entitlement.objects.get().end_month == "2027-03"


def test_p19_an_objection_too_late_stops_nothing_but_is_answered_too(office: Office, other: User) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    ending = told(office, entitlement)
    late = JANUARY + timedelta(days=61)
    act(
        office, office.clerk, end.object_to_ending, late, ending_id=ending, objected_on=late.date(), text="车是儿子的。"
    )
    with office.as_user(office.clerk):
        assert Entitlement.objects.get().end_month == "2027-01"
    act(office, other, end.answer_ending, late, ending_id=ending, outcome="upheld", reason="已核实。")
    with office.as_user(office.clerk):
        assert Entitlement.objects.get().end_month == "2027-01"


@pytest.fixture
def stopped(office: Office) -> tuple[Entitlement, int]:
    """A family whose help was stopped, and the ending."""
    entitlement = receiving(office)
    grown_rich(office)
    return entitlement, told(office, entitlement)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objected_after=st.integers(0, 200), answered_after=st.integers(0, 200), opened=st.integers(0, 11))
def test_p19_overturned_it_is_to_the_fen_as_if_it_had_never_been(
    office: Office,
    other: User,
    as_job: Any,
    stopped: tuple[Entitlement, int],
    objected_after: int,
    answered_after: int,
    opened: int,
) -> None:
    """Whenever the family objects, whenever it is answered, and whichever months were opened in between."""
    entitlement, ending = stopped
    before = transaction.savepoint()
    objected = JANUARY + timedelta(days=objected_after)
    with as_job("419901"):
        open_months(county="419901", programme="dibao", through=Month(2027, 1).plus(opened))
    said = {"ending_id": ending, "objected_on": objected.date(), "text": "不实。"}
    act(office, office.clerk, end.object_to_ending, objected, **said)
    answered = objected + timedelta(days=answered_after)
    act(office, other, end.answer_ending, answered, ending_id=ending, outcome="overturned", reason="车不是他的。")
    assert months(office, as_job) == {str(Month(2027, 1).plus(n)): entitlement.amount_fen for n in range(12)}
    transaction.savepoint_rollback(before)


def test_c3_a_gradual_exit_pays_on_and_has_return_visits_after_three_and_six_months(office: Office) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    told(office, entitlement, "gradual_exit")
    with office.as_user(office.clerk):
        assert Entitlement.objects.get().end_month == "2027-07"
        visits = list(FollowUp.objects.order_by("due_on"))
    assert [each.due_on for each in visits] == [date(2027, 4, 11), date(2027, 7, 11)]
    done = datetime.fromisoformat("2027-04-12T09:00:00+08:00")
    said = {"follow_up_id": visits[0].pk, "done_on": done.date(), "found": "又失业了。", "is_in_hardship_again": True}
    act(office, office.assistant, end.note_follow_up, done, **said)
    with pytest.raises(Refused, match="already written down"):
        act(office, office.assistant, end.note_follow_up, done, **said)


def test_a_death_ends_by_decision_and_notice_too(office: Office) -> None:
    entitlement = receiving(office)
    ending = told(office, entitlement, "death")
    with office.as_user(office.clerk):
        assert Ending.objects.get(pk=ending).assessment is None
        assert Entitlement.objects.get().end_month == "2027-01"


def test_p27_what_ends_elsewhere_is_not_there(office: Office) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    ending = proposed(office, entitlement)
    for flow, given_ in (
        (end.propose_ending, {"entitlement_id": entitlement.pk, "cause": "stop", "reason": "有车。"}),
        (end.deliver_ending, {"ending_id": ending, "delivered_on": JANUARY.date(), "delivery": "上门"}),
        (end.object_to_ending, {"ending_id": ending, "objected_on": JANUARY.date(), "text": "不实。"}),
    ):
        with pytest.raises(NotYours):
            act(office, office.stranger, flow, **given_)
    assert AFTER_PUBLICITY < JANUARY
