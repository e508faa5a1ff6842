"""How memberships remember: a row that no longer holds is superseded, and what holds instead is a further row.

Only the writers of this app call it. Everything else reads `Membership.objects`, what is known now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from doudi.office.bulk import among
from doudi.office.registry.models import Change, Membership


def supersede(rows: Sequence[Membership], *, at: datetime, change: Change | None) -> bool:
    """Say that these rows hold no longer. False when one of them was superseded before: then nothing may follow."""
    known = Membership.objects.filter(among("pk", [row.pk for row in rows]))
    return known.update(superseded_at=at, superseded_by=change) == len(rows)


def restate(row: Membership, *, at: datetime, change: Change | None, **other: Any) -> Membership:
    """Write down what holds instead of a superseded row: the same but for what is named."""
    said = {
        "household": row.household,
        "person": row.person,
        "relation": row.relation,
        "from_date": row.from_date,
        "to_date": row.to_date,
        "end_reason": row.end_reason,
        "area": row.area,
    }
    return Membership.objects.create(**(said | other), recorded_at=at, change=change)
