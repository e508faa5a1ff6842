"""Steps that are written down in a few words: a talk with neighbours, a return visit, a call (环节记录)."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions.steps import claim_case, take_step
from doudi.office.casework.procedure import standing
from doudi.office.errors import Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.org.models import User

NOTE_LENGTH_MAX = 4000


@transaction.atomic
def note_step(*, actor: User, at: datetime, case_number: str, version: int, step: str, note: str) -> StepDone:
    """Take a step of kind `record`: what was done and found stands in its note."""
    pack = current_pack()
    case = claim_case(actor=actor, case_number=case_number, version=version, also_decided=True)
    known = {each.id for each in standing(case, pack=pack, today=localdate(at)).procedure.of_kind("record")}
    if step not in known:
        raise Refused(_("This step is not one to be noted."), advice=_("Open the case again."))
    if not note.strip() or len(note) > NOTE_LENGTH_MAX:
        raise Unacceptable(_("The note is empty or too long."), advice=_("Say what was done and found."))
    take_step(actor=actor, at=at, case=case, kind="record", step=step, pack=pack, note=note.strip())
    return step_done(case, pack=pack, at=at)
