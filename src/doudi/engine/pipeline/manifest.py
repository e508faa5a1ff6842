"""The manifest (运行清单) of a sealed run, and the only way in which its tables are opened.

    <lake>/runs/<run_id>/manifest.json                     inputs, counts, pack, engine, digests
    <lake>/runs/<run_id>/<table>.parquet                   the tables of engine/tables whose home is the lake
    <lake>/sealed/<run_id>/{identity,grey_pairs}.sealed    encrypted; opened for named people only

A run is there as a whole or not at all: its folder gets its name only when everything in it is written.
"""

import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import ClassVar

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from doudi.engine.tables import IDENTITY, TABLES, Table
from doudi.engine.values.ahead import worked_ahead
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring
from doudi.engine.values.parquet import read_parquet
from doudi.engine.values.seal import seal, unseal

_MANIFEST = "manifest.json"
_ROW_GROUP = 65_536
_RUN_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{8}")


class RunError(DoudiError):
    """A run is not there, not whole, or not as it was sealed."""

    code: ClassVar[str] = "DD-RUN-001"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Input(_Part):
    """One source on this night. received = accepted + quarantined + duplicate. No batch: nothing was delivered."""

    source: str
    file_name: str
    batch: str
    digest: str
    delivered: str
    received: int
    accepted: int
    quarantined: int
    duplicate: int
    months: tuple[str, ...]
    unknown_since: date | None = None
    """Set when nothing was delivered or the delivery is too old: every fact of this source is unknown."""


class TableDigest(_Part):
    """One table of the run: its rows, and the SHA-256 of its file."""

    rows: int
    sha256: str


class PackUsed(_Part):
    """The rules in force: two runs with the same digest used the same words."""

    release: str
    hash: str


class Held(_Part):
    """A rule whose new findings are so many that the office loads them only after two people release them.

    The rule `all_adverse` stands for everything that the night says against families.
    """

    rule: str
    new_findings: int
    limit: int
    words: str


class SwitchedOff(_Part):
    """An adverse rule that was wrong too often: it made no finding, though it would have spoken of so many."""

    rule: str
    confirmed: int
    checked: int
    floor_percent: int
    silenced: int
    words: str


class Manifest(_Part):
    """What went in, what came out, and under which rules. Enough to repeat the run row for row."""

    run_id: str
    as_of: date
    sealed_at: datetime
    inputs_hash: str
    engine_version: str
    pack: PackUsed
    snapshot: str | None
    previous_run: str | None
    inputs: tuple[Input, ...]
    tables: dict[str, TableDigest]
    sealed: dict[str, TableDigest]
    counts: dict[str, int]
    held: tuple[Held, ...] = ()
    switched_off: tuple[SwitchedOff, ...] = ()


@dataclass(frozen=True)
class Run:
    """One sealed run of a lake."""

    lake: Path
    manifest: Manifest

    @property
    def run_id(self) -> str:
        return self.manifest.run_id

    @property
    def folder(self) -> Path:
        return self.lake / "runs" / self.run_id

    @property
    def sealed_folder(self) -> Path:
        return self.lake / "sealed" / self.run_id


def sealed_runs(lake: Path) -> list[Run]:
    """Every run of a lake, in the order of their days and, within a day, of their sealing."""
    folder = lake / "runs"
    found = [path.name for path in folder.iterdir() if (path / _MANIFEST).is_file()] if folder.is_dir() else []
    runs = [open_run(lake, run_id) for run_id in found]
    return sorted(runs, key=lambda run: (run.manifest.as_of, run.manifest.sealed_at))


def latest_run(lake: Path) -> Run:
    """The run of the latest day; of several on that day the one sealed last."""
    runs = sealed_runs(lake)
    if not runs:
        raise RunError("there is no run in this lake.", advice="Run `doudi run` first.", where=str(lake))
    return runs[-1]


def open_run(lake: Path, run_id: str) -> Run:
    """A run by its id."""
    path = lake / "runs" / run_id / _MANIFEST
    if not _RUN_ID.fullmatch(run_id):
        raise RunError("this is no run id.", advice="A run id looks like 2026-11-23-0123abcd.")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"there is no run {run_id}.", advice="See the folders under runs/.", where=str(lake)) from None
    except ValidationError:
        raise RunError("the manifest can't be read.", advice="Restore it from the backup.", where=str(path)) from None
    if manifest.run_id != run_id:
        raise RunError("the manifest belongs to another run.", advice="Restore the run's folder.", where=str(path))
    return Run(lake, manifest)


def read_table(run: Run, name: str) -> pa.Table:
    """One table of a run, exactly as it was sealed."""
    return read_parquet(sealed_table(run, name), schema=TABLES[name].schema)


def sealed_table(run: Run, name: str) -> Path:
    """The file of one table of a run, after a look whether it is as it was sealed."""
    path = run.folder / f"{name}.parquet"
    wanted = run.manifest.tables.get(name)
    if wanted is None or not path.is_file():
        raise RunError(f"the run has no table {name}.", advice="Restore the run's folder.", where=str(path))
    if _digest(path) != wanted.sha256:
        raise RunError(
            f"the table {name} is not as it was sealed.", advice="Restore it from the backup.", where=str(path)
        )
    return path


def read_identity(run: Run, keyring: Keyring, person_keys: Sequence[str]) -> pa.Table:
    """Who these people are. Opens the seal; whoever calls this records for what purpose."""
    return _of_people(_open_sealed(run, IDENTITY, keyring), person_keys)


def read_grey_pairs(run: Run, keyring: Keyring) -> pa.Table:
    """The pairs that wait for people, with the names as delivered."""
    return _open_sealed(run, TABLES["grey_pairs"], keyring)


def write_table(folder: Path, table: Table, pieces: Iterable[pa.Table]) -> TableDigest:
    """Write one table of the lake, piece by piece. Small row groups let a reader skip what it did not ask for."""
    path, rows = folder / f"{table.name}.parquet", 0
    writer: pq.ParquetWriter | None = None
    try:
        for piece in worked_ahead(chain(pieces, [table.schema.empty_table()])):
            if writer is None:
                # Text that comes by its place in a dictionary is read as plain text again: no schema of ours is stored.
                writer = pq.ParquetWriter(path, piece.schema, compression="zstd", store_schema=False)
            if piece.num_rows:
                writer.write_table(piece, row_group_size=_ROW_GROUP)
                rows += piece.num_rows
    finally:
        if writer is not None:
            writer.close()
    return TableDigest(rows=rows, sha256=_digest(path))


def write_sealed(folder: Path, table: Table, content: pa.Table, keyring: Keyring, run_id: str) -> TableDigest:
    """Write one sealed table: only this keyring opens it, for this run and table only."""
    plain = io.BytesIO()
    pq.write_table(content, plain, compression="zstd")
    path = folder / f"{table.name}.sealed"
    path.write_bytes(seal(keyring, plain.getvalue(), _purpose(run_id, table)))
    path.chmod(0o600)
    return TableDigest(rows=content.num_rows, sha256=_digest(path))


def publish(lake: Path, manifest: Manifest, tables: Path, sealed: Path) -> Run:
    """Give the finished folders their names. The sealed one comes first: a run that can be seen is whole."""
    (tables / _MANIFEST).write_text(
        json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
    )
    run = Run(lake, manifest)
    run.sealed_folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    run.folder.parent.mkdir(parents=True, exist_ok=True)
    for path in (*tables.iterdir(), *sealed.iterdir(), tables, sealed):
        _flush(path)
    if run.sealed_folder.exists():  # left by a process that died between the two names
        shutil.rmtree(run.sealed_folder)
    sealed.rename(run.sealed_folder)
    tables.rename(run.folder)
    _flush(run.sealed_folder.parent)
    _flush(run.folder.parent)
    return run


def _open_sealed(run: Run, table: Table, keyring: Keyring) -> pa.Table:
    path = run.sealed_folder / f"{table.name}.sealed"
    try:
        closed = path.read_bytes()
    except FileNotFoundError:
        raise RunError("a sealed table is gone.", advice="Restore it from the backup.", where=str(path)) from None
    return read_parquet(io.BytesIO(unseal(keyring, closed, _purpose(run.run_id, table))), schema=table.schema)


def _of_people(table: pa.Table, person_keys: Sequence[str]) -> pa.Table:
    frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(table))
    return frame.filter(pl.col("person_key").is_in(list(person_keys))).to_arrow().cast(table.schema)


def _purpose(run_id: str, table: Table) -> str:
    return f"runs/{run_id}/{table.name}"


def _flush(path: Path) -> None:
    """Have the disk hold what was written, before anything says that it is there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
