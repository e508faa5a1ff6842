"""Run by a test as its own process, on a committed copy: a case is walked to its decision, then two decide at once.

Prints one JSON line: what each of the two was told, and how many decisions and entitlements there are afterwards.
"""

import json
import sys
import threading
from pathlib import Path

import django

django.setup()

from django.db import connections  # noqa: E402 - Django must be set up first
from tests.office.flows.lakes import Lake  # noqa: E402
from tests.office.flows.walks import AFTER_PUBLICITY, Office  # noqa: E402

from doudi.office import crypto  # noqa: E402
from doudi.office.casework.models import Decision  # noqa: E402
from doudi.office.entitlements.models import Entitlement  # noqa: E402
from doudi.office.errors import Refused  # noqa: E402
from doudi.office.flows import decide  # noqa: E402
from doudi.office.org.actions import create_user  # noqa: E402
from doudi.office.org.models import User  # noqa: E402
from doudi.office.org.scope import job_scope  # noqa: E402

COUNTY = "419901"


def somebody(role: str, area: str, number: int = 1) -> User:
    """A person for the race."""
    return create_user(
        actor=None,
        username=f"{role}{number}",
        display_name=f"{role}{number}",
        role=role,
        area=area,
        password=None,
        is_service_account=role == "service",
    )


def office(folder: Path) -> Office:
    """The people of the walk; every statement runs in a committed job's scope."""
    with job_scope(COUNTY, "people of the race"):
        people = {
            "assistant": somebody("assistant", "419901101"),
            "clerk": somebody("clerk", "419901101"),
            "colleague": somebody("clerk", "419901101", 2),
            "stranger": somebody("clerk", "419901102", 3),
            "reviewer": somebody("reviewer", COUNTY),
            "approver": somebody("approver", COUNTY),
            "service": somebody("service", COUNTY),
        }
    return Office(
        **people,
        as_user=lambda user: job_scope(COUNTY, f"acting as {user.username}"),  # type: ignore[arg-type]
        as_job=job_scope,
        lake=Lake(root=folder / "lake", keyring=crypto.keyring()),
        keyring=crypto.keyring(),
    )


def main(folder: Path) -> None:
    """The walk, then the race."""
    walk = office(folder)
    walk.walk_to_review()
    walk.review()
    with job_scope(COUNTY, "second approver"):
        second = somebody("approver", COUNTY, 2)
    barrier, told = threading.Barrier(2), []

    def confirm(actor: User, outcome: str) -> None:
        barrier.wait()
        try:
            with job_scope(COUNTY, "deciding"):
                decide.confirm(
                    actor=actor,
                    at=AFTER_PUBLICITY,
                    case_number=walk.number,
                    version=walk.version,
                    outcome=outcome,
                    reason="decided",
                )
            told.append("done")
        except Refused as refusal:
            told.append(refusal.message)
        finally:
            connections.close_all()

    racers = [
        threading.Thread(target=confirm, args=(walk.approver, "approve")),
        threading.Thread(target=confirm, args=(second, "refuse")),
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    with job_scope(COUNTY, "counting"):
        decision = Decision.objects.get(stage="confirm")
        sys.stdout.write(
            json.dumps(
                {
                    "told": sorted(told),
                    "outcome": decision.outcome,
                    "state": walk.case().state,
                    "entitlements": Entitlement.objects.count(),
                }
            )
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
