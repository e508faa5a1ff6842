"""The arithmetic of the chain, and sealing beside writers who are slow, late or many."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import running_office
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker
from running_office import OfficeCopy, OfficeServer
from tests.office.audit.chained import INSERT, Chained

from doudi.office.audit.anchors import Heads
from doudi.office.audit.chain import entry_id_of, fingerprint_of, merkle_root, split
from doudi.office.audit.models import Block, Entry
from doudi.office.audit.rows import COLUMNS
from doudi.office.audit.sealing import seal
from doudi.office.org.scope import audit_scope
from doudi.office.registry.models import Household


@pytest.fixture
def chained(office_server: OfficeServer, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Chained]:
    with django_db_blocker.unblock(), running_office.copied(office_server) as copy:
        yield Chained(copy, tmp_path / "heads")


def of_the_standard(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it, by splitting at the largest power of two."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + of_the_standard(leaves[:cut]) + of_the_standard(leaves[cut:])).digest()


@given(st.integers(0, 70))
def test_the_root_is_that_of_the_standard_for_any_number_of_leaves(count: int) -> None:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(count)]
    assert merkle_root(leaves) == of_the_standard(leaves)


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.binary(min_size=32, max_size=32)), max_size=9))
def test_fingerprints_come_apart_again(entries: list[tuple[int, bytes]]) -> None:
    parts = [fingerprint_of(number, leaf) for number, leaf in entries]
    assert split(b"".join(parts)) == parts
    assert [entry_id_of(part) for part in parts] == [number for number, _ in entries]


def test_every_column_of_an_entry_is_sealed() -> None:
    assert sorted(COLUMNS) == sorted(field.column for field in Entry._meta.fields)


def test_p35_an_entry_that_is_committed_late_comes_into_a_later_block_and_never_into_a_sealed_one(
    chained: Chained,
) -> None:
    slow = chained.copy.connect("app")
    slow.autocommit = False
    slow.execute(INSERT, [1, "slow", "", "", "{}"])
    chained.write(3)
    chained.seal()
    with chained.acting("worker"), audit_scope("test"):
        # What came after the slow one waits with it; nobody else waited.
        assert sum(Block.objects.values_list("entries", flat=True)) == 0
        assert Entry.objects.count() == 3
    slow.commit()
    slow.close()
    chained.seal()
    with chained.acting("worker"):
        report = chained.verified()
        assert (report.entries, report.unsealed, report.fault) == (4, 0, None)


def test_sealing_beside_many_writers_loses_and_repeats_nobody(chained: Chained) -> None:
    is_over = threading.Event()

    def write(writer: int) -> None:
        with chained.copy.connect("app") as app:
            for number in range(60):
                with app.transaction():
                    app.execute(INSERT, [writer, "w", str(number), "", "{}"])
                    if number % 5 == writer:
                        raise psycopg.Rollback

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in writers:
        each.start()
    with chained.acting("worker"):
        while not is_over.is_set():
            if not any(each.is_alive() for each in writers):
                is_over.set()
            with audit_scope("test"):
                seal(even_if_silent=True)
        report = chained.verified(Heads())
        assert (report.entries, report.unsealed, report.fault) == (4 * 48, 0, None)
        assert report.blocks > 2


def test_a_long_transaction_is_one_block_and_a_long_backlog_is_several(
    chained: Chained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doudi.office.audit.sealing.BLOCK_ENTRIES", 10)
    with chained.copy.connect("app") as app, app.transaction():
        for number in range(25):
            app.execute(INSERT, [number, "long", "", "", "{}"])
    chained.write(25)
    chained.seal()
    with chained.acting("worker"):
        assert list(Block.objects.filter(entries__gt=0).order_by("number").values_list("entries", flat=True)) == [
            25,
            10,
            10,
            5,
        ]
        assert chained.verified().fault is None


def test_the_office_s_roles_choose_neither_the_number_nor_the_time_of_an_entry(office_copy: OfficeCopy) -> None:
    for role in ("app", "worker"):
        with office_copy.connect(role) as somebody:
            for column, value in (("xid", "1"), ("id", "1"), ("recorded_at", "now()")):
                statement = INSERT.replace("(at,", f"({column}, at,").replace("VALUES (", f"VALUES ({value}, ")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    somebody.execute(statement, [1, "x", "1", "", "{}"])
    with office_copy.connect("app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("INSERT INTO audit_anchor (block) VALUES (2)")


def test_the_scope_of_the_audit_shows_every_entry_and_nobody_else_s_rows(
    office_copy: OfficeCopy, chained: Chained
) -> None:
    chained.write(5)
    with chained.copy.connect("admin") as admin:
        admin.execute(
            "INSERT INTO registry_household (key, number, address, residence, basis, area)"
            " VALUES ('k', 'n', '', '', 'office', '419901101001')"
        )
    with chained.acting("worker"):
        with audit_scope("test"):
            assert (Entry.objects.count(), Household.objects.count()) == (5, 0)
        assert Entry.objects.count() == 0
    with chained.acting("app"), pytest.raises(Exception, match="permission denied"), audit_scope("test"):
        pass
    assert connection.settings_dict["NAME"] == "doudi_shared"
