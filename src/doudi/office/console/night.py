"""The office's nights: what it knows goes out, the engine runs, what was found comes in."""

import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from doudi.engine.pipeline.manifest import latest_run
from doudi.engine.pipeline.night import Step, run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.pipeline.workbook import write_run_workbook
from doudi.engine.values.errors import DoudiError
from doudi.office import clock
from doudi.office.console.database import database_running
from doudi.office.crypto import keyring
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows import export_snapshot as snapshot_flow
from doudi.office.flows import intake
from doudi.office.flows import load_night as load_flow
from doudi.office.org.models import User
from doudi.office.org.queries import NIGHT_ACCOUNT, service_account
from doudi.office.org.scope import job_scope


class NoServiceAccountError(DoudiError):
    """The account under which nights are loaded is missing."""

    code: ClassVar[str] = "DD-JOB-001"


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
    chosen, teller = _lake(lake), _Teller()
    with database_running(), tempfile.TemporaryDirectory(prefix="doudi-snapshot-") as folder:
        out = Path(folder) / "snapshot"
        _export(out, teller)
        run = run_night(
            extracts=extracts,
            lake=chosen,
            as_of=as_of,
            at=clock.now(),
            pack=current_pack(),
            keyring=keyring(),
            snapshot=read_snapshot(out),
            progress=teller.step,
        )
        teller.say("workbook", str(write_run_workbook(run, current_pack(), keyring())))
        _load(chosen, run.run_id, teller)


def load_night(*, lake: Path | None = None, run: str | None = None) -> None:
    """Load the findings of a finished night.

    Parameters
    ----------
    lake
        Where runs are kept; by default `lake` in the state folder.
    run
        The run's id; by default the latest.
    """
    chosen = _lake(lake)
    with database_running():
        _load(chosen, run or latest_run(chosen).run_id, _Teller())


def export_snapshot(*, out: Path) -> None:
    """Write what the office knows for the next night.

    Parameters
    ----------
    out
        The folder to write; it must not hold another snapshot.
    """
    with database_running():
        _export(out, _Teller())


def _export(out: Path, teller: "_Teller") -> None:
    actor = _actor()
    with job_scope(actor.area_id, "snapshot for the night"):
        snapshot_id = snapshot_flow.export_snapshot(out=out, county=actor.area_id, actor=actor, at=clock.now())
    teller.say("office", f"snapshot {snapshot_id}")


def _load(lake: Path, run_id: str, teller: "_Teller") -> None:
    actor = _actor()
    with job_scope(actor.area_id, f"loading the night {run_id}"):
        report = load_flow.load_night(lake=lake, run_id=run_id, keyring=keyring(), actor=actor, at=clock.now())
        forgotten = intake.forget_tries(at=clock.now())
    teller.say(
        "office",
        f"night {report.run_id}: opened {report.opened:,}, merged {report.merged:,}, ended {report.ended:,},"
        f" still worked on {report.kept_open:,}, answered before {report.answered:,}, held back {report.held:,},"
        f" elsewhere {report.elsewhere:,}, doubtful pairs {report.pairs:,}; tries at the open doors forgotten"
        f" {forgotten:,}",
    )


def _actor() -> User:
    try:
        return service_account(NIGHT_ACCOUNT)
    except User.DoesNotExist:
        raise NoServiceAccountError(
            f"there is no service account {NIGHT_ACCOUNT}.",
            advice="Set the office up with `doudi-office setup-demo`.",
        ) from None


def _lake(given: Path | None) -> Path:
    return (given or settings.DOUDI_STATE / "lake").absolute()


class _Teller:
    """One line for each word of progress: seconds since the command began, stage, how far, and what it found."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def step(self, step: Step) -> None:
        """A stage of the engine: so many of all stages are done."""
        self.say(step.stage, step.words, f"{step.done}/{step.of}")

    def say(self, stage: str, words: str, how_far: str = "") -> None:
        """Write the line at once: whoever waits wants to see that it goes on."""
        sys.stdout.write(f"{time.monotonic() - self._began:7.1f} s  {how_far:>3}  {stage:<7} {words}\n")
        sys.stdout.flush()
