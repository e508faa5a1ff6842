"""The demonstration city as the tests of the night use it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from doudi.engine.facts import with_common_facts
from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import SNAPSHOT_TABLES, Snapshot, read_snapshot
from doudi.engine.values.keys import Keyring

FIRST_DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NEXT_MONTH = date(2026, 12, 10)
"""When the files of `extracts-later` are there."""


@dataclass(frozen=True)
class City:
    """A built city, its keyring and a folder for compiled rules that all lakes of the test run share."""

    root: Path
    keyring: Keyring
    pack: Pack
    kernels: Path

    def lake(self, name: str, *, knows: Run | None = None) -> Path:
        """A lake without runs, with the compiled rules of its sisters; `knows` spares it from reading files again."""
        lake = self.root / "lakes" / name
        lake.mkdir(parents=True)
        (lake / "kernels").symlink_to(self.kernels)
        if knows is not None:
            shutil.copytree(knows.lake / "sealed" / "batches", lake / "sealed" / "batches")
        return lake

    def night(self, lake: Path, *, snapshot: Snapshot | None, **more: Any) -> Run:
        arguments: dict[str, Any] = {
            "extracts": self.root / "extracts",
            "as_of": FIRST_DAY,
            "at": AT,
            "pack": self.pack,
        }
        return run_night(lake=lake, keyring=self.keyring, snapshot=snapshot, **(arguments | more))

    def truth(self, name: str) -> Any:
        """What was really planted. The engine never sees it."""
        return json.loads((self.root / "truth" / f"{name}.json").read_text("utf-8"))

    def household_key(self, number: str) -> str:
        return self.keyring.pseudonym("household", f"household_registry/{number}")


def write_rows_as_snapshot(folder: Path, rows: Mapping[str, list[dict[str, Any]]]) -> Snapshot:
    """Write an office snapshot from rows by table; what is not given is empty."""
    folder.mkdir(exist_ok=True)
    for table in SNAPSHOT_TABLES:
        content = pa.Table.from_pylist(rows.get(table.name, []), schema=table.schema)
        pq.write_table(content, folder / f"{table.name}.parquet")
    return read_snapshot(folder)


def all_facts(run: Run) -> list[dict[str, Any]]:
    """Every fact of every subject, those included that are written down once for everyone."""
    return with_common_facts(
        read_table(run, "facts"),
        read_table(run, "common_facts"),
        people=read_table(run, "memberships").column("person_key").to_pylist(),
        households=read_table(run, "households").column("household_key").to_pylist(),
    ).to_pylist()
