"""What the stories of the window share: an invented person's number, a photo, and forms filled in as somebody says."""

import io
import re
from collections.abc import Mapping

from desks import Desk, Office
from PIL import Image

from doudi.engine.values.identity import check_digit

PARTS = ("members", "income", "assets", "expenses")


def id_number(birth: str, sequence: int) -> str:
    """An invented number with the reserved prefix."""
    front = f"419901{birth}{sequence:03d}"
    return front + check_digit(front)


def photo() -> bytes:
    """A photographed paper."""
    drawn = io.BytesIO()
    Image.new("RGB", (900, 1200), (250, 250, 245)).save(drawn, "JPEG")
    return drawn.getvalue()


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


def fill_parts(clerk: Desk, number: str, said: Mapping[str, str]) -> None:
    """Fills in each part: what was said, and zero, no or none for all else that is asked."""
    page = clerk.page
    for part in PARTS:
        clerk.visit(f"/cases/{number}/declare/{part}/")
        boxes = page.locator("form[data-guard] .fields input[type=text], form[data-guard] .fields select")
        for box in boxes.all():
            name = str(box.get_attribute("name")).partition("-")[2]
            if box.evaluate("box => box.tagName") == "SELECT":
                values = [str(each.get_attribute("value")) for each in box.locator("option").all()]
                usual = next(value for value in ("none", "no", "0", values[1]) if value in values)
                box.select_option(said.get(name, usual))
            else:
                box.fill(said.get(name, "0"))
        if boxes.count():
            clerk.click("保存")
    clerk.visit(f"/cases/{number}/")


def sign(clerk: Desk, number: str) -> None:
    """The authorisation, and the account that the money goes to."""
    clerk.visit(f"/cases/{number}/consents/")
    for box in clerk.page.locator("[name=person_ids]").all():
        box.check()
    clerk.click("保存")
    clerk.visit(f"/cases/{number}/account/")
    clerk.fill(bank_name="清河农商银行", account_number="62170000" + number[-6:] + "5678")
    clerk.click("保存")


def lay_in(clerk: Desk, number: str, kind: str, name: str, content: bytes) -> None:
    """Takes a photographed paper into the case."""
    clerk.visit(f"/cases/{number}/scans/")
    clerk.page.select_option("[name=kind]", kind)
    clerk.page.set_input_files("[name=photos]", {"name": name, "mimeType": "image/jpeg", "buffer": content})
    clerk.click("收取")


def accept(clerk: Desk, number: str) -> None:
    """Checks the answers and accepts."""
    clerk.visit(f"/cases/{number}/answers/")
    with clerk.page.expect_navigation():
        clerk.page.locator("main form .btn-primary").first.click()
    assert "/done/accept/" in clerk.page.url, clerk.errors() + clerk.notices()


def receipt(clerk: Desk, number: str) -> tuple[str, str]:
    """Number and code as they stand on the receipt."""
    clerk.visit(f"/cases/{number}/receipt/")
    page = clerk.page
    return page.locator("[data-receipt-number]").inner_text(), page.locator("[data-receipt-code]").inner_text()


def follow(citizen: Desk, number: str, last_four: str, code: str) -> str:
    """What somebody at home sees of the way."""
    citizen.visit("/follow/")
    citizen.fill(number=number, last_four=last_four, code=code)
    citizen.click("查询")
    citizen.look()
    return citizen.page.locator("main").inner_text()


def go_home_visit(assistant: Desk, number: str) -> None:
    """The home visit of two."""
    page = assistant.page
    assistant.visit(f"/cases/{number}/visit/")
    page.select_option("[name=second_visitor_id]", index=1)
    page.check("[name=outcome][value=confirmed]")
    assistant.fill(reason="店铺停业，房租到期，妻子长期服药，情况属实。")
    page.select_option("[name=signed_by_id]", index=1)
    assistant.click("登记入户")


def approve(desk: Desk, number: str, step: str, amount: str) -> None:
    """Somebody's word: granted, this amount."""
    desk.visit(f"/cases/{number}/{step}/")
    desk.page.check("[name=outcome][value=approve]")
    desk.fill(amount_fen=amount, reason="情况属实，同意给予救助。")
    desk.click("提交意见")
    assert "/done/" in desk.page.url, desk.errors()


def days_later(desk: Desk, days: int) -> None:
    """Moves the demonstration's clock."""
    desk.visit("/demo/clock/")
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name=re.compile(f"^往后 {days} 天")).first.click()


def the_console_is_silent(desks: Mapping[str, Desk], office: Office) -> None:
    """No page broke the content policy, and no script failed."""
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} at {office.address} is not silent"
