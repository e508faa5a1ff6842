"""The page on which two people release what the brake holds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.pipeline.manifest import Held
from doudi.office.casework.models import Finding
from doudi.office.org.models import User


@pytest.fixture
def held_night(office: Office, set_clock: Any) -> Office:
    set_clock(MONDAY)
    office.lake.rule, office.lake.family = "income_above_line", "receiving_changed"
    office.lake.held = (Held(rule="income_above_line", new_findings=31, limit=20, words="too many"),)
    office.load()
    return office


def test_p26_two_people_release_from_the_page_and_one_alone_cannot(
    held_night: Office, client_for: Callable[[User], Client]
) -> None:
    first, second = client_for(held_night.reviewer), client_for(held_night.approver)
    page = first.get("/findings/held/").content.decode()
    assert "31" in page
    path = "/findings/held/income_above_line/"
    assert path in page
    assert first.get("/findings/").content.decode().count("/findings/held/") == 1
    assert first.post(path, {"reason": "Looked at ten of them"}).status_code == 302
    assert first.post(path, {"reason": "And I confirm"}).status_code == 422
    with held_night.as_user(held_night.approver):
        assert not Finding.objects.exists()
    assert held_night.reviewer.display_name in second.get(path).content.decode()
    assert second.post(path, {"reason": "Looked too"}).status_code == 302
    with held_night.as_user(held_night.approver):
        assert Finding.objects.count() == 1
    assert path not in second.get("/findings/held/").content.decode()


def test_p26_what_was_asked_for_is_withdrawn_from_the_page(
    held_night: Office, client_for: Callable[[User], Client]
) -> None:
    first, second = client_for(held_night.reviewer), client_for(held_night.approver)
    path = "/findings/held/income_above_line/"
    first.post(path, {"reason": "Looked at ten of them"})
    assert second.post(f"{path}withdraw/").status_code == 302
    assert second.post(f"{path}withdraw/").status_code == 404
    assert "income_above_line" in first.get("/findings/held/").content.decode()


def test_the_page_is_for_those_who_may_release(held_night: Office, client_for: Callable[[User], Client]) -> None:
    clerk = client_for(held_night.clerk)
    assert clerk.get("/findings/held/").status_code == 403
    assert "/findings/held/" not in clerk.get("/findings/").content.decode()
    assert client_for(held_night.reviewer).get("/findings/held/double_grant/").status_code == 404
