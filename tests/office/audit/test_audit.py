"""The audit: it only grows, it stands and falls with its effect, and it shows each reader their own area."""

import logging
import sys
import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from running_office import COUNTY, TOWNSHIP_A, TOWNSHIP_B, OfficeCopy

from doudi.engine.values.errors import DoudiError
from doudi.office.audit.actions import AuditError, record, record_read
from doudi.office.audit.logs import DiscreetFormatter
from doudi.office.audit.models import Entry
from doudi.office.org.actions import create_user
from doudi.office.org.models import Area, User

INSERT = (
    "INSERT INTO audit_entry (at, verb, actor_name, role, object_type, object_id, area, purpose, details, request_id)"
    " VALUES (now(), %s, '', '', '', %s, '', '', '{}', '')"
)


def test_an_entry_says_who_what_which_where_and_why(make_user, as_user, set_clock) -> None:
    clerk = make_user("clerk", TOWNSHIP_A, display_name="何雨荷")
    area = Area.objects.get(code=TOWNSHIP_A)
    with as_user(clerk):
        record(actor=clerk, verb="case.accept", obj=area, area=TOWNSHIP_A, details={"step": "accept"}, purpose="受理")
        entry = Entry.objects.get(verb="case.accept")
    assert (entry.actor_id, entry.actor_name, entry.role) == (clerk.pk, "何雨荷", "clerk")
    assert (entry.object_type, entry.object_id, entry.area) == ("org.area", TOWNSHIP_A, TOWNSHIP_A)
    assert (entry.details, entry.purpose) == ({"step": "accept"}, "受理")
    assert entry.at.isoformat().startswith("2026-11-23T01:00")


def test_p29_a_list_page_leaves_one_entry_with_the_ids_it_showed(make_user, as_user) -> None:
    clerk = make_user("clerk", TOWNSHIP_A)
    areas = list(Area.objects.order_by("code"))
    with as_user(clerk):
        record_read(actor=clerk, objects=areas, fields=["name"], area=TOWNSHIP_A, purpose="list")
        record_read(actor=clerk, objects=[], fields=["name"], area=TOWNSHIP_A, purpose="list")
        entry = Entry.objects.get(verb="read")
    assert entry.details["ids"] == [a.code for a in areas]
    assert entry.details["fields"] == ["name"]


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
def test_p7_nobody_but_the_tables_owner_may_even_try_to_change_it(db_role, role, statement) -> None:
    with pytest.raises(DatabaseError), db_role(role), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_even_the_owner_and_a_superuser_meet_the_trigger(office_copy: OfficeCopy) -> None:
    with office_copy.connect("admin") as admin:
        admin.execute(INSERT, ["x", ""])
        for statement in ("UPDATE audit_entry SET verb = 'y'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                admin.execute(statement)
    with office_copy.connect("owner") as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("TRUNCATE audit_entry")


def test_an_entry_outside_of_a_transaction_is_refused(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(connections["default"], "in_atomic_block", False)
        with pytest.raises(AuditError):
            record(actor=None, verb="x", obj=None, area="")


def test_p36_an_effect_that_fails_leaves_no_entry_and_an_entry_that_fails_leaves_no_effect(
    make_user, as_job, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("clerk", TOWNSHIP_A, username="taken")
    with as_job("4199"):
        before = Entry.objects.count()
        with pytest.raises(IntegrityError):
            _audit_first_then_fail()
        assert Entry.objects.count() == before
        with pytest.raises(DatabaseError):
            create_user(
                actor=Overlong(), username="fresh", display_name="x", role="clerk", area=TOWNSHIP_A, password=None
            )
        assert not User.objects.filter(username="fresh").exists()
        assert Entry.objects.count() == before


@transaction.atomic
def _audit_first_then_fail() -> None:
    record(actor=None, verb="user.create", obj=None, area=TOWNSHIP_A)
    User.objects.create(username="taken", display_name="x", role="clerk", area_id=TOWNSHIP_A)


class Overlong:
    """An actor whose name the audit can't hold: writing the entry fails after the effect."""

    pk, role, display_name = 1, "clerk", "x" * 61


def test_p36_a_client_killed_between_effect_and_commit_leaves_neither(office_copy: OfficeCopy) -> None:
    insert_user = (
        "INSERT INTO org_user (password, username, display_name, role, is_active, is_service_account, area_id)"
        " VALUES ('!', %s, 'x', 'clerk', true, false, %s)"
    )
    for number in range(10):
        worker = office_copy.connect("worker")
        worker.autocommit = False
        worker.execute(insert_user, [f"u{number}", TOWNSHIP_A])
        worker.execute(INSERT, ["user.create", f"u{number}"])
        if number % 2:
            worker.commit()
        else:
            with office_copy.connect("admin") as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", [worker.info.backend_pid])
        worker.close()
    with office_copy.connect("admin") as admin:
        people = {row[0] for row in admin.execute("SELECT username FROM org_user").fetchall()}
        entries = {row[0] for row in admin.execute("SELECT object_id FROM audit_entry").fetchall()}
    assert people == entries == {f"u{number}" for number in range(1, 10, 2)}


def test_p27_the_audit_of_another_township_is_not_shown(make_user, as_user) -> None:
    ours, theirs = make_user("clerk", TOWNSHIP_A), make_user("clerk", TOWNSHIP_B)
    record(actor=ours, verb="case.accept", obj=None, area=TOWNSHIP_A)
    record(actor=theirs, verb="case.accept", obj=None, area=TOWNSHIP_B)
    with as_user(ours):
        assert set(Entry.objects.values_list("area", flat=True)) == {TOWNSHIP_A}
    with as_user(make_user("reviewer", COUNTY)):
        assert set(Entry.objects.filter(verb="case.accept").values_list("area", flat=True)) == {TOWNSHIP_A, TOWNSHIP_B}
    assert Entry.objects.count() == 0


def test_p30_a_logged_exception_keeps_its_path_and_loses_its_words() -> None:
    def logged(error: Callable[[], Exception]) -> str:
        try:
            raise error()
        except Exception:  # noqa: BLE001 - the test logs whatever it raised
            line = logging.getLogger("t").makeRecord("t", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
            return DiscreetFormatter().format(line)

    secret = "419901198001010015"
    quoted = logged(lambda: IntegrityError(f"Key (id_number)=({secret}) already exists."))
    assert secret not in quoted
    assert "IntegrityError" in quoted
    assert "test_audit.py" in quoted
    assert "no such month" in logged(lambda: DoudiError("no such month"))


def test_entries_of_many_writers_at_once_are_all_there(office_copy: OfficeCopy) -> None:
    def write(name: str) -> None:
        with office_copy.connect("app") as app:
            for _ in range(20):
                app.execute(INSERT, [name, ""])

    writers = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with office_copy.connect("admin") as admin:
        assert admin.execute("SELECT count(*) FROM audit_entry").fetchone() == (80,)
