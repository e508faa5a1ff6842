"""From home: an application without log-in, its way by the receipt, and what the township does with it."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.office.flows.lakes import FATHER, id_number
from tests.office.flows.walks import MONDAY, Office

from doudi.office.casework.models import Case, FollowCard, Knock, OnlineApplication
from doudi.office.flows.intake import FOLLOWED_AN_HOUR_MAX, SENT_A_DAY_MAX, forget_tries
from doudi.office.org.models import User

VILLAGE, FOREIGN_VILLAGE = "419901101002", "419901102001"
NUMBER = id_number("19850412", 51)


@pytest.fixture
def citizen(office: Office, set_clock: Any) -> Client:
    return Client()


def form(**changes: str) -> dict[str, str]:
    return {
        "name": "陆盲生",
        "id_number": NUMBER,
        "phone": "13800001111",
        "area": VILLAGE,
        "address": "二组6号",
        "programme": "temporary_assistance",
        "story": "按摩店停业三个月。",
        "consent": "on",
    } | changes


def receipt(page: str) -> dict[str, str]:
    number = re.search(r"data-receipt-number>([^<]+)<", page)
    code = re.search(r"data-receipt-code>([^<]+)<", page)
    assert number is not None
    assert code is not None
    return {"number": number[1], "last_four": NUMBER[-4:], "code": code[1]}


def apply(client: Client, **changes: str) -> dict[str, str]:
    reply = client.post("/apply/", form(**changes))
    assert reply.status_code == 200, reply.content.decode()
    return receipt(reply.content.decode())


def follow(client: Client, card: dict[str, str], **more: str) -> str:
    return client.post("/follow/", card | more).content.decode()


def waiting(office: Office, user: User) -> list[OnlineApplication]:
    with office.as_user(user):
        return list(OnlineApplication.objects.order_by("pk"))


def test_it_reaches_the_township_that_it_names_and_nobody_else(citizen: Client, office: Office) -> None:
    apply(citizen)
    (sent,) = waiting(office, office.clerk)
    assert (sent.name, sent.id_number, sent.story) == ("陆盲生", NUMBER, "按摩店停业三个月。")
    assert waiting(office, office.stranger) == []
    # Nobody without a scope sees it either (promise P28), and the database not in plain text (P30).
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM casework_onlineapplication")
        assert cursor.fetchone() == (0,)
    with office.as_user(office.clerk), connection.cursor() as cursor:
        cursor.execute("SELECT row(o.*)::text FROM casework_onlineapplication o")
        plain = cursor.fetchone()[0]
    assert not any(secret in plain for secret in (NUMBER, "陆盲生", "13800001111", "按摩店", "二组"))


def test_p27_the_answer_is_the_same_for_whoever_is_known_and_whoever_is_not(citizen: Client, office: Office) -> None:
    office.load()
    pages = []
    for number in (NUMBER, FATHER.id_number, NUMBER, FATHER.id_number):
        reply = citizen.post("/apply/", form(id_number=number))
        page = re.sub(r"(data-receipt-\w+>|number=)[^<\"]+", r"\1", reply.content.decode())
        pages.append((reply.status_code, re.sub(r'value="\w{64}"', "", page)))
    assert len(set(pages)) == 1


def test_the_township_accepts_and_the_receipt_shows_the_way(
    citizen: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    card = apply(citizen)
    assert "已收到，等待答复" in follow(citizen, card)
    clerk = client_for(office.clerk)
    assert "有1份网上申请等待办理" in clerk.get("/").content.decode()
    (sent,) = waiting(office, office.clerk)
    page = clerk.get(f"/online/{sent.pk}/").content.decode()
    assert "按摩店停业三个月。" in page
    assert NUMBER not in page
    done = clerk.post(
        f"/online/{sent.pk}/",
        {"act": "accept", "programme": "temporary_assistance", "area": VILLAGE, "residence": "rural"},
    )
    assert done.status_code == 302
    with office.as_user(office.clerk):
        case = Case.objects.get()
    assert (case.channel, case.state) == (Case.Channel.ONLINE, Case.State.OPEN)
    way = follow(citizen, card)
    assert "正在办理" in way
    for stage in ("受理", "信息核对", "入户调查", "公示", "确认"):
        assert stage in way
    assert "办理中" in way
    # The way says where it is, and nothing of whom it is about.
    assert not any(secret in way for secret in ("陆盲生", NUMBER, "按摩店", case.number, "13800001111"))
    again = clerk.post(
        f"/online/{sent.pk}/",
        {"act": "accept", "programme": "temporary_assistance", "area": VILLAGE, "residence": "rural"},
    )
    assert again.status_code == 422


def test_nothing_is_chosen_for_who_was_not_sure(
    citizen: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    apply(citizen, programme="")
    (sent,) = waiting(office, office.clerk)
    clerk, address = client_for(office.clerk), f"/online/{sent.pk}/"
    assert '<option value="" selected>请选择</option>' in clerk.get(address).content.decode()
    typed = {"act": "accept", "programme": "", "area": VILLAGE, "residence": "rural"}
    assert clerk.post(address, typed).status_code == 422
    assert clerk.post(address, typed | {"programme": "temporary_assistance"}).status_code == 302


def test_it_is_asked_back_once_and_answered_once(
    citizen: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    card = apply(citizen)
    (sent,) = waiting(office, office.clerk)
    clerk = client_for(office.clerk)
    assert clerk.post(f"/online/{sent.pk}/", {"act": "ask", "question": " "}).status_code == 422
    assert clerk.post(f"/online/{sent.pk}/", {"act": "ask", "question": "请说明停业日期。"}).status_code == 302
    assert clerk.post(f"/online/{sent.pk}/", {"act": "ask", "question": "还有呢？"}).status_code == 422
    assert "请说明停业日期。" in follow(citizen, card)
    assert "已送达" in follow(citizen, card, answer="八月三日起。")
    assert "没有待答复的问题" in follow(citizen, card, answer="再说一次") or "已经答复过了" in follow(
        citizen, card, answer="再说一次"
    )
    page = clerk.get(f"/online/{sent.pk}/").content.decode()
    assert "八月三日起。" in page
    assert "再说一次" not in page


def test_what_was_sent_twice_for_one_person_is_one_line_and_one_case(
    citizen: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    first, second = apply(citizen), apply(citizen, story="再说一遍。")
    clerk = client_for(office.clerk)
    assert clerk.get("/online/").content.decode().count("陆盲生") == 1
    newest = waiting(office, office.clerk)[-1]
    clerk.post(
        f"/online/{newest.pk}/",
        {"act": "accept", "programme": "temporary_assistance", "area": VILLAGE, "residence": "rural"},
    )
    assert {each.state for each in waiting(office, office.clerk)} == {"accepted"}
    assert "正在办理" in follow(citizen, first)
    assert "正在办理" in follow(citizen, second)


def test_what_is_no_application_is_set_aside_by_somebody_with_a_reason_that_the_sender_reads(
    citizen: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    card = apply(citizen)
    (sent,) = waiting(office, office.clerk)
    clerk = client_for(office.clerk)
    assert clerk.post(f"/online/{sent.pk}/", {"act": "set_aside", "reason": ""}).status_code == 422
    assert clerk.post(f"/online/{sent.pk}/", {"act": "set_aside", "reason": "电话核实为误填。"}).status_code == 302
    assert "电话核实为误填。" in follow(citizen, card)


@pytest.mark.parametrize("wrong", [{"code": "AAAAAAAA"}, {"last_four": "0000"}, {"number": "W419901-00000000"}])
def test_p27_a_wrong_code_and_an_unknown_number_are_told_the_same(
    citizen: Client, office: Office, wrong: dict[str, str]
) -> None:
    card = apply(citizen)
    page = follow(citizen, card | wrong)
    assert "没有查到" in page
    assert "已收到" not in page


def test_tries_at_the_open_doors_are_forgotten_after_days_by_the_worker_alone(
    citizen: Client, office: Office, db_role: Any
) -> None:
    follow(citizen, apply(citizen))
    tried = Knock.objects.count()
    assert tried >= 3
    # What happened today or yesterday still counts.
    with office.as_job("419901"):
        assert forget_tries(at=MONDAY + timedelta(days=1)) == 0
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        forget_tries(at=MONDAY + timedelta(days=9))
    for role in ("app", "worker"):
        with db_role(role), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Knock.objects.all().delete()
    with office.as_job("419901"):
        assert forget_tries(at=MONDAY + timedelta(days=9)) == tried
    assert not Knock.objects.exists()


def test_behind_a_counted_proxy_the_doors_tell_visitors_apart(citizen: Client, office: Office, settings: Any) -> None:
    settings.DOUDI_PROXIES = 1
    card = apply(citizen)

    def ask(address: str) -> str:
        return follow(Client(headers={"X-Forwarded-For": address}), card)

    for _number in range(FOLLOWED_AN_HOUR_MAX):
        assert "操作过于频繁" not in ask("203.0.113.9")
    assert "操作过于频繁" in ask("203.0.113.9")
    assert "操作过于频繁" in ask("198.51.100.66, 203.0.113.9")
    assert "操作过于频繁" not in ask("203.0.113.10")


def test_too_many_tries_are_stopped_and_the_words_do_not_tell_why(citizen: Client, office: Office) -> None:
    card = apply(citizen)
    for _ in range(FOLLOWED_AN_HOUR_MAX):
        follow(citizen, card, code="AAAAAAAA")
    assert "操作过于频繁" in follow(citizen, card)
    for _ in range(SENT_A_DAY_MAX - 1):
        apply(citizen)
    by_place = citizen.post("/apply/", form(id_number=id_number("19850413", 52)))
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    by_number = elsewhere.post("/apply/", form())
    assert (by_place.status_code, by_number.status_code) == (422, 422)
    assert "操作过于频繁" in by_place.content.decode()
    assert "操作过于频繁" in by_number.content.decode()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"consent": ""}, "必填"),
        ({"id_number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, "身份证"),
        ({"area": "110101001001"}, "选择"),
        ({"phone": "打邻居的"}, "数字"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    citizen: Client, office: Office, change: dict[str, str], word: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reply = citizen.post("/apply/", form(**change))
    assert reply.status_code == 422
    page = reply.content.decode()
    assert "按摩店停业三个月。" in page
    assert "no-store" in reply["Cache-Control"]
    assert not any("按摩店" in line for line in caplog.messages)
    assert waiting(office, office.clerk) == []
    assert word in page or "required" in page


def test_p28_the_web_without_a_log_in_can_not_make_an_application_that_is_settled_already(
    citizen: Client, office: Office
) -> None:
    apply(citizen)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE casework_onlineapplication SET state = 'accepted'")
        assert cursor.rowcount == 0
    (card,) = FollowCard.objects.all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row(c.*)::text FROM casework_followcard c")
        plain = cursor.fetchone()[0]
    assert card.number not in plain
    assert card.code not in plain
