"""Logging in opens a scope, logging out closes it; too many failures lock out; nothing tells who exists."""

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from running_office import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_B

from doudi.office import settings as office_settings
from doudi.office.audit.models import Entry
from doudi.office.org.models import User
from doudi.office.registry.models import Household

PASSWORD = "correct-horse-battery"


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> User:
    return make_user("clerk", TOWNSHIP_A, username="clerk", password=PASSWORD)


@pytest.fixture
def households(as_job) -> None:
    with as_job("4199"):
        for number, area in enumerate((VILLAGE_A, VILLAGE_B)):
            Household.objects.create(key=f"k{number}", number=f"n{number}", basis="office", area=area)


def _log_in(client: Client, password: str = PASSWORD, username: str = "clerk"):
    return client.post("/login", {"username": username, "password": password})


def _open_scopes(db_role) -> int:
    with db_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM org_session_scope WHERE purpose = 'log-in'")
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _screens_bring_the_template(settings, tmp_path) -> None:
    """The log-in page's own template belongs to the screens; what is shown there is tested there."""
    folder = tmp_path / "registration"
    folder.mkdir()
    (folder / "login.html").write_text("{{ form.errors }}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [str(tmp_path)]}]


def test_a_log_in_opens_one_scope_and_a_log_out_closes_it(clerk: User, db_role) -> None:
    client = Client()
    before = _open_scopes(db_role)
    assert _log_in(client).status_code == 302
    assert _open_scopes(db_role) == before + 1
    assert client.post("/logout").status_code == 302
    assert _open_scopes(db_role) == before
    assert client.session.is_empty()


def test_a_password_costs_a_thief_as_much_as_django_asks_and_opens_the_door(make_user: Callable[..., User]) -> None:
    """The other tests hash at the least cost; here is what the office does."""
    with override_settings(PASSWORD_HASHERS=office_settings.PASSWORD_HASHERS):
        clerk = make_user("clerk", TOWNSHIP_A, username="clerk", password=PASSWORD)
        kept = Argon2PasswordHasher().decode(clerk.password)
        assert (kept["variety"], kept["memory_cost"], kept["time_cost"]) == ("argon2id", 102_400, 2)
        assert _log_in(Client(), "wrong").status_code == 422
        assert _log_in(Client()).status_code == 302


def test_the_token_stands_nowhere_in_the_table_of_sessions(clerk: User) -> None:
    client = Client()
    _log_in(client)
    kept = Session.objects.get(session_key=client.session.session_key).get_decoded()
    assert kept["scope"].startswith("a1:")


def test_a_wrong_password_opens_nothing_and_answers_422_whether_the_account_exists_or_not(clerk: User, db_role) -> None:
    before = _open_scopes(db_role)
    known, unknown = _log_in(Client(), "wrong"), _log_in(Client(), "wrong", "nobody")
    assert known.status_code == unknown.status_code == 422
    assert known.content == unknown.content
    assert _open_scopes(db_role) == before


def test_five_failures_lock_the_account_for_a_while_even_for_the_right_password(clerk: User) -> None:
    for _ in range(5):
        assert _log_in(Client(), "wrong").status_code == 422
    assert _log_in(Client()).status_code == 422
    with connection.cursor() as cursor:
        cursor.execute("UPDATE org_login_throttle SET since = since - interval '16 minutes'")
    assert _log_in(Client()).status_code == 302


def test_an_account_that_does_not_exist_locks_in_the_same_way(clerk: User) -> None:
    known = [_log_in(Client(), "wrong").content for _ in range(6)]
    unknown = [_log_in(Client(), "wrong", "nobody").content for _ in range(6)]
    assert known == unknown
    assert known[0] != known[5]


def test_a_log_in_forgets_the_failures_before_it(clerk: User) -> None:
    for _ in range(3):
        _log_in(Client(), "wrong")
        _log_in(Client(), "wrong")
        assert _log_in(Client()).status_code == 302


def test_neither_somebody_who_left_nor_a_service_account_can_log_in(make_user) -> None:
    gone = make_user("clerk", TOWNSHIP_A, username="gone", password=PASSWORD)
    make_user("service", COUNTY, username="night", password=PASSWORD, is_service_account=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE doudi_worker")
        cursor.execute("UPDATE org_user SET is_active = false WHERE id = %s", [gone.pk])
        cursor.execute("SET LOCAL ROLE doudi_app")
    assert _log_in(Client(), username="gone").status_code == 422
    assert _log_in(Client(), username="night").status_code == 422


def test_log_ins_failed_ones_and_log_outs_are_audited_without_what_was_typed(clerk: User, as_job) -> None:
    client = Client()
    _log_in(client, "wrong", "my-secret-typed-here")
    _log_in(client)
    client.post("/logout")
    with as_job("4199"):
        verbs = list(Entry.objects.filter(actor_id=clerk.pk).order_by("pk").values_list("verb", flat=True))
        assert verbs == ["user.log_in", "user.log_out"]
    with connection.cursor() as cursor:
        # No area, so nobody's scope shows it: a failed log-in is the auditor's business.
        cursor.execute("SET LOCAL ROLE doudi_owner")
        cursor.execute("SELECT count(*) FROM audit_entry WHERE details::text LIKE '%%my-secret%%'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SET LOCAL ROLE doudi_app")


def test_a_clerk_of_township_a_sees_zero_rows_of_b(make_user, as_user, households: None) -> None:
    with as_user(make_user("clerk", TOWNSHIP_A)):
        assert list(Household.objects.values_list("area", flat=True)) == [VILLAGE_A]
        assert not Household.objects.filter(area=VILLAGE_B).exists()
        assert Household.objects.filter(area=VILLAGE_B).update(number="x") == 0
    with as_user(make_user("clerk", TOWNSHIP_B)):
        assert list(Household.objects.values_list("area", flat=True)) == [VILLAGE_B]
    with as_user(make_user("reviewer", COUNTY)):
        assert Household.objects.count() == 2
    assert Household.objects.count() == 0


def test_a_session_whose_scope_has_ended_is_logged_out(clerk: User, client_for, db_role) -> None:
    client = client_for(clerk)
    with db_role("owner"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM org_session_scope")
    client.get("/")
    assert client.session.is_empty()


def test_a_session_with_somebody_elses_scope_is_logged_out(clerk: User, make_user, client_for) -> None:
    mine, theirs = client_for(clerk), client_for(make_user("reviewer", COUNTY))
    session = mine.session
    session["scope"] = theirs.session["scope"]
    session.save()
    mine.get("/")
    assert mine.session.is_empty()


def test_a_link_alone_logs_nobody_out(clerk: User, client_for) -> None:
    client = client_for(clerk)
    assert client.get("/logout").status_code == 405
    assert not client.session.is_empty()


def test_logging_in_needs_the_token_against_forged_forms(clerk: User) -> None:
    assert _log_in(Client(enforce_csrf_checks=True)).status_code == 403


@override_settings(SESSION_COOKIE_SECURE=True)
def test_cookies_are_closed_to_scripts_and_other_sites(clerk: User) -> None:
    cookie = _log_in(Client()).cookies["doudi_session"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
