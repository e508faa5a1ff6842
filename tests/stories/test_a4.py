"""Story A4: a ranked list to visit, with the reason for each place; who was visited, taken in or not, and why.

Families that need help and whom no rule found are known by the city's truth: `doudi demo score` counts them.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser

from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.manifest import latest_run
from doudi.engine.pipeline.visiting import choose_visits

pytestmark = pytest.mark.browser
TOWNSHIP = "419901201"
NOT_IN_NEED = "儿子已回家务工，生活有保障，本人也不愿申请。"


def test_a4_who_is_visited_first_and_why_and_what_became_of_it(office: Office, browser: Browser) -> None:
    assistant, clerk = sit_down(office, browser, "assistant3"), sit_down(office, browser, "clerk3")
    places_have_their_reasons(assistant, office)
    first, second = (path_of(assistant, place) for place in (0, 1))
    hand_on_and_give_back(sit_down(office, browser, "analyst1"), assistant, first)
    record_a_visit(assistant, first, "confirmed", "因病支出大，家中无收入来源，需要帮助。")
    record_a_visit(assistant, second, "cleared", NOT_IN_NEED)
    takes_in(clerk, first)
    the_list_tells_who_was_taken_in_and_who_not(assistant)
    take_an_outcome_back(clerk, second)
    write_one_down_by_hand(assistant, first)
    for desk in (assistant, clerk):
        assert [line for line in desk.said if "status of 4" not in line] == []


def test_a4_the_miss_rate_is_known_from_the_truth(office: Office) -> None:
    command = [str(Path(sys.executable).parent / "doudi"), "demo", "score", "--lake", str(office.state / "lake")]
    command += ["--city", str(office.state / "city"), "--keys", str(office.state / "keys.json"), "--json"]
    done = subprocess.run(command, env=office.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    score: dict[str, Any] = json.loads(done.stdout)
    for event in score["events"]:
        assert event["planted"] == event["found"] + event["missed"]
    # Groups not yet in any assistance. Who receives was not taken over yet, so that rules about recipients are silent.
    to_help = {rule["rule"] for rule in score["rules"] if not rule["is_adverse"]}
    events = [event for event in score["events"] if event["rule"] in to_help]
    planted, missed, in_no_file = (
        sum(event[name] for event in events) for name in ("planted", "missed", "missed_in_no_file")
    )
    assert planted > 0
    assert missed - in_no_file <= planted // 10, f"{missed} of {planted} missed, {in_no_file} of them in no file"


def places_have_their_reasons(assistant: Desk, office: Office) -> None:
    """The order and the reasons on the page are the night's."""
    run = latest_run(office.state / "lake")
    chosen = choose_visits(run, load_pack(), lang="zh", visits=200, per="township")
    own = sorted((each for each in chosen if each.area.startswith(TOWNSHIP)), key=lambda each: each.place)
    assistant.visit("/findings/visits/")
    cells = assistant.page.locator("td.because").all_inner_texts()
    assert len(cells) == len(own) > 1
    for cell, each in zip(cells, own, strict=True):
        assert all(reason in cell for reason in each.because)
        assert f"{each.points} 分" in cell
    assert [each.points for each in own] == sorted((each.points for each in own), reverse=True)


def path_of(assistant: Desk, place: int) -> str:
    found = assistant.page.locator("a.row-title").nth(place).get_attribute("href")
    assert found is not None
    return found


def hand_on_and_give_back(analyst: Desk, assistant: Desk, path: str) -> None:
    analyst.visit(f"{path}assign/")
    analyst.page.select_option("[name=to_id]", index=0)
    analyst.click("交给这位同事")
    analyst.look()
    assert "经办人" in analyst.page.locator(".page-lead").inner_text()
    chosen = analyst.page.locator(".page-lead").inner_text()
    if "岳知行" in chosen:
        assistant.visit(f"{path}give-back/")
        assistant.fill(reason="本周在县里培训。")
        assistant.click("退回")
        assert "已退回" in assistant.notices()


def record_a_visit(assistant: Desk, path: str, outcome: str, reason: str) -> None:
    page = assistant.page
    assistant.open(path)
    page.get_by_role("link", name="登记入户").click()
    page.wait_for_url("**/tasks/*/")
    page.select_option("[name=second_visitor_id]", index=1)
    page.check(f"[name=outcome][value={outcome}]")
    page.fill("[name=reason]", reason)
    page.select_option("[name=signed_by_id]", index=1)
    assistant.click("登记入户")
    assert "入户已登记" in assistant.notices()


def takes_in(clerk: Desk, path: str) -> None:
    """Whoever was confirmed is helped to apply."""
    clerk.open(path)
    clerk.page.locator("a[href$='/apply/']").first.click()
    clerk.page.wait_for_url("**/apply/")
    clerk.page.check("[name=applicant_id] >> nth=0")
    clerk.click("立案")
    clerk.page.wait_for_url("**/cases/**")


def the_list_tells_who_was_taken_in_and_who_not(assistant: Desk) -> None:
    assistant.visit("/findings/visits/")
    text = assistant.page.locator("main").inner_text()
    assert "入户属实" in text or "已核实" in text or "属实" in text
    assert NOT_IN_NEED in text


def take_an_outcome_back(clerk: Desk, path: str) -> None:
    clerk.visit(path)
    clerk.page.get_by_role("link", name="撤销办结").click()
    clerk.page.wait_for_url("**/undo/")
    clerk.look()
    clerk.fill(reason="登记到了另一户。")
    clerk.click("撤回")
    assert "登记到了另一户。" in clerk.page.locator("main").inner_text()


def write_one_down_by_hand(assistant: Desk, path: str) -> None:
    """What the assistant finds by herself has the same standing (story A2, at the desk)."""
    assistant.open(path)
    assistant.page.get_by_role("link", name="家庭档案").click()
    assistant.page.wait_for_url("**/households/*/")
    assistant.look()
    assistant.page.get_by_role("link", name="登记发现的线索").click()
    assistant.page.wait_for_url("**/finding/")
    assistant.look()
    assistant.page.check("[name=family][value=entitled_not_receiving]")
    assistant.fill(text="配偶住院，自付费用高，一直没有算进低保。")
    assistant.click("登记发现的线索" if assistant.page.get_by_role("button", name="登记发现的线索").count() else "登记")
    assert "与其他线索一样" in assistant.notices()
    assistant.look()
    assistant.visit("/findings/?rule=found_in_the_field")
    assert assistant.page.locator("a.row-title").count() == 1
