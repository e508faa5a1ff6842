"""Rolls of old systems as the county's people see them: counts and reasons, no family."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from doudi.office.casework.models import RollTakeOver
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require


@dataclass(frozen=True)
class RollRow:
    """One roll: what it holds, what waits in it and why, and whose word it has. `may_settle`: this user's turn."""

    roll_id: int
    file_name: str
    as_of: date
    paid_through: str
    received: int
    accepted: int
    quarantined: int
    duplicate: int
    facts_received: int
    facts_accepted: int
    families: int
    people: int
    monthly_fen: int
    waiting: Mapping[str, int]
    state: str
    prepared_at: datetime
    prepared_by: str
    settled_at: datetime | None
    settled_by: str
    reason: str
    may_settle: bool


def list_rolls(user: User) -> list[RollRow]:
    """The rolls of the reader's county, newest first. `waiting` counts the rows that wait, by their reason's code."""
    require(user, "roll.see")
    rows = RollTakeOver.objects.select_related("prepared_by", "settled_by").defer("content").order_by("-pk")
    return [
        RollRow(
            roll_id=row.pk,
            file_name=row.file_name,
            as_of=row.as_of,
            paid_through=row.paid_through,
            received=row.received,
            accepted=row.accepted,
            quarantined=row.quarantined,
            duplicate=row.duplicate,
            facts_received=row.facts_received,
            facts_accepted=row.facts_accepted,
            families=row.families,
            people=row.people,
            monthly_fen=row.monthly_fen,
            waiting=dict(Counter(code for _file, _row, _column, code in row.refusals).most_common()),
            state=row.state,
            prepared_at=row.prepared_at,
            prepared_by=row.prepared_by.display_name,
            settled_at=row.settled_at,
            settled_by=row.settled_by.display_name if row.settled_by else "",
            reason=row.reason,
            may_settle=row.state == RollTakeOver.State.PREPARED
            and may(user, "roll.confirm")
            and row.prepared_by_id != user.pk,
        )
        for row in rows
    ]
