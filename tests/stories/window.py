"""What the stories of the window share: numbers, photographed papers, and what each desk types on a case's way."""

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import Any

from desks import Desk, Office
from PIL import Image
from playwright.sync_api import Locator
from pypdf import PdfReader

from doudi.engine.values.identity import check_digit

COMMUNITY = "419901101001"
PARTS = ("members", "income", "assets", "expenses")
Said = Mapping[str, Mapping[str, str]]


def id_number(birth: str, sequence: int) -> str:
    """An invented number with the reserved prefix."""
    front = f"419901{birth}{sequence:03d}"
    return front + check_digit(front)


def without_known_income(office: Office, *relations: str) -> list[dict[str, Any]]:
    """The first family of the clerk's community, of exactly these members, that no department knows an income of.

    It is on no roll, and the household registry's rows of all its members are whole, so the night knows them.
    """
    truth = office.state / "city" / "truth"
    with (truth / "rows.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id_number"] for row in csv.DictReader(file) if _is_registered(row)}
    return next(
        family["members"]
        for family in json.loads((truth / "households.json").read_text("utf-8"))
        if family["area_code"] == COMMUNITY
        and tuple(member["relation"] for member in family["members"]) == relations
        and not family["receives_fen"]
        and all(member["id_number"] in known and not member["incomes"] for member in family["members"])
    )


def photo() -> bytes:
    """A photographed paper."""
    drawn = io.BytesIO()
    Image.new("RGB", (900, 1200), (250, 250, 245)).save(drawn, "JPEG")
    return drawn.getvalue()


def on_day(office: Office, day: str) -> None:
    """Sets the office's clock to nine in the morning of a day."""
    (office.state / "clock").write_text(f"{day}T01:00:00+00:00", "ascii")


def fill_in(clerk: Desk, **typed: str) -> None:
    """Fills in the form by which a case is opened, and sends it; who is known already was compared with the papers."""
    page = clerk.page
    clerk.visit("/cases/new/")
    for name in ("channel", "programme"):
        page.select_option(f"[name={name}]", typed.pop(name))
    page.select_option("[name=area]", index=0)
    page.check(f"[name=residence][value={typed.pop('residence')}]")
    clerk.fill(**typed)
    clerk.click("立案")
    if page.locator("[type=checkbox][name=has_looked]").count():
        page.check("[name=has_looked]")
        clerk.click("立案")


def open_case(clerk: Desk, **typed: str) -> str:
    """Opens a case at the window. Returns its number."""
    fill_in(clerk, **typed)
    clerk.look()
    number = re.search(r"/cases/([^/]+)/done/apply/", clerk.page.url)
    assert number is not None, clerk.errors()
    return number.group(1)


def join(clerk: Desk, number: str, name: str, member_number: str, relation: str) -> None:
    """Somebody who lives with the family."""
    clerk.visit(f"/cases/{number}/members/")
    clerk.fill(name=name, id_number=member_number)
    clerk.page.select_option("[name=relation]", relation)
    clerk.click("登记成员")
    assert name in clerk.page.locator("main").inner_text(), clerk.errors()


def fill_parts(clerk: Desk, number: str, said: Said) -> None:
    """Fills in each part: what each said, by name, with the household under "全家"; all else was asked: none."""
    left = {(whose, fact) for whose, answers in said.items() for fact in answers}
    for part in PARTS:
        clerk.visit(f"/cases/{number}/declare/{part}/")
        for group in clerk.page.locator("form[data-guard] fieldset").all():
            whose = group.locator("legend").inner_text().split()[0]
            left -= {(whose, fact) for fact in _answer(group, said.get(whose, {}))}
        save = clerk.page.get_by_role("button", name="保存", exact=True)
        if save.count():
            save.click()
            # The draft that is kept after each answer moves within the page; only this leaves it.
            clerk.page.wait_for_url(f"**/cases/{number}/")
    assert not left, f"nobody asked for {left}"


def sign(clerk: Desk, number: str) -> None:
    """The authorisations of all adults, and the account that the money goes to."""
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
    return citizen.page.locator("main").inner_text()


def stages(citizen: Desk) -> dict[str, str]:
    """The stages on the page that is open: each one's name, and how it stands with its day."""
    found = {}
    for line in citizen.page.locator(".task-list li").all():
        name, *rest = line.inner_text().split("\n")
        found[name] = " ".join(part for part in rest if part)
    return found


def go_home_visit(assistant: Desk, number: str, reason: str) -> None:
    """The home visit of two, signed; the case's step is taken by it."""
    page = assistant.page
    assistant.visit(f"/cases/{number}/visit/")
    page.select_option("[name=second_visitor_id]", index=1)
    page.check("[name=outcome][value=confirmed]")
    assistant.fill(reason=reason)
    page.select_option("[name=signed_by_id]", index=1)
    assistant.click("登记入户")
    assert "入户已登记" in assistant.notices(), assistant.errors()


def ask_departments(reviewer: Desk, number: str) -> None:
    """The departments' data come into the case."""
    reviewer.visit(f"/cases/{number}/check/")
    reviewer.click("查询部门数据")
    assert "/done/check/" in reviewer.page.url, reviewer.errors()


def assess(clerk: Desk, number: str) -> str:
    """Runs the rules on the case. Returns what they say and why."""
    clerk.visit(f"/cases/{number}/")
    with clerk.page.expect_navigation():
        clerk.page.get_by_role("button", name=re.compile("^(重新)?测算$")).first.click()
    clerk.visit(f"/cases/{number}/why/")
    return clerk.page.locator("main").inner_text()


def approve(desk: Desk, number: str, step: str, reason: str) -> None:
    """Somebody's word: granted as the rules say."""
    desk.visit(f"/cases/{number}/{step}/")
    desk.page.check("[name=outcome][value=approve]")
    desk.fill(reason=reason)
    desk.click("提交意见")
    assert "/done/" in desk.page.url, desk.errors()


def read_letter(clerk: Desk, number: str) -> str:
    """Delivers the decision and reads its letter, without blanks."""
    clerk.visit(f"/cases/{number}/notice/")
    clerk.click("登记送达")
    reply = clerk.page.request.get(f"{clerk.office.address}/letters/{number}.pdf")
    assert reply.status == 200
    text = "".join(part.extract_text() for part in PdfReader(io.BytesIO(reply.body())).pages)
    return "".join(text.split())


def the_console_is_silent(desks: Mapping[str, Desk], office: Office) -> None:
    """No page broke the content policy, and no script failed."""
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} at {office.address} is not silent"


def _is_registered(row: Mapping[str, str]) -> bool:
    return row["file"].startswith("户籍") and row["expected"] == "accepted"


def _answer(group: Locator, answers: Mapping[str, str]) -> list[str]:
    """Answers the questions about one subject: what was said; all else is none or no. Returns the facts asked."""
    asked, rest = [], group.locator("[name$='-rest']")
    for box in group.locator("input[type=text], select").all():
        name = str(box.get_attribute("name")).partition("-")[2]
        asked.append(name)
        if box.evaluate("box => box.tagName") == "SELECT":
            values = [str(each.get_attribute("value")) for each in box.locator("option").all()]
            usual = next(value for value in ("none", "no", "0", *values[1:]) if value in values)
            box.select_option(answers.get(name, usual))
        elif name in answers or not rest.count():
            box.fill(answers.get(name, "0"))
    if rest.count():
        rest.check()
    return asked
