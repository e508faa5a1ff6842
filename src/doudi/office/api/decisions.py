"""What is said on a case (审核确认): opinion, publicity, objections, review, confirmation, notice."""

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.api.cases import Version
from doudi.office.flows import decide, publicise
from doudi.office.flows.decide_together import Chosen, confirm_together
from doudi.office.flows.outcome import StepDone
from doudi.office.org.presence import person_at

router = Router(tags=["decisions"])
together = Router(tags=["decisions"])


class Word(Version):
    """An officer's word: approve or refuse, with a reason in either case. An amount only where it departs."""

    outcome: str
    reason: str
    amount_fen: int | None = None


class ChosenCase(Version):
    """A case, and the version that was looked at."""

    case_number: str


class Together(Schema):
    """Cases to approve as they were proposed, with one reason for all."""

    cases: list[ChosenCase]
    reason: str


class Objection(Schema):
    """An objection as it was received."""

    received_on: date
    objector: str
    text: str


class Settlement(Schema):
    """What the objection led to."""

    outcome: str
    reason: str


class Delivered(Version):
    """When and how the notice reached the family."""

    delivered_on: date
    delivery: str


@router.post("/{number}/opinion", response=StepDone, summary="The township's preliminary opinion")
def opinion(request: HttpRequest, number: str, sent: Word) -> StepDone:
    """Agreeing with the rules and departing from them ask for the same."""
    return decide.give_opinion(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/publicity", response=StepDone, summary="Start the publicity")
def publicity(request: HttpRequest, number: str, sent: Version) -> StepDone:
    """Seven days (57号 art. 19)."""
    return publicise.start_publicity(actor=person_at(request), at=clock.now(), case_number=number, version=sent.version)


@router.post("/{number}/objections", response={201: int}, summary="Record an objection to what was publicised")
def object_to(request: HttpRequest, number: str, sent: Objection) -> Status[int]:
    """Returns the number of the objection."""
    token = request.headers["Idempotency-Key"]
    made = publicise.record_objection(
        actor=person_at(request), at=clock.now(), case_number=number, form_token=token, **sent.dict()
    )
    return Status(201, made)


@router.post("/{number}/objections/{objection_id}/settle", response=StepDone, summary="Settle an objection")
def settle(request: HttpRequest, number: str, objection_id: int, sent: Settlement) -> StepDone:
    """Founded ones lead to a new investigation."""
    return publicise.settle_objection(
        actor=person_at(request), at=clock.now(), objection_id=objection_id, **sent.dict()
    )


@router.post("/{number}/review", response=StepDone, summary="The county's review")
def review(request: HttpRequest, number: str, sent: Word) -> StepDone:
    """By somebody who has not spoken on this case."""
    return decide.review(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@together.post("/confirm", response=list[str], summary="Confirm several cases that nothing speaks against")
def confirm_cases(request: HttpRequest, sent: Together) -> list[str]:
    """Each as if alone; if one has a flag or was changed meanwhile, none is decided."""
    cases = [Chosen(each.case_number, each.version) for each in sent.cases]
    return list(confirm_together(actor=person_at(request), at=clock.now(), cases=cases, reason=sent.reason))


@router.post("/{number}/confirm", response=StepDone, summary="The county's confirmation")
def confirm(request: HttpRequest, number: str, sent: Word) -> StepDone:
    """By another person than the reviewer; grants, or refuses with a notice."""
    return decide.confirm(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/notice", response=StepDone, summary="Record how the notice reached the family")
def notice(request: HttpRequest, number: str, sent: Delivered) -> StepDone:
    """From then on the time to object counts."""
    return decide.notify(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())
