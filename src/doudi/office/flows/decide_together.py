"""Several cases confirmed in one act (批量审核确认): only such as nobody and nothing speaks against.

Each is decided as it would be alone: the same four eyes, limits and letters. If one can't be, none of them is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.queries import case_page
from doudi.office.casework.queries.together import CASES_MAX, PURPOSE, candidate
from doudi.office.errors import Refused, Unacceptable
from doudi.office.flows.decide import confirm
from doudi.office.org.models import User


@dataclass(frozen=True)
class Chosen:
    """A case, and the version that the officer has looked at."""

    case_number: str
    version: int


@transaction.atomic
def confirm_together(*, actor: User, at: datetime, cases: Sequence[Chosen], reason: str) -> tuple[str, ...]:
    """Approve these cases as they were proposed. The reason stands on each of them. Returns their numbers.

    Raises Refused, and decides none, if one of them has a flag, was changed meanwhile, or is not this officer's.
    """
    if not cases or len(cases) > CASES_MAX or len({each.case_number for each in cases}) < len(cases):
        raise Unacceptable(
            _("No case was chosen, or too many, or one twice."),
            advice=_("Choose between one and %(most)s cases.") % {"most": CASES_MAX},
        )
    for each in cases:
        page = case_page(actor, each.case_number, today=localdate(at), lang="zh", purpose=PURPOSE)
        found = candidate(page)
        if found.flags:
            raise Refused(
                _("The case %(number)s wants a look of its own; none of the chosen cases was decided.")
                % {"number": each.case_number},
                advice=_("Open the list again; what stands against it is said there."),
            )
        confirm(
            actor=actor,
            at=at,
            case_number=each.case_number,
            version=each.version,
            outcome="approve",
            reason=reason,
            amount_fen=found.amount_fen,
        )
    return tuple(each.case_number for each in cases)
