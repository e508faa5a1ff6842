"""Story B1, its beginning: help is asked for from home and by a neighbour, and the one who asked follows the case."""

import pytest
from desks import Office, sit_down
from playwright.sync_api import Browser
from window import follow, id_number, open_case, the_console_is_silent

pytestmark = pytest.mark.browser


def test_b1_help_is_asked_for_from_home_and_by_a_neighbour(office: Office, browser: Browser) -> None:
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
