"""Promise P22 when people change: a new role, a new name, a deputy. The person stays the same, and speaks once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.walks import AFTER_PUBLICITY, Office

from doudi.engine.values.period import Month
from doudi.office.errors import Refused
from doudi.office.flows import administer, decide, pay
from doudi.office.org.models import User
from doudi.office.org.queries import server_day

EARLIER = ("assistant", "clerk", "reviewer")


@pytest.fixture
def admin(make_user: Callable[..., User]) -> User:
    return make_user("admin", "419901")


def become(office: Office, admin: User, user: User, role: str, area: str = "419901", name: str = "") -> User:
    """The administrator gives somebody another role, and another name if asked."""
    with office.as_user(admin):
        return administer.change_user(
            actor=admin,
            user_id=user.pk,
            username=name or user.username,
            display_name=name or user.display_name,
            role=role,
            area=area,
            organisation="",
            is_active=True,
        )


@pytest.mark.parametrize("earlier", EARLIER)
@pytest.mark.parametrize("is_renamed", [False, True])
def test_p22_who_had_a_part_in_a_case_does_not_decide_it_in_a_new_role_or_under_a_new_name(
    office: Office, admin: User, earlier: str, is_renamed: bool
) -> None:
    office.walk_to_review()
    if earlier != "reviewer":
        former = become(office, admin, getattr(office, earlier), "reviewer", name="新名字" if is_renamed else "")
        with office.as_user(former), pytest.raises(Refused, match="no earlier part"):
            office.do(decide.review, actor=former, at=AFTER_PUBLICITY, outcome="approve", reason="x")
    office.review()
    former = become(office, admin, getattr(office, earlier), "approver", name="又一个名字" if is_renamed else "")
    with office.as_user(former), pytest.raises(Refused, match="no earlier part"):
        office.do(decide.confirm, actor=former, at=AFTER_PUBLICITY, outcome="approve", reason="x")
    office.confirm()


def test_p22_a_deputy_is_the_same_person_in_the_colleague_s_role(
    office: Office, admin: User, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    set_clock(AFTER_PUBLICITY)
    office.walk_to_review()
    office.review()
    with office.as_user(admin):
        held = administer.delegate(
            actor=admin,
            absent_id=office.approver.pk,
            deputy_id=office.reviewer.pk,
            first_day=server_day(),
            last_day=server_day(),
        )
    desk = client_for(office.reviewer)
    desk.cookies["django_language"] = "en"
    typed = {"version": office.version, "outcome": "approve", "reason": "同意。", "amount_fen": "2100.00"}
    address = f"/cases/{office.number}/confirm/"
    assert desk.post(address, typed).status_code == 403
    desk.post("/account/act-for/", {"delegation": held.pk})
    assert desk.get(address).status_code == 200
    refused = desk.post(address, typed)
    assert refused.status_code == 422
    assert "earlier part" in refused.content.decode()
    office.confirm()


def test_p22_who_decided_a_case_does_not_release_its_money_after_moving_to_finance(
    office: Office, admin: User, make_user: Callable[..., User]
) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    first, second = make_user("finance", "419901"), make_user("finance", "419901")
    former = become(office, admin, office.approver, "finance")
    given: dict[str, Any] = {"at": AFTER_PUBLICITY.replace(year=2027, month=1, day=4), "keyring": office.keyring}
    with office.as_user(first):
        fund = pay.open_fund(actor=first, county="419901", programme="dibao", year=2027, name="资金", at=given["at"])
        pay.appropriate(actor=first, fund_id=fund.pk, amount_fen=10_000_000, document="1号", at=given["at"])
        run = pay.prepare_run(actor=first, county="419901", programme="dibao", month=Month(2027, 1), at=given["at"]).run
    with office.as_user(former), pytest.raises(Refused, match="had a part"):
        pay.release_run(actor=former, run_id=run.pk, **given)
    with office.as_user(second):
        assert pay.release_run(actor=second, run_id=run.pk, **given).state == "released"
