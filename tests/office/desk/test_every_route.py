"""Every route against every role with an id of their own, a foreign one and one that is not there.

The routes are read from the resolver: a new one can't escape, and one with a parameter that this test can't fill fails.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.office.desk.one_of_each import VILLAGE, Everything
from tests.office.flows.lakes import FATHER, MOTHER, SON
from tests.office.flows.walks import Office

from doudi.engine.values.identity import mask_id, mask_name
from doudi.office.audit.models import Entry
from doudi.office.org.models import User

# Fills every form far enough for its flow to be asked.
TYPED = {
    "version": "1",
    "reason": "理由",
    "outcome": "approve",
    "amount_fen": "100.00",
    "amount": "100.00",
    "document": "2号",
    "person_id": "1",
    "visit_id": "1",
    "objection_id": "1",
    "received_on": "2026-11-25",
    "text": "异议",
    "form_token": "0123456789abcdef",
    "has_compared": "on",
    "delivered_on": "2026-12-03",
    "delivery": "上门",
    "verdict": "same",
    "to_id": "1",
    "family": "in_need",
    "digest": "0" * 64,
    "act": "accept",
    "programme": "dibao",
    "area": VILLAGE,
    "residence": "rural",
}


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All routes that ask for a log-in, with the whole text of their address."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        elif getattr(each.callback, "login_required", True):
            yield prefix + str(each.pattern), each


def path_of(text: str, values: dict[str, Any]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), text)


def parameters(text: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", text)


def told(reply: Any, *questions: str) -> tuple[int, dict[str, str], bytes]:
    """What the asker learns: status, headers, body; without what is random or an echo of the question."""
    left_out = ("X-Request-ID", "Content-Length")
    headers = {name: value for name, value in reply.headers.items() if name not in left_out}
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", reply.getvalue())
    for asked in questions:
        headers = {name: value.replace(asked, "?") for name, value in headers.items()}
        body = body.replace(asked.encode(), b"?")
    return reply.status_code, headers, body


@pytest.mark.parametrize("method", ["get", "post"])
def test_p27_foreign_and_absent_are_told_apart_on_no_route(
    everything: Everything, client_for: Callable[[User], Client], method: str
) -> None:
    asked, differing = 0, []
    for who, user in everything.area_roles.items():
        if "another" not in who:
            continue
        client = client_for(user)
        for text, route in routes():
            names = parameters(text)
            if not names:
                continue
            unknown = set(names) - set(everything.ids["own"])
            assert not unknown, f"{text}: tell `one_of_each` what {unknown} names"
            replies = []
            for kind in ("own", "absent"):
                path = path_of(text, everything.ids[kind])
                reply = getattr(client, method)(path, TYPED)
                assert reply.status_code < 500, f"{who} {method} {text}"
                assert reply.status_code != 200, f"{who} sees {text}"
                replies.append(told(reply, path, everything.ids[kind]["number"]))
            asked += 1
            if replies[0] != replies[1]:
                differing.append(f"{who} {method} {route.name}: {replies[0][:2]} and {replies[1][:2]}")
    assert asked > 150
    assert not differing, "\n".join(differing)


def test_p29_each_page_that_shows_a_person_leaves_a_trace_of_the_look(
    everything: Everything, client_for: Callable[[User], Client], office: Office
) -> None:
    marks = [
        mark.encode()
        for each in (FATHER, MOTHER, SON)
        for mark in (each.name, mask_name(each.name), each.id_number, mask_id(each.id_number))
    ]

    def looks() -> int:
        with office.as_user(office.reviewer):
            return Entry.objects.filter(verb="read").count()

    shown, untraced, plain = 0, [], []
    for who, user in everything.area_roles.items():
        if "another" in who:
            continue
        client = client_for(user)
        for text, route in routes():
            path = path_of(text, everything.ids["own"])
            before = looks()
            reply = client.get(path)
            assert reply.status_code < 500, f"{who} {text}"
            body = reply.getvalue()
            if reply.status_code == 200 and any(mark in body for mark in marks):
                shown += 1
                if looks() == before:
                    untraced.append(f"{who} {route.name}")
            if any(each.id_number.encode() in body for each in (FATHER, MOTHER, SON)):
                plain.append(f"{who} {route.name}")
    assert shown > 20
    assert not untraced, "\n".join(untraced)
    # And the whole identity number stands on no page (promise P30).
    assert plain == []


def test_a_re_check_that_is_answered_is_not_asked_again(
    everything: Everything, client_for: Callable[[User], Client]
) -> None:
    own = everything.ids["own"]
    reply = client_for(everything.area_roles["clerk"]).get(f"/cases/{own['number']}/rechecks/{own['recheck_id']}/")
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/cases/{own['number']}/report/")


def test_no_sign_in_an_address_breaks_a_page(
    everything: Everything, client_for: Callable[[User], Client], client: Client
) -> None:
    for asker in (client, client_for(everything.area_roles["clerk"])):
        for path in (
            "/cases/%00/",
            "/letters/%00.pdf",
            "/public/%00/",
            "/cases/?q=%00",
            "/findings/?q=a%00b&state=%00",
        ):
            assert asker.get(path).status_code == 400, path
        for path in ("/cases/%ff/", "/public/%ed%a0%80/", "/cases/?q=%ed%a0%80", "/findings/99999999999999999999999/"):
            assert asker.get(path).status_code in (200, 302, 404), path
