"""Programs take applications in, answer what came from outside, lay papers in, and have an application classified."""

import io
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart
from PIL import Image
from tests.office.flows.walks import MONDAY, Office
from tests.office.flows.window_cases import AtWindow, id_number

from doudi.office.casework.models import Case, Draft, OnlineApplication, Paper
from doudi.office.casework.papers import ASKED_PARTS
from doudi.office.desk.parts import ASKING
from doudi.office.flows import intake
from doudi.office.org.models import User

BASE = "/api/v1"
VILLAGE = "419901101002"
ASKED_FOR = {
    "programme": "temporary_assistance",
    "area": VILLAGE,
    "name": "许明月",
    "id_number": id_number(61),
    "address": "柳溪村三组",
    "residence": "rural",
}
NEIGHBOUR = {"reporter_name": "邻居老张", "reporter_relation": "邻居", "reporter_phone": "13800003333"}

ClientFor = Callable[[User], Client]


@pytest.fixture
def clerk(office: Office, client_for: ClientFor, set_clock: Any) -> Client:
    return client_for(office.clerk)


def post(client: Client, path: str, body: object, key: str) -> Any:
    return client.post(BASE + path, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key})


def lay(client: Client, number: str, key: str, *, colour: int = 9, name: str = "工资条.jpg", **form: Any) -> Any:
    """Sends a photo as a program does: each try draws other boundaries between its parts."""
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), (colour, 90, 90)).save(drawn, "JPEG")
    file = SimpleUploadedFile(name, drawn.getvalue(), "image/jpeg")
    boundary = secrets.token_hex(8)
    return client.post(
        f"{BASE}/cases/{number}/papers",
        encode_multipart(boundary, {"kind": "income", **form, "file": file}),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Idempotency-Key": key},
    )


def sent_from_home(office: Office) -> int:
    intake.send_online(
        at=MONDAY, place="127.0.0.1", name="许明月", id_number=id_number(61), phone="13800000000", area=VILLAGE,
        address="三组", story="停业三个月。",
    )  # fmt: skip
    with office.as_user(office.clerk):
        return OnlineApplication.objects.latest("pk").pk


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"channel": "phone"}, 201),
        ({"channel": "direct"}, 201),
        ({"channel": "neighbour", **NEIGHBOUR}, 201),
        ({"channel": "neighbour"}, 422),
        (NEIGHBOUR, 422),
        ({"channel": "takeover"}, 422),
    ],
    ids=["phone", "direct", "neighbour", "nobody named", "named at the window", "no channel of a clerk"],
)
def test_b1_an_application_comes_by_whatever_way(
    office: Office, clerk: Client, more: dict[str, str], status: int
) -> None:
    reply = post(clerk, "/cases/", ASKED_FOR | more, "open-0101")
    assert reply.status_code == status, reply.content
    if status == 201:
        shown = clerk.get(f"{BASE}/cases/{reply.json()['case_number']}").json()
        assert shown["channel"] == more["channel"]
        assert ("邻居老张" in shown["reporter"]) == ("reporter_name" in more)
    else:
        with office.as_user(office.clerk):
            assert not Case.objects.exists()


def test_what_came_from_outside_is_read_and_becomes_a_case_once(office: Office, clerk: Client) -> None:
    online = sent_from_home(office)
    listed = clerk.get(f"{BASE}/online/").json()
    assert (listed["total"], listed["rows"][0]["online_id"], listed["rows"][0]["story"]) == (1, online, "停业三个月。")
    assert id_number(61) not in json.dumps(clerk.get(f"{BASE}/online/{online}").json())
    body = {"programme": "temporary_assistance", "area": VILLAGE, "residence": "rural"}
    first = post(clerk, f"/online/{online}/accept", body, "take-0001")
    assert first.status_code == 201, first.content
    again = post(clerk, f"/online/{online}/accept", body, "take-0001")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    other = post(clerk, f"/online/{online}/accept", body | {"residence": "urban"}, "take-0001")
    assert (other.status_code, other.json()["code"]) == (422, "DD-API-002")
    # Under a key of its own it is refused as at the desk: it was settled.
    assert post(clerk, f"/online/{online}/accept", body, "take-0002").status_code == 409
    shown = clerk.get(f"{BASE}/cases/{first.json()['case_number']}").json()
    assert shown["channel"] == "online"
    card = clerk.get(f"{BASE}/cases/{first.json()['case_number']}/receipt").json()
    assert card["number"] == first.json()["case_number"]
    with office.as_user(office.clerk):
        assert Case.objects.count() == 1


def test_what_came_from_outside_is_asked_back_or_set_aside_with_words(office: Office, clerk: Client) -> None:
    online = sent_from_home(office)
    assert post(clerk, f"/online/{online}/ask", {"question": " "}, "ask-00001").status_code == 422
    assert post(clerk, f"/online/{online}/ask", {"question": "何时停业？"}, "ask-00001").status_code == 204
    assert post(clerk, f"/online/{online}/ask", {"question": "还有呢？"}, "ask-00002").status_code == 409
    assert clerk.get(f"{BASE}/online/{online}").json()["question"] == "何时停业？"
    assert post(clerk, f"/online/{online}/set-aside", {"reason": ""}, "aside-001").status_code == 422
    assert post(clerk, f"/online/{online}/set-aside", {"reason": "误填。"}, "aside-001").status_code == 204
    assert clerk.get(f"{BASE}/online/").json()["total"] == 0


def test_a_paper_is_laid_in_once_listed_replaced_and_withdrawn(office: Office, clerk: Client) -> None:
    number = post(clerk, "/cases/", ASKED_FOR, "open-0102").json()["case_number"]
    first = lay(clerk, number, "paper-001")
    assert first.status_code == 201, first.content
    again = lay(clerk, number, "paper-001")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    for other in ({"colour": 200}, {"kind": "illness"}, {"name": "别的.jpg"}):
        reply = lay(clerk, number, "paper-001", **other)
        assert (reply.status_code, reply.json()["code"]) == (422, "DD-API-002"), other
    # The very file under another key is the case's own refusal.
    assert lay(clerk, number, "paper-002").status_code == 409
    replaced = lay(clerk, number, "paper-003", colour=120, replaces_id=first.json(), replace_reason="拍得不清楚")
    assert replaced.status_code == 201, replaced.content
    path = f"/cases/{number}/papers/{replaced.json()}/withdraw"
    assert post(clerk, path, {"reason": " "}, "gone-0001").status_code == 422
    assert post(clerk, path, {"reason": "不是本人的"}, "gone-0001").status_code == 204
    listed = clerk.get(f"{BASE}/cases/{number}/papers").json()
    assert [row["withdrawn_reason"] for row in listed] == ["拍得不清楚", "不是本人的"]
    assert listed[1]["replaces_id"] == first.json()
    with office.as_user(office.clerk):
        assert Paper.objects.count() == 2


def test_what_is_no_paper_is_refused_and_uses_no_key_up(office: Office, clerk: Client) -> None:
    number = post(clerk, "/cases/", ASKED_FOR, "open-0103").json()["case_number"]
    bad = SimpleUploadedFile("表.jpg", b"MZ no picture", "image/jpeg")
    reply = clerk.post(
        f"{BASE}/cases/{number}/papers", {"kind": "income", "file": bad}, headers={"Idempotency-Key": "paper-101"}
    )
    assert reply.status_code == 422
    assert set(reply.json()) == {"code", "message", "advice"}
    assert lay(clerk, number, "paper-101", kind="no_such_kind").status_code == 422
    no_file = clerk.post(f"{BASE}/cases/{number}/papers", {"kind": "income"}, headers={"Idempotency-Key": "paper-101"})
    assert (no_file.status_code, no_file.json()["code"]) == (422, "DD-API-004")
    assert lay(clerk, number, "paper-101").status_code == 201


def test_p27_a_paper_for_a_foreign_case_is_refused_like_one_for_none(
    office: Office, clerk: Client, client_for: ClientFor
) -> None:
    number = post(clerk, "/cases/", ASKED_FOR, "open-0104").json()["case_number"]
    stranger = client_for(office.stranger)
    told = [
        (reply.status_code, reply.content)
        for reply in (
            lay(stranger, number, "paper-201"),
            lay(stranger, "419901-2026-987654", "paper-202"),
        )
    ]
    assert told[0] == told[1]
    assert told[0][0] == 404
    reviewer = client_for(office.reviewer)
    assert lay(reviewer, number, "paper-203").status_code == 403


def test_a_draft_waits_for_whoever_typed_it_until_the_part_is_saved(
    office: Office, clerk: Client, client_for: ClientFor
) -> None:
    opened = post(clerk, "/cases/", ASKED_FOR, "open-0105").json()
    number, typed = opened["case_number"], {"fields": {"home-hardship_degree": ["light"]}}
    path = f"/cases/{number}/drafts/members"
    assert clerk.get(BASE + path).json() == {"fields": {}, "kept_at": None}
    assert post(clerk, path, typed, "draft-001").status_code == 204
    assert clerk.get(BASE + path).json()["fields"] == typed["fields"]
    assert client_for(office.colleague).get(BASE + path).json()["fields"] == {}
    assert post(clerk, f"/cases/{number}/drafts/no_such_part", typed, "draft-002").status_code == 422
    told = {"version": opened["version"], "facts": [{"name": "hardship_degree", "value": "light"}], "part": "members"}
    assert post(clerk, f"/cases/{number}/facts", told | {"part": "x" * 30}, "facts-001").status_code == 422
    assert post(clerk, f"/cases/{number}/facts", told, "facts-001").status_code == 200
    assert clerk.get(BASE + path).json()["fields"] == {}
    with office.as_user(office.clerk):
        assert set(Draft.objects.values_list("part", flat=True)) == {"members"}


def test_the_parts_that_ask_are_those_of_the_desk() -> None:
    assert tuple(ASKING) == ASKED_PARTS


def test_one_application_is_classified_and_the_choice_needs_a_reason(office: Office, clerk: Client) -> None:
    case = AtWindow(office, "dibao").open().declare()
    tiers = clerk.get(f"{BASE}/cases/{case.number}/tiers").json()
    programmes = [line["programme"] for line in tiers["lines"]]
    assert programmes.index("tekun") < programmes.index("dibao")
    chosen = {"version": case.version, "programme": "dibao_edge", "reason": " "}
    assert post(clerk, f"/cases/{case.number}/programme", chosen, "choose-01").status_code == 422
    chosen["reason"] = "收入略高于低保标准。"
    done = post(clerk, f"/cases/{case.number}/programme", chosen, "choose-01")
    assert done.status_code == 200, done.content
    assert post(clerk, f"/cases/{case.number}/programme", chosen, "choose-01").content == done.content
    assert post(clerk, f"/cases/{case.number}/programme", chosen, "choose-02").status_code == 409
    shown = clerk.get(f"{BASE}/cases/{case.number}").json()
    assert shown["programme"] == "dibao_edge"


def test_papers_that_followed_are_declared_complete(office: Office, clerk: Client) -> None:
    opened = post(clerk, "/cases/", ASKED_FOR, "open-0106").json()
    body = {"version": opened["version"], "note": "补齐"}
    reply = post(clerk, f"/cases/{opened['case_number']}/papers/complete", body, "complete1")
    # Nothing has come yet: the refusal is the desk's own.
    assert reply.status_code == 409
    assert "还缺" in reply.json()["message"]
