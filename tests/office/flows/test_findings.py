"""Findings made by hand, handed on, given back, taken back; the map; and how often rules are right (P23)."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from tests.office.flows.lakes import FATHER
from tests.office.flows.walks import MONDAY, Office

from doudi.demo.landscape import write_map
from doudi.demo.places import places_of
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.screening.alert import load_alerts
from doudi.engine.screening.quality import rule_quality as engine_quality
from doudi.office.audit.models import Entry
from doudi.office.casework.models import Case, Finding, Task
from doudi.office.casework.queries import finding_detail, list_findings
from doudi.office.casework.queries.quality import rule_quality
from doudi.office.desk.township_map import MapError, read_map, step_of
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows import findings, visit
from doudi.office.flows.export_snapshot import export_snapshot
from doudi.office.org.models import User
from doudi.office.registry.models import Household

WORDS = "妻子自五月起住院，自付六万多元，一直没有算进低保。"


def write(office: Office, user: User, form: str = "form-1", **changes: Any) -> int:
    with office.as_user(office.approver):
        household = Household.objects.get(key=office.family).pk
    given = {"household_id": household, "family": "entitled_not_receiving", "text": WORDS, "form_token": form}
    with office.as_user(user):
        return findings.write_down(actor=user, at=MONDAY, **(given | changes))


def test_a_finding_made_by_hand_stands_on_the_same_list_with_the_same_visit(office: Office, tmp_path: Path) -> None:
    office.load()
    number = write(office, office.assistant)
    with office.as_user(office.assistant):
        rows = list_findings(office.assistant)[:]
        assert [row.rule for row in rows] == ["found_in_the_field", "large_hospital_bill"]
        by_hand, by_night = (Task.objects.get(finding_id=row.finding_pk) for row in rows)
        assert (by_hand.kind, by_hand.role, by_hand.due_on) == (by_night.kind, by_night.role, by_night.due_on)
        found = finding_detail(office.assistant, number, today=MONDAY.date(), lang="en", purpose="test")
        assert (found.found_text, found.found_by, found.facts) == (WORDS, "陈小满", ())
        raw = Finding.objects.extra(select={"raw": "found_text"}).values_list("raw", flat=True)
        assert not any(WORDS in text for text in raw)
        task = by_hand.pk
    # The visit confirms it, and help with an application follows, as for any other finding.
    with office.as_user(office.assistant):
        visit.record_visit(
            actor=office.assistant, at=MONDAY, visited_on=MONDAY.date(), second_visitor_id=office.clerk.pk,
            outcome="confirmed", reason="属实", form_token="visit-1", task_id=task,
            signed_by_id=office.person_ids()[1],
        )  # fmt: skip
        assert Task.objects.filter(finding_id=number, kind="apply", state="open").exists()
    with office.as_user(office.approver):
        assert Entry.objects.filter(verb="finding.write", object_id=str(number)).count() == 1
        assert not any(WORDS in str(entry.details) for entry in Entry.objects.all())
    with office.as_job("419901", "snapshot"):
        export_snapshot(out=tmp_path / "s", county="419901", actor=office.service, at=MONDAY)
    told = {row["rule"]: row["state"] for row in read_snapshot(tmp_path / "s").tables["office_findings"].to_pylist()}
    assert told["found_in_the_field"] == "confirmed"


def test_a_finding_is_written_once_by_whoever_works_there_with_words(office: Office) -> None:
    office.load()
    write(office, office.assistant)
    with pytest.raises(Refused, match="already"):
        write(office, office.assistant)
    with pytest.raises(NotYours):
        write(office, office.stranger, "form-2")
    with pytest.raises(NotAllowed):
        write(office, office.reviewer, "form-3")
    with pytest.raises(Unacceptable):
        write(office, office.clerk, "form-4", text="  ")
    with pytest.raises(Unacceptable):
        write(office, office.clerk, "form-5", family="gossip")


def test_a_visit_is_handed_to_somebody_of_the_township_and_given_back_with_a_reason(
    office: Office, make_user: Callable[..., User]
) -> None:
    office.load()
    analyst = make_user("analyst", "419901")
    with office.as_user(analyst):
        number = Finding.objects.get().pk
        for wrong in (office.stranger.pk, office.reviewer.pk, -1):
            with pytest.raises(Unacceptable, match="does not visit"):
                findings.assign(actor=analyst, at=MONDAY, finding_pk=number, to_id=wrong)
        findings.assign(actor=analyst, at=MONDAY, finding_pk=number, to_id=office.assistant.pk)
        assert list_findings(analyst)[0].in_hands_of == "陈小满"
    with office.as_user(office.clerk), pytest.raises(Refused, match="not in your hands"):
        findings.give_back(actor=office.clerk, finding_pk=number, reason="不是我的")
    with office.as_user(office.assistant):
        findings.give_back(actor=office.assistant, finding_pk=number, reason="本人休假")
        task = Task.objects.get()
        assert (task.taken_up_by, task.assigned_by, task.given_back_reason) == (None, None, "本人休假")
        with pytest.raises(NotAllowed):
            findings.assign(actor=office.assistant, at=MONDAY, finding_pk=number, to_id=office.assistant.pk)


def test_a_close_is_taken_back_until_a_case_rests_on_it(office: Office) -> None:
    office.load()
    seen = office.record_visit(outcome="confirmed")
    with office.as_user(office.assistant), pytest.raises(NotAllowed):
        findings.undo_close(actor=office.assistant, at=MONDAY, finding_pk=Finding.objects.get().pk, reason="登记错了")
    with office.as_user(office.clerk):
        number = Finding.objects.get().pk
        findings.undo_close(actor=office.clerk, at=MONDAY, finding_pk=number, reason="登记错了一户")
        finding = Finding.objects.get()
        assert (finding.state, finding.closed_by, finding.reopen_reason) == ("open", None, "登记错了一户")
        assert sorted(Task.objects.values_list("kind", "state")) == [
            ("apply", "dropped"), ("visit", "done"), ("visit", "open"),
        ]  # fmt: skip
        with pytest.raises(Refused):
            findings.undo_close(actor=office.clerk, at=MONDAY, finding_pk=number, reason="再来一次")
    again = office.record_visit(outcome="confirmed", form="form-2")
    assert again.visit_id != seen.visit_id
    office.open(again.visit_id)
    with office.as_user(office.clerk):
        assert Case.objects.exists()
        with pytest.raises(Refused, match="A case has been opened"):
            findings.undo_close(actor=office.clerk, at=MONDAY, finding_pk=number, reason="又错了")


def closed(office: Office, count: int, confirmed: int, rule: str, family: str) -> None:
    """So many findings of a rule that people have closed, one a day."""
    with office.as_job("419901", "a year of visits"):
        household, run = Household.objects.get(key=office.family), Finding.objects.earliest("pk").first_run
        for number in range(count):
            Finding.objects.create(
                finding_id=f"{rule[:8]}{number:08x}", rule=rule, family=family, household=household,
                episode_start=MONDAY.date(), priority=1, first_run=run, last_run=run, close_reason="看过",
                state="confirmed" if number < confirmed else "cleared", closed_by=office.assistant,
                closed_at=MONDAY - timedelta(days=count - number), area=household.area,
            )  # fmt: skip


def test_p23_the_page_equals_the_engine_s_own_count_from_the_snapshot_s_rows(
    office: Office, make_user: Callable[..., User], client_for: Callable[[User], Client], set_clock: Any, tmp_path: Path
) -> None:
    set_clock(MONDAY)
    office.load()
    closed(office, 210, 150, "large_hospital_bill", "in_need")
    closed(office, 60, 12, "income_above_line", "receiving_changed")
    closed(office, 60, 12, "income_lost", "in_need")
    analyst = make_user("analyst", "419901")
    with office.as_user(analyst):
        shown = {row.rule: row for row in rule_quality(analyst)}
    with office.as_job("419901", "snapshot"):
        export_snapshot(out=tmp_path / "s", county="419901", actor=office.service, at=MONDAY)
    table = read_snapshot(tmp_path / "s").tables["office_findings"]
    alerts = [alert for alert, _ in load_alerts(current_pack())]
    recomputed = {row["rule"]: row for row in engine_quality(alerts, table, hits={}).to_pylist()}
    assert shown.keys() == recomputed.keys()
    for rule, row in recomputed.items():
        own = shown[rule]
        assert (own.confirmed, own.cleared, own.unknown) == (row["confirmed"], row["cleared"], row["unknown"]), rule
        assert (own.low, own.high) == (row["precision_low"], row["precision_high"]), rule
        assert own.verdict == row["verdict"], rule
    assert shown["large_hospital_bill"].confirmed + shown["large_hospital_bill"].cleared == 200
    assert shown["income_above_line"].verdict == "switched_off"
    assert shown["income_lost"].verdict == "below_floor"
    page = client_for(analyst).get("/findings/rules/").content.decode()
    row = shown["income_above_line"]
    assert row.low is not None
    assert f"{row.low // 100}.{row.low % 100 // 10} %" in page
    assert client_for(analyst).get("/findings/rules/?export=xlsx").content[:2] == b"PK"


def test_the_map_and_its_table_say_the_same_and_lead_to_the_rows(
    office: Office, make_user: Callable[..., User], client_for: Callable[[User], Client], set_clock: Any, tmp_path: Path
) -> None:
    set_clock(MONDAY)
    office.load()
    places = places_of("small", current_pack())
    path = tmp_path / "map.geojson"
    write_map(path, places, 4199)
    client = client_for(make_user("analyst", "419901"))
    with override_settings(DOUDI_MAP=tmp_path / "absent.geojson"):
        bare = client.get("/findings/map/").content.decode()
    assert '<svg class="township-map"' not in bare
    assert "town=419901101" in bare
    with override_settings(DOUDI_MAP=path):
        page = client.get("/findings/map/?rule=large_hospital_bill").content.decode()
    assert page.count("town=419901101&amp;rule=large_hospital_bill&amp;state=open") == 2
    assert page.count('<path class="map-step-') == len(places.townships)
    listed = client.get("/findings/?town=419901101&rule=large_hospital_bill&state=open").content.decode()
    assert FATHER.name in listed
    # Where there is none the number leads nowhere: an empty filter would show everything.
    assert "town=419901102" not in page


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"features": []}', '{"features": [{"properties": 1}]}'])
def test_a_map_that_is_none_is_refused_with_advice(tmp_path: Path, content: str) -> None:
    path = tmp_path / "map.geojson"
    path.write_text(content)
    with pytest.raises(MapError, match="can't be read"):
        read_map(path)


def test_the_shades_go_by_fifths_of_the_largest_number() -> None:
    assert [step_of(count, 10) for count in (0, 1, 2, 3, 5, 9, 10)] == [0, 1, 1, 2, 3, 5, 5]


def test_the_pages_hand_a_visit_on_and_write_a_finding_down(
    office: Office, make_user: Callable[..., User], client_for: Callable[[User], Client], set_clock: Any
) -> None:
    set_clock(MONDAY)
    office.load()
    analyst, assistant = client_for(make_user("analyst", "419901")), client_for(office.assistant)
    with office.as_user(office.assistant):
        number, household = Finding.objects.get().pk, Household.objects.get().pk
    assert f"/findings/{number}/assign/" in analyst.get(f"/findings/{number}/").content.decode()
    assert analyst.post(f"/findings/{number}/assign/", {"to_id": office.assistant.pk}).status_code == 302
    assert "陈小满" in analyst.get("/findings/").content.decode()
    assert assistant.post(f"/findings/{number}/give-back/", {"reason": ""}).status_code == 422
    assert assistant.post(f"/findings/{number}/give-back/", {"reason": "病假"}).status_code == 302
    assert "病假" in assistant.get(f"/findings/{number}/").content.decode()
    form = {"form_token": "abc", "family": "in_need", "text": WORDS}
    assert f"/households/{household}/finding/" in assistant.get(f"/households/{household}/").content.decode()
    assert assistant.post(f"/households/{household}/finding/", form).status_code == 302
    again = assistant.post(f"/households/{household}/finding/", form)
    assert again.status_code == 422
    assert WORDS in again.content.decode()
    reply = assistant.post(
        "/api/v1/findings/",
        json.dumps({"household_id": household, "family": "in_need", "text": "另一件"}),
        content_type="application/json",
        headers={"Idempotency-Key": "write-0001"},
    )
    assert reply.status_code == 201, reply.content
