"""Story B3: a hard case fits no ordinary limit. The county's meeting (一事一议) decides how far it may go.

Also the household's file on the way: a newborn child joins, a near relative of a colleague is entered, and what was
known before stays to be seen.
"""

import re

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser, Page

from doudi.engine.values.identity import check_digit

pytestmark = pytest.mark.browser

APPLICANT, VILLAGE = "许明月", "419901101002"
NUMBER = "41990119850412093" + check_digit("41990119850412093")


def test_b3_a_meeting_goes_beyond_the_ordinary_limit(office: Office, browser: Browser) -> None:
    names = ("clerk1", "clerk2", "reviewer1", "approver1", "auditor1")
    desks = {name: sit_down(office, browser, name) for name in names}
    number, household = apply_at_the_window(desks["clerk1"])
    a_child_joins(desks["clerk1"], household)
    enter_a_near_relative(desks["clerk1"], household)
    give_an_opinion_above_the_limit(desks["clerk1"], number)
    the_decision_waits_for_the_meeting(desks["approver1"], desks["reviewer1"], number)
    hold_the_meeting(desks["reviewer1"], number)
    decide_within_what_was_agreed(desks["approver1"], number)
    all_of_it_is_on_the_case(desks["auditor1"], number)
    # The neighbouring township sees neither the case nor the family.
    for path in (f"/cases/{number}/", f"/cases/{number}/meeting/", household):
        assert desks["clerk2"].page.request.get(office.address + path).status == 404
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} is not silent"


def apply_at_the_window(clerk: Desk) -> tuple[str, str]:
    page = clerk.page
    clerk.visit("/cases/new/")
    page.select_option("[name=programme]", "temporary_assistance")
    page.select_option("[name=area]", VILLAGE)
    clerk.fill(name=APPLICANT, id_number=NUMBER, address="柳溪村三组")
    page.check("[name=residence][value=rural]")
    clerk.click("立案")
    found = re.search(r"/cases/([^/]+)/", page.url)
    assert found is not None
    number = found.group(1)
    clerk.visit(f"/cases/{number}/")
    household = page.get_by_role("link", name="家庭档案").first.get_attribute("href")
    assert household is not None
    return number, household


def a_child_joins(clerk: Desk, household: str) -> None:
    """The case is open, so it keeps the family as it was applied for, and the page says so beforehand."""
    page = clerk.page
    clerk.visit(f"{household}join/")
    assert "仍按申请时的家庭成员办理" in clerk.notices()
    # Somebody who is recorded already is shown before anything is written.
    clerk.fill(name=APPLICANT, id_number=NUMBER, reason="出生登记")
    page.select_option("[name=relation]", "30")
    page.select_option("[name=cause]", "birth")
    clerk.click("登记")
    clerk.look()
    assert "是否为以下人员" in clerk.notices()
    assert "身份证号相同" in page.locator("main").inner_text()
    clerk.visit(f"{household}join/")
    clerk.fill(name="许小满", reason="出生登记", paper="出生医学证明 Q410000001", birth_date="2026-11-02")
    page.select_option("[name=sex]", "2")
    page.select_option("[name=relation]", "30")
    page.select_option("[name=cause]", "birth")
    clerk.click("登记")
    clerk.look()
    text = page.locator("main").inner_text()
    assert "许小满" in text
    assert "出生医学证明" in text
    # What was known yesterday is known as it was known then.
    clerk.visit(f"{household}?known=2026-11-22")
    assert "许小满" not in page.locator("section.card").first.inner_text()
    clerk.visit(household)
    page.get_by_role("link", name=re.compile("^撤销")).first.click()
    page.wait_for_url("**/undo/")
    clerk.look()


def enter_a_near_relative(clerk: Desk, household: str) -> None:
    page = clerk.page
    clerk.visit(f"{household}relatives/")
    page.select_option("[name=person_id]", index=1)
    page.select_option("[name=official_id]", label=option_with(page, "official_id", "付两清"))
    clerk.fill(relation="堂兄弟")
    clerk.click("登记")
    clerk.look()
    assert "付两清" in page.locator("main").inner_text()


def give_an_opinion_above_the_limit(clerk: Desk, number: str) -> None:
    page, case = clerk.page, f"/cases/{number}/"
    for part in ("members", "income", "assets", "expenses"):
        clerk.visit(f"{case}declare/{part}/")
        answer_everything(
            clerk, {"emergency_kind": "sudden_illness", "needs_help_at_once": "yes", "hardship_degree": "extreme"}
        )
        clerk.click("保存")
    clerk.visit(case)
    clerk.click("测算")
    clerk.visit(f"{case}answers/")
    clerk.click("出具一次性告知")
    clerk.visit(f"{case}opinion/")
    page.check("[name=outcome][value=approve]")
    clerk.fill(amount_fen="4000", reason="突发重病，自付费用远超家庭负担能力，提请一事一议。")
    clerk.click("提交意见")


def the_decision_waits_for_the_meeting(approver: Desk, reviewer: Desk, number: str) -> None:
    approver.visit(f"/cases/{number}/")
    assert "一事一议" in approver.page.locator("main").inner_text()
    approver.visit(f"/cases/{number}/confirm/")
    reviewer.open(f"/cases/{number}/meeting/")
    word = {"version": version_on(reviewer), "outcome": "approve", "amount_fen": "4000", "reason": "同意。"}
    status, text = approver.send(f"/cases/{number}/confirm/", word)
    assert status == 422
    assert "一事一议" in text


def hold_the_meeting(reviewer: Desk, number: str) -> None:
    page, path = reviewer.page, f"/cases/{number}/meeting/"
    reviewer.visit(path)
    reviewer.fill(
        agenda="许明月家庭突发重病一事一议：审议超出一般限额的临时救助。",
        minutes="会议听取乡镇汇报，查看病历与费用清单，一致认为属于急难情形，按四千元给予救助，并转介慈善。",
        amount_fen="4000.00",
    )
    vote(reviewer, "沈慎之", "for")
    vote(reviewer, "钱分明", "for")
    vote(reviewer, "观微", "against")
    vote(reviewer, "付两清", "for")
    reviewer.click("记录会议")
    reviewer.look()
    assert "近亲属" in reviewer.errors()
    # Nothing typed is lost; the relative steps aside and says why, and so does who will decide.
    assert page.input_value("[name=amount_fen]") == "4000.00"
    vote(reviewer, "付两清", "recused", "与申请人系堂兄弟")
    vote(reviewer, "严定", "recused", "将对本案作出决定")
    reviewer.click("记录会议")
    reviewer.look()
    reviewer.visit(f"/cases/{number}/")
    text = page.locator("main").inner_text()
    for said in ("会议同意", "同意 2 票，不同意 1 票", "与申请人系堂兄弟", "按四千元给予救助"):
        assert said in text, said


def decide_within_what_was_agreed(approver: Desk, number: str) -> None:
    page, path = approver.page, f"/cases/{number}/confirm/"
    approver.visit(path)
    page.check("[name=outcome][value=approve]")
    approver.fill(amount_fen="4000.01", reason="同意会议意见。")
    approver.click("提交意见")
    assert "会议" in approver.errors()
    approver.fill(amount_fen="4000.00")
    approver.click("提交意见")
    approver.visit(f"/cases/{number}/")
    assert "4,000.00" in page.locator("main").inner_text()


def all_of_it_is_on_the_case(auditor: Desk, number: str) -> None:
    auditor.visit(f"/cases/{number}/")
    text = auditor.page.locator("main").inner_text()
    for said in ("提请一事一议", "审议超出一般限额", "付两清", "严定", "同意会议意见"):
        assert said in text, said


def vote(reviewer: Desk, name: str, value: str, why: str = "") -> None:
    row = reviewer.page.get_by_role("row", name=re.compile(name))
    row.locator("select").select_option(value)
    row.locator("input[name^=why_]").fill(why)


def option_with(page: Page, field: str, text: str) -> str:
    found: str = page.locator(f"[name={field}] option", has_text=text).first.inner_text()
    return found


def version_on(desk: Desk) -> str:
    return desk.page.locator("[name=version]").first.input_value()


def answer_everything(clerk: Desk, told: dict[str, str]) -> None:
    """Zero, no, none wherever the story says nothing."""
    form = clerk.page.locator("form[data-guard]")
    for box in form.locator("select").all():
        name = str(box.get_attribute("name")).split("-", 1)[-1]
        values = [str(each.get_attribute("value")) for each in box.locator("option").all()]
        wanted = told.get(name) or next((v for v in ("none", "no", "0") if v in values), values[-1])
        box.select_option(wanted)
    for box in form.locator("input[type=text]").all():
        if box.get_attribute("inputmode") in ("decimal", "numeric"):
            box.fill("0")
