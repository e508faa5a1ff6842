"""The interface for programs: complete in its description, as narrow as the desk, and once for each key."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.office.desk.one_of_each import ASKED_COUNTY, a_verified_case
from tests.office.flows.lakes import FATHER
from tests.office.flows.walks import MONDAY, Office
from tests.office.flows.window_cases import AtWindow

from doudi.office.api.models import Answer
from doudi.office.api.service import api, urls
from doudi.office.casework.models import Case, Finding, OnlineApplication, Task
from doudi.office.flows import intake, papers
from doudi.office.org.actions import create_area
from doudi.office.org.models import User

BASE = "/api/v1"
WINDOW = {
    "programme": "dibao",
    "area": "419901101001",
    "name": FATHER.name,
    "id_number": FATHER.id_number,
    "address": "东关街5号",
    "residence": "urban",
}
ABSENT: dict[str, Any] = {"integer": 987_654_321, "string": "419901-2026-987654"}

ClientFor = Callable[[User], Client]


def post(client: Client, path: str, body: object, key: str = "", **more: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(BASE + path, json.dumps(body), content_type="application/json", headers=headers, **more)


def a_photo() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), (9, 90, 90)).save(drawn, "JPEG")
    return drawn.getvalue()


@pytest.fixture
def clerk(office: Office, client_for: ClientFor) -> Client:
    return client_for(office.clerk)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return [(method, path, said) for path, ways in paths.items() for method, said in ways.items()]


def test_each_address_of_the_interface_is_described_with_its_answer() -> None:
    described = {path.strip("/") for _, path, _ in operations()}
    routed = {str(pattern.pattern).replace("<int:", "{").replace("<", "{").replace(">", "}") for pattern in urls()}
    routed = {path.strip("/") for path in routed} - {"openapi.json", ""}
    assert described == routed
    assert len(operations()) > 50
    for method, path, said in operations():
        assert said["summary"], path
        answers = {code: answer for code, answer in said["responses"].items() if str(code).startswith("2")}
        assert answers, (method, path)
        has_form = any("content" in answer for answer in answers.values())
        assert has_form or 204 in answers or path.endswith("bank-file"), (method, path)


def test_the_description_is_served(clerk: Client) -> None:
    served = clerk.get(f"{BASE}/openapi.json").json()
    assert len(served["paths"]) > 45
    assert all(path.startswith(BASE) for path in served["paths"])


def test_without_a_log_in_every_operation_says_401(client: Client) -> None:
    for method, path, _ in operations():
        address = BASE + "/" + path.strip("/").replace("{", "").replace("}", "")
        for name in (
            *("finding_pk", "pair_id", "task_id", "household_id", "person_id", "objection_id", "fund_id", "run_id"),
            *(
                "payment_id",
                "item_id",
                "change_id",
                "position",
                "recheck_id",
                "visit_id",
                "entry_id",
                "request_id",
                "relative_id",
                "paper_id",
                "online_id",
            ),
        ):
            address = address.replace(f"/{name}", "/1")
        trailing = "/" if path.endswith("/") else ""
        reply = client.generic(method.upper(), address + trailing, b"{}", content_type="application/json")
        assert reply.status_code == 401, (method, address, reply.status_code)
        assert reply.json()["code"] == "DD-API-003"


def test_an_application_runs_to_its_acceptance_as_at_the_desk(office: Office, clerk: Client) -> None:
    opened = post(clerk, "/cases/", WINDOW, "open-0001")
    assert opened.status_code == 201, opened.content
    number, version = opened.json()["case_number"], opened.json()["version"]
    case = clerk.get(f"{BASE}/cases/{number}").json()
    (applicant,) = case["members"]
    assert applicant["name"] == FATHER.name
    assert FATHER.id_number not in json.dumps(case)
    missing = post(clerk, f"/cases/{number}/accept", {"version": version}, "accept-01")
    assert missing.status_code == 200
    assert missing.json()["missing"], "one notice names everything that is missing"
    version = missing.json()["version"]
    signed = {"version": version, "person_ids": [applicant["person_id"]], "signed_on": "2026-11-23"}
    done = post(clerk, f"/cases/{number}/consents", signed, "consent-1")
    assert done.status_code == 200, done.content
    stale = post(clerk, f"/cases/{number}/consents", signed, "consent-2")
    assert stale.status_code == 409
    assert clerk.get(f"{BASE}/cases/?text={number}").json()["total"] == 1


def test_p2_a_repetition_gets_the_first_answer_byte_for_byte_and_has_no_effect(office: Office, clerk: Client) -> None:
    first = post(clerk, "/cases/", WINDOW, "open-0002")
    with office.as_user(office.clerk):
        count = Case.objects.count()
    for _ in range(3):
        again = post(clerk, "/cases/", WINDOW, "open-0002")
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    with office.as_user(office.clerk):
        assert Case.objects.count() == count
        assert FATHER.name.encode() not in str(Answer.objects.values_list("body", flat=True)).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "另一人"},
        {"id_number": "419901199001010012"},
        {"area": "419901101002"},
        {"programme": "tekun"},
        {"residence": "rural"},
        {"address": "别处"},
        {"phone": "13800000000"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_p3_a_key_with_other_content_is_refused_and_changes_nothing(
    office: Office, clerk: Client, change: dict[str, str]
) -> None:
    first = post(clerk, "/cases/", WINDOW, "open-0003")
    assert first.status_code == 201
    with office.as_user(office.clerk):
        before = Case.objects.count()
    reply = post(clerk, "/cases/", WINDOW | change, "open-0003")
    assert reply.status_code == 422
    assert reply.json()["code"] == "DD-API-002"
    elsewhere = post(clerk, "/cases/from-visit", WINDOW, "open-0003")
    assert elsewhere.status_code == 422
    with office.as_user(office.clerk):
        assert Case.objects.count() == before
    assert post(clerk, "/cases/", WINDOW, "open-0003").content == first.content


def test_p3_what_is_refused_uses_no_key_up_and_leaves_nothing(office: Office, clerk: Client) -> None:
    for wrong, status in (({"id_number": "419901199001010012"}, 422), ({"residence": 5}, 422), ({}, 0)):
        body = WINDOW | wrong if wrong else {"programme": "dibao"}
        reply = post(clerk, "/cases/", body, "open-0004")
        assert reply.status_code == (status or 422), reply.content
        assert set(reply.json()) == {"code", "message", "advice"}
        assert "419901199001010012" not in reply.content.decode()
    with office.as_user(office.clerk):
        assert not Answer.objects.filter(key="open-0004").exists()
    assert post(clerk, "/cases/", WINDOW, "open-0004").status_code == 201


@pytest.mark.parametrize("key", ["", "short", "with blank 01", "x" * 81, "schlüssel-001"])
def test_a_write_without_a_proper_key_is_refused(clerk: Client, key: str) -> None:
    reply = post(clerk, "/cases/", WINDOW, key)
    assert reply.status_code == 400
    assert reply.json()["code"] == "DD-API-001"


def test_the_keys_of_two_people_are_two_keys(office: Office, client_for: ClientFor, clerk: Client) -> None:
    post(clerk, "/cases/", WINDOW, "open-0005")
    other = client_for(office.stranger)
    reply = post(other, "/cases/", WINDOW, "open-0005")
    assert "Idempotency-Replayed" not in reply.headers
    assert reply.status_code != 201


def test_p27_no_operation_tells_a_foreign_record_from_an_absent_one(
    office: Office, client_for: ClientFor, db_role: Any
) -> None:
    with db_role("worker"):
        create_area(actor=None, code=ASKED_COUNTY, name="邻县")
    verified = a_verified_case(office)
    office.give_opinion()
    office.publicise()
    pair = office.doubtful_pair()
    with office.as_user(office.clerk):
        case = Case.objects.get(number=office.number)
        visit = case.household.visits.get()
        own: dict[str, Any] = {
            "number": office.number,
            "household_id": case.household_id,
            "finding_pk": Finding.objects.latest("pk").pk,
            "pair_id": pair.pk,
            "task_id": Task.objects.filter(kind="visit").latest("pk").pk,
            "person_id": case.applicant_id,
            "paper_id": papers.add_paper(
                actor=office.clerk, at=MONDAY, case_number=office.number, kind="income", content=a_photo(),
                file_name="工资.jpg",
            ),
            "part": "income",
            **verified,
        }  # fmt: skip
    intake.send_online(
        at=MONDAY, place="127.0.0.1", name=FATHER.name, id_number=FATHER.id_number, phone="13800000000",
        area="419901101001", address="一组", story="住院",
    )  # fmt: skip
    with office.as_user(office.clerk):
        own["online_id"] = OnlineApplication.objects.get().pk
    body = {
        "version": office.version, "reason": "理由", "outcome": "approve", "visit_id": visit.pk, "person_ids": [1],
        "signed_on": "2026-11-23", "facts": [], "relatives": [], "holder_id": 1, "bank_name": "行", "name": "某人",
        "account_number": "6217000012345678", "id_number": FATHER.id_number, "relation": "20", "number": "62170000",
        "received_on": "2026-11-25", "objector": "邻居", "text": "异议",
        "delivered_on": "2026-12-03", "delivery": "上门",
        "is_confirmed": True, "amount_fen": None, "document": "2号", "verdict": "same", "digest": pair.digest,
        "to_id": 1,
        "kind": "objects", "said_by_id": 1, "said_on": "2026-11-23", "authority": "交警", "reply": "已过户",
        "stop": "x", "extension": "x", "signed_by_id": 1, "person_id": 1, "answering_area": "419903",
        "asked_facts": ["vehicles_registered"],
        "programme": "tekun", "area": "419901101001", "residence": "urban", "question": "请补充。", "fields": {},
    }  # fmt: skip
    absent = {name: ABSENT["string" if name == "number" else "integer"] for name in own} | {"part": "income"}
    asked = 0
    for client in (client_for(office.stranger),):
        for method, path, said in operations():
            names = [each["name"] for each in said.get("parameters", []) if each["in"] == "path"]
            if not names or not set(names) <= set(own):
                continue
            told = []
            for kind in ("own", "absent"):
                values = own if kind == "own" else {n: absent[n] for n in names}
                address = BASE + path.format(**{name: values[name] for name in names})
                reply = client.generic(
                    method.upper(),
                    address,
                    json.dumps(body).encode(),
                    content_type="application/json",
                    headers={"Idempotency-Key": f"key-{method}-{asked}-{kind}"},
                )
                assert reply.status_code in (403, 404, 409, 422), (method, path, reply.status_code)
                headers = {n: v for n, v in reply.headers.items() if n != "X-Request-ID"}
                told.append((reply.status_code, reply.content, headers))
            assert told[0] == told[1], (method, path)
            asked += 1
    assert asked > 50


def test_the_clock_of_a_case_is_stopped_started_and_extended(
    office: Office, client_for: ClientFor, clerk: Client
) -> None:
    opened = AtWindow(office, "hardship_worker").open()
    case, reviewer = f"/cases/{opened.number}", client_for(office.reviewer)
    stop = {"version": opened.version, "stop": "supplementing_papers", "reason": "等待补充材料"}
    assert post(clerk, f"{case}/clock/stop", stop | {"stop": "no_such_reason"}, "stop-000").status_code == 422
    stopped = post(clerk, f"{case}/clock/stop", stop, "stop-001")
    assert stopped.status_code == 200, stopped.content
    again = post(clerk, f"{case}/clock/stop", stop | {"version": stopped.json()["version"]}, "stop-002")
    assert again.status_code == 409
    shown = clerk.get(f"{BASE}{case}").json()
    assert [each["until"] for each in shown["clock_stops"]] == [None]
    resumed = post(clerk, f"{case}/clock/resume", {"version": shown["version"]}, "resume-1")
    assert resumed.status_code == 200, resumed.content
    extend = {"version": resumed.json()["version"], "extension": "hard_to_verify", "reason": "情况复杂"}
    assert post(clerk, f"{case}/clock/extend", extend, "extend-1").status_code == 403
    extended = post(reviewer, f"{case}/clock/extend", extend, "extend-2")
    assert extended.status_code == 200, extended.content
    gone = {"version": extended.json()["version"], "signed_by_id": opened.applicant(), "signed_on": "2026-11-23"}
    assert post(clerk, f"{case}/withdraw", gone | {"reason": "已找到工作"}, "withdraw-1").status_code == 200
    assert clerk.get(f"{BASE}{case}").json()["state"] == "withdrawn"


def test_a_report_is_read_disputed_re_checked_and_compared(office: Office, clerk: Client) -> None:
    office.lake.household_facts["vehicles_registered"] = ("vehicles", 1)
    office.walk_to_opinion()
    case = f"/cases/{office.number}"
    report = clerk.get(f"{BASE}{case}/report?lang=en").json()
    (car,) = [line for line in report["lines"] if line["name"] == "vehicles_registered"]
    assert (car["differs"], car["difference"], car["found"]["source"]) == (True, 1, "vehicles")
    said = {
        "kind": "objects", "text": "车已卖。", "said_by_id": report["members"][0]["person_id"], "said_on": "2026-11-23"
    }  # fmt: skip
    disputed = post(clerk, f"{case}/report/{car['position']}/answer", said, "answer-01")
    assert disputed.status_code == 200, disputed.content
    word = {"version": disputed.json()["version"], "outcome": "approve", "reason": "同意"}
    assert post(clerk, f"{case}/opinion", word, "opinion-1").status_code == 409
    report = clerk.get(f"{BASE}{case}/report").json()
    (car,) = [line for line in report["lines"] if line["name"] == "vehicles_registered"]
    found = {"outcome": "corrected", "authority": "交警", "reply": "已过户。", "value": 0}
    done = post(clerk, f"{case}/rechecks/{car['answer']['recheck']['recheck_id']}", found, "recheck-1")
    assert done.status_code == 200, done.content
    compared = clerk.get(f"{BASE}{case}/report/compare?before=1&after=2").json()
    assert compared["after"]["cause"] == "recheck"
    word["version"] = done.json()["version"]
    assert post(clerk, f"{case}/opinion", word, "opinion-2").status_code == 200


def test_rights_are_those_of_the_desk(office: Office, client_for: ClientFor, make_user: Callable[..., User]) -> None:
    assistant = client_for(office.assistant)
    assert assistant.get(f"{BASE}/money/funds").status_code == 403
    assert assistant.get(f"{BASE}/findings/").status_code == 200
    finance = client_for(make_user("finance", "419901"))
    assert finance.get(f"{BASE}/cases/").status_code == 403
    assert finance.get(f"{BASE}/money/funds").json() == []


def test_a_household_is_changed_and_a_change_undone_as_at_the_desk(office: Office, clerk: Client) -> None:
    opened = post(clerk, "/cases/", WINDOW, "open-0009")
    number = opened.json()["case_number"]
    home = clerk.get(f"{BASE}/cases/{number}").json()["household_id"]
    asked = post(clerk, "/households/candidates", {"name": FATHER.name, "id_number": FATHER.id_number}, "look-0001")
    assert [row["is_same_number"] for row in asked.json()["people"]] == [True]
    assert FATHER.id_number not in asked.content.decode()
    child = {"name": "成员新", "birth_date": "2026-11-02", "sex": "1"}
    joined = {"on": "2026-11-02", "reason": "出生登记", "who": child, "relation": "20", "cause": "birth"}
    entry = post(clerk, f"/households/{home}/join", joined, "join-0001")
    assert entry.status_code == 200, entry.content
    assert len(clerk.get(f"{BASE}/households/{home}").json()["members"]) == 2
    # The case keeps the family as it was applied for.
    assert len(clerk.get(f"{BASE}/cases/{number}").json()["members"]) == 1
    path = f"/households/entries/{entry.json()['change_id']}/undo"
    assert post(clerk, path, {"reason": "误录"}, "undo-0001").status_code == 200
    assert post(clerk, path, {"reason": "误录"}, "undo-0002").status_code == 409
    page = clerk.get(f"{BASE}/households/{home}").json()
    assert len(page["members"]) == 1
    assert [row["kind"] for row in page["changes"]] == ["undo", "join"]


def test_meetings_and_notes_have_operations_that_refuse_as_the_desk_does(office: Office, clerk: Client) -> None:
    opened = post(clerk, "/cases/", WINDOW, "open-0010").json()
    number, version = opened["case_number"], opened["version"]
    note = post(clerk, f"/cases/{number}/notes/no_such_step", {"version": version, "note": "走访"}, "note-0001")
    assert note.status_code == 409
    held = {
        "version": version,
        "held_on": "2026-11-23",
        "agenda": "议题",
        "minutes": "纪要",
        "amount_fen": 100,
        "called": [{"user_id": office.clerk.pk, "vote": "for"}],
    }
    meeting = post(clerk, f"/cases/{number}/meeting", held, "meet-0001")
    assert meeting.status_code == 422
    assert "3" in meeting.json()["message"]


def test_a_photo_comes_in_once_for_its_key_and_the_second_visitor_says_a_word(
    office: Office, clerk: Client, client_for: ClientFor
) -> None:
    office.load()
    visit_id = office.record_visit().visit_id
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30)).save(drawn, "JPEG")

    def send(content: bytes, key: str = "photo-0001") -> Any:
        body = {"kind": "home", "shows": "漏雨的屋顶", "file": SimpleUploadedFile("a.jpg", content)}
        return clerk.post(f"{BASE}/visits/{visit_id}/photos", body, headers={"Idempotency-Key": key})

    first, again = send(drawn.getvalue()), send(drawn.getvalue())
    assert first.status_code == 201
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    # Each try is cut into parts by another boundary; another picture is another act.
    assert send(b"no picture").status_code == 422
    assert send(b"no picture").json()["code"] == "DD-API-002"
    # A file that is larger than what is held in memory is looked at all the same.
    assert send(b"\xff" * (6 << 20), "photo-0002").json()["message"]
    photo = f"/visits/{visit_id}/photos/{first.json()['photo_id']}"
    assert clerk.get(f"{BASE}{photo}").content.startswith(b"\xff\xd8")
    assert post(clerk, f"/visits/{visit_id}/word", {"agrees": True}, "word-0001").status_code == 204
    assert post(clerk, f"{photo}/remove", {"reason": "拍糊了"}, "remove-0001").status_code == 204
    assert clerk.get(f"{BASE}{photo}").status_code == 404
    told = clerk.get(f"{BASE}/visits/{visit_id}").json()["visit"]
    assert (told["second_word"]["agrees"], told["photos"][0]["removed_reason"]) == (True, "拍糊了")
    assert post(client_for(office.assistant), f"/visits/{visit_id}/word", {"agrees": True}, "w-00002").status_code > 399
