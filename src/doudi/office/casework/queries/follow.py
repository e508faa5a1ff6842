"""The way of an application as its receipt shows it: to the office with a log-in, to the citizen without one."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from doudi.office import crypto
from doudi.office.audit.actions import record_read
from doudi.office.casework.follow import card_index
from doudi.office.casework.models import Case, FollowCard, Knock
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import require


@dataclass(frozen=True)
class StageView:
    """One stage of the way: done, open with its last day, or still to come."""

    kind: str
    done_on: date | None
    is_open: bool
    due_on: date | None


@dataclass(frozen=True)
class FollowView:
    """What a citizen sees: where it is, until when, and what the office asks. No name, no amount, no reason."""

    card_id: int
    number: str
    programme: str
    township: str
    opened_on: date
    state: str
    stages: tuple[StageView, ...]
    due_on: date | None
    question: str
    answered_at: datetime | None


@dataclass(frozen=True)
class ReceiptView:
    """What stands on the receipt (回执)."""

    number: str
    code: str
    programme: str
    township: str
    opened_on: date


def follow(*, number: str, last_four: str, code: str) -> FollowView | None:
    """The way behind a receipt; nothing unless number, last four digits and code belong together."""
    index = card_index(crypto.keyring(), number=number, last_four=last_four, code=code)
    card = FollowCard.objects.filter(index=index).first()
    return None if card is None else _view(card)


def receipt_of(user: User, case_number: str, *, purpose: str) -> ReceiptView | None:
    """The receipt of a case; None where it has none, because nobody's number was known when it was opened."""
    require(user, "case.see")
    case = Case.objects.filter(number=case_number).first()
    if case is None:
        raise NotYours(_("There is no such case."))
    record_read(actor=user, objects=[case], fields=("receipt",), area=case.area, purpose=purpose)
    card = FollowCard.objects.filter(case=case).order_by("pk").last()
    if card is None:
        return None
    return ReceiptView(card.number, card.code, card.programme, card.township, card.opened_on)


def knocks(door: str, who: str, *, since: datetime) -> int:
    """How often somebody tried a door since then."""
    return Knock.objects.filter(door=door, who=who, at__gte=since).count()


def _view(card: FollowCard) -> FollowView:
    return FollowView(
        card_id=card.pk,
        number=card.number,
        programme=card.programme,
        township=card.township,
        opened_on=card.opened_on,
        state=card.state,
        stages=tuple(
            StageView(each["kind"], _day(each["done_on"]), each["is_open"], _day(each["due_on"]))
            for each in card.stages
        ),
        due_on=card.due_on,
        question=card.question,
        answered_at=card.answered_at,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
