"""Applications sent from outside, as the township sees them: one line a person, however often it was sent."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_id
from doudi.office import crypto
from doudi.office.audit.actions import record_read
from doudi.office.casework.follow import number_index
from doudi.office.casework.models import FollowCard, OnlineApplication
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require

_OPEN = ("sent", "asked")


@dataclass(frozen=True)
class OnlineView:
    """What was sent, masked, and what the citizen answered."""

    online_id: int
    number: str
    name: str
    masked_id: str
    phone: str
    address: str
    story: str
    programme: str
    writer: str
    area: str
    sent_at: datetime
    due_on: date
    state: str
    question: str
    answer: str
    answered_at: datetime | None
    reason: str
    case_number: str
    times_sent: int


def online_waiting(user: User) -> int:
    """How many people's applications wait for this user's area."""
    if not may(user, "case.apply"):
        return 0
    return OnlineApplication.objects.filter(state__in=_OPEN).values("id_index").distinct().count()


def list_online(user: User) -> list[OnlineView]:
    """What waits, the earliest last day first: of each person the newest words."""
    require(user, "case.apply")
    newest: dict[str, OnlineApplication] = {}
    times: dict[str, int] = {}
    for row in OnlineApplication.objects.filter(state__in=_OPEN).select_related("case").order_by("pk"):
        newest[row.id_index], times[row.id_index] = row, times.get(row.id_index, 0) + 1
    rows = sorted(newest.values(), key=lambda row: (row.due_on, row.pk))
    record_read(actor=user, objects=rows, fields=("name",), area=user.area_id, purpose="list of online applications")
    return [_view(row, times[row.id_index]) for row in rows]


def online_page(user: User, online_id: int) -> OnlineView:
    """One of them; outside of the reader's area it is as if it were not there."""
    require(user, "case.apply")
    row = OnlineApplication.objects.select_related("case").filter(pk=online_id).first()
    if row is None:
        raise NotYours(_("There is no such application."))
    fields = ("name", "id_number", "phone", "address", "story")
    record_read(actor=user, objects=[row], fields=fields, area=row.area, purpose="answer an online application")
    times = OnlineApplication.objects.filter(id_index=row.id_index, state__in=_OPEN).count()
    return _view(row, times)


def _view(row: OnlineApplication, times: int) -> OnlineView:
    card = FollowCard.objects.filter(number_index=number_index(crypto.keyring(), row.number)).first()
    return OnlineView(
        online_id=row.pk,
        number=row.number,
        name=row.name,
        masked_id=mask_id(row.id_number),
        phone=row.phone,
        address=row.address,
        story=row.story,
        programme=row.programme,
        writer=row.writer,
        area=row.area,
        sent_at=row.sent_at,
        due_on=row.due_on,
        state=row.state,
        question=card.question if card else "",
        answer=card.answer if card else "",
        answered_at=card.answered_at if card else None,
        reason=row.reason,
        case_number=row.case.number if row.case else "",
        times_sent=times,
    )
