"""Around each request: one transaction, headers, plain words when something is wrong."""

from collections.abc import Callable

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connection, connections
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from running_office import COUNTY, TOWNSHIP_A

from doudi.office.audit.actions import record
from doudi.office.audit.models import Entry
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.org.models import LoginThrottle, User

BUCKET = 7


def _write() -> None:
    LoginThrottle.objects.create(bucket=BUCKET, failures=0, since="2026-11-23T00:00:00Z")


@login_not_required
def works(request: HttpRequest) -> HttpResponse:
    _write()
    return HttpResponse("done")


def _raising(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        _write()
        raise error

    return login_not_required(view)


@login_not_required
def shows_503(request: HttpRequest) -> HttpResponse:
    _write()
    return HttpResponse("later", status=503)


def audits(request: HttpRequest) -> HttpResponse:
    record(actor=request.user, verb="test.look", obj=None, area=request.user.area_id)
    return HttpResponse(connection.settings_dict["NAME"])


urlpatterns = [
    path("", include("doudi.office.urls")),
    path("t/works", works),
    path("t/audits", audits),
    path("t/fails", _raising(ValueError("张三 419901198001010015"))),
    path("t/away", _raising(OperationalError("the server went away"))),
    path("t/503", shows_503),
    path("t/refused", _raising(Refused("Already done.", advice="Look at the case."))),
    path("t/unacceptable", _raising(Unacceptable("No such day."))),
    path("t/forbidden", _raising(NotAllowed("Not your step."))),
    path("t/not-yours", _raising(NotYours("in another area"))),
    path("t/absent", _raising(Http404("nothing"))),
]
handler500 = "doudi.office.org.views.failed"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def _is_written() -> bool:
    return LoginThrottle.objects.filter(bucket=BUCKET).exists()


def test_what_a_request_did_is_committed_when_it_answers(browser: Client) -> None:
    assert browser.get("/t/works").content == b"done"
    assert _is_written()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/t/fails", 500),
        ("/t/away", 503),
        ("/t/503", 503),
        ("/t/refused", 409),
        ("/t/unacceptable", 422),
        ("/t/forbidden", 403),
        ("/t/not-yours", 404),
    ],
)
def test_a_failure_or_refusal_leaves_no_trace(browser: Client, address: str, status: int) -> None:
    assert browser.get(address).status_code == status
    assert not _is_written()


def test_a_refusal_is_shown_in_plain_words_with_advice(browser: Client) -> None:
    page = browser.get("/t/refused").content.decode()
    assert "Already done." in page
    assert "Look at the case." in page


def test_what_is_not_yours_looks_exactly_like_what_is_not_there(browser: Client) -> None:
    foreign, absent = browser.get("/t/not-yours"), browser.get("/t/absent")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content.replace(b"not-yours", b"absent") == absent.content
    assert foreign.headers.keys() == absent.headers.keys()


def test_a_failure_shows_a_number_and_nothing_of_the_error(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = browser.get("/t/fails")
    assert answer.headers["X-Request-ID"] in answer.content.decode()
    assert "张三" not in answer.content.decode()


def test_p38_without_its_database_the_office_says_so_and_when_to_come_back(browser: Client) -> None:
    answer = browser.get("/t/away")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_every_answer_carries_the_strict_headers(browser: Client) -> None:
    for address in ("/t/works", "/t/fails", "/t/refused", "/nothing", "/healthz"):
        headers = browser.get(address).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "'self'",
            "manifest-src": "'self'",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "private, no-store"
        assert len(headers["X-Request-ID"]) == 32


def test_the_number_of_a_request_is_ours_and_stands_in_its_audit(browser: Client, make_user, client_for) -> None:
    client = client_for(make_user("clerk", TOWNSHIP_A))
    answer = client.get("/t/audits", headers={"x-request-id": "forged"})
    number = answer.headers["X-Request-ID"]
    assert number != "forged"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE doudi_worker")
        cursor.execute("SELECT set_config('doudi.scope', org_open_job_scope('4199', 'test', 60), true)")
    assert Entry.objects.filter(verb="test.look", request_id=number).count() == 1


def test_the_scope_of_a_request_ends_with_it(make_user, client_for) -> None:
    client = client_for(make_user("reviewer", COUNTY))
    assert client.get("/t/audits").status_code == 200
    assert Entry.objects.count() == 0


def test_without_a_log_in_a_page_leads_to_the_log_in_and_back(browser: Client) -> None:
    answer = browser.get("/t/audits")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/t/audits")


def test_chinese_is_the_language_unless_somebody_chose_another(browser: Client) -> None:
    assert browser.get("/t/works", headers={"accept-language": "en"}).headers["Content-Language"] == "zh-hans"
    browser.cookies["django_language"] = "en"
    assert browser.get("/t/works").headers["Content-Language"] == "en"
    browser.cookies["django_language"] = "tlh"
    assert browser.get("/t/works").headers["Content-Language"] == "zh-hans"


def test_the_office_is_alive_also_without_its_database(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connections["default"], "cursor", refuse)
    assert browser.get("/healthz").status_code == 200


def test_readiness_tells_of_database_migrations_disk_and_the_age_of_the_anchor(browser: Client) -> None:
    answer = browser.get("/readyz")
    told = answer.json()
    assert 0 <= told.pop("anchor_age_seconds") < 4 * 3600
    assert told == {"database": True, "migrated": True, "disk": True}
    assert answer.status_code == 200


@override_settings(ALLOWED_HOSTS=["office.example"])
def test_a_forged_host_is_refused(browser: Client) -> None:
    assert browser.get("/t/works", headers={"host": "evil.example"}).status_code == 400


def test_a_user_is_shown_by_name(make_user) -> None:
    user: User = make_user("clerk", TOWNSHIP_A, display_name="何雨荷")
    assert str(user) == "何雨荷"
