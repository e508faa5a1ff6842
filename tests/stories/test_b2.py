"""Story B2: two routes of one programme, on application and without one, and nobody is helped twice for one thing."""

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser
from rolls import couples, facts_of, take_over
from window import (
    COMMUNITY,
    accept,
    approve,
    ask_departments,
    assess,
    fill_in,
    fill_parts,
    go_home_visit,
    on_day,
    open_case,
    read_letter,
    sign,
    the_console_is_silent,
    without_known_income,
)

pytestmark = pytest.mark.browser
OPENED, DECIDED = "2026-11-23", "2026-12-01"


def test_b2_without_work_for_three_months_on_application_and_in_one_place_only(
    office: Office, browser: Browser
) -> None:
    on_day(office, OPENED)
    names = ("clerk1", "assistant1", "reviewer1", "township_reviewer1", "clerk4")
    desks = {name: sit_down(office, browser, name) for name in names}
    clerk, assistant, reviewer, leader, elsewhere = desks.values()
    [worker] = without_known_income(office, "户主")
    typed = {
        "channel": "window",
        "programme": "temporary_assistance",
        "name": worker["name"],
        "id_number": worker["id_number"],
        "residence": "urban",
    }
    number = open_case(clerk, **typed, address="工地宿舍")
    # The window of another county learns no more than that it should ask; the own one is told of the case.
    refusal = refused(elsewhere, typed)
    assert "可能已在其他地方登记，也可能已在那里申请或者领取救助" in refusal
    elsewhere.look()
    shown = elsewhere.page.locator("main").inner_text()
    assert not any(part in shown for part in (number, "工地宿舍", "清河", "柳林", "临时救助案件"))
    assert number in refused(clerk, typed)
    said = {
        "work_standing": "migrant_worker",
        "lost_work_through_epidemic": "yes",
        "months_without_income": "3",
    }
    fill_parts(clerk, number, {"全家情况": {"hardship_degree": "light"}, worker["name"]: said})
    sign(clerk, number)
    accept(clerk, number)
    go_home_visit(assistant, number, "三个月没有活干，没有收入。")
    ask_departments(reviewer, number)
    why = assess(clerk, number)
    assert "急难型 否，直接救助 否，支出型 否，一次性救助金 是" in why
    assert "1,500.00" in why
    approve(clerk, number, "opinion", "失业保险覆盖不了，不在低保，同意。")
    clerk.visit(f"/cases/{number}/publicity/")
    clerk.click("开始公示")
    on_day(office, DECIDED)
    approve(leader, number, "confirm", "公示无异议，同意。")
    assert "1,500.00" in read_letter(clerk, number)
    # What he has had stands on the next application here, and the other county is told the same as before.
    assert refused(elsewhere, typed) == refusal
    again = open_case(clerk, **typed, address="工地宿舍")
    clerk.visit(f"/cases/{again}/")
    earlier = clerk.page.locator("main").inner_text()
    assert "这一家以前享受的待遇" in earlier
    assert "1,500.00" in earlier
    the_console_is_silent(desks, office)


def test_b2_a_family_on_dibao_that_fell_ill_is_helped_without_applying(office: Office, browser: Browser) -> None:
    on_day(office, OPENED)
    family = couples(office, COMMUNITY)[0]
    take_over(office, family, facts_of(office, family), "b2")
    on_day(office, DECIDED)
    head = family[0]
    desks = {name: sit_down(office, browser, name) for name in ("clerk1", "township_reviewer1")}
    clerk, leader = desks.values()
    number = open_case(
        clerk,
        channel="direct",
        programme="temporary_assistance",
        name=head["姓名"],
        id_number=head["公民身份号码"],
        address=head["住址"],
        residence="urban",
    )
    told = {"assistance_standing": "dibao", "is_hit_by_epidemic": "yes", "hardship_degree": "light"}
    fill_parts(clerk, number, {"全家情况": told})
    # Nothing is signed yet: where a known family is helped directly, the papers follow.
    accept(clerk, number)
    clerk.visit(f"/cases/{number}/")
    assert "先行救助，以下手续后补" in clerk.notices()
    why = assess(clerk, number)
    assert "急难型 否，直接救助 是" in why
    approve(clerk, number, "opinion", "一家因疫情患病，直接救助。")
    # Neither visit nor check nor publicity is waited for.
    approve(leader, number, "confirm", "同意直接救助。")
    letter = read_letter(clerk, number)
    assert "直接救助是" in letter
    clerk.visit(f"/cases/{number}/")
    text = clerk.page.locator("main").inner_text()
    assert "2026-12" in text
    for later in ("补办手续", "事后入户核实"):
        assert later in text
    the_console_is_silent(desks, office)


def refused(clerk: Desk, typed: dict[str, str]) -> str:
    """What is said to whoever tries to open a case for this person."""
    fill_in(clerk, **typed, address="别处")
    return clerk.errors()
