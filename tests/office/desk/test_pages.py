"""Every page answers every role with a page, a refusal in words, or nothing; never with a broken one."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from doudi.office.desk.urls import urlpatterns
from doudi.office.org.models import User

ROLES = ("assistant", "clerk", "township_reviewer", "reviewer", "approver", "finance")
AREAS = {"assistant": "419901101", "clerk": "419901101", "township_reviewer": "419901101"}
ABSENT = {"int": 999_999, "str": "419901-2026-999999"}


def address(pattern: URLPattern) -> str:
    filled = {
        name: ABSENT["int" if "Int" in type(converter).__name__ else "str"]
        for name, converter in pattern.pattern.converters.items()
    }
    if "step" in filled:
        filled["step"] = "accept"
    return reverse(pattern.name or "", kwargs=filled)


@pytest.mark.parametrize("role", ROLES)
def test_p27_what_is_not_there_is_not_found_and_what_is_not_theirs_is_refused(
    role: str,
    make_user: Callable[..., User],
    client_for: Callable[[User], Client],
    set_clock: Callable[[datetime], None],
) -> None:
    client = client_for(make_user(role, AREAS.get(role, "419901")))
    for pattern in urlpatterns:
        path = address(pattern)
        status = client.get(path).status_code
        named = bool(pattern.pattern.converters)
        assert status in ({403, 404, 405} if named else {200, 302, 403, 405}), f"{role} {path}: {status}"


def test_without_log_in_every_staff_page_leads_to_the_log_in(client: Client, db: None) -> None:
    for pattern in urlpatterns:
        if pattern.name == "preferences":
            continue
        reply = client.get(address(pattern))
        assert reply.status_code == 302, pattern.name
        assert reply["Location"].startswith("/login"), pattern.name


def test_the_log_in_page_says_what_went_wrong_and_keeps_the_name(client: Client, db: None) -> None:
    reply = client.post("/login", {"username": "nobody", "password": "wrong"})
    assert reply.status_code == 422
    assert 'value="nobody"' in reply.content.decode()
    assert "data-error-summary" in reply.content.decode()


def test_language_and_large_print_are_kept_and_lead_nowhere_else(client: Client, db: None) -> None:
    reply = client.post("/preferences/", {"language": "en", "next": "https://elsewhere.example/"})
    assert reply["Location"] == "/"
    assert reply.cookies["django_language"].value == "en"
    reply = client.post("/preferences/", {"size": "large", "next": "/login"})
    assert reply["Location"] == "/login"
    page = client.get("/login").content.decode()
    assert 'class="is-large"' in page
    assert 'lang="en"' in page


def test_the_content_policy_allows_nothing_inline(client: Client, db: None) -> None:
    policy = client.get("/login")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_clock_of_a_demonstration_only_moves_forward(
    make_user: Callable[..., User], client_for: Callable[[User], Client], set_clock: Callable[[datetime], None]
) -> None:
    client = client_for(make_user("reviewer", "419901"))
    assert client.post("/demo/clock/", {"day": "2026-11-20"}).status_code == 422
    assert client.post("/demo/clock/", {"day": "2026-12-01"}).status_code == 302
    assert "2026-12-01" in client.get("/demo/clock/").content.decode()


def test_without_a_test_clock_there_is_no_clock_page(
    make_user: Callable[..., User], client_for: Callable[[User], Client]
) -> None:
    client = client_for(make_user("reviewer", "419901"))
    assert client.get("/demo/clock/").status_code == 404
    assert client.post("/demo/bank/1/").status_code == 404
