"""A visit in words."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from doudi.office.casework.queries import VisitView
from doudi.office.desk.labels import VISIT_OUTCOMES
from doudi.office.desk.report_words import cell
from doudi.office.evidence.queries import FactLine
from doudi.office.registry.queries import MemberView


def shown_visit(visit: VisitView) -> dict[str, Any]:
    """A visit as pages tell it."""
    return {
        **vars(visit),
        "outcome": VISIT_OUTCOMES[visit.outcome],
        "people": "、".join(visit.visitors),
        "href": reverse("visit", args=[visit.visit_id]),
    }


def seen_row(line: FactLine, members: Sequence[MemberView]) -> dict[str, Any]:
    """What was seen beside what was declared and found, with a mark where they differ."""
    whose = next((each.name for each in members if each.person_id == line.person_id), _("The household"))
    return {
        "label": line.label,
        "whose": whose,
        "declared": cell(line.declared),
        "found": cell(line.found, with_source=True),
        "seen": cell(line.seen),
        "differs": line.is_contradicted,
    }
