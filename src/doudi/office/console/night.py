"""The office's nights: what it knows goes out, the engine runs, what was found comes in."""

import tempfile
from datetime import date
from pathlib import Path

from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.pipeline.workbook import write_run_workbook
from doudi.office import clock
from doudi.office.console.database import database_running
from doudi.office.console.loading import Teller, export, lake_of, load
from doudi.office.crypto import keyring
from doudi.office.evidence.rulebook import current_pack


def night(*, extracts: Path, as_of: date, lake: Path | None = None) -> None:
    """Export the snapshot, run the night on the departments' files, and load its findings.

    Beside the run lies a workbook of its findings, with masked names.

    Parameters
    ----------
    extracts
        Folder with the departments' files.
    as_of
        The day for which everything is assessed.
    lake
        Where runs are kept; by default `lake` in the state folder.
    """
    chosen, teller = lake_of(lake), Teller()
    with database_running(), tempfile.TemporaryDirectory(prefix="doudi-snapshot-") as folder:
        out = Path(folder) / "snapshot"
        export(out, teller)
        run = run_night(
            extracts=extracts,
            lake=chosen,
            as_of=as_of,
            at=clock.now(),
            pack=current_pack(),
            keyring=keyring(),
            snapshot=read_snapshot(out),
            progress=lambda step: teller.say(step.stage, step.words, f"{step.done}/{step.of}"),
        )
        teller.say("workbook", str(write_run_workbook(run, current_pack(), keyring())))
        load(chosen, run.run_id, teller)
