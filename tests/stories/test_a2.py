"""Story A2: a rural family receives already; the wife is in hospital and was never in the grant. Found at the door.

The family comes from the roll of the old system, in which the wife is missing. The city and its departments know her.
"""

import io
import re

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser
from pypdf import PdfReader
from rolls import SPOUSE, Row, couples, facts_of, take_over

pytestmark = pytest.mark.browser
VILLAGE = "419901101002"


def test_a2_the_wife_in_hospital_is_taken_into_the_grant(office: Office, browser: Browser) -> None:
    family = a_family_without_the_wife(office)
    wife, old, new = family["姓名"], family["old"], family["new"]
    # The three levels of officers come some days after the take-over.
    (office.state / "clock").write_text("2026-12-02T01:00:00+00:00", "ascii")
    desks = {name: sit_down(office, browser, name) for name in ("assistant1", "clerk1", "reviewer1", "approver1")}
    page = the_help_of(desks["assistant1"], family["head"])
    take_her_in(desks["assistant1"], page, family)
    visit_her(desks["assistant1"], page, wife)
    desks["reviewer1"].visit(page)
    desks["reviewer1"].click("查询部门数据")
    assert "部门数据返回" in desks["reviewer1"].notices()
    recompute(desks, page, wife, old, new)
    read_the_letter(desks["clerk1"], page, wife, old, new)
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} is not silent"


def a_family_without_the_wife(office: Office) -> Row:
    """One couple of the old roll is taken over as if the wife had never been in it; her row is given back."""
    rows = couples(office, VILLAGE)[0]
    [wife] = [row for row in rows if row["与户主关系"] == SPOUSE]
    facts = facts_of(office, rows)
    assert not any(is_income(row) and float(row["值"]) for row in facts if row["公民身份号码"] == wife["公民身份号码"])
    # Without her the family got less by her share of the rural standard, 420 yuan.
    new = wife["户月保障金额(元)"]
    old = f"{float(new) - 420:.2f}"
    roll = [row | {"户月保障金额(元)": old} for row in rows if row is not wife]
    take_over(office, roll, [row for row in facts if row["公民身份号码"] != wife["公民身份号码"]], "a2")
    return wife | {"old": old, "new": new, "head": rows[0]["姓名"]}


def the_help_of(assistant: Desk, head: str) -> str:
    """From the list of cases to what the family receives. Returns the page's path."""
    assistant.visit("/cases/?state=all&programme=dibao")
    assistant.page.get_by_role("row", name=re.compile(head)).get_by_role("link").first.click()
    assistant.page.wait_for_url("**/cases/*/")
    assistant.look()
    href = assistant.page.get_by_role("link", name="待遇金额").get_attribute("href")
    assert href is not None
    assistant.visit(href)
    return href


def take_her_in(assistant: Desk, page: str, wife: Row) -> None:
    assistant.page.get_by_role("link", name="增加成员").click()
    assistant.page.wait_for_url("**/join/")
    assistant.look()
    assistant.fill(name=wife["姓名"], id_number=wife["公民身份号码"])
    assistant.page.select_option("[name=relation]", "10")
    # An adult who has not signed is not checked.
    assistant.click("登记成员")
    assert "授权书" in assistant.errors()
    assistant.look()
    assistant.fill(signed_on="2026-11-23")
    assistant.click("登记成员")
    assert wife["姓名"] in assistant.page.locator("main").inner_text()
    assert assistant.page.url.endswith(page)


def visit_her(assistant: Desk, page: str, wife: str) -> None:
    assistant.page.get_by_role("link", name="登记入户").click()
    assistant.page.wait_for_url("**/visit/")
    assistant.look()
    card = assistant.page.locator("section.card", has=assistant.page.get_by_role("heading", name=wife, exact=True))
    for name in ("wage_casual_monthly", "support_received_monthly"):
        card.locator(f"[name$='-{name}']").fill("0")
    card.locator("[name$='-membership_exclusion']").select_option("none")
    assistant.page.fill("[name=home-financial_assets]", "9000")
    assistant.fill(reason="市县乡三级入户：妻子住院，自付费用大，一直没有算进低保。")
    assistant.page.select_option("[name=second_visitor_id]", index=1)
    assistant.page.check("[name=outcome][value=confirmed]")
    assistant.page.select_option("[name=signed_by_id]", index=1)
    assistant.click("登记入户")
    assert "入户已登记" in assistant.notices()


def recompute(desks: dict[str, Desk], page: str, wife: str, old: str, new: str) -> None:
    clerk = desks["clerk1"]
    clerk.visit(page)
    clerk.page.check("[name=occasion][value=visit]")
    clerk.fill(reason="妻子共同生活，应当计入。")
    clerk.click("提出按现行规则调整金额")
    clerk.look()
    text = clerk.page.locator("main").inner_text()
    assert f"{money(old)} → {money(new)}" in text
    assert f"{wife}计入共同生活的家庭成员" in text
    assert "使金额增加 420.00 元" in text
    for name, button in (("reviewer1", "审核"), ("approver1", "确定")):
        desk = desks[name]
        desk.visit("/")
        assert "金额调整" in desk.page.locator("main").inner_text()
        desk.visit(page)
        desk.page.check("[name=outcome][value=approve]")
        desk.fill(reason="入户属实，同意。")
        desk.click(button)
    desks["approver1"].look()


def read_the_letter(clerk: Desk, page: str, wife: str, old: str, new: str) -> None:
    clerk.visit("/")
    assert "送达金额调整决定书" in clerk.page.locator("main").inner_text()
    clerk.visit(page)
    clerk.fill(delivery="上门")
    clerk.click("送达告知书")
    clerk.look()
    amounts = clerk.page.locator("section.card").first.inner_text()
    first, second = [line.split() for line in amounts.splitlines() if line.startswith("202")]
    assert first[1] == money(new)
    assert second[1] == money(old)
    # From the month after the decision on.
    assert first[0] == "2027-01"
    path = clerk.page.get_by_role("link", name="决定书（PDF）").first.get_attribute("href")
    pdf = clerk.page.request.get(f"{clerk.office.address}{path}")
    text = "".join("".join(part.extract_text() for part in PdfReader(io.BytesIO(pdf.body())).pages).split())
    for part in (
        "增发决定书",
        f"{wife}计入共同生活的家庭成员",
        money(old),
        money(new),
        "使金额增加420.00元",
        "行政复议",
    ):
        assert part in text, part


def is_income(fact: Row) -> bool:
    """A monthly amount of one person."""
    return fact["指标"].endswith("_monthly")


def money(yuan: str) -> str:
    """An amount as pages and letters show it."""
    return f"{float(yuan):,.2f}"
