"""Every page there is, in a browser: nobody is shut out by it, nothing breaks its content policy, it fits a phone.

The pages are read from the URL configuration, so that a new one can't escape. Each is opened by somebody who may see
it, on a county in which there is one of each kind of thing; where a page is about a record, it is opened for several
of them. A page that nobody could open fails the test by its name. With DOUDI_PICTURES=folder each leaves a picture.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from desks import ROOT, WIDTHS, Desk, Office, sit_down, violations
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser
from rolls import run as run_command

pytestmark = [pytest.mark.browser, pytest.mark.prove]
HERE = Path(__file__).parent
PICTURES = os.environ.get("DOUDI_PICTURES")
# Whoever is tried first for a page about a record comes first.
PEOPLE = (
    "clerk1", "assistant1", "township_reviewer1", "reviewer1", "approver1", "finance1", "finance2", "analyst1",
    "auditor1", "admin1", "reviewer2", "clerk2", "",
)  # fmt: skip
# For how many people a page without a record is opened, of how many records another one, and how many are tried.
PEOPLE_SHOWN, RECORDS_SHOWN, RECORDS_TRIED = 2, 2, 60
# These look different at each stage of their record.
STAGES_SHOWN = dict.fromkeys(
    ("case", "case-why", "change", "ending", "finding", "household", "money-run", "online-one", "pair", "standard"), 6
)
# What a page has to be asked for.
ASKED = {"case-report-compare": "?before=1&after=2", "search": "?q=赵"}
# Doors at which one only stands halfway through a log-in: they are walked through.
DOORS = {
    "mfa_activate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp",
    "mfa_reauthenticate", "mfa_authenticate",
}  # fmt: skip
# Addresses that are no page for somebody at a desk, each with the reason.
NOT_BROWSED = {
    "api/": "answers programs; tests/office/api",
    "robots.txt": "for search engines",
    "healthz": "for a balancer",
    "readyz": "for a balancer",
    "cases/<str:number>/rechecks/": "a page only until it is answered; story C1 looks at it then",
    "language": "takes a form; a look at it leads back",
    "account/kept/": "once, after a session ended under a form that was sent; tests/office/org/test_second_factor.py",
}


MAKE_THE_COUNTY = "import django; django.setup(); from tests.stories.whole_county import make; make()"


@dataclass
class Seen:
    """What was opened, and what was wrong with it."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    posts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def made(office: Office) -> dict[str, list[Any]]:
    """One of each kind of thing, made by the flows; and who receives already, taken over from the old system."""
    command = str(Path(sys.executable).parent / "doudi-office")
    roll = [
        str(office.state / "city" / "roll" / "存量名册.csv"),
        "--review",
        str(office.state / "city" / "roll" / "复核指标.csv"),
    ]
    given = ["--as-of", "2026-11-20", "--paid-through", "2026-11", "--by", "reviewer1"]
    run_command(office, [command, "roll", "prepare", *roll, *given])
    run_command(office, [command, "roll", "confirm", "1", "--by", "approver1", "--reason", "与旧系统一致。"])
    environment = office.environment | {"DJANGO_SETTINGS_MODULE": "doudi.office.settings", "PYTHONPATH": str(ROOT)}
    for role in ("worker", "app"):
        done = subprocess.run(
            [sys.executable, "-c", MAKE_THE_COUNTY],
            env=environment | {"DOUDI_DB_ROLE": role},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every address with its name, in the order of the configuration; one that has two names only once."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield prefix + str(each.pattern), str(each.name)


def paths(text: str, ids: dict[str, list[Any]]) -> Iterator[str]:
    """The address filled in with what was made, every combination of it."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", text)
    missing = [name for name in names if name not in ids]
    assert not missing, f"{text}: tell whole_county.py to make something that {missing} names"
    blank = re.sub(r"<(?:\w+:)?\w+>", "{}", text)
    for values in itertools.islice(itertools.product(*(ids[name] for name in names)), RECORDS_TRIED):
        yield "/" + blank.format(*values)


def test_every_page_stands_up_to_eyes_and_axe(office: Office, browser: Browser, made: dict[str, list[Any]]) -> None:
    desks = {name: sit_down(office, browser, name) for name in PEOPLE}
    seen, unreached = Seen(), []
    for text, name in dict(routes()).items():
        if name in DOORS or any(text.startswith(front) for front in NOT_BROWSED):
            continue
        if not open_all(desks, seen, text, name, made):
            unreached.append(f"{name}: /{text}")
    through_the_doors(sit_down(office, browser, "assistant5"), seen)
    follow_at_home(desks[""], seen, made["followed"])
    unreached += sorted(DOORS - set(seen.pages))
    views = sum(map(len, seen.pages.values()))
    told = f"{len(seen.pages)} pages, {views} views, {len(seen.files)} files, {len(seen.posts)} that only take forms"
    print(told)
    assert not unreached, f"{told}; nobody could open:\n" + "\n".join(unreached)
    assert not seen.wrong, f"{told}\n" + "\n".join(seen.wrong)


def through_the_doors(desk: Desk, seen: Seen) -> None:
    """The second factor set up, used and offered for removal, each page looked at on the way."""
    page, password = desk.page, desk.office.logins["assistant5"]["password"]
    desk.open("/account/second-factor/")
    if "/again/" in page.url:
        desk.fill(password=password)
        desk.click("继续")
    look(desk, seen, "mfa_activate_totp", "", "assistant5")
    secret = page.locator("code.number").first.inner_text()
    desk.fill(code=code_of(secret))
    desk.click("启用")
    look(desk, seen, "mfa_view_recovery_codes", "", "assistant5")
    for name, path in (
        ("mfa_generate_recovery_codes", "/account/codes/new/"),
        ("mfa_deactivate_totp", "/account/second-factor/away/"),
        ("mfa_reauthenticate", "/account/again/code/"),
    ):
        look(desk, seen, name, path, "assistant5")
    page.context.clear_cookies()
    desk.open("/login")
    desk.fill(username="assistant5", password=password)
    desk.click("登录")
    look(desk, seen, "mfa_authenticate", "", "assistant5")


def code_of(secret: str) -> str:
    """What the app on the phone shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def follow_at_home(desk: Desk, seen: Seen, receipts: list[list[str]]) -> None:
    """The way of each application from home, as its sender sees it."""
    for number, last_four, code in receipts:
        desk.open(f"/follow/?number={number}")
        desk.fill(last_four=last_four, code=code)
        desk.click("查询")
        look(desk, seen, "follow", "", "")


def open_all(desks: dict[str, Desk], seen: Seen, text: str, name: str, made: dict[str, list[Any]]) -> bool:
    """Whether somebody could open it, or it only takes forms. A list is opened by several, a record by one."""
    is_about_a_record, viewers = "<" in text, 0
    for who, desk in desks.items():
        shown = 0
        for each in paths(text, made):
            path = each + ASKED.get(name, "")
            reply = desk.page.request.get(desk.office.address + path, max_redirects=0)
            if reply.status == 405:
                seen.posts.append(name)
                return True
            if reply.status == 403:
                break
            if reply.status != 200:
                continue
            if "text/html" not in reply.headers.get("content-type", ""):
                seen.files[name] = path
                return True
            look(desk, seen, name, path, who)
            shown += 1
            if shown == STAGES_SHOWN.get(name, RECORDS_SHOWN) or not is_about_a_record:
                break
        viewers += bool(shown)
        if viewers == (1 if is_about_a_record else PEOPLE_SHOWN):
            break
    return name in seen.pages


def look(desk: Desk, seen: Seen, name: str, path: str, who: str) -> None:
    """Opens a page (or takes it as it stands), looks at both widths, and keeps a picture if pictures are wanted."""
    page, place = desk.page, f"{name} {path} as {who or 'anybody'}"
    desk.said.clear()
    if path:
        page.goto(desk.office.address + path)
    number = len(seen.pages.setdefault(name, []))
    seen.pages[name].append(path)
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        seen.wrong += [f"{place} at {width} px: {each}" for each in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            seen.wrong.append(f"{place} is {wide} px wide at {width} px")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{number}-{who or 'anybody'}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})
    seen.wrong += [f"{place} says: {line}" for line in desk.said]
