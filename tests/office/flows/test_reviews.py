"""Reviews fall due by the kind of family and stand in the work list with what else waits. Silence ends nothing."""

from datetime import date
from typing import Any

import pytest
from tests.office.flows.test_change import JANUARY, approved, earns, proposed_change, sums
from tests.office.flows.test_end import act, grown_rich, proposed, receiving, told
from tests.office.flows.walks import Office

from doudi.office.entitlements.due import due_rows
from doudi.office.entitlements.models import Review
from doudi.office.errors import NotYours, Refused
from doudi.office.flows import reviews
from doudi.office.org.models import User

A_YEAR_LATER = date(2027, 12, 31)


def kinds(office: Office, user: User, today: date) -> list[tuple[str, date]]:
    with office.as_user(user):
        return [(row.kind, row.due_on) for row in due_rows(user, today=today)]


def test_a_family_whose_member_can_work_is_due_after_half_a_year(office: Office) -> None:
    # The father is sixty-two and the son severely ill, but a mother of sixty-eight does not work either.
    receiving(office)
    [(kind, due_on)] = kinds(office, office.clerk, JANUARY.date())
    assert (kind, due_on) == ("review", date(2027, 12, 3))


def test_a_review_without_news_is_followed_by_the_next_one(office: Office) -> None:
    receiving(office)
    earns(office, 30_000)
    with office.as_user(office.clerk):
        number = Review.objects.get().pk
    done = {"review_id": number, "found": "入户复核，情况没有变化。"}
    with pytest.raises(NotYours):
        act(office, office.stranger, reviews.close_review, **done)
    act(office, office.clerk, reviews.close_review, **done)
    # Casual work: half-yearly from now on (57号 art. 31).
    assert kinds(office, office.clerk, JANUARY.date()) == [("review", date(2027, 7, 11))]
    with pytest.raises(Refused, match="already done"):
        act(office, office.clerk, reviews.close_review, **done)


def test_p20_an_overdue_review_ends_nothing_and_stays_on_the_list(office: Office, as_job: Any) -> None:
    entitlement = receiving(office)
    assert kinds(office, office.clerk, A_YEAR_LATER) == [("review", date(2027, 12, 3))]
    assert len(sums(as_job)) == 12
    with office.as_user(office.clerk):
        entitlement.refresh_from_db()
        assert entitlement.end_month is None


def test_each_desk_sees_the_decision_that_waits_for_it(office: Office) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    today = JANUARY.date()
    assert [kind for kind, _due in kinds(office, office.reviewer, today)] == ["review_step"]
    assert kinds(office, office.approver, today) == []
    approved(office, number)
    assert kinds(office, office.reviewer, today) == []
    assert "deliver_step" in [kind for kind, _due in kinds(office, office.clerk, today)]
    assert "deliver_step" not in [kind for kind, _due in kinds(office, office.stranger, today)]


def test_c3_return_visits_stand_in_the_work_list_with_their_days(office: Office) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    told(office, entitlement, "gradual_exit")
    visits = [row for row in kinds(office, office.assistant, date(2027, 5, 1)) if row[0] == "follow_up"]
    assert visits == [("follow_up", date(2027, 4, 11)), ("follow_up", date(2027, 7, 11))]
    with office.as_user(office.assistant):
        rows = due_rows(office.assistant, today=date(2027, 5, 1))
    assert [row.days_left for row in rows if row.kind == "follow_up"] == [-20, 71]


def test_a_proposal_answers_the_reviews_that_were_due(office: Office) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    proposed(office, entitlement)
    with office.as_user(office.clerk):
        states = list(Review.objects.order_by("pk").values_list("result", flat=True))
    assert states == ["ending", ""]
