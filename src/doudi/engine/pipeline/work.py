"""The work folder of a night that is not sealed yet: each finished stage lies there, so that a stopped night goes on.

A stage's folder gets its name only when everything in it is written. Its place holds the digest of everything that went
into the run, so a stage is never taken over by a night with other inputs.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from doudi.engine.pipeline.manifest import RunError, TableDigest, write_sealed, write_table
from doudi.engine.tables import TABLES
from doudi.engine.values.keys import Keyring
from doudi.engine.values.parquet import read_parquet

_NOTES = "notes.json"


@dataclass(frozen=True)
class Staged:
    """What a stage made: tables by name, and counts for the manifest."""

    tables: Mapping[str, pa.Table]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Work:
    """The folder of one unsealed night."""

    folder: Path
    run_id: str
    keyring: Keyring

    def stage(self, name: str, build: Callable[[], Staged]) -> Staged:
        """Build a stage, or take over what an interrupted night has finished. Sealed tables are not read again."""
        final, half = self.folder / name, self.folder / f".{name}"
        if not final.exists():
            staged = build()
            if half.exists():
                shutil.rmtree(half)
            half.mkdir(parents=True)
            digests = {key: self._write(half, key, table).model_dump() for key, table in staged.tables.items()}
            (half / _NOTES).write_text(json.dumps({"digests": digests, "counts": dict(staged.counts)}), "utf-8")
            half.rename(final)
            return staged
        notes = json.loads((final / _NOTES).read_text("utf-8"))
        tables = {path.stem: read_parquet(path) for path in sorted(final.glob("*.parquet"))}
        return Staged(tables, notes["counts"])

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

    def _write(self, folder: Path, name: str, content: pa.Table) -> TableDigest:
        table = TABLES.get(name)
        if table is None:
            pq.write_table(content, folder / f"{name}.parquet")
            return TableDigest(rows=content.num_rows, sha256="")
        if table.home == "sealed":
            return write_sealed(folder, table, content, self.keyring, self.run_id)
        return write_table(folder, table, content)


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
