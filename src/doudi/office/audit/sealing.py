"""Sealing: committed entries are put into blocks, after the fact, so that the chain never makes users wait.

A block holds the entries of a range of transactions. Its upper end is the oldest transaction that was still open when
it was sealed: whatever has a lower number is over, so no entry can ever come into a sealed range later, whichever id
its row drew and however late it was committed. A transaction that stays open holds the chain back, never a user.
"""

from typing import ClassVar

from django.db import connection, transaction

from doudi.engine.values.errors import DoudiError
from doudi.office.audit.chain import FIRST_PREVIOUS, Sealed, fingerprint_of, leaf_of, merkle_root
from doudi.office.audit.models import Block
from doudi.office.audit.rows import stream

# About this many entries to a block; a single transaction is never split.
BLOCK_ENTRIES = 10_000
# A block without entries says that nothing happened, so that silence can be told from a sealer that died.
SILENCE_MINUTES = 10
_ONE_SEALER = 0x646F756469


class ChainError(DoudiError):
    """The database's transaction numbers lie behind the chain: it was moved to another server by a dump."""

    code: ClassVar[str] = "DD-AUDIT-002"


def seal(*, even_if_silent: bool = False) -> list[Sealed]:
    """Seal all entries whose transactions are over. Call it under the scope of the audit, inside its transaction."""
    sealed: list[Sealed] = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_SEALER])
        while block := _next_block(even_if_silent=even_if_silent and not sealed):
            _keep(block)
            sealed.append(block)
    return sealed


def sealed_of(block: Block) -> Sealed:
    """A stored block as the chain's own words."""
    return Sealed(
        number=block.number,
        from_xid=block.from_xid,
        to_xid=block.to_xid,
        entries=block.entries,
        root=bytes(block.root),
        fingerprints=bytes(block.fingerprints),
        sealed_at=block.sealed_at,
        previous=bytes(block.previous),
        digest=bytes(block.digest),
    )


def _next_block(*, even_if_silent: bool) -> Sealed | None:
    last = Block.objects.order_by("-number").first()
    from_xid = last.to_xid if last else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, statement_timestamp()")
        horizon, at = cursor.fetchone()
        if horizon < from_xid:
            raise ChainError(
                "this server counts its transactions from behind the chain's last block.",
                advice=f"Stop the office and run `pg_resetwal --next-transaction-id` beyond {from_xid}; see the guide.",
            )
        to_xid = _end_of_block(from_xid, horizon)
    if to_xid is None:
        is_due = last is None or (at - last.sealed_at).total_seconds() > SILENCE_MINUTES * 60
        if not (even_if_silent or is_due) or horizon == from_xid:
            return None
        to_xid = horizon
    leaves, fingerprints = [], []
    for row in stream(from_xid=from_xid, to_xid=to_xid):
        leaf = leaf_of(row.line)
        leaves.append(leaf)
        fingerprints.append(fingerprint_of(row.entry_id, leaf))
    return Sealed(
        number=last.number + 1 if last else 1,
        from_xid=from_xid,
        to_xid=to_xid,
        entries=len(leaves),
        root=merkle_root(leaves),
        fingerprints=b"".join(fingerprints),
        sealed_at=at,
        previous=bytes(last.digest) if last else FIRST_PREVIOUS,
    ).with_digest()


def _end_of_block(from_xid: int, horizon: int) -> int | None:
    """Where the next block ends; None if there is nothing to seal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(xid) FROM audit_entry WHERE xid >= %s AND xid < %s", [from_xid, horizon])
        (first,) = cursor.fetchone()
        if first is None:
            return None
        cursor.execute(
            "SELECT xid FROM audit_entry WHERE xid >= %s AND xid < %s ORDER BY xid OFFSET %s LIMIT 1",
            [from_xid, horizon, BLOCK_ENTRIES],
        )
        row = cursor.fetchone()
    if row is None:
        return horizon
    return int(row[0]) if row[0] > first else int(first) + 1


def _keep(block: Sealed) -> None:
    Block.objects.create(
        number=block.number,
        from_xid=block.from_xid,
        to_xid=block.to_xid,
        entries=block.entries,
        root=block.root,
        fingerprints=block.fingerprints,
        sealed_at=block.sealed_at,
        previous=block.previous,
        digest=block.digest,
    )
