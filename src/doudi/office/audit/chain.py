"""How audit entries become a chain of blocks: leaves, a Merkle root for each block, the block before it.

Nothing here reads a database, a file or a clock. The tree is that of RFC 6962: a leaf is hashed behind a zero byte, an
inner node behind a one, so that no inner node can pass for an entry.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

FIRST_PREVIOUS = bytes(32)
_ID_BYTES = _MARK_BYTES = 8
FINGERPRINT_BYTES = _ID_BYTES + _MARK_BYTES


@dataclass(frozen=True)
class Sealed:
    """One block: the entries of all transactions from `from_xid` up to but without `to_xid`, in order of (xid, id).

    `fingerprints` names each entry by its id and the beginning of its leaf. It serves to say which record is bad; that
    there is a bad one at all is told by `root` and `digest`.
    """

    number: int
    from_xid: int
    to_xid: int
    entries: int
    root: bytes
    fingerprints: bytes
    sealed_at: datetime
    previous: bytes
    digest: bytes = b""

    def with_digest(self) -> "Sealed":
        """The same block with the hash that its successor will name."""
        return replace(self, digest=self.computed_digest())

    def computed_digest(self) -> bytes:
        """SHA-256 over all fields, each on a line of its own."""
        fields = (
            "doudi audit block 1",
            self.number,
            self.from_xid,
            self.to_xid,
            self.entries,
            self.root.hex(),
            hashlib.sha256(self.fingerprints).hexdigest(),
            self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.previous.hex(),
        )
        return hashlib.sha256("\n".join(map(str, fields)).encode("ascii")).digest()


def leaf_of(line: bytes) -> bytes:
    """The hash of one entry, taken over its row as PostgreSQL writes it out."""
    return hashlib.sha256(b"\0" + line).digest()


def fingerprint_of(entry_id: int, leaf: bytes) -> bytes:
    """An entry's id and the first bytes of its leaf."""
    return entry_id.to_bytes(_ID_BYTES, "big", signed=True) + leaf[:_MARK_BYTES]


def entry_id_of(fingerprint: bytes) -> int:
    """The id of the entry that a fingerprint stands for."""
    return int.from_bytes(fingerprint[:_ID_BYTES], "big", signed=True)


def split(fingerprints: bytes) -> list[bytes]:
    """The single fingerprints of a block, in order."""
    return [fingerprints[at : at + FINGERPRINT_BYTES] for at in range(0, len(fingerprints), FINGERPRINT_BYTES)]


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves in their order; without any, the hash of nothing."""
    level: Sequence[bytes] = list(leaves)
    if not level:
        return hashlib.sha256().digest()
    sha256 = hashlib.sha256
    while len(level) > 1:
        pairs = [sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        # A node without a neighbour rises as it is.
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
    return level[0]
