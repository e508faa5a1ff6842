"""Story B1: a blind masseur had to close his shop; rent and his wife's medicine are due.

He writes from home and gets 1,500 yuan in time, through every desk of the procedure, and follows his case all the way.
Others ask by telephone or through a neighbour.
"""

import re
from typing import Any

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser
from window import (
    COMMUNITY,
    accept,
    approve,
    ask_departments,
    assess,
    fill_parts,
    follow,
    go_home_visit,
    id_number,
    join,
    lay_in,
    on_day,
    open_case,
    photo,
    read_letter,
    receipt,
    sign,
    stages,
    the_console_is_silent,
    without_known_income,
)

pytestmark = pytest.mark.browser
OPENED, DECIDED = "2026-11-23", "2026-12-01"


def test_b1_a_masseur_applies_from_home_and_gets_1500_yuan_in_time(office: Office, browser: Browser) -> None:
    on_day(office, OPENED)
    he, wife = without_known_income(office, "户主", "配偶")
    names = ("clerk1", "assistant1", "reviewer1", "township_reviewer1", "finance1", "finance2")
    desks = {name: sit_down(office, browser, name) for name in names}
    clerk, assistant, reviewer, leader, preparer, releaser = desks.values()
    citizen = desks["the citizen"] = sit_down(office, browser)
    card = write_from_home(citizen, he)
    number = take_it_up(clerk, he["name"])
    complete_and_accept(clerk, number, he, wife)
    follow(citizen, *card)
    citizen.look()
    assert "2026-12-21" in citizen.page.locator("main").inner_text()
    # Each stage with its last day: five working days for both, counted over a weekend.
    assert stages(citizen) == {
        "受理": "2026-11-23 已完成",
        "信息核对": "最晚 2026-11-30 办理中",
        "入户调查": "最晚 2026-11-30 办理中",
        "公示": "未到",
        "确认": "未到",
    }
    go_home_visit(assistant, number, "店铺停业，房租到期，妻子长期服药，情况属实。")
    ask_departments(reviewer, number)
    why = assess(clerk, number)
    assert "一次性救助金 是" in why
    assert "1,500.00" in why
    approve(clerk, number, "opinion", "店铺因疫情停业三个月，未参保，同意。")
    clerk.visit(f"/cases/{number}/publicity/")
    clerk.click("开始公示")
    follow(citizen, *card)
    assert stages(citizen)["公示"] == "2026-11-23 已完成"
    on_day(office, DECIDED)
    approve(leader, number, "confirm", "公示无异议，同意。")
    way = follow(citizen, *card)
    citizen.look()
    assert "已作出决定" in way
    # The way says where it is, and nothing of whom it is about nor how much.
    assert not any(secret in way for secret in (he["name"], he["id_number"], number, "1,500", "按摩"))
    letter = read_letter(clerk, number)
    for part in (
        he["name"],
        "1,500.00",
        "一次性救助金是",
        "没有因同一件事领过临时救助",
        "民发〔2018〕23号",
        "行政复议",
    ):
        assert part in letter, part
    set_the_money_out(preparer, releaser)
    clerk.visit(f"/cases/{number}/")
    text = clerk.page.locator("main").inner_text()
    assert "1,500.00" in text
    assert "在途" in text
    assert "逾期" not in text
    the_console_is_silent(desks, office)


def test_b1_others_call_or_have_a_neighbour_ask_for_them(office: Office, browser: Browser) -> None:
    on_day(office, OPENED)
    clerk, caller = sit_down(office, browser, "clerk1"), sit_down(office, browser)
    mine = id_number("19780615", 71)
    typed = {"channel": "phone", "programme": "temporary_assistance", "address": "东街12号", "residence": "urban"}
    number = open_case(clerk, **typed, name="陆听风", id_number=mine, phone="13800001111")
    stands, code = receipt(clerk, number)
    assert stands == number
    assert "办理中" in follow(caller, number, mine[-4:], code)
    caller.visit("/follow/")
    caller.fill(number=number, last_four=mine[-4:], code="AAAAAAAA")
    caller.click("查询")
    assert "没有查到" in caller.errors()
    typed |= {"channel": "neighbour", "name": "何守田", "id_number": id_number("19500303", 73), "phone": ""}
    asked = open_case(clerk, **typed, reporter_name="邻居老张", reporter_relation="邻居", reporter_phone="13800003333")
    clerk.visit(f"/cases/{asked}/")
    assert "邻居老张" in clerk.page.locator("main").inner_text()
    the_console_is_silent({"clerk1": clerk, "the caller": caller}, office)


def write_from_home(citizen: Desk, he: dict[str, Any]) -> tuple[str, str, str]:
    """Number, last four signs and code, as the page after the application gives them."""
    story = "按摩店因疫情停业三个月，房租到期，妻子长期服药。"
    citizen.visit("/apply/")
    citizen.fill(name=he["name"], id_number=he["id_number"], phone="13800002222", address="东街12号", story=story)
    citizen.page.select_option("[name=area]", COMMUNITY)
    citizen.page.locator("form.card").evaluate("form => form.noValidate = true")
    citizen.click("提交")
    # Consent was forgotten: it is said, and nothing typed is lost.
    assert citizen.errors()
    citizen.look()
    assert citizen.page.input_value("[name=story]") == story
    citizen.page.check("[name=consent]")
    citizen.click("提交")
    citizen.look()
    number = citizen.page.locator("[data-receipt-number]").inner_text()
    return number, he["id_number"][-4:], citizen.page.locator("[data-receipt-code]").inner_text()


def take_it_up(clerk: Desk, name: str) -> str:
    """What came from home becomes a case."""
    clerk.visit("/online/")
    with clerk.page.expect_navigation():
        clerk.page.get_by_role("link", name=name).click()
    clerk.look()
    clerk.page.select_option("[name=programme]", "temporary_assistance")
    clerk.page.check("[name=residence][value=urban]")
    clerk.click("立案")
    number = re.search(r"/cases/([^/]+)/done/apply/", clerk.page.url)
    assert number is not None, clerk.errors()
    return number.group(1)


def complete_and_accept(clerk: Desk, number: str, he: dict[str, Any], wife: dict[str, Any]) -> None:
    join(clerk, number, wife["name"], wife["id_number"], "10")
    # They lived on 1,500 yuan a month over the year, so her medicine alone does not exceed what they can bear.
    his = {
        "wage_casual_monthly": "1500",
        "work_standing": "other_uninsured",
        "lost_work_through_epidemic": "yes",
        "months_without_income": "3",
    }
    hers = {"medical_other_self_paid_12m": "3600"}
    fill_parts(clerk, number, {"全家情况": {"hardship_degree": "light"}, he["name"]: his, wife["name"]: hers})
    # They sent it from home: the signatures follow on paper, and one notice names all that is missing.
    clerk.visit(f"/cases/{number}/answers/")
    clerk.click("出具一次性告知")
    clerk.visit(f"/cases/{number}/missing/")
    assert "授权" in clerk.page.locator("main").inner_text()
    sign(clerk, number)
    lay_in(clerk, number, "housing", "租赁合同.jpg", photo())
    accept(clerk, number)


def set_the_money_out(preparer: Desk, releaser: Desk) -> None:
    """Two people of the finance office: from the fund to the file that the bank takes."""
    page = preparer.page
    preparer.visit("/money/funds/new/")
    page.select_option("[name=programme]", "temporary_assistance")
    preparer.fill(year="2026", name="临时救助资金")
    preparer.click("开设")
    preparer.fill(amount_fen="100000.00", document="清财社〔2026〕21号")
    preparer.click("记账")
    preparer.visit("/money/runs/new/")
    page.select_option("[name=programme]", "temporary_assistance")
    preparer.fill(month="2026-12")
    preparer.click("编制")
    run = page.url.removeprefix(preparer.office.address)
    releaser.visit(run)
    releaser.page.check("[name=has_compared]")
    with releaser.page.expect_navigation():
        releaser.page.get_by_role("button", name=re.compile("^放行")).click()
    file = releaser.page.request.get(f"{releaser.office.address}{run}bank-file").body()
    releaser.page.set_input_files("[name=handed_over]", {"name": "bank.csv", "mimeType": "text/csv", "buffer": file})
    releaser.click("比对并登记送出")
    assert b"1500.00" in file
