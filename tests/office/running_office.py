"""A real office for tests: one private PostgreSQL per session, a migrated template, and cheap copies of it."""

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from doudi.engine.values.keys import Keyring
from doudi.office import postgres
from doudi.office.audit.anchors import anchor
from doudi.office.audit.sealing import seal
from doudi.office.org.scope import audit_scope, scope_key_blocks
from doudi.office.postgres import EmbeddedPostgres, Role

COUNTY, OTHER_COUNTY = "419901", "419902"
TOWNSHIP_A, TOWNSHIP_B = "419901101", "419901102"
VILLAGE_A, VILLAGE_B = "419901101001", "419901102001"
_AREAS = [
    ("4199", "示范市", "city"),
    (COUNTY, "清河县", "county"),
    (OTHER_COUNTY, "望山县", "county"),
    (TOWNSHIP_A, "柳林镇", "township"),
    (TOWNSHIP_B, "石桥镇", "township"),
    (VILLAGE_A, "东关社区", "village"),
    ("419901101002", "柳林村", "village"),
    ("419901201", "云岭乡", "township"),
    (VILLAGE_B, "石桥街社区", "village"),
]
_TEMPLATE, _SHARED = "doudi_template", "doudi_shared"


class QuickArgon2(Argon2PasswordHasher):
    """The office's hash at the least cost; that the office itself pays the full one has a test of its own."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@dataclass(frozen=True)
class OfficeServer:
    """The session's server, its state folder with keys, and the name of the database that rolled-back tests share."""

    postgres: EmbeddedPostgres
    secret_key: str

    @property
    def state(self) -> Path:
        return self.postgres.state

    @property
    def keys(self) -> Path:
        return self.state / "keys.json"

    def connect(self, role: Role, database: str = _SHARED) -> psycopg.Connection:
        return self.postgres.connect(role, database)


@dataclass(frozen=True)
class OfficeCopy:
    """A database of its own whose changes are committed, for stories, races and subprocesses."""

    server: OfficeServer
    database: str

    @property
    def environment(self) -> dict[str, str]:
        """What a subprocess needs to run on this copy."""
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "doudi.office.settings",
            "DOUDI_MODE": "test",
            "DOUDI_STATE": str(self.server.state),
            "DOUDI_DB_NAME": self.database,
            "DOUDI_TEST_CLOCK": str(self.server.state / f"{self.database}.clock"),
        }

    def connect(self, role: Role) -> psycopg.Connection:
        return self.server.connect(role, self.database)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of `doudi-office` on this copy."""
        command = [sys.executable, "-m", "doudi.office.console", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def set_up(self) -> dict[str, dict[str, str]]:
        """Areas and people as `setup-demo` makes them. Returns log-ins by user name: name, role, area, password."""
        done = self.run("setup-demo")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        found: dict[str, dict[str, str]] = json.loads((self.server.state / "demo-logins.json").read_text("utf-8"))
        return found

    @contextmanager
    def serving(self, *, workers: int = 1) -> Iterator[str]:
        """Serve the copy by the real web server in a subprocess. Yields its address."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "doudi.office.wsgi", "--bind", f"127.0.0.1:{port}"]
        web = subprocess.Popen([*command, "--workers", str(workers)], env=self.environment | {"DOUDI_DB_ROLE": "app"})
        try:
            _wait_until_alive(port, web)
            yield f"http://127.0.0.1:{port}"
        finally:
            web.terminate()
            web.wait(timeout=20)


@contextmanager
def office_server() -> Iterator[OfficeServer]:
    """Start the server, migrate the template, and throw everything away at the end."""
    state = Path(tempfile.mkdtemp(prefix="doudi-t-", dir="/tmp"))
    state.chmod(0o711)
    server = EmbeddedPostgres(state, is_durable=False)
    secret_key = secrets.token_hex(40)
    (state / "secret-key").write_text(secret_key, "ascii")
    Keyring.generate(state / "keys.json")
    try:
        server.create()
        with server.running():
            office = OfficeServer(server, secret_key)
            _make_template(office)
            yield office
    finally:
        shutil.rmtree(state)


@contextmanager
def copied(office: OfficeServer) -> Iterator[OfficeCopy]:
    """A fresh committed copy of the migrated template."""
    name = f"doudi_copy_{secrets.token_hex(4)}"
    _copy(office, name)
    try:
        yield OfficeCopy(office, name)
    finally:
        with office.connect("admin", "postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _make_template(office: OfficeServer) -> None:
    with office.connect("admin", "postgres") as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER doudi_owner").format(sql.Identifier(_TEMPLATE)))
        # Tests that roll back change roles within one connection: the web's by default, the worker's where a job runs.
        admin.execute("CREATE ROLE doudi_tests LOGIN NOINHERIT")
        admin.execute("GRANT doudi_app, doudi_worker, doudi_owner TO doudi_tests WITH INHERIT FALSE, SET TRUE")
        admin.execute(sql.SQL("ALTER ROLE doudi_tests PASSWORD {}").format(sql.Literal(_tests_password(office))))
    with office.connect("owner", _TEMPLATE) as owner:
        owner.execute(postgres.PRIVILEGES)
    _point_django_at(office, "doudi_owner", _TEMPLATE)
    call_command("migrate", interactive=False, verbosity=0)
    connections["default"].close()
    with office.connect("owner", _TEMPLATE) as owner:
        owner.execute(
            "INSERT INTO org_scope_key (id, inner_pad, outer_pad) VALUES (1, %s, %s)",
            scope_key_blocks(office.secret_key),
        )
        owner.cursor().executemany("INSERT INTO org_area (code, name, kind) VALUES (%s, %s, %s)", _AREAS)
    _anchor(office)
    _copy(office, _SHARED)
    _point_django_at(office, "doudi_tests", _SHARED)


def _anchor(office: OfficeServer) -> None:
    """Have the (still empty) audit sealed and anchored, as a running office's sealer would."""
    _point_django_at(office, "doudi_worker", _TEMPLATE)
    with audit_scope("test"):
        seal()
        anchor(office.state / "anchors" / _TEMPLATE, Keyring.load(office.keys))
    connections["default"].close()


def _tests_password(office: OfficeServer) -> str:
    path = office.state / "pgpass-tests"
    if not path.exists():
        path.touch(0o600)
        path.write_text(f"*:*:*:doudi_tests:{secrets.token_hex(16)}\n", "ascii")
    return path.read_text("ascii").strip().rsplit(":", 1)[1]


def _copy(office: OfficeServer, name: str) -> None:
    with office.connect("admin", "postgres") as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER doudi_owner TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(_TEMPLATE)
            )
        )
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO doudi_app, doudi_worker, doudi_tests").format(sql.Identifier(name))
        )


def _point_django_at(office: OfficeServer, user: str, database: str) -> None:
    role = user.removeprefix("doudi_")
    options = {"passfile": str(office.state / f"pgpass-{role}"), "connect_timeout": 10}
    if role == "tests":
        options["options"] = "-c role=doudi_app"
    place = {"NAME": database, "USER": user, "PASSWORD": "", "HOST": str(office.postgres.socket), "OPTIONS": options}
    connections["default"].close()
    connections.settings["default"].update(place)
    connections["default"].settings_dict.update(place)


def _wait_until_alive(port: int, web: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        if web.poll() is not None:
            raise RuntimeError(f"the web server ended with {web.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server does not answer")
