"""Verifying the chain: does every entry still say what it said when it was sealed, and is none missing or too many?

Entries are streamed in the order of the chain and hashed again. Where the head of a block was anchored outside of the
database, the anchored head is believed, not the block's row: so a chain that was computed anew is found as well. The
first bad record is named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from doudi.office.audit.anchors import Heads
from doudi.office.audit.chain import FIRST_PREVIOUS, Sealed, entry_id_of, fingerprint_of, leaf_of, merkle_root, split
from doudi.office.audit.models import Anchor, Block, Entry
from doudi.office.audit.rows import Row, stream
from doudi.office.audit.sealing import sealed_of

_BLOCKS_AT_ONCE = 200


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong. `entry` is the id of the record, None where only the block can be named."""

    what: str
    block: int | None = None
    entry: int | None = None


@dataclass(frozen=True)
class Report:
    """What was examined, and the first fault if there is one."""

    entries: int
    blocks: int
    anchored: int
    unsealed: int
    fault: Fault | None


def verify(heads: Heads, *, are_all_heads: bool) -> Report:
    """Verify everything, under the scope of the audit. `are_all_heads`: not a copy that may lag behind."""
    entries, blocks, previous = 0, 0, FIRST_PREVIOUS
    last = max(_last_block_number(), max(heads.by_number, default=0))
    beginning, end = None, 0
    for first in range(1, last + 1, _BLOCKS_AT_ONCE):
        numbers = range(first, min(first + _BLOCKS_AT_ONCE, last + 1))
        kept = {block.number: sealed_of(block) for block in Block.objects.filter(number__in=numbers)}
        trusted = {number: heads.by_number.get(number) or kept.get(number) for number in numbers}
        missing = next((number for number in numbers if trusted[number] is None), None)
        known = [
            block for block in trusted.values() if block is not None and (missing is None or block.number < missing)
        ]
        for block, rows in _by_block(known, beginning):
            fault = _fault_of_block(block, rows, kept=kept, heads=heads.by_number, previous=previous, from_xid=end)
            if fault is not None:
                return Report(entries, blocks, len(heads.by_number), 0, fault)
            entries, blocks, previous, end = entries + block.entries, blocks + 1, block.digest, block.to_xid
        if missing is not None:
            return Report(entries, blocks, len(heads.by_number), 0, Fault(f"block {missing} is missing", missing))
        beginning = end
    unsealed = Entry.objects.filter(xid__gte=end).count()
    return Report(entries, blocks, len(heads.by_number), unsealed, _fault_of_heads(heads, are_all=are_all_heads))


def _last_block_number() -> int:
    return Block.objects.order_by("-number").values_list("number", flat=True).first() or 0


def _by_block(blocks: list[Sealed], beginning: int | None) -> Iterator[tuple[Sealed, list[Row]]]:
    """Each block with the entries that now stand in its range. The first one takes whatever lies before it as well."""
    if not blocks:
        return
    rows = stream(from_xid=beginning, to_xid=blocks[-1].to_xid)
    ahead = next(rows, None)
    for block in blocks:
        own = []
        while ahead is not None and ahead.xid < block.to_xid:
            own.append(ahead)
            ahead = next(rows, None)
        yield block, own


def _fault_of_block(
    trusted: Sealed,
    rows: list[Row],
    *,
    kept: Mapping[int, Sealed],
    heads: Mapping[int, Sealed],
    previous: bytes,
    from_xid: int,
) -> Fault | None:
    number = trusted.number
    leaves = [leaf_of(row.line) for row in rows]
    fingerprints = [fingerprint_of(row.entry_id, leaf) for row, leaf in zip(rows, leaves, strict=True)]
    if b"".join(fingerprints) != trusted.fingerprints:
        return _first_difference(number, split(trusted.fingerprints), fingerprints)
    if merkle_root(leaves) != trusted.root:
        return Fault(f"an entry of block {number} was altered", number)
    row = kept.get(number)
    if row is None:
        return Fault(f"block {number} is missing", number)
    if row.computed_digest() != row.digest or row.previous != previous or row.from_xid != from_xid:
        return Fault(f"block {number} was altered", number)
    if number in heads and heads[number].digest != row.digest:
        return Fault(f"block {number} is not the one that was anchored", number)
    if row.entries != len(rows):
        return Fault(f"block {number} was altered", number)
    return None


def _first_difference(number: int, sealed: list[bytes], now: list[bytes]) -> Fault:
    """Names the first record that is not as it was sealed, and how."""
    sealed_ids, now_ids = {entry_id_of(each) for each in sealed}, {entry_id_of(each) for each in now}
    for was, is_now in zip_longest(sealed, now):
        if was == is_now:
            continue
        if is_now is not None and entry_id_of(is_now) not in sealed_ids:
            return Fault("an entry was inserted after sealing", number, entry_id_of(is_now))
        if was is not None and entry_id_of(was) not in now_ids:
            return Fault("an entry is missing", number, entry_id_of(was))
        found = was if was is not None else is_now
        assert found is not None  # noqa: S101 - one of two unequal sides is there
        return Fault("an entry was altered or moved", number, entry_id_of(found))
    return Fault(f"block {number} was altered", number)


def _fault_of_heads(heads: Heads, *, are_all: bool) -> Fault | None:
    """What is wrong with the anchors when the database itself is in order."""
    if heads.faults:
        return Fault(heads.faults[0])
    anchored = Anchor.objects.order_by("-block").values_list("block", flat=True).first() or 0
    known = max(heads.by_number, default=0)
    if are_all and known < anchored:
        return Fault(f"heads were anchored up to block {anchored}, but those given end with block {known}")
    return None
