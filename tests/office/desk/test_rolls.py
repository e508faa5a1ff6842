"""The page on which a second person takes a roll over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path

import pytest
from django.test import Client

from doudi.demo.city import build_city
from doudi.demo.roll import REVIEW, ROLL
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.office.casework.models import RollTakeOver
from doudi.office.entitlements.models import Entitlement
from doudi.office.flows.take_over import prepare_roll
from doudi.office.org.models import User

AT = datetime.fromisoformat("2026-11-20T09:00:00+08:00")


@pytest.fixture
def reviewer(make_user: Callable[..., User]) -> User:
    return make_user("reviewer", "419901", display_name="沈慎之")


@pytest.fixture
def roll(
    reviewer: User, as_job: Callable[..., AbstractContextManager[None]], keyring: Keyring, tmp_path: Path
) -> RollTakeOver:
    build_city("small", tmp_path / "city", 4199)
    folder = tmp_path / "city" / "roll"
    with as_job("419901"):
        prepared = prepare_roll(
            actor=reviewer,
            at=AT,
            roll=folder / ROLL,
            review=folder / REVIEW,
            as_of=date(2026, 11, 20),
            paid_through=Month(2026, 11),
            keyring=keyring,
        )
    return prepared.roll


def test_the_second_person_sees_the_sums_and_confirms_with_a_reason(
    roll: RollTakeOver,
    reviewer: User,
    make_user: Callable[..., User],
    client_for: Callable[[User], Client],
    as_user: Callable[[User], AbstractContextManager[User]],
) -> None:
    approver = make_user("approver", "419901")
    page = client_for(reviewer).get("/rolls/").content.decode()
    assert str(roll.families) in page
    assert 'name="act"' not in page, "who prepared it has no button"
    desk = client_for(approver)
    assert 'value="confirm"' in desk.get("/rolls/").content.decode()
    empty = desk.post("/rolls/", {"roll_id": roll.pk, "act": "confirm", "reason": " "})
    assert empty.status_code == 422
    done = desk.post("/rolls/", {"roll_id": roll.pk, "act": "confirm", "reason": "与发放台账一致"})
    assert done.status_code == 302
    with as_user(approver):
        assert Entitlement.objects.count() == roll.families
    # The same click once more changes nothing.
    assert desk.post("/rolls/", {"roll_id": roll.pk, "act": "confirm", "reason": "与发放台账一致"}).status_code == 302
    with as_user(approver):
        assert Entitlement.objects.count() == roll.families
    assert "与发放台账一致" in desk.get("/rolls/").content.decode()


def test_who_prepared_a_roll_and_a_township_settle_nothing(
    roll: RollTakeOver, reviewer: User, make_user: Callable[..., User], client_for: Callable[[User], Client]
) -> None:
    form = {"roll_id": roll.pk, "act": "confirm", "reason": "x"}
    assert client_for(reviewer).post("/rolls/", form).status_code == 403
    clerk = client_for(make_user("clerk", "419901101"))
    assert (clerk.get("/rolls/").status_code, clerk.post("/rolls/", form).status_code) == (403, 403)
    other_county = client_for(make_user("approver", "419902"))
    assert roll.file_name not in other_county.get("/rolls/").content.decode()
    assert other_county.post("/rolls/", form).status_code == 404
