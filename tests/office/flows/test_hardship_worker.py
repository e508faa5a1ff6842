"""困难职工: two visits by different pairs and two publicities; none of it can be left out (story C1)."""

from collections.abc import Callable

import pytest
from tests.office.flows.walks import Office
from tests.office.flows.window_cases import AtWindow

from doudi.office.casework.models import Decision, Publicity, StepRecord
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.flows import publicise
from doudi.office.org.models import User


@pytest.fixture
def pairs(office: Office, make_user: Callable[..., User]) -> tuple[tuple[User, User], tuple[User, User]]:
    """Two pairs of visitors."""
    third, fourth = (make_user("assistant", "419901101", display_name=f"访员{name}") for name in "丙丁")
    return (office.assistant, office.colleague), (third, fourth)


def in_file(office: Office, sequence: int = 31, **person: int) -> AtWindow:
    """A mechanic in the union whose child's operations cost more than he earns, accepted at the branch."""
    told = {"union_standing": "employed", "hospital_self_paid_12m": 0, "wage_casual_monthly": 0} | person
    case = AtWindow(office, "hardship_worker", household={"is_still_in_hardship_after_aid": True}, person=told).open(
        sequence=sequence
    )
    case.declare().sign()
    assert case.accept().is_accepted
    return case


def visited(case: AtWindow, pairs: tuple[tuple[User, User], tuple[User, User]]) -> AtWindow:
    for number, pair in enumerate(pairs):
        assert case.visited_by(*pair, f"{case.number}-{number}")
    case.note("neighbours")
    case.check()
    case.assess()
    with case.office.as_user(case.office.clerk):
        assert Assessment.objects.latest("pk").result["missing"] == []
    return case


def test_c1_two_visits_by_different_pairs(office: Office, pairs: tuple[tuple[User, User], tuple[User, User]]) -> None:
    office.load()
    case = in_file(office)
    (first, second), (third, fourth) = pairs
    assert case.visited_by(first, second, "v1")
    assert "home_visit_2" in case.open_steps()
    for again in ((first, second), (third, first), (second, third)):
        with pytest.raises(Refused, match="no earlier part"):
            case.visited_by(*again, f"again-{again[0].pk}-{again[1].pk}")
    with pytest.raises(Refused, match=r"First comes: .*\(2\)"):
        case.note("neighbours")
    assert case.visited_by(third, fourth, "v2")
    with office.as_user(office.clerk):
        records = StepRecord.objects.filter(case__number=case.number, step__startswith="home_visit").order_by("step")
        people = [{row.done_by_id, row.done_with_id} for row in records]
    assert not people[0] & people[1]


def test_c1_two_publicities_and_neither_the_review_nor_the_decision_before_its_own(
    office: Office, pairs: tuple[tuple[User, User], tuple[User, User]]
) -> None:
    office.load()
    case = visited(in_file(office), pairs)
    with pytest.raises(Refused, match="First comes"):
        case.review()
    case.opinion()
    case.publicise()
    with pytest.raises(Refused, match="when the publicity is over"):
        case.review()
    case.later(8).review()
    with pytest.raises(Refused, match="First comes: Second publicity"):
        case.confirm(office.approver)
    token = case.publicise().sheet_token
    assert token
    with pytest.raises(Refused, match="when the publicity is over"):
        case.confirm(office.approver)
    case.later(8).confirm(office.approver)
    case.notify()
    assert case.open_steps() == []
    with office.as_user(office.approver):
        assert [row.step for row in Publicity.objects.order_by("pk")] == ["first_publicity", "second_publicity"]
        assert Entitlement.objects.get().amount_fen == 1_200_000


def test_an_objection_to_the_second_publicity_takes_both_sheets_down_and_begins_with_a_new_opinion(
    office: Office, pairs: tuple[tuple[User, User], tuple[User, User]]
) -> None:
    office.load()
    case = visited(in_file(office), pairs)
    case.opinion()
    case.publicise()
    case.later(8).review()
    case.publicise()
    with office.as_user(office.clerk):
        objection = publicise.record_objection(
            actor=office.clerk,
            at=case.at,
            case_number=case.number,
            received_on=case.at.date(),
            objector="",
            text="他家有店。",
            form_token="o1",
        )
        case.keep(
            publicise.settle_objection(
                actor=office.clerk, at=case.at, objection_id=objection, outcome="founded", reason="属实"
            )
        )
        assert not Publicity.objects.filter(withdrawn_at__isnull=True).exists()
        assert not Decision.objects.filter(set_aside_at__isnull=True).exists()
    assert case.open_steps() == ["opinion"]
