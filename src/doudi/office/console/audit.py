"""`audit`: seal what was recorded, anchor the seals outside of the database, and verify all of it."""

import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections

from doudi.engine.values.errors import DoudiError
from doudi.office.audit.anchors import AnchorError, read_heads
from doudi.office.audit.anchors import anchor as write_anchors
from doudi.office.audit.sealing import seal as seal_entries
from doudi.office.audit.verification import verify as verify_chain
from doudi.office.console.database import database_running
from doudi.office.crypto import keyring
from doudi.office.org.scope import audit_scope

_LOOK_SECONDS = 1.0


def seal() -> None:
    """Seal every entry whose transaction is over."""
    with database_running(), audit_scope("sealing the audit"):
        blocks = seal_entries()
    sys.stdout.write(f"sealed {len(blocks)} blocks with {sum(block.entries for block in blocks)} entries\n")


def anchor() -> None:
    """Write the heads of all blocks that are not anchored yet, signed, into the folder of anchors."""
    with database_running(), audit_scope("anchoring the audit"):
        numbers = write_anchors(settings.DOUDI_ANCHORS, keyring())
    sys.stdout.write(f"anchored {len(numbers)} blocks in {settings.DOUDI_ANCHORS}\n")


def watch(*, every: float = 30.0, with_parent: bool = False) -> None:
    """Seal and anchor until stopped. A failure is told and tried again; it never ends the watch.

    Parameters
    ----------
    every
        Seconds between two seals.
    with_parent
        End when the process that started this one is gone.
    """
    parent, due_at = os.getppid(), 0.0
    with database_running():
        while not (with_parent and os.getppid() != parent):
            if time.monotonic() >= due_at:
                due_at = time.monotonic() + every
                try:
                    seal_and_anchor()
                except (DatabaseError, DoudiError) as error:
                    # Database errors keep their words to themselves: they may quote a row.
                    words = str(error) if isinstance(error, DoudiError) else type(error).__name__
                    sys.stderr.write(f"the audit was not sealed: {words}\n")
                    connections.close_all()
            time.sleep(min(_LOOK_SECONDS, every))


def seal_and_anchor() -> None:
    """One round of the watch. What is sealed stays sealed also when it can't be anchored."""
    with audit_scope("sealing the audit"):
        seal_entries()
    with audit_scope("anchoring the audit"):
        write_anchors(settings.DOUDI_ANCHORS, keyring())


def verify(*, heads: list[Path] | None = None) -> int:
    """Verify every sealed record. Exit code 1 at the first that was changed, deleted, inserted, moved or cut off.

    Parameters
    ----------
    heads
        Files or folders of anchored heads, for example those kept on another machine; by default the folder here.
    """
    places = heads or [settings.DOUDI_ANCHORS]
    if missing := [place for place in places if not place.exists() and heads]:
        raise AnchorError("there are no heads.", advice="Name the file or folder of heads.", where=str(missing[0]))
    with database_running(), audit_scope("verifying the audit", sees_one_instant=True):
        known = read_heads(
            [place for place in places if place.exists()], keyring() if settings.DOUDI_KEYS.exists() else None
        )
        report = verify_chain(known, are_all_heads=heads is None)
    sys.stdout.write(
        f"{report.entries} entries in {report.blocks} blocks verified, {report.anchored} heads, "
        f"{report.unsealed} entries not yet sealed\n"
    )
    if report.fault is None:
        sys.stdout.write("The audit is as it was sealed.\n")
        return 0
    where = f", block {report.fault.block}" if report.fault.block is not None else ""
    record = f", record {report.fault.entry}" if report.fault.entry is not None else ""
    sys.stdout.write(f"THE AUDIT IS NOT AS IT WAS SEALED: {report.fault.what}{where}{record}\n")
    return 1
