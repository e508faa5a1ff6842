"""The second factor: a duty in production, offered in a demonstration; nobody guesses it or uses it twice."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse
from running_office import COUNTY, TOWNSHIP_A, VILLAGE_A
from tests.office.flows.lakes import id_number

from doudi.office import crypto
from doudi.office.audit.models import Entry
from doudi.office.errors import NotAllowed
from doudi.office.org.accounts import address_of
from doudi.office.org.entrance import require_fresh_proof_to_pay
from doudi.office.org.models import User
from doudi.office.registry.models import Household, Membership, Person
from doudi.office.registry.terms import id_index, id_tail_index

PASSWORD = "correct-horse-battery"
NUMBER = id_number("19850412", 77)


@pytest.fixture(autouse=True)
def _no_memory_of_earlier_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> User:
    return make_user("clerk", TOWNSHIP_A, username="clerk", password=PASSWORD)


def a_family(as_job: Callable[..., Any]) -> tuple[int, int]:
    """Ids of a household of the clerk's township and of its one member."""
    with as_job("4199"):
        home = Household.objects.create(key="k", number="n", basis="office", area=VILLAGE_A)
        ring = crypto.keyring()
        known = {"id_number": NUMBER, "id_index": id_index(ring, NUMBER), "id_tail_index": id_tail_index(ring, NUMBER)}
        person = Person.objects.create(key="p", name="许明月", status="met", area=VILLAGE_A, **known)
        Membership.objects.create(household=home, person=person, relation="02", from_date="2026-01-01", area=VILLAGE_A)
    return home.pk, person.pk


def log_in(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/login", {"username": "clerk", "password": password})


def code_of(secret: str, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def enrol(client: Client) -> str:
    """Set up the second factor as a person does. Returns the secret that the app keeps."""
    page = client.get("/account/second-factor/")
    if page.status_code == 302:
        assert client.post(page.headers["Location"], {"password": PASSWORD}).status_code == 302
        page = client.get("/account/second-factor/")
    secret = re.search(r'<code class="number">([A-Z2-7]+)</code>', page.content.decode())
    assert secret
    done = client.post("/account/second-factor/", {"code": code_of(secret[1])})
    assert (done.status_code, done.headers.get("Location")) == (302, "/account/codes/"), done.content.decode()
    return secret[1]


def recovery_codes(client: Client) -> list[str]:
    return re.findall(r'<li><code class="number">(\d+)</code>', client.get("/account/codes/").content.decode())


def test_in_a_demonstration_the_password_is_enough_until_a_second_factor_is_set_up(clerk: User) -> None:
    client = Client()
    assert log_in(client).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    secret = enrol(client)
    client.post("/logout")
    assert log_in(client).headers["Location"] == "/login/code"
    assert client.get("/").status_code == 302
    assert client.post("/login/code", {"code": "000000"}).status_code == 422
    assert client.post("/login/code", {"code": code_of(secret)}).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_the_secret_lies_encrypted_in_the_database_and_the_codes_are_shown_once(clerk: User) -> None:
    client = Client()
    log_in(client)
    secret = enrol(client)
    codes = recovery_codes(client)
    assert len(set(codes)) == 10
    assert recovery_codes(client) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        (kept,) = cursor.fetchone()
    assert secret not in kept
    assert not [code for code in codes if code in kept]
    assert kept.count('"a1:') == 2


def test_a_code_serves_once_whichever_process_is_asked(clerk: User) -> None:
    client = Client()
    log_in(client)
    secret = enrol(client)
    code = code_of(secret)
    for is_fresh in (True, False):
        # Another process has another memory.
        cache.clear()
        other = Client()
        log_in(other)
        assert (other.post("/login/code", {"code": code}).status_code == 302) == is_fresh


def test_a_recovery_code_opens_once(clerk: User) -> None:
    client = Client()
    log_in(client)
    enrol(client)
    code = recovery_codes(client)[3]
    for is_fresh in (True, False):
        other = Client()
        log_in(other)
        assert (other.post("/login/code", {"code": code}).status_code == 302) == is_fresh


def test_wrong_codes_lock_the_account_like_wrong_passwords_and_a_right_password_does_not_reset_them(
    clerk: User,
) -> None:
    client = Client()
    log_in(client)
    secret = enrol(client)
    for attempt in range(5):
        other = Client()
        assert log_in(other).status_code == 302, attempt
        assert other.post("/login/code", {"code": "12345x"}).status_code == 422
    assert other.post("/login/code", {"code": code_of(secret)}).status_code == 422
    assert log_in(Client()).status_code == 422


def test_where_it_is_a_duty_nobody_sees_a_row_before_it_is_set_up(
    clerk: User, settings: Any, as_job: Callable[..., Any], db_role: Callable[..., Any]
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    with as_job("4199"):
        Household.objects.create(key="k", number="n", basis="office", area=VILLAGE_A)
    client = Client()
    log_in(client)
    with db_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM org_session_scope WHERE user_id = %s", [clerk.pk])
        assert cursor.fetchone() == (0,)
    for address in ("/", "/cases/", "/findings/", "/account/", "/account/second-factor/away/"):
        reply = client.get(address)
        assert (reply.status_code, reply.headers["Location"]) == (302, "/account/second-factor/"), address
    secret = enrol(client)
    assert recovery_codes(client)
    # Also now only the log-in with the code opens the desk.
    assert client.get("/cases/").status_code == 302
    client.post("/logout")
    log_in(client)
    assert client.post("/login/code", {"code": code_of(secret)}).status_code == 302
    assert client.get("/cases/").status_code == 200
    # And nobody takes it away again by themselves.
    page = client.get("/account/second-factor/away/")
    client.post(page.headers["Location"], {"password": PASSWORD})
    assert client.post("/account/second-factor/away/").status_code == 422
    assert Authenticator.objects.filter(user=clerk, type="totp").exists()


def test_an_enrolling_session_alone_opens_no_data_even_with_a_forged_path(clerk: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = Client()
    log_in(client)
    for address in ("//cases/", "/account/second-factor/../../cases/", "/public/none/"):
        assert client.get(address).status_code in (302, 404)


def test_half_an_hour_without_anybody_ends_the_session_and_says_so(clerk: User, db_role: Callable[..., Any]) -> None:
    client = Client()
    log_in(client)
    session = client.session
    session["seen"] = int(time.time()) - 31 * 60
    session.save()
    reply = client.get("/cases/")
    assert reply.headers["Location"] == "/login?next=/cases/&idle=1"
    assert "半小时" in client.get(reply.headers["Location"]).content.decode()
    with db_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM org_session_scope WHERE user_id = %s", [clerk.pk])
        assert cursor.fetchone() == (0,)


def _leave_alone(client: Client) -> None:
    session = client.session
    session["seen"] = int(time.time()) - 31 * 60
    session.save()


def test_a_form_sent_too_late_is_kept_encrypted_and_offered_once_to_the_same_person(clerk: User) -> None:
    client = Client()
    log_in(client)
    _leave_alone(client)
    reply = client.post("/cases/new/?from=window", {"name": "张<b>三", "note": "第一行\n第二行", "tick": ["a", "b"]})
    assert reply.headers["Location"].startswith("/login?next=")
    assert "张" not in str(dict(client.session.items()))
    assert log_in(client).headers["Location"] == "/account/kept/"
    page = client.get("/account/kept/").content.decode()
    assert 'action="/cases/new/?from=window"' in page
    assert "张&lt;b&gt;三" in page
    assert "第一行\n第二行" in page
    assert page.count('name="tick"') == 2
    assert client.get("/account/kept/").status_code == 302


def test_a_kept_form_is_nobody_else_s(clerk: User, make_user: Callable[..., User]) -> None:
    make_user("clerk", TOWNSHIP_A, username="other", password=PASSWORD)
    client = Client()
    log_in(client)
    _leave_alone(client)
    client.post("/cases/new/", {"name": "张三"})
    client.post("/login", {"username": "other", "password": PASSWORD})
    reply = client.get("/account/kept/")
    assert reply.status_code == 302
    assert "kept" not in client.session


def test_passwords_and_forms_of_the_log_in_are_not_kept(clerk: User) -> None:
    client = Client()
    log_in(client)
    _leave_alone(client)
    client.post("/account/password/", {"oldpassword": PASSWORD})
    assert "kept" not in client.session


def test_somebody_who_works_is_not_idle(clerk: User) -> None:
    client = Client()
    log_in(client)
    session = client.session
    session["seen"] = seen = int(time.time()) - 29 * 60
    session.save()
    assert client.get("/cases/").status_code == 200
    assert client.session["seen"] > seen


def test_many_failures_from_one_address_lock_it_for_every_account(clerk: User, settings: Any) -> None:
    settings.LOCK_OUT_AFTER_FAILURES_FROM_ADDRESS = 4
    for number in range(4):
        assert (
            Client(REMOTE_ADDR="198.51.100.7")
            .post("/login", {"username": f"guess{number}", "password": "x"})
            .status_code
            == 422
        )
    assert log_in(Client(REMOTE_ADDR="198.51.100.7")).status_code == 422
    assert log_in(Client(REMOTE_ADDR="198.51.100.8")).status_code == 302


def test_the_password_is_changed_with_the_old_one_and_by_the_rules(clerk: User, as_job: Callable[..., Any]) -> None:
    client = Client()
    log_in(client)
    fresh = "a sentence that is long enough"
    typed = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    for wrong in (
        {"oldpassword": "x"},
        {"password1": "short", "password2": "short"},
        {"password2": "another one here"},
    ):
        assert client.post("/account/password/", typed | wrong).status_code == 422, wrong
    assert client.post("/account/password/", typed).status_code == 302
    assert client.get("/cases/").status_code == 200
    assert log_in(Client()).status_code == 422
    assert log_in(Client(), fresh).status_code == 302
    with as_job("4199"):
        assert Entry.objects.filter(actor_id=clerk.pk, verb="user.password").count() == 1


def test_setting_up_and_failed_codes_are_audited(clerk: User, as_job: Callable[..., Any]) -> None:
    client = Client()
    log_in(client)
    enrol(client)
    other = Client()
    log_in(other)
    other.post("/login/code", {"code": "12345x"})
    with as_job("4199"):
        verbs = list(Entry.objects.filter(object_id=str(clerk.pk)).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["user.create", "user.log_in", "user.second_factor", "user.code_failed"]


def test_no_door_for_strangers_has_an_address() -> None:
    for name in ("account_signup", "account_reset_password", "account_email", "socialaccount_signup"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert not [key for key in get_resolver().reverse_dict if isinstance(key, str) and "signup" in key]


def test_a_release_asks_who_it_is_where_the_office_pays_for_real(make_user: Callable[..., User], settings: Any) -> None:
    settings.REAUTHENTICATE_BEFORE_PAYING = True
    make_user("finance", COUNTY, username="clerk", password=PASSWORD)
    client = Client()
    log_in(client)
    reply = client.post("/money/runs/987654321/release/")
    assert reply.headers["Location"].startswith("/account/again/?next=")
    again = client.post(reply.headers["Location"], {"password": "wrong"})
    assert again.status_code == 422
    # What was sent before goes on by itself: here to a run that is not there.
    assert client.post(reply.headers["Location"], {"password": PASSWORD}).status_code == 404


def test_a_program_is_told_where_the_proof_is_given(make_user: Callable[..., User], settings: Any) -> None:
    settings.REAUTHENTICATE_BEFORE_PAYING = True
    request = RequestFactory().post("/")
    request.user, request.session = make_user("finance", COUNTY, password=PASSWORD), SessionStore()
    with request_context(request):
        with pytest.raises(NotAllowed) as caught:
            require_fresh_proof_to_pay(request)
        assert "/account/again/" in caught.value.advice
        settings.REAUTHENTICATE_BEFORE_PAYING = False
        require_fresh_proof_to_pay(request)


def paths_of_grave_acts(anything: int) -> dict[str, dict[str, str]]:
    """What asks who it is in every office, whether it pays for real or not."""
    return {
        f"/households/{anything}/{anything}/number/": {"reason": "compare the paper"},
        f"/admin/users/{anything}/deputy/": {"deputy": "1", "first_day": "2026-11-25", "last_day": "2026-11-26"},
        f"/admin/users/{anything}/code/": {},
        f"/admin/users/{anything}/second-factor/": {},
        f"/admin/users/{anything}/": {"role": "approver"},
        "/admin/users/new/": {"role": "approver"},
    }


def test_before_numbers_rights_and_deputies_it_is_asked_once_more_who_is_there(clerk: User) -> None:
    client, again = Client(), "/account/again/"
    log_in(client)
    acts = paths_of_grave_acts(987654321)
    for path, form in acts.items():
        assert client.post(path, form).headers["Location"].startswith(f"{again}?next="), path
    # Looking at a page needs no proof; what the role does not include is refused after it as before.
    assert client.get("/households/987654321/987654321/number/").status_code == 404
    assert client.post(again, {"password": "wrong"}).status_code == 422
    client.post(again, {"password": PASSWORD})
    for path, form in acts.items():
        assert client.post(path, form).status_code in (403, 404), path


def test_p30_the_whole_number_is_shown_after_the_proof_with_the_reason_chosen_before(
    clerk: User, as_job: Callable[..., Any], settings: Any
) -> None:
    household, person = a_family(as_job)
    path, client = f"/households/{household}/{person}/number/", Client()
    log_in(client)
    asked = client.post(path, {"reason": "compare the paper"})
    assert NUMBER not in asked.content.decode()
    shown = client.post(asked.headers["Location"], {"password": PASSWORD})
    assert shown.status_code == 200
    assert NUMBER in shown.content.decode()
    assert client.post(path, {"reason": "bank asks"}).status_code == 200
    # After five minutes it is asked again.
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert client.post(path, {"reason": "bank asks"}).status_code == 302
    with as_job("4199"):
        told = Entry.objects.filter(verb="person.unmask").order_by("pk").values_list("purpose", flat=True)
        assert list(told) == ["compare the paper", "bank asks"]


def test_what_waited_for_the_proof_is_kept_when_the_session_ends_meanwhile(
    clerk: User, as_job: Callable[..., Any], settings: Any
) -> None:
    household, person = a_family(as_job)
    client = Client()
    log_in(client)
    asked = client.post(f"/households/{household}/{person}/number/", {"reason": "answer the family"})
    settings.SESSION_IDLE_SECONDS = -1
    assert client.post(asked.headers["Location"], {"password": PASSWORD}).headers["Location"].startswith("/login")
    settings.SESSION_IDLE_SECONDS = 1800
    assert log_in(client).headers["Location"] == "/account/kept/"
    page = client.get("/account/kept/").content.decode()
    assert f'action="/households/{household}/{person}/number/"' in page
    assert "answer the family" in page
    assert PASSWORD not in page


def test_p30_a_program_gets_a_whole_number_after_a_fresh_proof_only(clerk: User, as_job: Callable[..., Any]) -> None:
    household, person = a_family(as_job)
    client = Client()
    log_in(client)

    def ask() -> Any:
        return client.post(
            f"/api/v1/households/{household}/members/{person}/number",
            {"reason": "compare the paper"},
            content_type="application/json",
            headers={"Idempotency-Key": "number-0001"},
        )

    refused = ask()
    assert refused.status_code == 403
    assert "/account/again/" in refused.json()["advice"]
    client.post("/account/again/", {"password": PASSWORD})
    assert ask().json() == {"id_number": NUMBER}


@pytest.mark.parametrize(
    ("proxies", "sent", "counted"),
    [
        (0, "203.0.113.9", "198.51.100.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7"),
        (1, "", "198.51.100.7"),
        (1, "nonsense", ""),
        (1, "127.0.0.1", ""),
    ],
)
def test_of_the_addresses_that_are_claimed_only_those_of_counted_proxies_are_believed(
    proxies: int, sent: str, counted: str, settings: Any
) -> None:
    settings.DOUDI_PROXIES = proxies
    headers = {"X-Forwarded-For": sent} if sent else {}
    assert address_of(RequestFactory(headers=headers).get("/", REMOTE_ADDR="198.51.100.7")) == counted
