"""A meeting on a single case 一事一议: a hard case that the ordinary rules or limits do not cover.

It says how far the county may go; the decision is still a named officer's (promise P17). Near relatives of the family
step aside, and so does whoever gave an opinion on the case or will decide on it: they are heard, and do not vote.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.money import MONEY_LIMIT_FEN
from doudi.office.casework.actions.meetings import Seat, write_meeting
from doudi.office.casework.actions.steps import claim_case, take_step
from doudi.office.casework.conditions import Proposal
from doudi.office.casework.models import Case, Decision, Meeting, MeetingMember
from doudi.office.casework.procedure import is_near_relative
from doudi.office.errors import Unacceptable
from doudi.office.evidence.queries import latest_assessment
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.org.models import User

VOTES_MIN = 3
MEETING_LIMIT = "meeting_limit"


@dataclass(frozen=True)
class Called:
    """Somebody called to the meeting: for | against | abstained | recused, and why somebody stepped aside."""

    user_id: int
    vote: str
    recusal_reason: str = ""


@transaction.atomic
def hold_meeting(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    held_on: date,
    agenda: str,
    minutes: str,
    amount_fen: int,
    called: Sequence[Called],
) -> StepDone:
    """Write down a meeting and what it came to: more votes for than against, of at least three."""
    pack = current_pack()
    case = claim_case(actor=actor, case_number=case_number, version=version)
    if held_on > localdate(at):
        raise Unacceptable(_("The day of the meeting lies in the future."), advice=_("Correct the date."))
    if not agenda.strip() or not minutes.strip():
        raise Unacceptable(_("A meeting has an agenda and minutes."), advice=_("Fill in both."))
    _check_amount(case, amount_fen)
    seats = [_seat(case, each) for each in called]
    if len({seat.user.pk for seat in seats}) != len(seats):
        raise Unacceptable(_("Somebody is named twice."), advice=_("Name each member once."))
    votes = Counter(seat.vote for seat in seats)
    voting = votes[MeetingMember.Vote.FOR] + votes[MeetingMember.Vote.AGAINST] + votes[MeetingMember.Vote.ABSTAINED]
    if voting < VOTES_MIN:
        raise Unacceptable(
            _("At least %(count)d members vote, not counting who stepped aside.") % {"count": VOTES_MIN},
            advice=_("Call further members."),
        )
    is_agreed = votes[MeetingMember.Vote.FOR] > votes[MeetingMember.Vote.AGAINST]
    take_step(actor=actor, at=at, case=case, kind="meeting", pack=pack, proposal=Proposal(amount_fen))
    write_meeting(
        actor=actor,
        at=at,
        case=case,
        held_on=held_on,
        agenda=agenda.strip(),
        minutes=minutes.strip(),
        amount_fen=amount_fen,
        outcome=Meeting.Outcome.AGREED if is_agreed else Meeting.Outcome.NOT_AGREED,
        votes=votes,
        seats=seats,
    )
    return step_done(case, pack=pack, at=at)


def _seat(case: Case, called: Called) -> Seat:
    user = User.objects.filter(pk=called.user_id, is_active=True, is_service_account=False).first()
    if user is None or not case.area.startswith(user.area_id):
        raise Unacceptable(_("A member does not work for this area."), advice=_("Choose colleagues of the county."))
    if called.vote not in MeetingMember.Vote.values:
        raise Unacceptable(_("How a member voted is not said."), advice=_("Choose one of the list."))
    is_recused, reason = called.vote == MeetingMember.Vote.RECUSED, called.recusal_reason.strip()
    if is_recused != bool(reason):
        raise Unacceptable(_("Who steps aside says why, and nobody else."), advice=_("Fill in or clear the reason."))
    if not is_recused and is_near_relative(case.household, user):
        raise Unacceptable(
            _("A near relative of the family does not vote on it."), advice=_("Let this member step aside.")
        )
    if not is_recused and Decision.objects.filter(case=case, actor=user, set_aside_at__isnull=True).exists():
        raise Unacceptable(
            _("Who gave an opinion on this case does not vote on it."), advice=_("Let this member step aside.")
        )
    return Seat(user, called.vote, reason)


def _check_amount(case: Case, amount_fen: int) -> None:
    """A programme whose rules compute `meeting_limit` binds the meeting too."""
    assessment = latest_assessment(case.pk)
    limit = assessment.result["values"].get(MEETING_LIMIT) if assessment else None
    if not 0 < amount_fen <= (MONEY_LIMIT_FEN if limit is None else limit):
        raise Unacceptable(
            _("This is no amount that a meeting can agree to."),
            advice=_("State an amount above zero and within the rules' limit for meetings."),
        )
