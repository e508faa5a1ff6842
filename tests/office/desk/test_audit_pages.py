"""The auditor's pages: who did what, who looked at one person, and an alert when somebody reads very many."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.office.flows.lakes import FATHER
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.values.identity import mask_name
from doudi.office.audit import alerts
from doudi.office.audit.actions import record_export, record_read
from doudi.office.audit.models import Entry
from doudi.office.org.models import User
from doudi.office.registry.models import Person


@pytest.fixture
def auditor(make_user: Callable[..., User]) -> User:
    return make_user("auditor", "419901", display_name="明察")


def test_p29_who_looked_at_a_person_is_told_with_when_why_and_which_fields(
    office: Office, auditor: User, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    set_clock(MONDAY)
    office.walk_to_opinion()
    client_for(office.clerk).get(f"/cases/{office.number}/")
    client_for(office.colleague).get("/cases/")
    with office.as_user(auditor):
        father = Person.objects.get(name=FATHER.name)
    page = client_for(auditor).get(f"/audit/persons/{father.pk}/").content.decode()
    assert mask_name(FATHER.name) in page
    assert FATHER.name not in page
    assert "何雨荷" in page
    # Also who only saw the family in a list.
    assert "何晴" in page
    assert "案件列表" in page
    assert "办理案件" in page
    assert "2026-11-23" in page
    # This look is among them too, at the next one.
    assert "明察" in client_for(auditor).get(f"/audit/persons/{father.pk}/").content.decode()


def test_a_look_at_the_audit_is_recorded_with_what_was_asked(
    auditor: User, client_for: Callable[[User], Client], as_user: Any, make_user: Callable[..., User]
) -> None:
    clerk = make_user("clerk", "419901101")
    desk = client_for(auditor)
    assert desk.get(f"/audit/?officer={clerk.pk}&kind=read&first=2026-11-01&last=none").status_code == 200
    with as_user(auditor):
        entry = Entry.objects.get(verb="audit.look")
    assert entry.details["filters"] == {"officer": str(clerk.pk), "kind": "read", "first": "2026-11-01"}


def test_the_audit_is_filtered_by_officer_kind_and_day_and_taken_away_as_a_workbook(
    office: Office, auditor: User, client_for: Callable[[User], Client], set_clock: Any, as_user: Any
) -> None:
    set_clock(MONDAY)
    office.walk_to_opinion()
    desk = client_for(auditor)
    mine = f"/audit/?officer={office.reviewer.pk}"
    assert "沈慎之" in desk.get(f"{mine}&kind=act").content.decode()
    assert "case.information_check" in desk.get(f"{mine}&kind=act").content.decode()
    assert "case.information_check" not in desk.get(f"{mine}&kind=read").content.decode()
    assert "case.information_check" not in desk.get(f"{mine}&kind=act&last=2026-11-22").content.decode()
    assert "case.information_check" in desk.get(f"{mine}&first=2026-11-23&last=2026-11-23").content.decode()
    book = desk.get(f"{mine}&kind=act&export=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert any("case.information_check" in row for row in rows)
    with as_user(auditor):
        assert Entry.objects.get(verb="list.export").details["list"] == "audit"


def test_nobody_but_an_auditor_reads_the_audit(
    make_user: Callable[..., User], client_for: Callable[[User], Client]
) -> None:
    for role in ("assistant", "clerk", "reviewer", "approver", "finance", "analyst", "admin"):
        desk = client_for(make_user(role, "419901"))
        assert desk.get("/audit/").status_code == 403, role
        assert desk.get("/audit/persons/1/").status_code == 403, role


def test_an_auditor_and_an_analyst_change_nothing(
    office: Office, auditor: User, make_user: Callable[..., User], client_for: Callable[[User], Client]
) -> None:
    office.walk_to_review()
    for user in (auditor, make_user("analyst", "419901")):
        desk = client_for(user)
        assert desk.get("/findings/").status_code == 200
        for step in ("opinion", "review", "confirm", "publicity", "declare/income", "assess", "check"):
            reply = desk.post(f"/cases/{office.number}/{step}/", {"version": office.version, "outcome": "approve"})
            assert reply.status_code in (403, 405, 422), (user.role, step)
    with office.as_user(auditor):
        assert not Entry.objects.filter(actor_id=auditor.pk).exclude(verb__in=["read", "audit.look"]).exists()


def test_p29_a_bulk_read_alerts_the_auditor_once_an_hour(
    office: Office,
    auditor: User,
    client_for: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
    set_clock: Any,
) -> None:
    monkeypatch.setattr(alerts, "BULK_READ_RECORDS_PER_HOUR", 10)
    set_clock(MONDAY)
    clerk = office.clerk

    def alerted() -> int:
        with office.as_user(auditor):
            return Entry.objects.filter(verb=alerts.BULK_READ, actor_id=clerk.pk).count()

    with office.as_user(clerk):
        people = [Person.objects.create(key=f"k{n}", name="x", status="met", area="419901101001") for n in range(6)]
        look: dict[str, Any] = {"actor": clerk, "fields": ["name"], "area": "419901101", "purpose": "test"}
        record_read(objects=people, **look)
        assert Entry.objects.filter(verb=alerts.BULK_READ).count() == 0
        record_read(objects=people, **look)
        record_export(actor=clerk, list_name="cases", row_count=500, area="419901101")
    assert alerted() == 1
    assert "一小时内" in client_for(auditor).get("/audit/").content.decode()
    set_clock(MONDAY.replace(hour=11))
    with office.as_user(clerk):
        record_export(actor=clerk, list_name="cases", row_count=11, area="419901101")
    assert alerted() == 2
