"""The cases that wait for one officer's last word: those that may be decided in one act, and those that may not."""

from dataclasses import dataclass
from datetime import date

from doudi.office.casework.queries.case_views import CasePage
from doudi.office.casework.queries.cases import case_page
from doudi.office.casework.queries.flags import Flag, flags_of
from doudi.office.casework.queries.work import work_list
from doudi.office.org.models import User

CASES_MAX = 20
PURPOSE = "decide together"


@dataclass(frozen=True)
class Candidate:
    """A case that waits for this officer's confirmation. `amount_fen` is what all have said so far."""

    case: CasePage
    flags: tuple[Flag, ...]
    amount_fen: int | None


def cases_to_confirm(user: User, *, today: date, lang: str) -> tuple[tuple[Candidate, ...], int]:
    """The first of them by their last day, and how many more there are. Each is looked at, and the look is recorded."""
    ready = work_list(user, today=today)
    numbers = [
        row.case_number
        for row in (*ready.overdue, *ready.today, *ready.three_days, *ready.later)
        if row.step_kind == "confirm"
    ]
    pages = [case_page(user, number, today=today, lang=lang, purpose=PURPOSE) for number in numbers[:CASES_MAX]]
    found = [candidate(page) for page in pages if any(step.kind == "confirm" and step.can_do for step in page.steps)]
    return tuple(found), max(0, len(numbers) - CASES_MAX)


def candidate(page: CasePage) -> Candidate:
    """What has been said of a case until now."""
    said = next((word for word in reversed(page.decisions) if not word.is_set_aside), None)
    assessed = page.assessment.amount_fen if page.assessment else None
    return Candidate(page, flags_of(page), assessed if said is None else said.amount_fen)
