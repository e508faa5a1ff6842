"""Story B1: a blind masseur had to close his shop. He calls, gets 1,500 yuan in time, and follows his case."""

import re

import pytest
from desks import Office, sit_down
from playwright.sync_api import Browser
from window import (
    accept,
    approve,
    days_later,
    fill_parts,
    follow,
    go_home_visit,
    id_number,
    lay_in,
    open_case,
    photo,
    receipt,
    sign,
    the_console_is_silent,
)

pytestmark = pytest.mark.browser
NUMBER = id_number("19780615", 71)
SAID = {
    "work_standing": "other_uninsured",
    "lost_work_through_epidemic": "yes",
    "months_without_income": "3",
    "hardship_degree": "light",
    "medical_other_self_paid_12m": "3600.00",
}


def test_b1_a_call_becomes_1500_yuan_and_the_caller_follows_it(office: Office, browser: Browser) -> None:
    desks = {name: sit_down(office, browser, name) for name in ("clerk1", "assistant1", "reviewer1")}
    clerk, assistant, reviewer = desks.values()
    caller = desks["the caller"] = sit_down(office, browser)
    number = open_case(
        clerk, channel="phone", programme="temporary_assistance", name="陆听风", id_number=NUMBER,
        address="东街12号按摩店", residence="urban", phone="13800001111",
    )  # fmt: skip
    stands, code = receipt(clerk, number)
    assert stands == number
    assert "办理中" in follow(caller, number, NUMBER[-4:], code)
    caller.visit("/follow/")
    caller.fill(number=number, last_four=NUMBER[-4:], code="AAAAAAAA")
    caller.click("查询")
    assert "没有查到" in caller.errors()
    fill_parts(clerk, number, SAID)
    # He has called: his consent follows on paper, and the notice names all that is missing, once.
    clerk.visit(f"/cases/{number}/answers/")
    clerk.click("出具一次性告知")
    clerk.visit(f"/cases/{number}/missing/")
    assert "授权" in clerk.page.locator("main").inner_text()
    sign(clerk, number)
    lay_in(clerk, number, "housing", "租赁合同.jpg", photo())
    clerk.look()
    accept(clerk, number)
    way = follow(caller, number, NUMBER[-4:], code)
    assert re.search(r"最迟\d{4}-\d\d-\d\d办结", way)
    go_home_visit(assistant, number)
    reviewer.visit(f"/cases/{number}/check/")
    reviewer.click("查询部门数据")
    clerk.visit(f"/cases/{number}/")
    clerk.click("测算")
    approve(clerk, number, "opinion", "1500.00")
    clerk.visit(f"/cases/{number}/publicity/")
    clerk.click("开始公示")
    assert "公示" in follow(caller, number, NUMBER[-4:], code)
    days_later(reviewer, 8)
    approve(reviewer, number, "confirm", "1500.00")
    clerk.visit(f"/cases/{number}/")
    text = clerk.page.locator("main").inner_text()
    assert "1,500.00" in text
    assert "超期" not in text
    way = follow(caller, number, NUMBER[-4:], code)
    assert "已作出决定" in way
    assert not any(secret in way for secret in ("陆听风", NUMBER, "1,500", "按摩"))
    the_console_is_silent(desks, office)


def test_b1_the_same_from_home_and_by_a_neighbour(office: Office, browser: Browser) -> None:
    desks = {"clerk1": sit_down(office, browser, "clerk1")}
    clerk, citizen = desks["clerk1"], sit_down(office, browser)
    desks["the citizen"] = citizen
    home = id_number("19800101", 72)
    citizen.visit("/apply/")
    citizen.fill(name="周晚晴", id_number=home, phone="13800002222", address="西街3号", story="店铺停业，没有收入。")
    village = clerk_village(office)
    citizen.page.select_option("[name=area]", village)
    citizen.page.locator("form.card").evaluate("form => form.noValidate = true")
    citizen.click("提交")
    # Consent was forgotten: it is said, and nothing typed is lost.
    assert citizen.errors()
    citizen.look()
    assert citizen.page.input_value("[name=story]") == "店铺停业，没有收入。"
    citizen.page.check("[name=consent]")
    citizen.click("提交")
    citizen.look()
    number = citizen.page.locator("[data-receipt-number]").inner_text()
    code = citizen.page.locator("[data-receipt-code]").inner_text()
    clerk.visit("/")
    clerk.visit("/online/")
    with clerk.page.expect_navigation():
        clerk.page.get_by_role("link", name="周晚晴").click()
    clerk.look()
    clerk.page.select_option("[name=programme]", "temporary_assistance")
    clerk.page.check("[name=residence][value=urban]")
    clerk.click("立案")
    assert "/done/apply/" in clerk.page.url, clerk.errors()
    assert "正在办理" in follow(citizen, number, home[-4:], code)
    asked = open_case(
        clerk, channel="neighbour", programme="temporary_assistance", name="何守田",
        id_number=id_number("19500303", 73), address="北街9号", residence="rural", phone="",
        reporter_name="邻居老张", reporter_relation="邻居", reporter_phone="13800003333",
    )  # fmt: skip
    clerk.visit(f"/cases/{asked}/")
    assert "邻居老张" in clerk.page.locator("main").inner_text()
    the_console_is_silent(desks, office)


def clerk_village(office: Office) -> str:
    """A village of the clerk's township."""
    return office.logins["clerk1"]["area"] + "001"
