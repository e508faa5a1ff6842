"""Cards by which a citizen follows a case from outside: made with the receipt, brought up to date with each step."""

from datetime import date
from typing import Any

from django.db import transaction

from doudi.engine.workflow.procedure import Kind
from doudi.office import crypto
from doudi.office.audit.actions import record
from doudi.office.casework.follow import card_index, new_code, number_index
from doudi.office.casework.models import Case, FollowCard
from doudi.office.casework.procedure import Standing
from doudi.office.org.models import User

# The way as a citizen sees it, like that of a parcel: accepted, compared, visited, on display, decided.
STAGES: tuple[Kind, ...] = ("accept", "check", "visit", "publicity", "confirm")
_STATES = {Case.State.OPEN: "open", Case.State.WITHDRAWN: "withdrawn"}


@transaction.atomic
def make_card(*, actor: User, case: Case, on: date) -> FollowCard | None:
    """A card for a new case, found by the applicant's last four digits; none where the number is not known yet."""
    ring, last_four = crypto.keyring(), case.applicant.id_number[-4:]
    if not last_four:
        return None
    code = new_code()
    card = FollowCard.objects.create(
        case=case,
        number=case.number,
        code=code,
        index=card_index(ring, number=case.number, last_four=last_four, code=code),
        number_index=number_index(ring, case.number),
        programme=case.programme,
        township=case.area[:9],
        opened_on=on,
        state="open",
    )
    record(actor=actor, verb="follow.make", obj=case, area=case.area)
    return card


@transaction.atomic
def refresh_cards(*, case: Case, now: Standing) -> None:
    """Bring the cards of a case up to date. No entry in the audit: they hold nothing that the steps do not."""
    case.refresh_from_db(fields=["state", "programme"])
    FollowCard.objects.filter(case=case).update(
        programme=case.programme,
        state=_STATES.get(Case.State(case.state), "decided"),
        stages=[_stage(kind, now) for kind in STAGES if any(step.kind == kind for step in now.steps)],
        due_on=now.total_due.on if now.total_due else None,
    )


def _stage(kind: Kind, now: Standing) -> dict[str, Any]:
    """A stage is done when all its steps are; open ones have their last day."""
    steps = [step for step in now.steps if step.kind == kind]
    done = [now.taken[step.id].at for step in steps if step.id in now.taken]
    opened = [each for each in now.open_steps if each.step.kind == kind]
    due = min((each.due.on for each in opened if each.due), default=None)
    is_done = len(done) == len(steps)
    return {
        "kind": kind,
        "done_on": max(done).isoformat() if is_done else None,
        "is_open": bool(opened) and not is_done,
        "due_on": due.isoformat() if due and not is_done else None,
    }
