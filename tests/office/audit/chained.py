"""An office whose audit holds a few sealed and anchored blocks, and a superuser's hand on its tables."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import running_office
from django.db import connection, connections, transaction
from running_office import TOWNSHIP_A, TOWNSHIP_B, OfficeCopy

from doudi.engine.values.keys import Keyring
from doudi.office.audit.anchors import Heads, anchor, read_heads
from doudi.office.audit.chain import FIRST_PREVIOUS, Sealed, fingerprint_of, leaf_of, merkle_root
from doudi.office.audit.models import Block
from doudi.office.audit.rows import stream
from doudi.office.audit.sealing import seal, sealed_of
from doudi.office.audit.verification import Report, verify
from doudi.office.org.scope import audit_scope

INSERT = (
    "INSERT INTO audit_entry (at, actor_id, actor_name, role, verb, object_type, object_id, area, purpose, details,"
    " request_id) VALUES ('2026-11-23T01:00:00Z', %s, '何雨荷', 'clerk', %s, 'casework.case', %s, %s, '受理', %s, 'r')"
)
BLOCKS, ENTRIES = 4, 6


class Chained:
    """A committed copy with `BLOCKS` blocks of `ENTRIES` entries each and two entries that are not yet sealed."""

    def __init__(self, copy: OfficeCopy, folder: Path) -> None:
        self.copy, self.folder = copy, folder
        self.keyring = Keyring.load(copy.server.keys)
        # The first block, without entries, came with the copy; so do its heads.
        shutil.copytree(copy.server.state / "anchors" / "doudi_template", folder)

    def write(self, count: int, first: int = 1) -> None:
        """Entries as the web writes them, each in a transaction of its own."""
        with self.copy.connect("app") as app:
            for number in range(first, first + count):
                area = TOWNSHIP_B if number % 3 else TOWNSHIP_A
                app.execute(INSERT, [number, f"case.step{number}", str(number), area, '{"a": 1, "b": "x"}'])

    def seal(self) -> None:
        with self.acting("worker"):
            with audit_scope("test"):
                seal()
            with audit_scope("test"):
                anchor(self.folder, self.keyring)

    def fill(self) -> None:
        for block in range(BLOCKS):
            self.write(ENTRIES, first=1 + block * ENTRIES)
            self.seal()
        self.write(2, first=1 + BLOCKS * ENTRIES)

    @contextmanager
    def acting(self, role: str) -> Iterator[None]:
        """Django on this copy under one of the database's roles; afterwards as it was."""
        before = connection.settings_dict["USER"], connection.settings_dict["NAME"]
        running_office._point_django_at(self.copy.server, f"doudi_{role}", self.copy.database)
        try:
            yield
        finally:
            running_office._point_django_at(self.copy.server, *before)

    def heads(self) -> Heads:
        return read_heads([self.folder], self.keyring)

    def verified(self, heads: Heads | None = None) -> Report:
        """What the verifier says; under the caller's role and transaction."""
        with audit_scope("test"):
            return verify(heads or self.heads(), are_all_heads=heads is None)

    def after(self, tampering: str, *, recomputed: bool, heads: Heads | None = None) -> Report:
        """What the verifier says after a superuser ran statements; everything is taken back afterwards."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(tampering)
            if recomputed:
                recompute()
            report = self.verified(heads)
            transaction.set_rollback(True)
        connections["default"].close()
        return report


def recompute() -> None:
    """What a superuser would do who has our source: every block anew, over the entries as they are now."""
    blocks = [sealed_of(block) for block in Block.objects.order_by("number")]
    Block.objects.all().delete()
    previous = FIRST_PREVIOUS
    for number, block in enumerate(blocks, start=1):
        rows = list(stream(from_xid=block.from_xid, to_xid=block.to_xid))
        leaves = [leaf_of(row.line) for row in rows]
        fresh = Sealed(
            number=number,
            from_xid=block.from_xid,
            to_xid=block.to_xid,
            entries=len(rows),
            root=merkle_root(leaves),
            fingerprints=b"".join(fingerprint_of(row.entry_id, leaf) for row, leaf in zip(rows, leaves, strict=True)),
            sealed_at=block.sealed_at,
            previous=previous,
        ).with_digest()
        Block.objects.create(**{name: getattr(fresh, name) for name in Sealed.__dataclass_fields__})
        previous = fresh.digest
