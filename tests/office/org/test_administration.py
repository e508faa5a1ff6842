"""Administrators look after accounts: within their area, never their own, and without a look at any family."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from running_office import COUNTY, OTHER_COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A

from doudi.office.audit.models import Entry
from doudi.office.errors import NotAllowed, NotYours, Refused
from doudi.office.flows import administer
from doudi.office.org.models import Area, Invitation, User
from doudi.office.org.permissions import are_incompatible
from doudi.office.org.queries import server_day
from doudi.office.registry.models import Household

PASSWORD = "a sentence that is long enough"


@pytest.fixture
def admin(make_user: Callable[..., User]) -> User:
    return make_user("admin", COUNTY, username="admin-county")


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> User:
    return make_user("clerk", TOWNSHIP_A, display_name="何雨荷")


def given(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "user_id": user.pk,
        "username": user.username,
        "display_name": user.display_name,
        "role": user.role,
        "area": user.area_id,
        "organisation": user.organisation,
        "is_active": user.is_active,
    } | changes


def test_an_account_is_made_invited_and_used(admin: User, client_for: Callable[[User], Client], as_job: Any) -> None:
    desk = client_for(admin)
    typed = {
        "username": "new.clerk",
        "display_name": "新来的",
        "role": "clerk",
        "area": TOWNSHIP_A,
        "organisation": "民政办",
    }
    page = desk.post("/admin/users/new/", typed)
    code = re.search(r'<strong class="code">([A-Z0-9-]+)</strong>', page.content.decode())
    assert code, page.content.decode()
    made = User.objects.get(username="new.clerk")
    assert (made.role, made.area_id, made.organisation, made.has_usable_password()) == (
        "clerk",
        TOWNSHIP_A,
        "民政办",
        False,
    )
    stranger = Client()
    first = {
        "username": "new.clerk",
        "code": code[1].lower().replace("-", " "),
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    for wrong in (
        {"code": "AAAAA-AAAAA-AAAAA-AAAAA"},
        {"username": "nobody"},
        {"password2": "x"},
        {"password1": "short", "password2": "short"},
    ):
        assert stranger.post("/login/first", first | wrong).status_code == 422, wrong
    assert stranger.post("/login/first", first).status_code == 302
    assert stranger.post("/login/first", first).status_code == 422
    assert stranger.post("/login", {"username": "new.clerk", "password": PASSWORD}).status_code == 302
    assert stranger.get("/").status_code == 200
    with as_job("4199"):
        verbs = list(
            Entry.objects.filter(object_id=str(made.pk), verb__startswith="user.").values_list("verb", flat=True)
        )
    assert {"user.create", "user.invite", "user.password", "user.log_in"} <= set(verbs)


def test_a_code_ends_with_its_time_and_with_the_next_one(admin: User, clerk: User, as_user: Any) -> None:
    with as_user(admin):
        old = administer.invite(actor=admin, user_id=clerk.pk)
        fresh = administer.invite(actor=admin, user_id=clerk.pk)
    from_old = {"username": clerk.username, "code": old, "password1": PASSWORD, "password2": PASSWORD}
    assert Client().post("/login/first", from_old).status_code == 422
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE doudi_owner")
        cursor.execute("UPDATE org_invitation SET expires_at = now() - interval '1 second'")
        cursor.execute("SET LOCAL ROLE doudi_app")
    assert Client().post("/login/first", from_old | {"code": fresh}).status_code == 422
    assert fresh not in str(list(Invitation.objects.values()))


def test_guessing_codes_locks_the_account(clerk: User) -> None:
    typed = {"username": clerk.username, "code": "AAAAA", "password1": PASSWORD, "password2": PASSWORD}
    pages = [Client().post("/login/first", typed).content.decode() for _ in range(6)]
    assert "15" in pages[5]
    assert "15 " not in pages[0]


def test_an_administrator_sees_no_row_of_any_family_and_opens_no_page_about_one(
    admin: User, as_user: Any, as_job: Any, client_for: Callable[[User], Client]
) -> None:
    with as_job("4199"):
        Household.objects.create(key="k", number="n", basis="office", area=VILLAGE_A)
    with as_user(admin):
        assert Household.objects.count() == Entry.objects.count() == 0
    desk = client_for(admin)
    assert desk.get("/").headers["Location"] == "/admin/users/"
    for address in ("/cases/", "/findings/", "/money/", "/audit/"):
        assert desk.get(address).status_code == 403, address


@pytest.mark.parametrize(
    "role", ["assistant", "clerk", "township_reviewer", "reviewer", "approver", "finance", "analyst", "auditor"]
)
def test_nobody_but_an_administrator_changes_accounts_by_page_flow_or_statement(
    role: str, make_user: Any, clerk: User, as_user: Any, client_for: Callable[[User], Client]
) -> None:
    somebody = make_user(role, COUNTY)
    assert client_for(somebody).get("/admin/users/").status_code == 403
    assert client_for(somebody).post(f"/admin/users/{clerk.pk}/", {"role": "approver"}).status_code in (403, 404)
    with as_user(somebody):
        with pytest.raises(NotAllowed):
            administer.change_user(actor=somebody, **given(clerk, role="approver"))
        for statement in (
            "SELECT public.org_add_user('x', 'x', 'approver', '419901', '')",
            "SELECT public.org_change_user(%(them)s, 'x', 'x', 'approver', '419901', '', true)",
            "SELECT public.org_invite(%(them)s, 'x'::bytea, 10)",
            "SELECT public.org_delegate(%(them)s, %(me)s, '2026-01-01', '2027-01-01')",
            "SELECT public.org_set_area('419901777', 'x', 'township')",
            "SELECT public.org_forget_second_factor(%(them)s)",
            "UPDATE org_user SET role = 'admin' WHERE id = %(me)s",
            "INSERT INTO org_invitation (user_id, code_hash, expires_at) VALUES (%(me)s, 'x'::bytea, now())",
            "INSERT INTO org_delegation (absent_id, deputy_id, first_day, last_day, made_by_id)"
            " VALUES (%(them)s, %(me)s, '2026-01-01', '2027-01-01', %(me)s)",
        ):
            refusal = pytest.raises(DatabaseError, match=r"only an administrator|permission denied")
            with refusal, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, {"me": somebody.pk, "them": clerk.pk})


def test_p22_nobody_changes_their_own_rights(admin: User, as_user: Any, client_for: Callable[[User], Client]) -> None:
    with as_user(admin):
        for act in (
            lambda: administer.change_user(actor=admin, **given(admin, role="approver")),
            lambda: administer.invite(actor=admin, user_id=admin.pk),
            lambda: administer.forget_second_factor(actor=admin, user_id=admin.pk),
        ):
            with pytest.raises(Refused, match=r"own account|自己的账号"):
                act()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT public.org_change_user(%s, 'x', 'x', 'approver', '419901', '', true)", [admin.pk])
    assert client_for(admin).post(f"/admin/users/{admin.pk}/", {"role": "approver"}).status_code == 409


def test_accounts_of_another_county_and_of_jobs_look_like_none(
    admin: User, make_user: Any, as_user: Any, client_for: Callable[[User], Client]
) -> None:
    foreign = make_user("clerk", OTHER_COUNTY)
    job = make_user("service", COUNTY, is_service_account=True)
    with as_user(admin):
        for target in (foreign, job):
            with pytest.raises(NotYours):
                administer.change_user(actor=admin, **given(target, display_name="x"))
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT public.org_invite(%s, 'x'::bytea, 10)", [target.pk])
    desk = client_for(admin)
    assert desk.get(f"/admin/users/{foreign.pk}/").status_code == desk.get("/admin/users/987654321/").status_code == 404
    assert foreign.username not in desk.get("/admin/users/").content.decode()


def test_a_place_outside_the_county_and_the_role_of_jobs_are_not_given(admin: User, clerk: User, as_user: Any) -> None:
    with as_user(admin):
        for changes in ({"area": OTHER_COUNTY}, {"area": "4199"}, {"role": "service"}, {"role": "king"}):
            with pytest.raises(Refused):
                administer.change_user(actor=admin, **given(clerk, **changes))


def test_an_account_put_to_rest_loses_its_open_session_at_once(
    admin: User, clerk: User, as_user: Any, client_for: Callable[[User], Client]
) -> None:
    desk = client_for(clerk)
    assert desk.get("/cases/").status_code == 200
    with as_user(admin):
        administer.change_user(actor=admin, **given(clerk, is_active=False))
    assert desk.get("/cases/").headers["Location"].startswith("/login")


def test_divisions_are_added_within_the_county_only(admin: User, client_for: Callable[[User], Client]) -> None:
    desk = client_for(admin)
    assert desk.post("/admin/divisions/", {"code": "419901777", "name": "新设镇"}).status_code == 302
    assert Area.objects.get(code="419901777").kind == "township"
    assert desk.post("/admin/divisions/", {"code": "419901777", "name": "改名镇"}).status_code == 302
    for code in (OTHER_COUNTY, "419902101", "41990177", COUNTY):
        assert desk.post("/admin/divisions/", {"code": code, "name": "x"}).status_code == 422, code


def test_roles_that_must_stay_apart() -> None:
    assert are_incompatible("clerk", "approver")
    assert are_incompatible("assistant", "reviewer")
    assert are_incompatible("clerk", "township_reviewer")
    assert are_incompatible("township_reviewer", "finance")
    assert are_incompatible("approver", "finance")
    assert are_incompatible("clerk", "finance")
    for role in ("clerk", "approver", "finance", "admin", "auditor"):
        assert are_incompatible("admin", role)
        assert are_incompatible(role, "auditor")
    assert not are_incompatible("clerk", "clerk")
    assert not are_incompatible("reviewer", "approver")
    assert not are_incompatible("township_reviewer", "reviewer")
    assert not are_incompatible("clerk", "assistant")


def test_a_deputy_works_in_the_colleague_s_role_and_area_from_day_to_day_and_under_the_own_name(
    admin: User, make_user: Any, as_user: Any, as_job: Any, client_for: Callable[[User], Client]
) -> None:
    here, there = make_user("clerk", TOWNSHIP_A), make_user("clerk", TOWNSHIP_B, display_name="石建平")
    with as_job("4199"):
        Household.objects.create(key="k", number="K-B", basis="office", area=TOWNSHIP_B + "001")
    today = server_day()
    with as_user(admin):
        past = administer.delegate(
            actor=admin,
            absent_id=there.pk,
            deputy_id=here.pk,
            first_day=today - timedelta(days=9),
            last_day=today - timedelta(days=1),
        )
        held = administer.delegate(actor=admin, absent_id=there.pk, deputy_id=here.pk, first_day=today, last_day=today)
    desk = client_for(here)
    assert desk.post("/account/act-for/", {"delegation": past.pk}).status_code == 404
    assert desk.post("/account/act-for/", {"delegation": held.pk}).status_code == 302
    page = desk.get("/account/").content.decode()
    assert "石建平" in page
    assert "石桥镇" in page
    # The audit of the other township shows who it really was.
    with as_user(there):
        entry = Entry.objects.get(verb="user.act_for")
        assert (entry.actor_id, entry.details["for"]) == (here.pk, there.pk)
    assert desk.post("/account/act-for/", {"delegation": ""}).status_code == 302
    assert "柳林镇" in desk.get("/account/").content.decode()
    desk.post("/account/act-for/", {"delegation": held.pk})
    with as_user(admin):
        administer.end_delegation(actor=admin, delegation_id=held.pk)
    assert desk.get("/cases/").status_code == 302
    assert desk.session.is_empty()


def test_p22_roles_that_must_stay_apart_are_not_joined_by_a_deputy_or_a_new_role(
    admin: User, make_user: Any, as_user: Any
) -> None:
    approver, clerk, finance = (
        make_user("approver", COUNTY),
        make_user("clerk", TOWNSHIP_A),
        make_user("finance", COUNTY),
    )
    reviewer = make_user("reviewer", COUNTY)
    day = {"first_day": server_day(), "last_day": server_day()}
    with as_user(admin):
        for absent, deputy in ((approver, clerk), (finance, approver), (approver, finance), (clerk, reviewer)):
            with pytest.raises(Refused):
                administer.delegate(actor=admin, absent_id=absent.pk, deputy_id=deputy.pk, **day)
        administer.delegate(actor=admin, absent_id=approver.pk, deputy_id=reviewer.pk, **day)
        # The deputy can't become a clerk while acting for the approver.
        with pytest.raises(Refused):
            administer.change_user(actor=admin, **given(reviewer, role="clerk"))


def test_a_delegation_overheard_or_of_somebody_else_opens_no_scope(
    admin: User, make_user: Any, as_user: Any, client_for: Callable[[User], Client]
) -> None:
    absent, deputy, stranger = (make_user("clerk", TOWNSHIP_A) for _ in range(3))
    with as_user(admin):
        held = administer.delegate(
            actor=admin, absent_id=absent.pk, deputy_id=deputy.pk, first_day=server_day(), last_day=server_day()
        )
    assert client_for(stranger).post("/account/act-for/", {"delegation": held.pk}).status_code == 404
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.org_open_delegated_scope(%s, %s, gen_random_uuid(), 60, 'x'::bytea)", [deputy.pk, held.pk]
        )
