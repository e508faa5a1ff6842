"""An application at the window without a mouse: by Tab, Enter, Space and the arrows, in large print, from log-in to the
acceptance. Whoever can't hold a mouse, or is only faster without one, loses no step.
"""

import re

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser, Locator
from window import id_number

pytestmark = pytest.mark.browser
# More presses than any page of the walk has places to stand.
TABS_MAX = 160
PROGRAMME = "temporary_assistance"
# What is so in this family; where nothing is said, the answer is nothing, no or none.
SO = {"emergency_kind": "sudden_illness", "needs_help_at_once": "yes", "hardship_degree": "light"}


def test_a_clerk_takes_an_application_by_keyboard_alone_in_large_print(office: Office, browser: Browser) -> None:
    clerk = sit_down(office, browser)
    clerk.open("/login")
    write(clerk, "[name=username]", "clerk1")
    write(clerk, "[name=password]", office.logins["clerk1"]["password"])
    press(clerk, "Enter")
    large_print(clerk)
    go(clerk, ".rooms a[href='/cases/']")
    go(clerk, "main a[href='/cases/new/']")
    number = open_the_case(clerk)
    case = f"/cases/{number}/"
    go(clerk, f"main a[href='{case}']")
    for part in ("members", "income", "assets", "expenses"):
        fill_in(clerk, case, part)
    go(clerk, f"main form[action='{case}assess/'] button")
    look_large(clerk)
    go(clerk, f"main a[href='{case}answers/']")
    look_large(clerk)
    # Help comes first in an emergency: what is missing is told, and the case is accepted.
    go(clerk, "main form[method=post]:has([name=version]) button")
    assert clerk.errors() == ""
    clerk.open(case)
    assert "受理" in clerk.page.locator(".steps .is-done").all_inner_texts()[1]
    assert [line for line in clerk.said if "status of 4" not in line] == []


def large_print(clerk: Desk) -> None:
    """The switch lies in the menu of one's name; the choice holds on every page that follows."""
    stand_on(clerk, "details.menu summary")
    clerk.page.keyboard.press("Enter")
    go(clerk, "button[name=size][value=large]")
    assert clerk.page.locator("html.is-large").count() == 1


def open_the_case(clerk: Desk) -> str:
    choose(clerk, "[name=channel]", "window")
    choose(clerk, "[name=programme]", PROGRAMME)
    write(clerk, "[name=name]", "盲道宽")
    write(clerk, "[name=id_number]", id_number("19750607", 91))
    write(clerk, "[name=address]", "柳林镇柳林村三组7号")
    tick(clerk, "[name=residence]")
    look_large(clerk)
    stand_on(clerk, "[name=address]")
    press(clerk, "Enter")
    found = re.search(r"/cases/([^/]+)/done/apply/", clerk.page.url)
    assert found is not None, clerk.errors()
    look_large(clerk)
    return found.group(1)


def fill_in(clerk: Desk, case: str, part: str) -> None:
    """One part of the application: each question answered where the keyboard stands."""
    go(clerk, f"main a[href='{case}members/']" if part == "members" else f"main a[href='{case}declare/{part}/']")
    if part == "members":
        go(clerk, f"main a[href='{case}declare/members/']")
    look_large(clerk)
    form = clerk.page.locator("main form[data-guard]")
    for field in form.locator("select, input[inputmode]").all():
        name = field.get_attribute("name") or ""
        stand_on(clerk, f"[name='{name}']")
        if field.evaluate("field => field.tagName") == "SELECT":
            values = [str(each.get_attribute("value")) for each in field.locator("option").all()]
            fitting = (value for value in ("none", "no", "0") if value in values)
            choose(clerk, f"[name='{name}']", SO.get(name.split("-", 1)[-1]) or next(fitting, values[-1]))
        else:
            clerk.page.keyboard.type("0")
    go(clerk, "main form[data-guard] .acts button")
    assert clerk.errors() == ""
    if not clerk.page.url.endswith(case):
        clerk.open(case)


def stand_on(clerk: Desk, selector: str) -> Locator:
    """Presses Tab until the keyboard stands there; what can't be reached so fails."""
    place = clerk.page.locator(selector).first
    assert place.count(), f"{selector} is not on {clerk.page.url}: {clerk.errors()}"
    for _ in range(TABS_MAX):
        if place.evaluate("place => place === document.activeElement"):
            outlined = place.evaluate(
                "place => getComputedStyle(place).outlineStyle + getComputedStyle(place).boxShadow"
            )
            assert outlined != "nonenone", f"nobody sees that the keyboard stands on {selector}"
            return place
        clerk.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} on {clerk.page.url} is not reached by Tab")


def write(clerk: Desk, selector: str, text: str) -> None:
    stand_on(clerk, selector)
    clerk.page.keyboard.type(text)


def choose(clerk: Desk, selector: str, value: str) -> None:
    """Goes down a list with the arrows until the value stands there."""
    place = stand_on(clerk, selector)
    count = place.locator("option").count()
    clerk.page.keyboard.press("Home")
    for _ in range(count):
        if place.input_value() == value:
            return
        clerk.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} has no {value}")


def tick(clerk: Desk, selector: str) -> None:
    stand_on(clerk, selector)
    clerk.page.keyboard.press("Space")


def go(clerk: Desk, selector: str) -> None:
    """Stands on a link or button and presses Enter."""
    stand_on(clerk, selector)
    press(clerk, "Enter")


def press(clerk: Desk, key: str) -> None:
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press(key)


def look_large(clerk: Desk) -> None:
    """Large print keeps to the same rules, wide and on a phone."""
    assert clerk.page.locator("html.is-large").count() == 1
    clerk.look()
