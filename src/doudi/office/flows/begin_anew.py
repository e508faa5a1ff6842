"""What was said on a case is overturned: opinion and all that rests on it are given anew. What was said is kept."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from doudi.office.casework.actions.decisions import set_words_aside
from doudi.office.casework.actions.meetings import set_meetings_aside
from doudi.office.casework.actions.publicity import take_sheet_down
from doudi.office.casework.actions.steps import queue_open_steps, set_steps_aside
from doudi.office.casework.models import Case
from doudi.office.casework.procedure import standing
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User


@transaction.atomic
def begin_anew(*, actor: User, at: datetime, case: Case) -> None:
    """Set the opinion of a claimed case aside, with every step and word after it; take down what hangs."""
    pack, today = current_pack(), localdate(at)
    procedure = standing(case, pack=pack, today=today).procedure
    opinion = procedure.of_kind("opinion")[0].id
    for publicity in case.publicities.filter(withdrawn_at__isnull=True):
        take_sheet_down(actor=actor, at=at, publicity=publicity)
    set_steps_aside(actor=actor, at=at, case=case, steps=[opinion, *sorted(procedure.downstream(opinion))])
    set_words_aside(actor=actor, at=at, case=case)
    set_meetings_aside(actor=actor, at=at, case=case)
    queue_open_steps(actor=actor, at=at, case=case, pack=pack, today=today)
