"""Story A3: the night's person-checks and warnings come from the data; each warning leads to the records compared."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser

from doudi.engine.pipeline.manifest import Run, latest_run, read_table

pytestmark = pytest.mark.browser


def test_a3_the_night_s_figures_come_from_the_data_and_lead_to_the_records(office: Office, browser: Browser) -> None:
    analyst, reviewer = sit_down(office, browser, "analyst1"), sit_down(office, browser, "reviewer1")
    run = latest_run(office.state / "lake")
    every = [row for row in read_table(run, "findings").to_pylist() if row["status"] != "closed"]
    figures_are_the_data_s(analyst, run, every)
    from_the_map_to_a_record(analyst, run, every)
    rules_tell_how_often_they_are_right(analyst, every)
    two_people_say_who_is_who(reviewer, sit_down(office, browser, "approver1"))
    for desk in (analyst, reviewer):
        assert [line for line in desk.said if "status of 4" not in line] == []


def figures_are_the_data_s(analyst: Desk, run: Run, every: list[dict[str, Any]]) -> None:
    """People checked, warnings raised: as the sealed manifest and its tables have them."""
    analyst.visit("/findings/night/")
    shown = analyst.page.locator("main").inner_text()
    people = len(read_table(run, "memberships").column("person_key").unique())
    assert f"{people:,}" in shown
    assert f"{len(every):,}" in shown
    for taken in run.manifest.inputs:
        assert taken.received == taken.accepted + taken.quarantined + taken.duplicate
    assert f"{sum(taken.received for taken in run.manifest.inputs):,}" in shown
    analyst.page.get_by_role("link", name=f"{len(every):,}", exact=True).click()
    analyst.page.wait_for_url("**/findings/?**")
    assert f"{len(every)} 条" in analyst.page.locator(".paging").inner_text()


def from_the_map_to_a_record(analyst: Desk, run: Run, every: list[dict[str, Any]]) -> None:
    """The number of a township leads to its rows, a row to the finding, and that to source, batch and line."""
    towns = Counter(row["area"][:9] for row in every)
    analyst.visit("/findings/map/?state=all")
    assert analyst.page.locator("svg.township-map a").count() == len(towns)
    code, count = towns.most_common(1)[0]
    cell = analyst.page.locator(f"#table a[href*='{code}']")
    assert cell.inner_text() == str(count)
    analyst.page.locator(f"svg.township-map a[href*='{code}']").click()
    analyst.page.wait_for_url("**/findings/?town=**")
    assert f"{count} 条" in analyst.page.locator(".paging").inner_text()
    analyst.look()
    analyst.page.locator("a.row-title").first.click()
    analyst.page.wait_for_url(re.compile(r"/findings/\d+/$"))
    analyst.look()
    reasons = {
        (fact["batch"][:8], fact["row"]) for fact in read_table(run, "finding_facts").to_pylist() if fact["batch"]
    }
    text = analyst.page.locator("main").inner_text()
    assert any(batch in text and str(row) in text for batch, row in reasons)


def rules_tell_how_often_they_are_right(analyst: Desk, every: list[dict[str, Any]]) -> None:
    analyst.visit("/findings/rules/")
    waiting = analyst.page.locator("a[href*='state=open']").all_inner_texts()
    confirmed = analyst.page.locator("a[href*='state=confirmed']").all_inner_texts()
    cleared = analyst.page.locator("a[href*='state=cleared']").all_inner_texts()
    assert sum(map(int, [*waiting, *confirmed, *cleared])) == len(every)


def two_people_say_who_is_who(reviewer: Desk, approver: Desk) -> None:
    """What the check could not decide by itself waits for people, two records side by side."""
    reviewer.visit("/pairs/")
    reviewer.page.locator("a.row-title").first.click()
    reviewer.page.wait_for_url(re.compile(r"/pairs/\d+/$"))
    reviewer.look()
    path = reviewer.page.url.removeprefix(reviewer.office.address)
    assert reviewer.page.get_by_text("≠ 不同").count() >= 1
    reviewer.page.check("[name=verdict][value=same]")
    reviewer.fill(reason="电话核实，户籍曾改名。")
    reviewer.click("认定并看下一条")
    assert "待第二人复核" in reviewer.notices()
    reviewer.visit(path)
    assert "须由另一位同事复核" in reviewer.notices()
    approver.visit(path)
    approver.fill(reason="调阅改名记录，一致。")
    approver.click("复核认定：同一人")
    assert "自下一夜起" in approver.notices()
    approver.visit(f"{path}withdraw/")
    approver.fill(reason="改名记录是另一人的。")
    approver.click("撤回")
    assert "已撤回" in approver.notices()
    approver.look()
    assert "改名记录是另一人的" in approver.page.locator("main").inner_text()


def test_a3_the_count_of_the_sheet_is_kept_with_the_run(office: Office) -> None:
    run = latest_run(office.state / "lake")
    kept = json.loads((run.folder / "manifest.json").read_text("utf-8"))
    assert kept["tables"]["findings"]["rows"] == read_table(run, "findings").num_rows
