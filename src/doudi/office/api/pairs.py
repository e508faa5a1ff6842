"""Doubtful pairs (疑似同一人): the list, both records side by side, and what people say of them."""

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.api.pages import Page, page_of
from doudi.office.evidence.pair_queries import PairDetail, PairRow, list_pairs, pair_detail
from doudi.office.flows import review_pairs
from doudi.office.org.presence import person_at

router = Router(tags=["pairs"])


class SecondWord(Schema):
    """Why, and for which records: the digest that came with them."""

    reason: str
    digest: str


class Word(SecondWord):
    """same, different or unsure."""

    verdict: str


class Reason(Schema):
    """Why."""

    reason: str


class Standing(Schema):
    """Where the pair stands now."""

    state: str


@router.get("/", response=Page[PairRow], summary="Doubtful pairs of the area, the most useful first")
def pairs(
    request: HttpRequest,
    state: str = "open",
    kind: str = "",
    source: str = "",
    area: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[PairRow]:
    """Empty filters leave everything in."""
    return page_of(list_pairs(person_at(request), state=state, kind=kind, source=source, area=area), offset, limit)


@router.get("/{pair_id}", response=PairDetail, summary="Both records side by side, and what was said of them")
def pair(request: HttpRequest, pair_id: int) -> PairDetail:
    """Numbers are masked."""
    return pair_detail(person_at(request), pair_id, purpose="read by a program")


@router.post("/{pair_id}/say", response=Standing, summary="Say: the same, two people, or unsure")
def say(request: HttpRequest, pair_id: int, sent: Word) -> Standing:
    """The same waits for a second person."""
    state = review_pairs.say(actor=person_at(request), at=clock.now(), pair_id=pair_id, **sent.dict())
    return Standing(state=state)


@router.post("/{pair_id}/confirm", response={204: None}, summary="Say the same as the second person")
def confirm(request: HttpRequest, pair_id: int, sent: SecondWord) -> Status[None]:
    """It binds the next night."""
    review_pairs.confirm(actor=person_at(request), at=clock.now(), pair_id=pair_id, **sent.dict())
    return Status(204, None)


@router.post("/{pair_id}/withdraw", response={204: None}, summary="Take back what was said")
def withdraw(request: HttpRequest, pair_id: int, sent: Reason) -> Status[None]:
    """The night after is as if it had never been said."""
    review_pairs.withdraw(actor=person_at(request), at=clock.now(), pair_id=pair_id, reason=sent.reason)
    return Status(204, None)
