"""Story C3: gradual exit with both return visits, a new hardship, and a restart that keeps the history.

The family comes from the old system's roll.
The yearly cap of the story stands in tests/office/entitlements.
"""

import io
import re

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser
from pypdf import PdfReader
from rolls import SPOUSE, Row, couples, facts_of, take_over

pytestmark = pytest.mark.browser
VILLAGE = "419901101003"
BEGINS, THREE_MONTHS, SIX_MONTHS = "2026-12-07", "2027-03-09", "2027-06-09"


def test_c3_a_restart_keeps_the_history_of_the_gradual_exit(office: Office, browser: Browser) -> None:
    rows = couples(office, VILLAGE)[0]
    take_over(office, rows, facts_of(office, rows), "c3")
    head = rows[0]["姓名"]
    today(office, BEGINS)
    case, page = gradual_exit(office, browser, rows)
    return_visit(office, browser, page, THREE_MONTHS, "妻子工作稳定，孩子康复良好。", is_again=False)
    return_visit(office, browser, page, SIX_MONTHS, "妻子被裁员，又没有收入了。", is_again=True)
    clerk = sit_down(office, browser, "clerk1")
    number = apply_again(clerk, rows[0])
    assert number not in case
    text = clerk.page.locator("main").inner_text()
    # The file of before, how it ended, and what both return visits found.
    for part in ("这一家以前享受的待遇", "就业后渐退", "妻子工作稳定", "妻子被裁员", "再次困难"):
        assert part in text, part
    clerk.look()
    # Who lives there and what is known is not asked again.
    clerk.visit(f"/cases/{number}/members/")
    shown = clerk.page.locator("main").inner_text()
    assert all(row["姓名"] in shown for row in rows)
    assert head in shown
    assert [line for line in clerk.said if "status of 4" not in line] == []


def gradual_exit(office: Office, browser: Browser, rows: list[Row]) -> tuple[str, str]:
    """The wife has found work; the county decides, the family is told. Returns the case's and the ending's path."""
    assistant, clerk = sit_down(office, browser, "assistant1"), sit_down(office, browser, "clerk1")
    assistant.visit("/cases/?state=all")
    assistant.page.get_by_role("row", name=re.compile(rows[0]["姓名"])).get_by_role("link").first.click()
    assistant.page.wait_for_url("**/cases/*/")
    case = assistant.page.url.removeprefix(office.address)
    page = assistant.page.get_by_role("link", name="停发待遇").get_attribute("href")
    assert page is not None
    found_work(assistant, case, next(row["姓名"] for row in rows if row["与户主关系"] == SPOUSE))
    reviewer, approver = sit_down(office, browser, "reviewer1"), sit_down(office, browser, "approver1")
    reviewer.visit(page.replace("/end/", "/change/"))
    reviewer.click("查询部门数据")
    clerk.visit(page)
    clerk.page.check("[name=cause][value=gradual_exit]")
    clerk.fill(reason="妻子就业，收入超过标准，进入渐退期。")
    clerk.click("提出停发")
    approver.visit("/")
    assert "确认停发" in approver.page.locator("main").inner_text()
    approver.visit(page)
    approver.page.check("[name=outcome][value=approve]")
    approver.fill(reason="同意渐退。")
    approver.click("确定")
    clerk.visit(page)
    clerk.fill(delivery="上门")
    clerk.click("送达告知书")
    clerk.look()
    assert "2027-06" in clerk.page.locator("main").inner_text()
    path = clerk.page.get_by_role("link", name="决定书（PDF）").get_attribute("href")
    pdf = clerk.page.request.get(f"{office.address}{path}")
    text = "".join("".join(part.extract_text() for part in PdfReader(io.BytesIO(pdf.body())).pages).split())
    for part in ("渐退决定书", "最后发放月份", "2027年6月", "行政复议", "照原金额继续发放"):
        assert part in text, part
    return case, page


def found_work(assistant: Desk, case: str, wife: str) -> None:
    assistant.visit(f"{case}visit/")
    card = assistant.page.locator("section.card", has=assistant.page.get_by_role("heading", name=wife, exact=True))
    card.locator("[name$='-wage_casual_monthly']").fill("4200")
    assistant.fill(reason="孩子康复，妻子重新上班。")
    assistant.page.select_option("[name=second_visitor_id]", index=1)
    assistant.page.check("[name=outcome][value=confirmed]")
    assistant.page.select_option("[name=signed_by_id]", index=1)
    assistant.click("登记入户")


def return_visit(office: Office, browser: Browser, page: str, day: str, found: str, *, is_again: bool) -> None:
    """The visit stands overdue in the work list; then it is written down."""
    today(office, day)
    assistant = sit_down(office, browser, "assistant1")
    assistant.visit("/")
    row = assistant.page.locator("#overdue tbody tr", has=assistant.page.get_by_text("渐退期回访"))
    row.get_by_role("link").click()
    assistant.page.wait_for_url(f"**{page}")
    assistant.fill(found=found)
    if is_again:
        assistant.page.check("[name=is_in_hardship_again]")
    assistant.look()
    assistant.click("回访")
    assert found in assistant.page.locator("main").inner_text()
    assert [line for line in assistant.said if "status of 4" not in line] == []


def apply_again(clerk: Desk, head: Row) -> str:
    clerk.visit("/cases/new/")
    clerk.page.select_option("[name=programme]", "dibao")
    clerk.page.select_option("[name=area]", VILLAGE)
    clerk.fill(name=head["姓名"], id_number=head["公民身份号码"], address=head["住址"])
    clerk.page.locator("[name=residence][value=rural]").check()
    clerk.click("立案")
    # The family is known from before: it is shown, not entered anew.
    clerk.look()
    clerk.page.check("[name=has_looked]")
    clerk.click("立案")
    number = re.search(r"/cases/([^/]+)/", clerk.page.url)
    assert number is not None
    clerk.open(f"/cases/{number.group(1)}/")
    return number.group(1)


def today(office: Office, day: str) -> None:
    """Put the office's clock at nine o'clock of a day."""
    (office.state / "clock").write_text(f"{day}T01:00:00+00:00", "ascii")
