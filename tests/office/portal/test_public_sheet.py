"""The public page: unknown addresses are not found, nothing of it is kept or indexed (promise P31)."""

from datetime import date

import pytest
from django.test import Client

from doudi.office.casework.queries import SheetEnded, SheetView
from doudi.office.portal import views

SHEET = SheetView(
    programme="dibao",
    masked_name="赵*山",
    member_count=4,
    opinion="approve",
    village="419901101001",
    starts_on=date(2026, 11, 23),
    ends_on=date(2026, 11, 30),
)


@pytest.mark.parametrize(("found", "status"), [(SHEET, 200), (SheetEnded(), 410), (None, 404)])
def test_p31_no_answer_is_kept_or_indexed(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, found: object, status: int
) -> None:
    monkeypatch.setattr(views, "public_sheet", lambda token, today: found)
    reply = client.get("/public/some-token/")
    assert reply.status_code == status
    assert "no-store" in reply["Cache-Control"]
    assert "noindex" in reply["X-Robots-Tag"]
    assert reply["Referrer-Policy"] == "same-origin"


def test_p31_the_page_shows_the_allowed_fields(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "public_sheet", lambda token, today: SHEET)
    text = client.get("/public/some-token/").content.decode()
    for shown in ("赵*山", "4", "2026-11-23", "2026-11-30", "拟同意"):
        assert shown in text


def test_p31_an_ended_sheet_says_nothing_of_what_stood_there(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "public_sheet", lambda token, today: SheetEnded())
    text = client.get("/public/some-token/").content.decode()
    assert "赵" not in text
    assert "公示已结束" in text


def test_search_engines_are_sent_away(client: Client, db: None) -> None:
    assert "Disallow: /" in client.get("/robots.txt").content.decode()


def test_an_address_that_never_was_is_not_found(client: Client, db: None) -> None:
    assert client.get("/public/never-was/").status_code == 404
