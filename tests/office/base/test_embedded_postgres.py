"""The embedded database: closed to others, durable, and free of hand repair after a kill."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from doudi.office.postgres import EmbeddedPostgres
from doudi.office.postgres_programs import PostgresError


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A server of this module's own, with full durability."""
    state = Path(tempfile.mkdtemp(prefix="doudi-t-", dir="/tmp"))
    state.chmod(0o711)
    made = EmbeddedPostgres(state)
    made.create()
    yield made
    made.stop()
    shutil.rmtree(state)


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])


def test_it_listens_on_one_closed_socket_only_and_asks_for_a_password(server: EmbeddedPostgres) -> None:
    with server.running():
        with server.connect("admin", "postgres") as admin:
            settings = dict(
                admin.execute(
                    "SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'data_checksums',"
                    " 'fsync', 'password_encryption', 'log_min_error_statement', 'log_error_verbosity')"
                ).fetchall()
            )
            methods = admin.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert settings == {
            "listen_addresses": "",
            "data_checksums": "on",
            "fsync": "on",
            "password_encryption": "scram-sha-256",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        assert methods == [("scram-sha-256",)]
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert len(os.fsencode(server.socket)) < 100
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=str(server.socket), user="doudi_app", dbname="doudi", password="guess")


def test_passwords_lie_in_files_that_only_their_owner_reads(server: EmbeddedPostgres) -> None:
    files = sorted(server.state.glob("pgpass-*"))
    assert [file.name for file in files] == ["pgpass-admin", "pgpass-app", "pgpass-owner", "pgpass-worker"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len({file.read_text().rsplit(":", 1)[1] for file in files}) == 4


def test_only_the_owner_may_make_tables(server: EmbeddedPostgres) -> None:
    with server.running():
        for role in ("app", "worker"):
            with server.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (id int)")
            with server.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TEMP TABLE mine (id int)")


def test_what_was_committed_is_there_after_a_restart(server: EmbeddedPostgres) -> None:
    with server.running(), server.connect("owner") as owner:
        owner.execute("CREATE TABLE kept (id int)")
        owner.execute("INSERT INTO kept VALUES (7)")
    assert not server.is_running()
    with server.running(), server.connect("owner") as owner:
        assert owner.execute("SELECT id FROM kept").fetchall() == [(7,)]
        owner.execute("DROP TABLE kept")


def test_p37_a_killed_server_starts_again_by_itself_and_has_lost_nothing(server: EmbeddedPostgres) -> None:
    with server.running():
        with server.connect("owner") as owner:
            owner.execute("CREATE TABLE acknowledged (id int)")
        for number in range(3):
            with server.connect("owner") as owner:
                owner.execute("INSERT INTO acknowledged VALUES (%s)", [number])
                os.kill(_postmaster(server), signal.SIGKILL)
            while server.is_running():
                time.sleep(0.01)
            assert server.start()
        with server.connect("owner") as owner:
            assert owner.execute("SELECT count(*) FROM acknowledged").fetchone() == (3,)
            owner.execute("DROP TABLE acknowledged")


def test_a_process_number_that_belongs_to_somebody_else_by_now_does_not_block_the_start(
    server: EmbeddedPostgres,
) -> None:
    server.stop()
    # This very process stands for the stranger that got the number after a reboot.
    stale = server.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n{server.socket}\n\n\nready\n")
    stale.chmod(0o600)
    assert not server.is_running()
    with server.running(), server.connect("app") as app:
        assert app.execute("SELECT 1").fetchone() == (1,)


START = "import sys, pathlib, doudi.office.postgres as p; print(p.EmbeddedPostgres(pathlib.Path(sys.argv[1])).start())"


def test_of_several_that_start_it_at_once_exactly_one_does(server: EmbeddedPostgres) -> None:
    server.stop()
    command = [sys.executable, "-c", START, str(server.state)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    started = [racer.communicate(timeout=120)[0].strip() for racer in racers]
    assert sorted(started) == ["False", "False", "False", "True"]
    assert server.stop()
    assert not server.stop()


def test_the_last_user_to_leave_stops_it_not_the_first(server: EmbeddedPostgres) -> None:
    with server.running():
        with server.running():
            assert server.is_running()
        assert server.is_running()
    assert not server.is_running()


def test_making_it_twice_keeps_data_and_passwords(server: EmbeddedPostgres) -> None:
    before = {file.name: file.read_text() for file in server.state.glob("pgpass-*")}
    server.create()
    assert {file.name: file.read_text() for file in server.state.glob("pgpass-*")} == before


def test_an_interrupted_creation_is_begun_anew(server: EmbeddedPostgres) -> None:
    state = Path(tempfile.mkdtemp(prefix="doudi-t-", dir="/tmp"))
    state.chmod(0o711)
    try:
        half = state / "postgres" / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")
        fresh = EmbeddedPostgres(state, is_durable=False)
        fresh.create()
        with fresh.running(), fresh.connect("app") as app:
            assert app.execute("SELECT current_user").fetchone() == ("doudi_app",)
    finally:
        shutil.rmtree(state)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")
def test_as_root_nobodys_closed_folder_is_opened_for_the_servers_account(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    fresh = EmbeddedPostgres(closed / "state", is_durable=False)
    fresh.create()
    try:
        assert fresh.home.is_relative_to("/var/lib/doudi/clusters")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert fresh.data.stat().st_uid != 0
    finally:
        shutil.rmtree(fresh.home)


def test_removing_deletes_the_cluster_also_where_it_lies_apart(tmp_path: Path) -> None:
    # As root the server's own account can't pass this closed folder, so that the cluster lies elsewhere.
    state = tmp_path / "closed"
    state.mkdir(mode=0o700)
    made = EmbeddedPostgres(state, is_durable=False)
    made.create()
    home = made.home
    made.start()
    made.remove()
    assert not home.exists()
    assert not (state / "postgres.json").exists()
    with pytest.raises(PostgresError, match="no database yet"):
        made.remove()


def test_removing_never_follows_a_note_to_another_place(tmp_path: Path) -> None:
    state, precious = tmp_path / "state", tmp_path / "precious"
    state.mkdir()
    (precious / "data").mkdir(parents=True)
    for home in (precious, state / ".." / "precious", tmp_path, Path("/var/lib/doudi/clusters/0123456789abcdef")):
        (state / "postgres.json").write_text(json.dumps({"home": str(home)}))
        with pytest.raises(PostgresError, match="not this database's own"):
            EmbeddedPostgres(state).remove()
    (state / "postgres").symlink_to(precious)
    (state / "postgres.json").write_text(json.dumps({"home": str(state / "postgres")}))
    with pytest.raises(PostgresError, match="not this database's own"):
        EmbeddedPostgres(state).remove()
    assert (precious / "data").is_dir()
