"""Applications sent from outside (网上申请), as the township answers them."""

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.api.pages import Page, page_of
from doudi.office.casework.queries import OnlineView, list_online, online_page
from doudi.office.flows import intake
from doudi.office.flows.outcome import StepDone
from doudi.office.org.presence import person_at

router = Router(tags=["online"])


class TakenUp(Schema):
    """The programme that fits, the village, and whether the urban or the rural standard applies."""

    programme: str
    area: str
    residence: str


class Question(Schema):
    """Everything that is missing, in one go."""

    question: str


class Reason(Schema):
    """Why it is no application; whoever sent it reads this."""

    reason: str


@router.get("/", response=Page[OnlineView], summary="What waits for an answer, the earliest last day first")
def listed(request: HttpRequest, offset: int = 0, limit: int = 50) -> Page[OnlineView]:
    """One line a person, however often it was sent."""
    return page_of(list_online(person_at(request)), offset, limit)


@router.get("/{online_id}", response=OnlineView, summary="One application from outside")
def one(request: HttpRequest, online_id: int) -> OnlineView:
    """The identity number is masked."""
    return online_page(person_at(request), online_id)


@router.post("/{online_id}/accept", response={201: StepDone}, summary="Open a case for it")
def accept(request: HttpRequest, online_id: int, sent: TakenUp) -> Status[StepDone]:
    """And for whatever else was sent for the same person. Papers and consent follow."""
    return Status(
        201, intake.accept_online(actor=person_at(request), at=clock.now(), online_id=online_id, **sent.dict())
    )


@router.post("/{online_id}/ask", response={204: None}, summary="Ask back once")
def ask(request: HttpRequest, online_id: int, sent: Question) -> Status[None]:
    """The citizen reads it with the receipt and answers there."""
    intake.ask_back(actor=person_at(request), at=clock.now(), online_id=online_id, question=sent.question)
    return Status(204, None)


@router.post("/{online_id}/set-aside", response={204: None}, summary="Set aside what is no application")
def set_aside(request: HttpRequest, online_id: int, sent: Reason) -> Status[None]:
    """Never in silence: the reason goes back to whoever sent it."""
    intake.set_aside(actor=person_at(request), at=clock.now(), online_id=online_id, reason=sent.reason)
    return Status(204, None)
