"""What the stories of the window share: an invented person's number, a case opened, a way followed."""

import re
from collections.abc import Mapping

from desks import Desk, Office

from doudi.engine.values.identity import check_digit


def id_number(birth: str, sequence: int) -> str:
    """An invented number with the reserved prefix."""
    front = f"419901{birth}{sequence:03d}"
    return front + check_digit(front)


def open_case(clerk: Desk, **typed: str) -> str:
    """Opens a case at the window. Returns its number."""
    page = clerk.page
    clerk.visit("/cases/new/")
    for name in ("channel", "programme"):
        page.select_option(f"[name={name}]", typed.pop(name))
    page.select_option("[name=area]", index=0)
    page.check(f"[name=residence][value={typed.pop('residence')}]")
    clerk.fill(**typed)
    clerk.click("立案")
    clerk.look()
    number = re.search(r"/cases/([^/]+)/done/apply/", page.url)
    assert number is not None, clerk.errors()
    return number.group(1)


def follow(citizen: Desk, number: str, last_four: str, code: str) -> str:
    """What somebody at home sees of the way."""
    citizen.visit("/follow/")
    citizen.fill(number=number, last_four=last_four, code=code)
    citizen.click("查询")
    citizen.look()
    return citizen.page.locator("main").inner_text()


def the_console_is_silent(desks: Mapping[str, Desk], office: Office) -> None:
    """No page broke the content policy, and no script failed."""
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} at {office.address} is not silent"
