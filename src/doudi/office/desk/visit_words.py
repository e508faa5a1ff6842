"""A visit in words."""

from typing import Any

from doudi.office.casework.queries import VisitView
from doudi.office.desk.labels import VISIT_OUTCOMES


def shown_visit(visit: VisitView) -> dict[str, Any]:
    """A visit as pages tell it."""
    return {**vars(visit), "outcome": VISIT_OUTCOMES[visit.outcome], "people": "、".join(visit.visitors)}
