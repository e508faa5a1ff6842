"""`ledger verify`: does every fen that left a fund stand somewhere, and is nothing altered?"""

import sys

from doudi.office.console.database import database_running
from doudi.office.crypto import keyring
from doudi.office.org.scope import job_scope
from doudi.office.payments.queries.verification import verify_ledger

# Two digits: the whole province. A narrower scope would hide payments, and what is hidden counts as a fault.
EVERYWHERE = "41"


def verify(*, area: str = EVERYWHERE) -> int:
    """Check the whole ledger from its rows alone. Exit code 1 if anything is wrong.

    Parameters
    ----------
    area
        Division that holds all funds of this office.
    """
    with database_running(), job_scope(area, "verifying the ledger"):
        report = verify_ledger(keyring())
    for check in report.checks:
        answer = "ok" if check.fault_count == 0 else f"{check.fault_count} wrong: {', '.join(check.faults)}"
        sys.stdout.write(f"{check.name}: {check.examined} examined, {answer}\n")
    sys.stdout.write("The ledger is sound.\n" if report.is_sound else "THE LEDGER IS NOT SOUND.\n")
    return 0 if report.is_sound else 1
