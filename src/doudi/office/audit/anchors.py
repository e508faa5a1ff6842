"""Anchors: the heads of the chain, written down outside of the database and signed with a key that it does not know.

One line for each block, in files by month that only grow: `heads-2026-11.jsonl`. Whoever keeps a copy elsewhere can
tell later whether the database still says what it said then, also if everything in it was computed anew.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db import connection

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring, KeyringError
from doudi.office.audit.chain import Sealed
from doudi.office.audit.models import Anchor, Block
from doudi.office.audit.sealing import sealed_of


class AnchorError(DoudiError):
    """The heads can't be written to or read from their folder."""

    code: ClassVar[str] = "DD-AUDIT-003"


@dataclass(frozen=True)
class Heads:
    """What the files say: blocks by number, and what is wrong with the files themselves."""

    by_number: dict[int, Sealed] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def anchor(folder: Path, keyring: Keyring) -> list[int]:
    """Write the blocks that are not yet anchored into the folder, make sure they are on the disk, then note it.

    Returns their numbers. After a crash in between, what stands in the files already is not written again.
    """
    done = Anchor.objects.order_by("-block").values_list("block", flat=True).first() or 0
    blocks = [sealed_of(block) for block in Block.objects.filter(number__gt=done).order_by("number")]
    if not blocks:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (at,) = cursor.fetchone()
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        written = _last_number(folder)
        fresh = [line_of(block, keyring, at) for block in blocks if block.number > written]
        _append(folder / f"heads-{at.astimezone(UTC):%Y-%m}.jsonl", fresh)
    except OSError as error:
        raise AnchorError(
            f"the heads of the audit can't be written: {error.strerror}.",
            advice="Make room, or give the folder back to the account of the sealer.",
            where=str(folder),
        ) from None
    Anchor.objects.bulk_create(Anchor(block=block.number) for block in blocks)
    return [block.number for block in blocks]


def line_of(block: Sealed, keyring: Keyring, at: datetime) -> str:
    """One line of the file: the block, when it was anchored, and the signature over all of it."""
    secret = keyring.secret("signing")
    said = {
        "number": block.number,
        "from_xid": block.from_xid,
        "to_xid": block.to_xid,
        "entries": block.entries,
        "root": block.root.hex(),
        "previous": block.previous.hex(),
        "digest": block.digest.hex(),
        "sealed_at": block.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "fingerprints": base64.b64encode(block.fingerprints).decode("ascii"),
        "anchored_at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "key": secret.key_id,
    }
    return json.dumps(said | {"signature": _sign(said, secret.material)})


def read_heads(places: Iterable[Path], keyring: Keyring | None) -> Heads:
    """Read files of heads, or all files in a folder. Without a keyring signatures are not looked at.

    A line cut off by a crash is passed over; if its block does not stand there again, the gap is a fault.
    """
    found: dict[int, Sealed] = {}
    faults: list[str] = []
    for path in _files(places):
        for number, line in enumerate(_lines(path), start=1):
            where = f"{path.name}, line {number}"
            try:
                said = json.loads(line)
                block = _block_of(said)
                is_genuine = keyring is None or _is_signed(said, keyring)
            except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
                continue
            if not is_genuine or block.computed_digest() != block.digest:
                faults.append(f"the head of block {block.number} was altered ({where})")
            elif found.setdefault(block.number, block) != block:
                faults.append(f"two heads contradict each other about block {block.number} ({where})")
    if found:
        gaps = set(range(min(found), max(found) + 1)) - found.keys()
        faults += [f"the head of block {number} is missing" for number in sorted(gaps)]
    return Heads(found, tuple(faults))


def _sign(said: dict[str, Any], material: bytes) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(material, b"doudi audit head 1\n" + text.encode("ascii"), hashlib.sha256).hexdigest()


def _is_signed(said: dict[str, Any], keyring: Keyring) -> bool:
    claimed = str(said["signature"])
    rest = {name: value for name, value in said.items() if name != "signature"}
    try:
        return hmac.compare_digest(_sign(rest, keyring.secret("signing", str(said["key"])).material), claimed)
    except KeyringError:
        return False


def _block_of(said: dict[str, Any]) -> Sealed:
    return Sealed(
        number=int(said["number"]),
        from_xid=int(said["from_xid"]),
        to_xid=int(said["to_xid"]),
        entries=int(said["entries"]),
        root=bytes.fromhex(said["root"]),
        fingerprints=base64.b64decode(said["fingerprints"], validate=True),
        sealed_at=datetime.fromisoformat(said["sealed_at"]),
        previous=bytes.fromhex(said["previous"]),
        digest=bytes.fromhex(said["digest"]),
    )


def _files(places: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        files += sorted(place.glob("heads-*.jsonl")) if place.is_dir() else [place]
    return files


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError as error:
        raise AnchorError(
            f"the heads can't be read: {error.strerror}.", advice="Name the file or folder of heads.", where=str(path)
        ) from None


def _last_number(folder: Path) -> int:
    """The number of the last block that stands in the folder whole; 0 if none does."""
    for path in reversed(_files([folder])):
        for line in reversed(path.read_bytes().splitlines()):
            try:
                return int(json.loads(line)["number"])
            except (ValueError, KeyError, TypeError):
                continue
    return 0


def _append(path: Path, lines: list[str]) -> None:
    if not lines:
        return
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        size = os.fstat(handle).st_size
        # A line that a crash cut off must not swallow the next one.
        is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        content = (b"\n" if is_torn else b"") + "".join(line + "\n" for line in lines).encode("ascii")
        while content:
            content = content[os.write(handle, content) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
