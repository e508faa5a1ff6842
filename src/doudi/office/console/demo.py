"""`setup-demo`: from nothing to an office with areas, people and log-ins."""

import json
import os
import secrets
import sys
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections
from rich.console import Console
from rich.table import Table

from doudi.engine.values.keys import Keyring
from doudi.office import clock
from doudi.office.console.audit import seal_and_anchor
from doudi.office.console.database import database_running, embedded, migrate
from doudi.office.errors import Refused
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.actions import create_area, create_user
from doudi.office.org.models import Area, User
from doudi.office.org.queries import NIGHT_ACCOUNT
from doudi.office.org.scope import job_scope

COUNTY = "419901"
# The morning after the first night. Seven days of publicity from here end in November, so that the entitlement of a
# family visited on the first day begins in December.
DEMO_STARTS_AT = datetime.fromisoformat("2026-11-20T09:00:00+08:00")
# Role, area, name of somebody invented. Two of each kind where one may not act twice.
PEOPLE = (
    ("assistant", "419901101", "陈小满"),
    ("assistant", "419901102", "罗知秋"),
    ("assistant", "419901201", "岳知行"),
    ("clerk", "419901101", "何雨荷"),
    ("clerk", "419901102", "石建平"),
    ("clerk", "419901201", "云开"),
    ("township_reviewer", "419901101", "周致远"),
    ("township_reviewer", "419901102", "方正言"),
    ("township_reviewer", "419901201", "余三省"),
    ("reviewer", COUNTY, "沈慎之"),
    ("approver", COUNTY, "严定"),
    ("finance", COUNTY, "钱分明"),
    ("finance", COUNTY, "付两清"),
    ("analyst", COUNTY, "观微"),
    ("auditor", COUNTY, "明察"),
    ("admin", COUNTY, "管理之"),
    # Where a procedure asks for two visits by different pairs, one township needs four people.
    ("assistant", "419901101", "林见清"),
    ("assistant", "419901101", "秦朗"),
    # The other county answers what this one asks about a person.
    ("reviewer", "419903", "安知远"),
    # And its window learns of this county's people no more than it needs.
    ("clerk", "419903101", "江北望"),
)


def setup_demo() -> int:
    """Make keys, database, areas and one account for each desk; print the log-ins. Repeating it changes nothing."""
    state: Path = settings.DOUDI_STATE
    if settings.DOUDI_MODE == "production":
        raise Refused("a production office is not set up as a demonstration.", advice="Unset DOUDI_MODE.")
    state.mkdir(mode=0o711, parents=True, exist_ok=True)
    _make_secrets(state)
    server = embedded()
    server.create()
    # The settings were read before the server had an address.
    connections.settings["default"]["HOST"] = str(server.socket)
    # Everything from here on is audited, with the time of this clock.
    chosen: Path = settings.DOUDI_TEST_CLOCK or state / "clock"
    if not chosen.exists():
        chosen.parent.mkdir(parents=True, exist_ok=True)
        clock.write(chosen, DEMO_STARTS_AT)
    with database_running():
        if migrate() != 0:
            return 1
        with job_scope(COUNTY[:4], "setting up the demonstration"):
            _make_areas()
            logins = _make_people(_known_logins(state))
            # Before the commit: an account whose password nobody knows would be lost.
            _keep_logins(state, logins)
        seal_and_anchor()
    _print_logins(logins)
    sys.stdout.write(f"State folder: {state}\nStart with: doudi-office serve\n")
    return 0


def _make_secrets(state: Path) -> None:
    path = state / "secret-key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        settings.SECRET_KEY = path.read_text("ascii")
    if not settings.DOUDI_KEYS.exists():
        Keyring.generate(settings.DOUDI_KEYS)


def _make_areas() -> None:
    pack = current_pack()
    known = set(Area.objects.values_list("code", flat=True))
    for code in pack.divisions():
        if code.startswith(COUNTY[:4]) and code not in known:
            create_area(actor=None, code=code, name=pack.region_name(code, "zh"))


def _make_people(logins: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Everybody who is not there yet, with a random password. Returns all log-ins by user name."""
    found = dict(logins)
    counted: dict[str, int] = {}
    for role, area, name in PEOPLE:
        counted[role] = counted.get(role, 0) + 1
        username = f"{role}{counted[role]}"
        if User.objects.filter(username=username).exists():
            continue
        password = secrets.token_urlsafe(12)
        create_user(actor=None, username=username, display_name=name, role=role, area=area, password=password)
        found[username] = {"name": name, "role": role, "area": area, "password": password}
    if not User.objects.filter(username=NIGHT_ACCOUNT).exists():
        create_user(
            actor=None,
            username=NIGHT_ACCOUNT,
            display_name="夜间作业",
            role="service",
            area=COUNTY,
            password=None,
            is_service_account=True,
        )
    return found


def _known_logins(state: Path) -> dict[str, dict[str, str]]:
    path = state / "demo-logins.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _keep_logins(state: Path, logins: dict[str, dict[str, str]]) -> None:
    fresh = state / "demo-logins.json.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(logins, file, ensure_ascii=False, indent=1)
    fresh.replace(state / "demo-logins.json")


def _print_logins(logins: dict[str, dict[str, str]]) -> None:
    pack = current_pack()
    table = Table("用户名 user", "姓名 name", "角色 role", "区划 area", "密码 password")
    for username, login in logins.items():
        table.add_row(username, login["name"], login["role"], pack.region_name(login["area"], "zh"), login["password"])
    Console().print(table)
