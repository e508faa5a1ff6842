"""Promise P28: rows of other areas stay unseen, also for raw SQL under the web's own database role."""

import hashlib
import hmac
import uuid
from collections.abc import Iterator

import psycopg
import pytest
import running_office
from django.apps import apps
from psycopg import errors, sql
from running_office import COUNTY, OTHER_COUNTY, TOWNSHIP_A, TOWNSHIP_B, OfficeCopy, OfficeServer

PLANTED = {"integer": 1, "bigint": 1, "smallint": 1, "boolean": True, "date": "2026-01-01", "jsonb": "{}", "numeric": 1}
PERSONAL = sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "personal", False))


@pytest.fixture(scope="module")
def planted(office_server: OfficeServer) -> Iterator[OfficeCopy]:
    """A database with one row of township A and one of township B in every personal table, put there past all rules."""
    with running_office.copied(office_server) as copy:
        with copy.connect("admin") as admin:
            admin.execute("SET session_replication_role = replica")
            for table in PERSONAL:
                _drop_constraints(admin, table)
                for number, area in enumerate((TOWNSHIP_A, TOWNSHIP_B), start=1):
                    _plant(admin, table, number, area)
        yield copy


def _drop_constraints(admin: psycopg.Connection, table: str) -> None:
    query = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'x')"
    for (name,) in admin.execute(query, [table]).fetchall():
        admin.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name)))


def _plant(admin: psycopg.Connection, table: str, number: int, area: str) -> None:
    columns = admin.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        " AND (is_nullable = 'NO' OR column_name = 'area') AND is_identity = 'NO' AND is_generated = 'NEVER'",
        [table],
    ).fetchall()
    values = [area if name == "area" else _value(kind, number) for name, kind in columns]
    admin.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        ),
        values,
    )


def _value(kind: str, number: int) -> object:
    if kind in ("integer", "bigint", "smallint"):
        return number
    if kind == "uuid":
        return uuid.UUID(int=number)
    if kind == "bytea":
        return bytes([number])
    if kind.startswith("timestamp"):
        return "2026-01-01T00:00:00Z"
    return PLANTED.get(kind, str(number))


def _counts(connection: psycopg.Connection) -> dict[str, int]:
    return {
        table: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]
        for table in PERSONAL
    }


def _scope(copy: OfficeCopy, area: str, *, is_active: bool = True) -> tuple[int, str]:
    """Log somebody in by the database's own door, with a proof computed here from the secret."""
    with copy.connect("worker") as worker:
        user_id = worker.execute(
            "INSERT INTO org_user (password, username, display_name, role, is_active, is_service_account, area_id)"
            " VALUES ('!', %s, 'x', 'clerk', %s, false, %s) RETURNING id",
            [uuid.uuid4().hex, is_active, area],
        ).fetchone()[0]
    nonce = uuid.uuid4()
    key = hashlib.sha256(b"doudi.org.scope\0" + copy.server.secret_key.encode()).digest()
    proof = hmac.new(key, f"{user_id}:{nonce}:600".encode(), "sha256").digest()
    with copy.connect("app") as app:
        return user_id, app.execute("SELECT org_open_scope(%s, %s, 600, %s)", [user_id, nonce, proof]).fetchone()[0]


def test_p28_there_are_personal_tables_and_each_has_planted_rows(planted: OfficeCopy) -> None:
    assert len(PERSONAL) >= 10
    with planted.connect("admin") as admin:
        assert {t: n for t, n in _counts(admin).items() if n < 2} == {}


@pytest.mark.parametrize("role", ["app", "worker", "owner"])
def test_p28_without_a_scope_every_role_sees_zero_rows(planted: OfficeCopy, role: running_office.Role) -> None:
    with planted.connect(role) as connection:
        assert set(_counts(connection).values()) == {0}


@pytest.mark.parametrize(
    "attempt",
    [
        f"SET doudi.scope = '{TOWNSHIP_A}'",
        f"SET doudi.area = '{TOWNSHIP_A}'",
        "SET doudi.scope = '" + "0" * 64 + "'",
        "SET doudi.scope = ''",
        "SET doudi.scope = '%'",
        "SET row_security = on",
        "SET doudi.scope = '' ; SET search_path = pg_temp, public",
    ],
)
def test_p28_settings_made_by_hand_show_nothing(planted: OfficeCopy, attempt: str) -> None:
    _scope(planted, TOWNSHIP_A)
    with planted.connect("app") as app:
        app.execute(attempt)
        assert set(_counts(app).values()) == {0}


def test_p28_row_security_switched_off_is_an_error_not_a_way_in(planted: OfficeCopy) -> None:
    with planted.connect("app") as app:
        app.execute("SET row_security = off")
        for table in PERSONAL:
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))


def test_p28_copy_out_is_empty_and_copy_in_is_refused(planted: OfficeCopy) -> None:
    with planted.connect("app") as app:
        for table in PERSONAL:
            name = sql.Identifier(table)
            with app.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(name)) as copy:
                assert b"".join(bytes(part) for part in copy) == b""
            with (
                pytest.raises(psycopg.Error),
                app.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy,
            ):
                copy.write(b"")


def test_p28_a_view_of_the_owner_shows_nothing_either(planted: OfficeCopy) -> None:
    with planted.connect("owner") as owner:
        owner.execute("CREATE VIEW all_people AS SELECT * FROM registry_person")
        owner.execute("CREATE MATERIALIZED VIEW kept_people AS SELECT * FROM registry_person")
    with planted.connect("app") as app:
        assert app.execute("SELECT count(*) FROM all_people").fetchone() == (0,)
        assert app.execute("SELECT count(*) FROM kept_people").fetchone() == (0,)
    with planted.connect("owner") as owner:
        owner.execute("DROP VIEW all_people")
        owner.execute("DROP MATERIALIZED VIEW kept_people")


def test_p28_the_scope_functions_open_for_nobody_without_proof(planted: OfficeCopy) -> None:
    user_id, _ = _scope(planted, COUNTY)
    with planted.connect("app") as app:
        for proof in (b"", b"\0" * 32, None):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("SELECT org_open_scope(%s, %s, 600, %s)", [user_id, uuid.uuid4(), proof])
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("SELECT org_open_job_scope('4199', 'curious', 600)")
        for table in ("org_session_scope", "org_scope_key"):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))


def test_p28_a_proof_overheard_opens_no_second_scope(planted: OfficeCopy) -> None:
    user_id, _ = _scope(planted, COUNTY)
    nonce = uuid.uuid4()
    key = hashlib.sha256(b"doudi.org.scope\0" + planted.server.secret_key.encode()).digest()
    proof = hmac.new(key, f"{user_id}:{nonce}:600".encode(), "sha256").digest()
    with planted.connect("app") as app:
        app.execute("SELECT org_open_scope(%s, %s, 600, %s)", [user_id, nonce, proof])
        with pytest.raises(errors.UniqueViolation):
            app.execute("SELECT org_open_scope(%s, %s, 600, %s)", [user_id, nonce, proof])


def test_p28_the_web_cannot_move_a_user_to_another_area_or_make_one(planted: OfficeCopy) -> None:
    user_id, _ = _scope(planted, TOWNSHIP_A)
    with planted.connect("app") as app:
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("UPDATE org_user SET area_id = %s WHERE id = %s", [COUNTY, user_id])
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("UPDATE org_user SET role = 'approver' WHERE id = %s", [user_id])
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("INSERT INTO org_user (username) VALUES ('ghost')")


def test_a_scope_shows_its_own_area_and_nothing_of_the_neighbours(planted: OfficeCopy) -> None:
    for area, rows in ((TOWNSHIP_A, 1), (TOWNSHIP_B, 1), (COUNTY, 2), (OTHER_COUNTY, 0), ("4199", 2)):
        _, token = _scope(planted, area)
        with planted.connect("app") as app:
            app.execute("SELECT set_config('doudi.scope', %s, false)", [token])
            seen = _counts(app)
            # The audit also holds the log-ins that these tests made.
            assert {t: n for t, n in seen.items() if n != rows and t != "audit_entry"} == {}, area
            if area == TOWNSHIP_A:
                query = "SELECT area FROM registry_person WHERE area = %s"
                assert app.execute(query, [TOWNSHIP_B]).fetchall() == []


def test_rows_cannot_be_written_into_or_moved_to_another_area(planted: OfficeCopy) -> None:
    _, token = _scope(planted, TOWNSHIP_A)
    with planted.connect("app") as app:
        app.execute("SELECT set_config('doudi.scope', %s, false)", [token])
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("UPDATE registry_person SET area = %s", [TOWNSHIP_B])
        assert app.execute("UPDATE registry_person SET name = name WHERE area = %s", [TOWNSHIP_B]).rowcount == 0
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute(
                "INSERT INTO registry_household (key, number, address, residence, basis, area)"
                " VALUES ('k', 'n', '', '', 'office', %s)",
                [TOWNSHIP_B],
            )
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("DELETE FROM registry_person")
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("TRUNCATE registry_person")


@pytest.mark.parametrize(
    "change",
    ["is_active = false", f"area_id = '{TOWNSHIP_B}'", "role = 'finance'"],
)
def test_a_scope_ends_at_once_when_its_person_leaves_or_moves(planted: OfficeCopy, change: str) -> None:
    user_id, token = _scope(planted, TOWNSHIP_A)
    with planted.connect("app") as app, planted.connect("worker") as worker:
        app.execute("SELECT set_config('doudi.scope', %s, false)", [token])
        assert app.execute("SELECT count(*) FROM registry_person").fetchone() == (1,)
        worker.execute(f"UPDATE org_user SET {change} WHERE id = %s", [user_id])  # noqa: S608 - the list above
        assert app.execute("SELECT count(*) FROM registry_person").fetchone() == (0,)


def test_a_scope_ends_by_the_clock_of_the_database(planted: OfficeCopy) -> None:
    _, token = _scope(planted, TOWNSHIP_A)
    with planted.connect("admin") as admin, planted.connect("app") as app:
        admin.execute(
            "UPDATE org_session_scope SET expires_at = now() - interval '1 second' WHERE token_hash = %s",
            [hashlib.sha256(token.encode()).digest()],
        )
        app.execute("SELECT set_config('doudi.scope', %s, false)", [token])
        assert app.execute("SELECT org_scope_area(), org_scope_user()").fetchone() == (None, None)
        assert set(_counts(app).values()) == {0}


def test_an_account_that_left_or_belongs_to_a_job_gets_no_scope(planted: OfficeCopy) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        _scope(planted, TOWNSHIP_A, is_active=False)


def test_every_personal_table_has_row_security_enabled_and_forced(planted: OfficeCopy) -> None:
    with planted.connect("admin") as admin:
        found = dict(
            admin.execute(
                "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = ANY(%s)",
                [PERSONAL],
            ).fetchall()
        )
    assert {table for table in PERSONAL if not found.get(table)} == set()


def test_no_role_of_the_office_can_step_around_row_security(planted: OfficeCopy) -> None:
    with planted.connect("admin") as admin:
        roles = admin.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('doudi_app', 'doudi_worker', 'doudi_owner')"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)"
        ).fetchall()
        members = admin.execute(
            "SELECT pg_has_role('doudi_app', 'doudi_owner', 'MEMBER'),"
            " pg_has_role('doudi_app', 'doudi_worker', 'MEMBER')"
        ).fetchone()
        owners = admin.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = ANY(%s)", [PERSONAL]
        ).fetchall()
    assert roles == []
    assert members == (False, False)
    assert owners == [("doudi_owner",)]


def test_every_function_that_runs_with_its_owners_rights_pins_its_search_path(planted: OfficeCopy) -> None:
    with planted.connect("admin") as admin:
        loose = admin.execute(
            "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
            " AND prosecdef AND NOT coalesce(proconfig::text, '') LIKE '%search_path=%'"
        ).fetchall()
    assert loose == []
