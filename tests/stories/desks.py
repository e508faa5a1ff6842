"""People at their desks: a browser for each, what they click, and what every page they see must keep to."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = ((1280, 850), (393, 852))
_LOOKED_AT: set[str] = set()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Office:
    """A served office: its address, its state folder, and who can log in."""

    address: str
    state: Path
    environment: dict[str, str]
    logins: dict[str, dict[str, str]]

    def truth(self, story: str) -> dict[str, Any]:
        """What the city knows of a planted family; the engine never sees it."""
        found: dict[str, Any] = json.loads((self.state / "city" / "truth" / f"{story}.json").read_text("utf-8"))
        return found


@dataclass
class Desk:
    """Somebody who is logged in, or a passer-by without a log-in."""

    office: Office
    page: Page
    said: list[str] = field(default_factory=list)

    def open(self, path: str, *, status: int = 200) -> None:
        """Opens a page by its path."""
        reply = self.page.goto(self.office.address + path)
        assert reply is not None
        assert reply.status == status, f"{path}: {reply.status}"

    def look(self) -> None:
        """The page as it stands keeps to WCAG A and AA at both widths, and nothing sticks out at the side."""
        for width, height in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": height})
            found = violations(self.page)
            assert found == [], f"{self.page.url} at {width} px: {found}"
            sticks_out = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not sticks_out, f"{self.page.url} is wider than {width} px"
        self.page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})

    def visit(self, path: str) -> None:
        """Opens a page and looks at it, unless one of its kind was looked at before: `look` looks in any case."""
        self.open(path)
        kind = re.sub(r"[0-9-]{2,}|[0-9]", "1", path)
        if kind not in _LOOKED_AT:
            self.look()
            _LOOKED_AT.add(kind)

    def click(self, name: str) -> None:
        """Presses the button with exactly this text and waits for the page that follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()

    def fill(self, **values: str) -> None:
        """Types into fields by their names."""
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)

    def errors(self) -> str:
        """What the summary of errors says."""
        return "\n".join(self.page.locator("[data-error-summary]").all_inner_texts())

    def notices(self) -> str:
        """What the page tells on its own."""
        return "\n".join(self.page.locator(".notice").all_inner_texts())

    def send(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Sends a form as a browser without scripts would, and does not follow where it leads."""
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        reply = self.page.request.post(
            self.office.address + path,
            form={**form, "csrfmiddlewaretoken": token},
            headers={"Referer": self.office.address + path},
            max_redirects=0,
        )
        return reply.status, reply.text() if reply.status != 302 else reply.headers["location"]


def sit_down(office: Office, browser: Browser, username: str = "") -> Desk:
    """Opens a browser of one's own, logged in if a user is named. What the console says is kept."""
    context = browser.new_context(locale="zh-CN", viewport={"width": WIDTHS[0][0], "height": WIDTHS[0][1]})
    page = context.new_page()
    desk = Desk(office, page)
    page.on("console", lambda message: desk.said.append(message.text))
    page.on("pageerror", lambda error: desk.said.append(str(error)))
    if username:
        desk.visit("/login")
        desk.fill(username=username, password=office.logins[username]["password"])
        desk.click("登录")
    return desk


def violations(page: Page) -> list[str]:
    """What axe finds wrong. It runs from outside of the page, so that the strict content policy stays as it is."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    run = f"axe.run({{runOnly: {json.dumps(RULES)}}}).then(r => JSON.stringify(r.violations.map(v => "
    run += "v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))"
    found = session.send("Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True})
    session.detach()
    result: list[str] = json.loads(found["result"]["value"])
    return result
