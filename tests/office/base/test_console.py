"""`doudi-office` as a person uses it: set up, serve, survive a killed database, stop; and what production refuses."""

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from running_office import OfficeCopy, free_port

from doudi.engine.values.keys import Keyring
from doudi.office.console import app
from doudi.office.postgres import EmbeddedPostgres

PORT = free_port()


def _environment(state: Path, **more: str) -> dict[str, str]:
    ours = {name: text for name, text in os.environ.items() if not name.startswith(("DOUDI_", "DATABASE_"))}
    return ours | {"DOUDI_STATE": str(state)} | more


def _office(state: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "doudi.office.console", *words]
    return subprocess.run(command, env=_environment(state, **more), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A demonstration as `setup-demo` makes it."""
    folder = Path(tempfile.mkdtemp(prefix="doudi-t-", dir="/tmp"))
    folder.chmod(0o711)
    done = _office(folder, "setup-demo")
    assert done.returncode == 0, done.stderr
    yield folder
    EmbeddedPostgres(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def served(state: Path) -> Iterator["subprocess.Popen[str]"]:
    """The demonstration being served."""
    command = [sys.executable, "-m", "doudi.office.console", "serve", "--port", str(PORT)]
    web = subprocess.Popen(command, env=_environment(state), text=True)
    try:
        _wait(lambda: _get("/healthz")[0] == 200)
        yield web
    finally:
        web.kill()
        web.wait()


def _get(path: str, cookie: str = "") -> tuple[int, str, http.client.HTTPMessage]:
    return _send("GET", path, cookie=cookie)


def _send(method: str, path: str, *, body: str = "", cookie: str = "") -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers


def _wait(is_so, seconds: float = 30) -> None:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        try:
            if is_so():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def test_a_demonstration_has_its_people_and_closed_files(state: Path) -> None:
    logins = json.loads((state / "demo-logins.json").read_text("utf-8"))
    roles = sorted(login["role"] for login in logins.values())
    assert roles == [
        "admin",
        "analyst",
        "approver",
        *["assistant"] * 5,
        "auditor",
        *["clerk"] * 4,
        "finance",
        "finance",
        *["reviewer"] * 2,
        *["township_reviewer"] * 3,
    ]
    assert len({login["password"] for login in logins.values()}) == len(logins)
    for name in ("demo-logins.json", "keys.json", "secret-key"):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600


def test_setting_up_again_changes_nothing(state: Path) -> None:
    before = {path.name: path.read_bytes() for path in state.iterdir() if path.is_file() and path.name != "clock"}
    assert _office(state, "setup-demo").returncode == 0
    assert {path.name: path.read_bytes() for path in state.iterdir() if path.name in before} == before


def test_a_person_logs_in_over_the_wire_with_the_printed_password(state: Path, served) -> None:
    logins = json.loads((state / "demo-logins.json").read_text("utf-8"))
    status, page, headers = _get("/login")
    assert status == 200
    cookie = headers["Set-Cookie"].split(";", 1)[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "username": "clerk1", "password": logins["clerk1"]["password"]}
    status, _, headers = _send("POST", "/login", body=urlencode(form), cookie=cookie)
    assert status == 302
    assert any(c.startswith("doudi_session=") for c in headers.get_all("Set-Cookie", []))


def test_p37_p38_a_killed_database_is_said_plainly_and_comes_back_without_a_hand(state: Path, served) -> None:
    server = EmbeddedPostgres(state)
    _wait(lambda: _get("/readyz")[0] == 200)
    os.kill(int((server.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)
    seen = set()

    def is_back() -> bool:
        status = _get("/readyz")[0]
        seen.add(status)
        return status == 200

    _wait(is_back)
    assert seen <= {200, 503}
    assert _get("/healthz")[0] == 200


def test_a_second_user_of_the_database_does_not_stop_it_for_the_first(state: Path, served) -> None:
    assert _office(state, "ledger", "verify").returncode == 0
    assert _get("/readyz")[0] == 200


def test_stopping_the_web_stops_its_database(state: Path, served) -> None:
    served.send_signal(signal.SIGTERM)
    assert served.wait(timeout=30) == 0
    assert not EmbeddedPostgres(state).is_running()


def test_what_the_database_logs_quotes_nobody(state: Path) -> None:
    server = EmbeddedPostgres(state)
    with server.running(), server.connect("worker") as worker:
        for _ in range(2):
            with pytest.raises(psycopg.Error):
                worker.execute("INSERT INTO org_area (code, name, kind) VALUES ('419901', '李某某', 'county')")
        with pytest.raises(psycopg.Error):
            worker.execute("SELECT * FROM nothing WHERE name = '李某某'")
    assert "李某某" not in (server.home / "server.log").read_text("utf-8")


def test_setting_up_with_a_clock_of_one_s_own_writes_that_clock(state: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "clocks" / "mine"
    done = _office(state, "setup-demo", DOUDI_TEST_CLOCK=str(chosen))
    assert done.returncode == 0, done.stderr
    assert chosen.read_text("ascii").startswith("2026-11-")


def test_what_is_stopped_for_good_leaves_no_cluster_wherever_it_lay(tmp_path: Path) -> None:
    """The server's account can't enter this folder, so the cluster lies elsewhere."""
    folder = tmp_path / "state"
    server = EmbeddedPostgres(folder, is_durable=False)
    server.create()
    home = server.home
    assert (home / "data").is_dir()
    removed = _office(folder, "stop", "--remove")
    assert removed.returncode == 0, removed.stderr
    assert not home.exists()
    assert not (folder / "postgres.json").exists()


def test_wrong_usage_ends_with_2_and_a_refusal_with_1_and_advice(state: Path, tmp_path: Path) -> None:
    assert _office(state, "sreve").returncode == 2
    assert _office(state, "serve", "--port", "many").returncode == 2
    refused = _office(tmp_path / "nothing", "ledger", "verify")
    assert refused.returncode == 1
    assert "setup-demo" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert _office(state, "check", DOUDI_MODE="production-ish").returncode == 2


def test_every_command_is_there_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    commands = ["setup-demo", "serve", "stop", "migrate", "check", "night", "load-night", "export-snapshot", "ledger"]
    app(["--help"], result_action="return_value")
    listed = capsys.readouterr().out
    for command in commands:
        assert command in listed
        # Loaded when called: this shows that what is named is there.
        app([command, "--help"], result_action="return_value")
        assert "Usage" in capsys.readouterr().out


def test_production_refuses_every_convenience_of_the_demonstration(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("2026-11-23T09:00:00+08:00")
    unsafe = {"DOUDI_MODE": "production", "DOUDI_DEBUG": "1", "DOUDI_TEST_CLOCK": str(tmp_path / "clock")}
    checked = _office(tmp_path, "check", **unsafe)
    assert checked.returncode == 1
    for word in ("secret key", "keyring", "embedded database", "test clock", "debug", "host name"):
        assert word in checked.stdout
    for command in (("serve",), ("setup-demo",), ("migrate",), ("stop",)):
        assert _office(tmp_path, *command, **unsafe).returncode == 1


@pytest.mark.parametrize(("user", "code"), [("", 0), ("doudi_app@", 0), ("doudi_owner@", 1), ("postgres@", 1)])
def test_production_with_everything_in_place_is_safe_unless_the_web_is_too_mighty(
    tmp_path: Path, user: str, code: int
) -> None:
    tmp_path.chmod(0o711)
    (tmp_path / "secret-key").write_text(secrets.token_hex(40))
    (tmp_path / "secret-key").chmod(0o600)
    (tmp_path / "heads").mkdir(mode=0o750)
    Keyring.generate(tmp_path / "keys.json")
    given = {
        "DOUDI_MODE": "production",
        "DOUDI_HOSTS": "office.example",
        "DOUDI_ANCHORS": str(tmp_path / "heads"),
        "DOUDI_PROXIES": "1",
        "DATABASE_URL": f"postgresql://{user}127.0.0.1:1/doudi?sslmode=verify-full",
    }
    checked = _office(tmp_path, "check", "--offline", **given)
    assert (checked.returncode, checked.stderr) == (code, "")
    # Nobody answers there, and that is said too.
    assert "does not answer" in _office(tmp_path, "check", **given).stdout


def test_the_first_administrator_comes_in_by_a_code_that_serves_once(office_copy: OfficeCopy) -> None:
    refused = office_copy.run("first-admin", "--area", "419908")
    assert refused.returncode == 1
    assert "--area-name" in refused.stderr
    made = office_copy.run("first-admin", "--area", "419901")
    assert made.returncode == 0, made.stderr
    code = re.search(r": ([A-Z0-9]{5}(?:-[A-Z0-9]{5}){3})$", made.stdout, flags=re.M)
    assert code
    with office_copy.connect("admin") as admin:
        kept = admin.execute("SELECT expires_at - made_at, used_at FROM org_invitation").fetchall()
        assert kept == [(timedelta(minutes=30), None)]
        # A second code ends the first; whoever lost it asks again.
        again = office_copy.run("first-admin", "--area", "419901")
        assert again.returncode == 0
        query = "SELECT count(*) FROM org_invitation WHERE used_at IS NULL AND expires_at > now()"
        assert admin.execute(query).fetchone() == (1,)
        admin.execute("UPDATE org_user SET last_login = now() WHERE role = 'admin'")
    over = office_copy.run("first-admin", "--area", "419901")
    assert over.returncode == 1
    assert "already" in over.stderr
