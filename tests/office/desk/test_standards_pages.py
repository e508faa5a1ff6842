"""A new standard through the pages: begun, seen line by line, released by another person, once, and by nobody else."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.standards import NEW, OLD, receiving, risen
from tests.office.flows.test_adjust import MARCH
from tests.office.flows.walks import Office
from tests.office.payments.families import office_of

from doudi.office.audit.models import Entry
from doudi.office.entitlements.models import Adjustment, AmountVersion, Review
from doudi.office.flows import administer
from doudi.office.org.models import User
from doudi.office.org.queries import server_day

BEGIN = {"programme": "dibao", "from_month": "2027-01", "reason": "示财社〔2027〕3号，自一月起提高农村标准。"}
REASON = {"reason": "已逐户核对，同意。"}


@pytest.fixture
def county(
    office: Office, make_user: Callable[..., User], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, set_clock: Any
) -> Iterator[Office]:
    """Three families: one whose help rises, one whose help would fall, one of which something is not known."""
    set_clock(MARCH)
    finance, second = make_user("finance", "419901"), make_user("finance", "419901")
    with office.as_user(finance):
        money = office_of(finance, second, office.approver, office.keyring)
    with risen(monkeypatch, tmp_path / "pack"):
        with office.as_user(office.approver):
            receiving(money, OLD)
            receiving(money, NEW + 5_000)
            receiving(money, OLD, without="wage_casual_monthly")
        yield office


@pytest.fixture
def reviewer(county: Office, client_for: Callable[[User], Client]) -> Client:
    return client_for(county.reviewer)


@pytest.fixture
def approver(county: Office, client_for: Callable[[User], Client]) -> Client:
    return client_for(county.approver)


def begun(reviewer: Client) -> str:
    """The path of a change of standard that has been computed."""
    done = reviewer.post("/standards/", BEGIN)
    assert done.status_code == 302, text(done)
    path: str = done.headers["Location"]
    assert reviewer.post(f"{path}compute/").headers["Location"] == path
    return path


def text(reply: Any) -> str:
    return str(reply.content.decode())


def state(county: Office) -> str:
    with county.as_user(county.approver):
        return Adjustment.objects.latest("pk").state


def test_line_by_line_and_by_two_people(county: Office, reviewer: Client, approver: Client) -> None:
    path = begun(reviewer)
    page = text(reviewer.get(path))
    for seen in ("420.00", "450.00", "30.00", "500.00", "已测算 3 / 3", "示财社〔2027〕3号"):
        assert seen in page, seen
    # Who prepared it may give it up, and is told who goes on.
    assert f"{path}release/" not in page
    assert "由另一位有放行权限的同事核对后放行" in page
    assert "420.00" not in text(reviewer.get(f"{path}?effect=down"))
    assert "没有" in text(reviewer.get(f"{path}?town=419901201"))
    assert f"{path}release/" in text(approver.get(path))
    done = approver.post(f"{path}release/", REASON, follow=True)
    assert 'class="notice notice-done"' in text(done)
    with county.as_user(county.approver):
        assert AmountVersion.objects.count() == 1
        assert Review.objects.filter(kind="standard", result="").count() == 2
        assert Entry.objects.filter(verb__startswith="adjustment.", actor_id=county.approver.pk).count() == 1
    after = text(approver.get(path))
    assert f"{path}release/" not in after
    assert REASON["reason"] in after


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"from_month": "2027-13"},
        {"from_month": "明年"},
        {"from_month": "2028-01"},
        {"programme": "temporary_assistance"},
        {"programme": "no_such"},
    ],
)
def test_bad_input_is_said_nothing_is_begun_and_nothing_typed_is_lost(
    county: Office, reviewer: Client, wrong: dict[str, str]
) -> None:
    reply = reviewer.post("/standards/", BEGIN | wrong)
    assert reply.status_code == 422
    assert "data-error-summary" in text(reply)
    if wrong.get("reason") is None:
        assert BEGIN["reason"] in text(reply)
    with county.as_user(county.approver):
        assert not Adjustment.objects.exists()


def test_a_release_without_a_reason_does_nothing(county: Office, reviewer: Client, approver: Client) -> None:
    path = begun(reviewer)
    reply = approver.post(f"{path}release/", {"reason": ""})
    assert reply.status_code == 422
    assert "data-error-summary" in text(reply)
    assert state(county) == "ready"


def test_p2_a_double_click_and_a_stale_page_have_one_effect_and_a_plain_word(
    county: Office, reviewer: Client, approver: Client
) -> None:
    # Two begin at once: the second is told that one is under way.
    path = begun(reviewer)
    again = reviewer.post("/standards/", BEGIN)
    assert again.status_code == 422
    assert "data-error-summary" in text(again)
    # The approver's page is open while the reviewer gives it up: the old page releases nothing.
    assert reviewer.post(f"{path}discard/", {"reason": "月份选错。"}).status_code == 302
    stale = approver.post(f"{path}release/", REASON)
    assert stale.status_code == 422
    assert "已经办理" in text(stale), "a refusal is said, also where no form is left"
    assert state(county) == "discarded"
    with county.as_user(county.approver):
        assert not AmountVersion.objects.exists()
    # Anew, and the button is pressed twice.
    path = begun(reviewer)
    assert approver.post(f"{path}release/", REASON).status_code == 302
    assert approver.post(f"{path}release/", REASON).status_code == 422
    assert reviewer.post(f"{path}discard/", REASON).status_code == 422
    with county.as_user(county.approver):
        assert AmountVersion.objects.count() == 1


def test_p22_the_same_person_in_another_s_role_releases_nothing(
    county: Office, reviewer: Client, make_user: Callable[..., User]
) -> None:
    path = begun(reviewer)
    admin = make_user("admin", "419901")
    with county.as_user(admin):
        held = administer.delegate(
            actor=admin,
            absent_id=county.approver.pk,
            deputy_id=county.reviewer.pk,
            first_day=server_day(),
            last_day=server_day(),
        )
    assert reviewer.post("/account/act-for/", {"delegation": str(held.pk)}).status_code == 302
    page = text(reviewer.get(path))
    assert "代" in page
    assert f"{path}release/" not in page
    refused = reviewer.post(f"{path}release/", REASON)
    assert refused.status_code == 422
    assert "编制的人不能放行" in text(refused)
    assert state(county) == "ready"


def test_who_has_not_the_role_sees_and_does_nothing(
    county: Office, reviewer: Client, client_for: Callable[[User], Client], make_user: Callable[..., User]
) -> None:
    path = begun(reviewer)
    for user in (county.clerk, make_user("finance", "419901"), make_user("auditor", "419901")):
        client = client_for(user)
        assert client.get("/standards/").status_code == 403, user.role
        assert client.get(path).status_code == 403, user.role
        for act in ("compute", "release", "discard"):
            assert client.post(f"{path}{act}/", REASON).status_code == 403, f"{user.role} {act}"
        assert client.post("/standards/", BEGIN).status_code == 403, user.role
    # The approver begins none, the reviewer releases none, another county is told that there is none.
    assert client_for(county.approver).post("/standards/", BEGIN).status_code in (403, 422)
    assert reviewer.post(f"{path}release/", REASON).status_code in (403, 422)
    other = client_for(make_user("approver", "419902"))
    assert (other.get(path).status_code, other.post(f"{path}release/", REASON).status_code) == (404, 404)
    assert state(county) == "ready"


def test_p32_the_lines_are_taken_along_as_they_stand(county: Office, reviewer: Client) -> None:
    path = begun(reviewer)
    reply = reviewer.get(f"{path}?effect=up&export=xlsx")
    assert reply.status_code == 200
    with county.as_user(county.reviewer):
        entry = Entry.objects.filter(verb="list.export").latest("pk")
    assert entry.details == {"list": "standard", "rows": 1}
