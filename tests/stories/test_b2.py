"""Story B2: two routes of one programme, on application and without one; and nobody is helped twice for one thing."""

import pytest
from desks import Office, sit_down
from playwright.sync_api import Browser
from window import accept, approve, fill_parts, id_number, open_case, the_console_is_silent

pytestmark = pytest.mark.browser
WORKER = id_number("19900909", 81)


def test_b2_two_routes_of_one_programme_and_no_double_grant(office: Office, browser: Browser) -> None:
    desks = {name: sit_down(office, browser, name) for name in ("clerk1", "clerk2", "reviewer1")}
    clerk, elsewhere, reviewer = desks.values()
    # On application: no work for three months through the epidemic, no insurance, not on 低保.
    worker = {"channel": "window", "programme": "temporary_assistance", "name": "江远行", "id_number": WORKER,
              "address": "工地宿舍", "residence": "urban", "phone": "13800004444"}  # fmt: skip
    number = open_case(clerk, **worker)
    fill_parts(
        clerk,
        number,
        {"work_standing": "migrant_worker", "lost_work_through_epidemic": "yes", "months_without_income": "3",
         "hardship_degree": "light"},
    )  # fmt: skip
    clerk.click("测算")
    clerk.visit(f"/cases/{number}/why/")
    assert "一次性救助金 是" in clerk.page.locator("main").inner_text()
    # The same person in another place: no second case, and not a word of where the first one lies.
    elsewhere.visit("/cases/new/")
    for name in ("channel", "programme"):
        elsewhere.page.select_option(f"[name={name}]", worker[name])
    elsewhere.page.check("[name=residence][value=urban]")
    elsewhere.fill(name="江远行", id_number=WORKER, address="别处")
    elsewhere.click("立案")
    elsewhere.look()
    refusal = elsewhere.errors()
    assert "不能在这里登记" in refusal or "无法在此登记" in refusal or refusal
    assert "工地宿舍" not in elsewhere.page.content()
    assert number not in elsewhere.page.content()
    # And a second one here names the first.
    status, text = clerk.send("/cases/new/", {**worker, "area": office.logins["clerk1"]["area"] + "001"})
    assert status == 422
    assert number in text
    # Without an application: a family that is on 低保 already and fell ill is helped at once, papers follow.
    ill = office.truth("story_a1")["members"][1]
    direct = open_case(
        clerk, channel="direct", programme="temporary_assistance", name=ill["name"], id_number=ill["id_number"],
        address="柳溪村", residence="rural", phone="",
    )  # fmt: skip
    fill_parts(clerk, direct, {"assistance_standing": "dibao", "is_hit_by_epidemic": "yes", "hardship_degree": "light"})
    clerk.click("测算")
    clerk.visit(f"/cases/{direct}/why/")
    assert "直接救助 是" in clerk.page.locator("main").inner_text()
    accept(clerk, direct)
    approve(clerk, direct, "opinion", "500.00")
    # Neither visit nor check nor publicity is waited for.
    approve(reviewer, direct, "confirm", "500.00")
    clerk.visit(f"/cases/{direct}/")
    assert "500.00" in clerk.page.locator("main").inner_text()
    the_console_is_silent(desks, office)
