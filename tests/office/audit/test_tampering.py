"""Promise P35: whatever a superuser of the database does to sealed records is detected, and the first bad one named."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import running_office
from pytest_django.plugin import DjangoDbBlocker
from running_office import OfficeServer
from tests.office.audit.chained import BLOCKS, ENTRIES, Chained

from doudi.engine.values.keys import Keyring
from doudi.office.audit.anchors import Heads, anchor, line_of, read_heads
from doudi.office.audit.models import Anchor, Entry
from doudi.office.org.scope import audit_scope

# In the sealed part entries have the ids 1..24; 25 and 26 are not sealed yet.
LAST = BLOCKS * ENTRIES
# What is done, and the id of the first record that is bad then (None: only the block can be named).
TO_ENTRIES: dict[str, tuple[str, int | None]] = {
    "its time": ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = 8", 8),
    "its recording time": ("UPDATE audit_entry SET recorded_at = recorded_at - interval '1 day' WHERE id = 8", 8),
    "who acted, by number": ("UPDATE audit_entry SET actor_id = 99 WHERE id = 8", 8),
    "that nobody acted": ("UPDATE audit_entry SET actor_id = NULL WHERE id = 8", 8),
    "who acted, by name": ("UPDATE audit_entry SET actor_name = '别人' WHERE id = 8", 8),
    "the role": ("UPDATE audit_entry SET role = 'approver' WHERE id = 8", 8),
    "the act": ("UPDATE audit_entry SET verb = 'read' WHERE id = 8", 8),
    "the kind of record": ("UPDATE audit_entry SET object_type = 'registry.person' WHERE id = 8", 8),
    "the record": ("UPDATE audit_entry SET object_id = '7' WHERE id = 8", 8),
    "the area": ("UPDATE audit_entry SET area = '419901201' WHERE id = 8", 8),
    "the area to none": ("UPDATE audit_entry SET area = '' WHERE id = 8", 8),
    "the purpose": ("UPDATE audit_entry SET purpose = purpose || ' ' WHERE id = 8", 8),
    "a value in the details": ("UPDATE audit_entry SET details = details || '{\"a\": 2}' WHERE id = 8", 8),
    "a name in the details": ("UPDATE audit_entry SET details = details - 'b' WHERE id = 8", 8),
    "the request": ("UPDATE audit_entry SET request_id = 'q' WHERE id = 8", 8),
    "the first entry": ("UPDATE audit_entry SET verb = 'x' WHERE id = 1", 1),
    "the last sealed entry": ("UPDATE audit_entry SET verb = 'x' WHERE id = 24", LAST),
    "all entries": ("UPDATE audit_entry SET role = 'admin'", 1),
    "a line break moved between fields": (
        "UPDATE audit_entry SET actor_name = actor_name || E'\\t' || role, role = '' WHERE id = 8",
        8,
    ),
    "the number of an entry": ("UPDATE audit_entry SET id = 1008 WHERE id = 8", 1008),
    "the transaction, within the block": (
        "UPDATE audit_entry SET xid = (SELECT xid FROM audit_entry WHERE id = 10) WHERE id = 8",
        8,
    ),
    "the transaction, to another block": (
        "UPDATE audit_entry SET xid = (SELECT xid FROM audit_entry WHERE id = 20) WHERE id = 8",
        8,
    ),
    "the transaction, before the beginning": ("UPDATE audit_entry SET xid = -5 WHERE id = 8", 8),
    "the transaction, out of the sealed part": ("UPDATE audit_entry SET xid = xid + 1000000000 WHERE id = 8", 8),
    "the first entry away": ("DELETE FROM audit_entry WHERE id = 1", 1),
    "an entry away": ("DELETE FROM audit_entry WHERE id = 9", 9),
    "the last sealed entry away": ("DELETE FROM audit_entry WHERE id = 24", LAST),
    "the entries of a block away": ("DELETE FROM audit_entry WHERE id BETWEEN 7 AND 12", 7),
    "one officer's entries away": ("DELETE FROM audit_entry WHERE actor_id IN (9, 14)", 9),
    "the entries of a township away": ("DELETE FROM audit_entry WHERE area = '419901101'", 3),
    "all away": ("DELETE FROM audit_entry", 1),
    "the tail away": ("DELETE FROM audit_entry WHERE id > 20", 21),
    "all emptied": ("TRUNCATE audit_entry", 1),
    "one more in the middle": (
        "INSERT INTO audit_entry (id, xid, at, actor_name, role, verb, object_type, object_id, area, purpose, details,"
        " request_id) SELECT 999, xid, at, actor_name, role, 'case.confirm', object_type, object_id, area, purpose,"
        " details, request_id FROM audit_entry WHERE id = 9",
        999,
    ),
    "one more before the first": (
        "INSERT INTO audit_entry (id, xid, at, actor_name, role, verb, object_type, object_id, area, purpose, details,"
        " request_id) SELECT -1, 0, at, actor_name, role, 'x', object_type, object_id, area, purpose, details,"
        " request_id FROM audit_entry WHERE id = 1",
        -1,
    ),
    "one more at the end of the sealed part": (
        "INSERT INTO audit_entry (id, xid, at, actor_name, role, verb, object_type, object_id, area, purpose, details,"
        " request_id) SELECT 999, (SELECT max(to_xid) - 1 FROM audit_block), at, actor_name, role, 'x', object_type,"
        " object_id, area, purpose, details, request_id FROM audit_entry WHERE id = 9",
        999,
    ),
    "a twin of an entry": (
        "INSERT INTO audit_entry SELECT (jsonb_populate_record(e, '{\"id\": 998}')).* FROM audit_entry e WHERE id = 9",
        998,
    ),
    "two entries change places": (
        "UPDATE audit_entry a SET verb = b.verb, actor_id = b.actor_id, object_id = b.object_id FROM audit_entry b"
        " WHERE (a.id, b.id) IN ((8, 9), (9, 8))",
        8,
    ),
    "two entries of different blocks change places": (
        "UPDATE audit_entry a SET xid = b.xid FROM audit_entry b WHERE (a.id, b.id) IN ((8, 15), (15, 8))",
        15,
    ),
    "one entry replaced by another": (
        "DELETE FROM audit_entry WHERE id = 9;"
        "UPDATE audit_entry SET id = 9, xid = (SELECT to_xid - 1 FROM audit_block WHERE entries > 0 ORDER BY number"
        " LIMIT 1 OFFSET 1) WHERE id = 10",
        9,
    ),
}
TO_BLOCKS: dict[str, tuple[str, int | None]] = {
    "a root": ("UPDATE audit_block SET root = decode(repeat('00', 32), 'hex') WHERE number = 3", None),
    "fingerprints": ("UPDATE audit_block SET fingerprints = substr(fingerprints, 17) WHERE number = 3", None),
    "a count": ("UPDATE audit_block SET entries = entries + 1 WHERE number = 3", None),
    "when it was sealed": ("UPDATE audit_block SET sealed_at = sealed_at - interval '5 hours' WHERE number = 3", None),
    "a predecessor": ("UPDATE audit_block SET previous = decode(repeat('11', 32), 'hex') WHERE number = 3", None),
    "a digest": ("UPDATE audit_block SET digest = decode(repeat('11', 32), 'hex') WHERE number = 3", None),
    "an upper end": ("UPDATE audit_block SET to_xid = to_xid + 1 WHERE number = 3", None),
    "a lower end": ("UPDATE audit_block SET from_xid = from_xid - 1 WHERE number = 3", None),
    "a number": ("UPDATE audit_block SET number = 77 WHERE number = 3", None),
    "two blocks change places": (
        "UPDATE audit_block SET number = number + 100 WHERE number IN (3, 4);"
        "UPDATE audit_block SET number = 107 - number WHERE number > 100",
        None,
    ),
    "the first block away": ("DELETE FROM audit_block WHERE number = 1", None),
    "a block away": ("DELETE FROM audit_block WHERE number = 3", None),
    "the last block away": ("DELETE FROM audit_block WHERE number = (SELECT max(number) FROM audit_block)", None),
    "all blocks away": ("TRUNCATE audit_block", None),
    "a block and its entries away": (
        "DELETE FROM audit_entry WHERE id BETWEEN 7 AND 12; DELETE FROM audit_block WHERE number = 3",
        7,
    ),
    "the last block and its entries away": (
        "DELETE FROM audit_entry WHERE id > 18; DELETE FROM audit_block WHERE number >= 5",
        19,
    ),
    "everything away": ("TRUNCATE audit_entry, audit_block, audit_anchor", None),
}


@pytest.fixture(scope="module")
def chained(office_server: OfficeServer, django_db_blocker: DjangoDbBlocker) -> Iterator[Chained]:
    """Blocks 2 to 5 hold the entries; block 1 sealed the empty office. This test is the database's superuser."""
    with django_db_blocker.unblock(), running_office.copied(office_server) as copy:
        office = Chained(copy, copy.server.state / "anchors" / copy.database)
        office.fill()
        with office.acting("admin"):
            yield office


def test_there_are_enough_kinds_of_tampering() -> None:
    assert len(TO_ENTRIES) + len(TO_BLOCKS) >= 34


def test_p35_an_honest_audit_verifies(chained: Chained) -> None:
    report = chained.verified()
    assert (report.entries, report.blocks, report.unsealed, report.fault) == (LAST, 1 + BLOCKS, 2, None)


@pytest.mark.parametrize("kind", TO_ENTRIES)
@pytest.mark.parametrize("recomputed", [False, True], ids=["", "chain recomputed"])
def test_p35_tampering_with_entries_is_detected_and_the_first_bad_record_named(
    chained: Chained, kind: str, recomputed: bool
) -> None:
    statement, record = TO_ENTRIES[kind]
    fault = chained.after(statement, recomputed=recomputed).fault
    assert fault is not None
    assert fault.entry == record, fault


@pytest.mark.parametrize("kind", TO_ENTRIES)
def test_p35_without_any_anchor_the_chain_itself_names_the_record(chained: Chained, kind: str) -> None:
    statement, record = TO_ENTRIES[kind]
    fault = chained.after(statement, recomputed=False, heads=Heads()).fault
    assert fault is not None
    assert fault.entry == record, fault


def test_only_anchors_tell_a_chain_that_was_recomputed(chained: Chained) -> None:
    statement, record = TO_ENTRIES["the role"]
    assert chained.after(statement, recomputed=True, heads=Heads()).fault is None
    fault = chained.after(statement, recomputed=True).fault
    assert fault is not None
    assert fault.entry == record


@pytest.mark.parametrize("kind", TO_BLOCKS)
def test_p35_tampering_with_blocks_is_detected(chained: Chained, kind: str) -> None:
    statement, record = TO_BLOCKS[kind]
    fault = chained.after(statement, recomputed=False).fault
    assert fault is not None
    assert fault.entry == record, fault


def test_p35_one_old_head_vouches_for_everything_before_it(chained: Chained) -> None:
    everything = chained.heads().by_number
    only = Heads({4: everything[4]})
    assert chained.verified(only).fault is None
    fault = chained.after(TO_ENTRIES["the role"][0], recomputed=True, heads=only).fault
    assert fault is not None
    assert fault.block == 4


def test_p35_heads_that_were_altered_or_taken_away_are_noticed(chained: Chained, tmp_path: Path) -> None:
    (path,) = chained.folder.glob("heads-*.jsonl")
    lines = path.read_text("ascii").splitlines()
    said = json.loads(lines[2])

    def faults(*changed: str) -> tuple[str, ...]:
        target = tmp_path / "heads-2026-11.jsonl"
        target.write_text("\n".join(changed) + "\n", "ascii")
        return read_heads([tmp_path], chained.keyring).faults

    assert faults(*lines) == ()
    for name, value in (("entries", 5), ("root", "00" * 32), ("anchored_at", "2026-01-01T00:00:00+00:00")):
        assert faults(lines[0], lines[1], json.dumps(said | {name: value}), *lines[3:])
    assert faults(lines[0], *lines[2:])
    assert faults(lines[0], "", *lines[2:])
    # The tail of the heads cut off: the database knows that more was anchored.
    shutil.copytree(chained.folder, tmp_path / "kept")
    try:
        path.write_text("\n".join(lines[:-1]) + "\n", "ascii")
        assert chained.verified().fault is not None
    finally:
        path.write_text("\n".join(lines) + "\n", "ascii")
    assert chained.verified().fault is None


def test_p35_a_chain_recomputed_and_anchored_anew_under_another_key_is_noticed(
    chained: Chained, tmp_path: Path
) -> None:
    own = Keyring.generate(tmp_path / "keys.json")
    block = chained.heads().by_number[2]
    path = tmp_path / "heads-2026-11.jsonl"
    for key, is_genuine in ((own, False), (chained.keyring, True)):
        path.write_text(line_of(block, key, block.sealed_at) + "\n", "ascii")
        assert (read_heads([path], chained.keyring).faults == ()) == is_genuine


def test_an_anchor_that_was_written_but_not_noted_is_not_written_twice(chained: Chained) -> None:
    before = [path.read_bytes() for path in chained.folder.iterdir()]
    with chained.copy.connect("admin") as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM audit_anchor WHERE block >= 4")
    with chained.acting("worker"):
        with audit_scope("test"):
            assert anchor(chained.folder, chained.keyring) == [4, 5]
            assert Anchor.objects.count() == 5
        assert Entry.objects.count() == 0
    assert [path.read_bytes() for path in chained.folder.iterdir()] == before


def test_a_head_cut_off_by_a_crash_is_written_again(chained: Chained, tmp_path: Path) -> None:
    folder = tmp_path / "heads"
    shutil.copytree(chained.folder, folder)
    (path,) = folder.glob("heads-*.jsonl")
    path.write_bytes(path.read_bytes()[:-40])
    with chained.copy.connect("admin") as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM audit_anchor WHERE block = 5")
    anchor(folder, chained.keyring)
    heads = read_heads([folder], chained.keyring)
    assert (set(heads.by_number), heads.faults) == ({1, 2, 3, 4, 5}, ())


def test_p35_the_command_names_the_record_and_ends_with_one(chained: Chained, tmp_path: Path) -> None:
    copied = tmp_path / "elsewhere"
    shutil.copytree(chained.folder, copied)
    honest = chained.copy.run("audit", "verify", "--heads", str(copied))
    assert (honest.returncode, honest.stderr) == (0, ""), honest.stdout
    with chained.copy.connect("admin") as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE audit_entry SET actor_id = 1 WHERE id = 14")
    found = chained.copy.run("audit", "verify", "--heads", str(copied))
    assert found.returncode == 1
    assert "record 14" in found.stdout
