"""The office snapshot: last night's households, facts, receipts and findings, as the office wrote them.

Three cases differ, and nobody guesses which one it is. With a snapshot everything is known, and a household that is
not among its receipts receives nothing. On the first night of a bureau nobody receives anything through Doudi yet: that
is an empty snapshot, and someone has to say so. Without either it is unknown who receives.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from doudi.engine.tables import TABLES
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.parquet import read_parquet

SNAPSHOT_TABLES = tuple(table for table in TABLES.values() if table.home == "snapshot")
FIRST_NIGHT = "first-night"


class SnapshotError(DoudiError):
    """The office's snapshot is missing, not whole, or of another shape."""

    code: ClassVar[str] = "DD-SNAPSHOT-001"


@dataclass(frozen=True)
class Snapshot:
    """What the office knew: its tables by name, and the digest over all of them."""

    id: str
    tables: Mapping[str, pa.Table]


def first_night() -> Snapshot:
    """The snapshot of an office that has not met anyone yet."""
    return Snapshot(FIRST_NIGHT, {table.name: table.schema.empty_table() for table in SNAPSHOT_TABLES})


def read_snapshot(folder: Path) -> Snapshot:
    """Read a snapshot folder. All its tables must be there, in the shape of engine/tables."""
    digest, tables = hashlib.sha256(), {}
    for table in SNAPSHOT_TABLES:
        path = folder / f"{table.name}.parquet"
        if not path.is_file():
            raise SnapshotError(
                f"the snapshot has no table {table.name}.",
                advice="Write it anew with `doudi-office export-snapshot`.",
                where=str(folder),
            )
        content = path.read_bytes()
        digest.update(f"{table.name}\0{len(content)}\0".encode())
        digest.update(content)
        try:
            tables[table.name] = read_parquet(path).select(table.schema.names).cast(table.schema)
        except (pa.ArrowInvalid, pa.ArrowTypeError, KeyError, ValueError):
            raise SnapshotError(
                f"the table {table.name} has other columns than the engine reads.",
                advice="Office and engine must be of one release.",
                where=str(path),
            ) from None
    return Snapshot(digest.hexdigest()[:16], tables)
