"""What a procedure asks besides its ordinary steps: notes, meetings on single cases, authorisations taken back."""

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from doudi.office import clock
from doudi.office.api.cases import Version
from doudi.office.flows import consent, meet, note
from doudi.office.flows.meet import Called
from doudi.office.flows.outcome import StepDone
from doudi.office.org.presence import person_at

router = Router(tags=["cases"])


class Note(Version):
    """What was done and found."""

    note: str


class Seat(Schema):
    """Somebody called to the meeting: for, against, abstained or recused, and why somebody stepped aside."""

    user_id: int
    vote: str
    recusal_reason: str = ""


class Meeting(Version):
    """A meeting on the case (一事一议): agenda, minutes, the amount voted on, and everybody's vote."""

    held_on: date
    agenda: str
    minutes: str
    amount_fen: int
    called: list[Seat]


class TakenBack(Version):
    """Who takes the authorisation back, and when."""

    person_id: int
    withdrawn_on: date


@router.post("/{number}/notes/{step}", response=StepDone, summary="Note a step of the procedure")
def note_step(request: HttpRequest, number: str, step: str, sent: Note) -> StepDone:
    """A talk with neighbours, a return visit, a call."""
    return note.note_step(actor=person_at(request), at=clock.now(), case_number=number, step=step, **sent.dict())


@router.post("/{number}/meeting", response=StepDone, summary="Record a meeting on the single case")
def meeting(request: HttpRequest, number: str, sent: Meeting) -> StepDone:
    """Near relatives and whoever gave an opinion step aside; the decision is still a named officer's."""
    return meet.hold_meeting(
        actor=person_at(request),
        at=clock.now(),
        case_number=number,
        version=sent.version,
        held_on=sent.held_on,
        agenda=sent.agenda,
        minutes=sent.minutes,
        amount_fen=sent.amount_fen,
        called=[Called(each.user_id, each.vote, each.recusal_reason) for each in sent.called],
    )


@router.post("/{number}/consents/withdraw", response=StepDone, summary="A member takes the authorisation back")
def withdraw_consent(request: HttpRequest, number: str, sent: TakenBack) -> StepDone:
    """The check waits for a new one."""
    return consent.withdraw_consent(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())
