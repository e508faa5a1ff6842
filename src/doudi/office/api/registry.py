"""Changes of households (家庭档案变更): the acts of the desk. Each makes an entry that can be undone."""

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.flows import move_between, newcomers, registry, relatives
from doudi.office.flows.newcomers import Papers
from doudi.office.flows.unmask import unmask
from doudi.office.org.entrance import require_fresh_proof
from doudi.office.org.presence import person_at
from doudi.office.registry.duplicates import Candidates
from doudi.office.registry.ground import Ground
from doudi.office.registry.history import MoveView
from doudi.office.registry.identity import Identity
from doudi.office.registry.models import Change
from doudi.office.registry.queries import received_requests

router = Router(tags=["households"])


class Grounds(Schema):
    """From which day, why, by which paper."""

    on: date
    reason: str
    paper: str = ""

    def ground(self) -> Ground:
        """As the flow takes it."""
        return Ground(self.on, self.reason, self.paper)


class Who(Schema):
    """What is known of somebody: with a number, birth date and sex follow from it."""

    name: str
    id_number: str = ""
    birth_date: date | None = None
    sex: str = ""

    def papers(self) -> Papers:
        """As the flow takes it."""
        return Papers(self.name, self.id_number, self.birth_date, self.sex)


class Joins(Grounds):
    """Somebody who joins."""

    who: Who
    relation: str
    cause: str


class Leaves(Grounds):
    """Somebody who leaves."""

    person_id: int
    cause: str


class Heads(Grounds):
    """Each member's relation to the new head, by person."""

    relations: dict[int, str]


class Splits(Grounds):
    """Who leaves, each with the relation to the new head, and where they live."""

    leaving: dict[int, str]
    area: str
    address: str


class Merges(Grounds):
    """Another household, whose members come each with the relation to this one's head."""

    other_id: int
    relations: dict[int, str]


class Moves(Grounds):
    """Another address of one's own area."""

    area: str
    address: str


class MovesAway(Grounds):
    """A township that shall receive the household."""

    to_area: str
    address: str


class Corrects(Grounds):
    """A person's data as the papers say them, all four."""

    name: str
    id_number: str
    birth_date: date | None
    sex: str


class NearRelative(Schema):
    """A member and the official whose near relative he or she is."""

    person_id: int
    relation: str
    official_id: int | None = None
    official_name: str = ""


class Accepts(Schema):
    """The village that receives the household, and how it was looked at."""

    area: str
    answer: str


class Reason(Schema):
    """Why."""

    reason: str


class Entry(Schema):
    """The entry that was made; it can be undone by its number."""

    change_id: int
    household_id: int


class Number(Schema):
    """A member's identity number in full."""

    id_number: str


class Founded(Schema):
    """The household that was founded or received."""

    household_id: int
    number: str


@router.post("/candidates", response=Candidates, summary="Who might be meant, before anybody is entered twice")
def candidates(request: HttpRequest, sent: Who) -> Candidates:
    """People of one's own area; of others only that somebody is known there."""
    return newcomers.look_for(actor=person_at(request), at=clock.now(), papers=sent.papers())


@router.get("/moves", response=list[MoveView], summary="Households that ask to be received")
def moves(request: HttpRequest) -> list[MoveView]:
    """Oldest first."""
    return list(received_requests(person_at(request)))


@router.post("/moves/{request_id}/accept", response=Founded, summary="Receive a household")
def accept(request: HttpRequest, request_id: int, sent: Accepts) -> Founded:
    """By another person than whoever asked."""
    home = move_between.accept_move(
        actor=person_at(request), at=clock.now(), request_id=request_id, area=sent.area, answer=sent.answer
    )
    return Founded(household_id=home.pk, number=home.number)


@router.post("/moves/{request_id}/refuse", response={204: None}, summary="Say why a household is not received")
def refuse(request: HttpRequest, request_id: int, sent: Reason) -> Status[None]:
    """The other township is told."""
    move_between.refuse_move(actor=person_at(request), at=clock.now(), request_id=request_id, answer=sent.reason)
    return Status(204, None)


@router.post("/moves/{request_id}/withdraw", response={204: None}, summary="Take a request back")
def withdraw(request: HttpRequest, request_id: int) -> Status[None]:
    """By the township that asked."""
    move_between.withdraw_move(actor=person_at(request), at=clock.now(), request_id=request_id)
    return Status(204, None)


@router.post("/entries/{entry_id}/undo", response=Entry, summary="Undo an entry by a further one")
def undo(request: HttpRequest, entry_id: int, sent: Reason) -> Entry:
    """What was built on it is undone before."""
    return _entry(
        registry.undo_change(actor=person_at(request), at=clock.now(), change_id=entry_id, reason=sent.reason)
    )


@router.post("/relatives/{relative_id}/withdraw", response={204: None}, summary="Take a near relative out")
def withdraw_relative(request: HttpRequest, relative_id: int, sent: Reason) -> Status[None]:
    """Neither by the official nor by whoever entered it."""
    relatives.withdraw_relative(actor=person_at(request), at=clock.now(), relative_id=relative_id, reason=sent.reason)
    return Status(204, None)


@router.post("/{household_id}/join", response=Entry, summary="Somebody joins the household")
def join(request: HttpRequest, household_id: int, sent: Joins) -> Entry:
    """Ask for candidates first."""
    return _entry(
        newcomers.join_newcomer(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            papers=sent.who.papers(),
            relation=sent.relation,
            cause=sent.cause,
            ground=sent.ground(),
        )
    )


@router.post("/{household_id}/leave", response=Entry, summary="Somebody leaves the household")
def leave(request: HttpRequest, household_id: int, sent: Leaves) -> Entry:
    """The head leaves only after another one is entered."""
    return _entry(
        registry.let_leave(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            person_id=sent.person_id,
            cause=sent.cause,
            ground=sent.ground(),
        )
    )


@router.post("/{household_id}/head", response=Entry, summary="Another head of the household")
def head(request: HttpRequest, household_id: int, sent: Heads) -> Entry:
    """Every member's relation to the new head."""
    return _entry(
        registry.change_head(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            relations=sent.relations,
            ground=sent.ground(),
        )
    )


@router.post("/{household_id}/split", response={201: Founded}, summary="Members found a household of their own")
def split(request: HttpRequest, household_id: int, sent: Splits) -> Status[Founded]:
    """Open cases keep the family as it was applied for."""
    home = registry.split_household(
        actor=person_at(request),
        at=clock.now(),
        household_id=household_id,
        leaving=sent.leaving,
        area=sent.area,
        address=sent.address,
        ground=sent.ground(),
    )
    return Status(201, Founded(household_id=home.pk, number=home.number))


@router.post("/{household_id}/merge", response=Entry, summary="Another household's members come into this one")
def merge(request: HttpRequest, household_id: int, sent: Merges) -> Entry:
    """The other household is left empty."""
    return _entry(
        registry.merge_households(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            other_id=sent.other_id,
            relations=sent.relations,
            ground=sent.ground(),
        )
    )


@router.post("/{household_id}/move", response=Entry, summary="Another address in one's own area")
def move(request: HttpRequest, household_id: int, sent: Moves) -> Entry:
    """Another township is asked instead."""
    return _entry(
        registry.move_household(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            area=sent.area,
            address=sent.address,
            ground=sent.ground(),
        )
    )


@router.post("/{household_id}/away", response={201: int}, summary="Ask another township to receive the household")
def away(request: HttpRequest, household_id: int, sent: MovesAway) -> Status[int]:
    """Returns the number of the request."""
    asked = move_between.ask_to_move(
        actor=person_at(request),
        at=clock.now(),
        household_id=household_id,
        to_area=sent.to_area,
        address=sent.address,
        ground=sent.ground(),
    )
    return Status(201, asked.pk)


@router.post("/{household_id}/people/{person_id}/correct", response=Entry, summary="Put a person's data right")
def correct(request: HttpRequest, household_id: int, person_id: int, sent: Corrects) -> Entry:
    """With the paper that shows it."""
    return _entry(
        registry.correct_person(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            person_id=person_id,
            right=Identity(sent.name, sent.id_number, sent.birth_date, sent.sex),
            ground=sent.ground(),
        )
    )


@router.post("/{household_id}/relatives", response={201: int}, summary="Register a near relative of an official")
def relative(request: HttpRequest, household_id: int, sent: NearRelative) -> Status[int]:
    """Open cases of the family are visited by the county from then on."""
    made = relatives.declare_relative(
        actor=person_at(request), at=clock.now(), household_id=household_id, **sent.dict()
    )
    return Status(201, made.pk)


@router.post("/{household_id}/members/{person_id}/number", response=Number, summary="A whole identity number")
def number(request: HttpRequest, household_id: int, person_id: int, sent: Reason) -> Number:
    """For one of the office's own reasons, after a fresh proof of who asks (/account/again/); kept in the audit."""
    require_fresh_proof(request)
    found = unmask(actor=person_at(request), household_id=household_id, person_id=person_id, reason=sent.reason)
    return Number(id_number=found)


def _entry(change: Change) -> Entry:
    return Entry(change_id=change.pk, household_id=change.household_id)
