"""Running help (待遇): another amount, its end, and what is said on the way to either."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.flows import change, end
from doudi.office.org.presence import person_at

router = Router(tags=["entitlements"])


class Occasion(Schema):
    """What led to another amount, and why. The amount comes from the rules."""

    occasion: str
    reason: str


class Cause(Schema):
    """Why the help should end."""

    cause: str
    reason: str


class Word(Schema):
    """An officer's word with its reason."""

    outcome: str
    reason: str


class Told(Schema):
    """When and how the letter reached the family."""

    delivered_on: date
    delivery: str


class Said(Schema):
    """What the family says against it."""

    objected_on: date
    text: str


class Joining(Schema):
    """Somebody who lives with the family and was never in the grant."""

    name: str
    id_number: str
    relation: str
    phone: str = ""
    signed_on: date | None = None


class Made(Schema):
    """The number of what was recorded."""

    id: int


@router.post("/{entitlement_id}/members", response={201: Made}, summary="Take a further member of the family in")
def join(request: HttpRequest, entitlement_id: int, sent: Joining) -> Status[dict[str, int]]:
    """An adult has signed the authorisation."""
    given: dict[str, Any] = {"actor": person_at(request), "at": clock.now(), "entitlement_id": entitlement_id}
    return Status(201, {"id": change.add_member(**given, **sent.dict())})


@router.post("/{entitlement_id}/changes", response={201: Made}, summary="Propose the amount that the rules give today")
def propose_change(request: HttpRequest, entitlement_id: int, sent: Occasion) -> Status[dict[str, int]]:
    """By the township."""
    given: dict[str, Any] = {"actor": person_at(request), "at": clock.now(), "entitlement_id": entitlement_id}
    return Status(201, {"id": change.propose_change(**given, **sent.dict())})


@router.post("/changes/{change_id}/review", response={204: None}, summary="The county's review of another amount")
def review_change(request: HttpRequest, change_id: int, sent: Word) -> Status[None]:
    """By the county's reviewer."""
    change.review_change(actor=person_at(request), at=clock.now(), change_id=change_id, **sent.dict())
    return Status(204, None)


@router.post("/changes/{change_id}/decision", response={204: None}, summary="The county's decision on another amount")
def decide_change(request: HttpRequest, change_id: int, sent: Word) -> Status[None]:
    """By a third person."""
    change.decide_change(actor=person_at(request), at=clock.now(), change_id=change_id, **sent.dict())
    return Status(204, None)


@router.post("/changes/{change_id}/notice", response={204: None}, summary="The letter of a change was delivered")
def deliver_change(request: HttpRequest, change_id: int, sent: Told) -> Status[None]:
    """Less is paid only after the notice has ended."""
    change.deliver_change(actor=person_at(request), at=clock.now(), change_id=change_id, **sent.dict())
    return Status(204, None)


@router.post("/changes/{change_id}/objection", response={204: None}, summary="The family objects to a change")
def object_to_change(request: HttpRequest, change_id: int, sent: Said) -> Status[None]:
    """In time, the old amount goes on."""
    change.object_to_change(actor=person_at(request), at=clock.now(), change_id=change_id, **sent.dict())
    return Status(204, None)


@router.post("/changes/{change_id}/answer", response={204: None}, summary="Answer the objection to a change")
def answer_change(request: HttpRequest, change_id: int, sent: Word) -> Status[None]:
    """By an officer who had no part in it."""
    change.answer_change(actor=person_at(request), at=clock.now(), change_id=change_id, **sent.dict())
    return Status(204, None)


@router.post("/{entitlement_id}/endings", response={201: Made}, summary="Propose the end of running help")
def propose_ending(request: HttpRequest, entitlement_id: int, sent: Cause) -> Status[dict[str, int]]:
    """By the township, on the rules' word."""
    given: dict[str, Any] = {"actor": person_at(request), "at": clock.now(), "entitlement_id": entitlement_id}
    return Status(201, {"id": end.propose_ending(**given, **sent.dict())})


@router.post("/endings/{ending_id}/decision", response={204: None}, summary="The county's decision on an end")
def decide_ending(request: HttpRequest, ending_id: int, sent: Word) -> Status[None]:
    """It has no effect before its notice."""
    end.decide_ending(actor=person_at(request), at=clock.now(), ending_id=ending_id, **sent.dict())
    return Status(204, None)


@router.post("/endings/{ending_id}/notice", response={204: None}, summary="The letter of an end was delivered")
def deliver_ending(request: HttpRequest, ending_id: int, sent: Told) -> Status[None]:
    """From here follow the last month and the last day to object."""
    end.deliver_ending(actor=person_at(request), at=clock.now(), ending_id=ending_id, **sent.dict())
    return Status(204, None)


@router.post("/endings/{ending_id}/objection", response={204: None}, summary="The family objects to an end")
def object_to_ending(request: HttpRequest, ending_id: int, sent: Said) -> Status[None]:
    """In time, paying goes on."""
    end.object_to_ending(actor=person_at(request), at=clock.now(), ending_id=ending_id, **sent.dict())
    return Status(204, None)


@router.post("/endings/{ending_id}/answer", response={204: None}, summary="Answer the objection to an end")
def answer_ending(request: HttpRequest, ending_id: int, sent: Word) -> Status[None]:
    """By an officer who had no part in it."""
    end.answer_ending(actor=person_at(request), at=clock.now(), ending_id=ending_id, **sent.dict())
    return Status(204, None)
