"""What a night needs of the office and brings to it: the snapshot goes out, a finished run comes in.

Apart from `night.py` because loading needs nothing that computes a night: that takes a second to import.
"""

import sys
import time
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from doudi.engine.pipeline.manifest import latest_run
from doudi.engine.values.errors import DoudiError
from doudi.office import clock
from doudi.office.console.database import database_running
from doudi.office.crypto import keyring
from doudi.office.flows import export_snapshot as snapshot_flow
from doudi.office.flows import intake
from doudi.office.flows import load_night as load_flow
from doudi.office.org.models import User
from doudi.office.org.queries import NIGHT_ACCOUNT, service_account
from doudi.office.org.scope import job_scope


class NoServiceAccountError(DoudiError):
    """The account under which nights are loaded is missing."""

    code: ClassVar[str] = "DD-JOB-001"


def load_night(*, lake: Path | None = None, run: str | None = None) -> None:
    """Load the findings of a finished night.

    Parameters
    ----------
    lake
        Where runs are kept; by default `lake` in the state folder.
    run
        The run's id; by default the latest.
    """
    chosen = lake_of(lake)
    with database_running():
        load(chosen, run or latest_run(chosen).run_id, Teller())


def export_snapshot(*, out: Path) -> None:
    """Write what the office knows for the next night.

    Parameters
    ----------
    out
        The folder to write; it must not hold another snapshot.
    """
    with database_running():
        export(out, Teller())


def export(out: Path, teller: "Teller") -> None:
    """Write the snapshot of the county that nights are loaded for, and say so."""
    actor = _actor()
    with job_scope(actor.area_id, "snapshot for the night"):
        snapshot_id = snapshot_flow.export_snapshot(out=out, county=actor.area_id, actor=actor, at=clock.now())
    teller.say("office", f"snapshot {snapshot_id}")


def load(lake: Path, run_id: str, teller: "Teller") -> None:
    """Load one run for the county that nights are loaded for, and say what it brought."""
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


def lake_of(given: Path | None) -> Path:
    """Where runs are kept, unless somebody says otherwise."""
    return (given or settings.DOUDI_STATE / "lake").absolute()


class Teller:
    """One line for each word of progress: seconds since the command began, stage, how far, and what it found."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, stage: str, words: str, how_far: str = "") -> None:
        """Write the line at once: whoever waits wants to see that it goes on."""
        sys.stdout.write(f"{time.monotonic() - self._began:7.1f} s  {how_far:>3}  {stage:<7} {words}\n")
        sys.stdout.flush()
