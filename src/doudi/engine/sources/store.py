"""Accepted batches 批次 on disk: sealed, immutable, listed in an index that is only ever appended to.

    <lake>/sealed/batches/<source>/index.jsonl          one line per accepted batch, in order of acceptance
    <lake>/sealed/batches/<source>/<batch>/*.sealed      accepted, quarantine, duplicates, partial

A batch is visible when, and only when, its line is in the index: the folder is written whole under another name,
renamed, and then listed. A process that dies in between leaves a folder that nobody sees and that the next acceptance
removes.
"""

import fcntl
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from doudi.engine.sources.errors import NoBatchError, StoreError
from doudi.engine.values.keys import Keyring
from doudi.engine.values.parquet import read_parquet
from doudi.engine.values.period import Month
from doudi.engine.values.seal import seal, unseal

Part = Literal["accepted", "quarantine", "duplicates", "partial"]
PARTS: tuple[Part, ...] = ("accepted", "quarantine", "duplicates", "partial")


@dataclass(frozen=True)
class StoredBatch:
    """One accepted delivery, as the index lists it. `version` counts the acceptances of a source, from 1."""

    source: str
    batch: str
    digest: str
    contract_hash: str
    version: int
    file_name: str
    delivered: str
    each_delivery: str
    folder: str
    received: int
    accepted: int
    quarantined: int
    duplicate: int
    months: tuple[str, ...]
    reasons: Mapping[str, int] = field(default_factory=dict)
    normalised: Mapping[str, int] = field(default_factory=dict)
    ignored_columns: tuple[str, ...] = ()
    encoding: str = ""
    confinement: tuple[str, ...] = ()
    released_shrink: bool = False


def source_folder(lake: Path, source: str) -> Path:
    """Where the batches of a source lie."""
    return lake / "sealed" / "batches" / source


def list_batches(lake: Path, source: str) -> tuple[StoredBatch, ...]:
    """Every batch ever accepted of a source, oldest acceptance first."""
    path = source_folder(lake, source) / "index.jsonl"
    if not path.exists():
        return ()
    # A last line without its end is an acceptance that died while writing: it never became visible.
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return tuple(_entry(line, path, number) for number, line in enumerate(whole.splitlines(), 1))


def current_batches(lake: Path, source: str, *, until: Month | None = None) -> tuple[StoredBatch, ...]:
    """The batches that count: each month's last version; of a source that replaces, the last month alone.

    `until` leaves out deliveries for later months, so that a past night can be repeated.
    """
    latest: dict[str, StoredBatch] = {}
    for stored in list_batches(lake, source):
        if until is None or Month.parse(stored.delivered) <= until:
            latest[stored.delivered] = stored
    in_order = [latest[month] for month in sorted(latest)]
    return tuple(in_order[-1:] if in_order and in_order[-1].each_delivery == "replaces" else in_order)


def read_accepted(
    folder: Path,
    source: str,
    keyring: Keyring,
    *,
    batches: tuple[StoredBatch, ...] | None = None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Accepted rows of the current batches (or of those given): contract columns, batch, row; or only some of them.

    With `columns`, `batch` comes as a dictionary.
    """
    return _read(folder, source, keyring, "accepted", batches, columns)


def read_quarantine(
    folder: Path, source: str, keyring: Keyring, *, batches: tuple[StoredBatch, ...] | None = None
) -> pa.Table:
    """Refused cells and rows, as `tables.QUARANTINE`: one line for each bad cell."""
    return _read(folder, source, keyring, "quarantine", batches)


def read_duplicates(
    folder: Path, source: str, keyring: Keyring, *, batches: tuple[StoredBatch, ...] | None = None
) -> pa.Table:
    """Rows that repeat an accepted row exactly, as `tables.QUARANTINE`."""
    return _read(folder, source, keyring, "duplicates", batches)


def read_partial(
    folder: Path,
    source: str,
    keyring: Keyring,
    *,
    batches: tuple[StoredBatch, ...] | None = None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """What could be read of the quarantined rows: accepted columns, all nullable, batch and row.

    Of whom such a row speaks, the source knows something that we could not read: that is unknown, never zero.
    """
    return _read(folder, source, keyring, "partial", batches, columns)


def seal_batch(lake: Path, stored: StoredBatch, parts: Mapping[Part, bytes], keyring: Keyring) -> None:
    """Write a batch whole or not at all. The caller holds the source's lock and has numbered it."""
    home = source_folder(lake, stored.source)
    final, incoming = home / stored.folder, home / f".incoming-{stored.folder}"
    for leftover in (final, incoming):
        if leftover.exists():  # written by a process that died before it listed the batch
            shutil.rmtree(leftover)
    incoming.mkdir(mode=0o700)
    for name in PARTS:
        _write(incoming / f"{name}.sealed", seal(keyring, parts[name], _purpose(stored.source, stored.batch, name)))
    _sync_folder(incoming)
    incoming.rename(final)
    _sync_folder(home)
    _append_line(home / "index.jsonl", json.dumps(asdict(stored), ensure_ascii=False, sort_keys=True))
    _sync_folder(home)


@contextmanager
def locked(lake: Path, source: str) -> Iterator[None]:
    """Let one process at a time accept for a source."""
    home = source_folder(lake, source)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(
    lake: Path,
    source: str,
    keyring: Keyring,
    part: Part,
    batches: tuple[StoredBatch, ...] | None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    wanted = current_batches(lake, source) if batches is None else batches
    if not wanted:
        raise NoBatchError(
            f"nothing of {source} has been accepted yet.", advice="What it would say is unknown, not zero."
        )
    return pa.concat_tables([_open(lake, stored, part, keyring, columns) for stored in wanted])


def _open(lake: Path, stored: StoredBatch, part: Part, keyring: Keyring, columns: Sequence[str] | None) -> pa.Table:
    opened = io.BytesIO(_unsealed(lake, stored, part, keyring))
    # Without threads: with them, pyarrow 26.0.1 now and then aborts the interpreter when it ends.
    return read_parquet(opened, columns=columns, dictionaries=["batch"] if columns and "batch" in columns else ())


def _unsealed(lake: Path, stored: StoredBatch, part: Part, keyring: Keyring) -> bytes:
    path = source_folder(lake, stored.source) / stored.folder / f"{part}.sealed"
    try:
        closed = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(
            f"{stored.source}: the index lists a batch whose file is gone.",
            advice="Restore the lake from its backup.",
            where=str(path),
        ) from None
    return unseal(keyring, closed, _purpose(stored.source, stored.batch, part))


def _purpose(source: str, batch: str, part: Part) -> str:
    return f"batches/{source}/{batch}/{part}"


def _entry(line: bytes, path: Path, number: int) -> StoredBatch:
    try:
        content: dict[str, Any] = json.loads(line)
        lists = {"months", "ignored_columns", "confinement"}
        known = {f.name for f in fields(StoredBatch)}
        if set(content) != known:
            raise KeyError
        content.update({key: tuple(content[key]) for key in lists})
        return StoredBatch(**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(
            "a line of the index can't be read.", advice="Restore it from the backup.", where=f"{path} line {number}"
        ) from None


def _append_line(path: Path, line: str) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)  # an unfinished line of a process that died
        file.seek(0, os.SEEK_END)
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
