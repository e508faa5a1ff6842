"""The work folder of a night that is not sealed yet: each finished stage lies there, so that a stopped night goes on.

A stage's folder gets its name only when everything in it is written. Its place holds the digest of everything that went
into the run, so a stage is never taken over by a night with other inputs.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from doudi.engine.pipeline.manifest import RunError, TableDigest, write_sealed, write_table
from doudi.engine.tables import TABLES
from doudi.engine.values.keys import Keyring
from doudi.engine.values.parquet import read_parquet

_NOTES = "notes.json"
_WRITERS = 1


Content: TypeAlias = pa.Table | Callable[[], Iterator[pa.Table]]
"""A table, or how to get it in pieces: some are too large to be in memory whole."""


@dataclass(frozen=True)
class Made:
    """What a stage hands over to be written: tables by name, and counts for the manifest."""

    tables: Mapping[str, Content]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Staged:
    """A finished stage: its tables lie on the disk and are read when they are asked for. Sealed ones are not."""

    folder: Path
    rows: Mapping[str, int]

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One table, or some of its columns."""
        table = TABLES.get(name)
        schema = None if table is None or columns is not None else table.schema
        return read_parquet(self.path(name), schema=schema, columns=columns)

    def scan(self, name: str) -> pl.LazyFrame:
        """A table of which only some rows are wanted."""
        return pl.scan_parquet(self.path(name), glob=False)  # a folder may be called a[1]

    def path(self, name: str) -> Path:
        """The file of a table that is not sealed."""
        return self.folder / f"{name}.parquet"


@dataclass(frozen=True)
class Work:
    """The folder of one unsealed night."""

    folder: Path
    run_id: str
    keyring: Keyring

    def stage(self, name: str, build: Callable[[], Made]) -> Staged:
        """Build a stage, or take over what an interrupted night has finished."""
        final, half = self.folder / name, self.folder / f".{name}"
        if not final.exists():
            made = build()
            if half.exists():
                shutil.rmtree(half)
            half.mkdir(parents=True)
            with ThreadPoolExecutor(_WRITERS) as pool:
                written = pool.map(partial(self._write, half), made.tables.keys(), made.tables.values())
                digests = {key: digest.model_dump() for key, digest in zip(made.tables, written, strict=True)}
            (half / _NOTES).write_text(json.dumps({"digests": digests, "counts": dict(made.counts)}), "utf-8")
            half.rename(final)
        notes = json.loads((final / _NOTES).read_text("utf-8"))
        return Staged(final, {key: digest["rows"] for key, digest in notes["digests"].items()})

    def gather_up(self) -> tuple[Path, Path, dict[str, TableDigest], dict[str, TableDigest], dict[str, int]]:
        """Put all tables of the finished stages into two folders, for the lake and for the sealed place."""
        tables, sealed = self._fresh(".tables"), self._fresh(".sealed")
        table_digests: dict[str, TableDigest] = {}
        sealed_digests: dict[str, TableDigest] = {}
        counts: dict[str, int] = {}
        for notes_path in sorted(self.folder.glob(f"[!.]*/{_NOTES}")):
            notes = json.loads(notes_path.read_text("utf-8"))
            counts |= notes["counts"]
            for name, digest in notes["digests"].items():
                table = TABLES.get(name)
                if table is None:
                    continue  # a table between two stages that nobody reads later
                is_sealed = table.home == "sealed"
                file = f"{name}.sealed" if is_sealed else f"{name}.parquet"
                os.link(notes_path.parent / file, (sealed if is_sealed else tables) / file)
                (sealed_digests if is_sealed else table_digests)[name] = TableDigest.model_validate(digest)
        return tables, sealed, table_digests, sealed_digests, counts

    def clear(self) -> None:
        """Take the work folder away once its night is sealed."""
        shutil.rmtree(self.folder)

    def _fresh(self, name: str) -> Path:
        folder = self.folder / name
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700 if name == ".sealed" else 0o755)
        return folder

    def _write(self, folder: Path, name: str, content: Content) -> TableDigest:
        table = TABLES.get(name)
        pieces = [content] if isinstance(content, pa.Table) else content()
        if table is not None and table.home == "lake":
            return write_table(folder, table, pieces)
        whole = pa.concat_tables(pieces)
        if table is None:
            pq.write_table(whole, folder / f"{name}.parquet", compression="lz4", use_dictionary=False)
            return TableDigest(rows=whole.num_rows, sha256="")
        return write_sealed(folder, table, whole, self.keyring, self.run_id)


@contextmanager
def only_night(lake: Path) -> Iterator[None]:
    """Let one night at a time work on a lake."""
    lake.mkdir(parents=True, exist_ok=True)
    with (lake / ".night.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                "another night is working on this lake.", advice="Wait until it is done.", where=str(lake)
            ) from None
        yield
