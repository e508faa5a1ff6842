"""Requests between counties as both sides read them: the answering one reads what the request says, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_id
from doudi.office.audit.actions import record_read
from doudi.office.casework.models import CountyRequest
from doudi.office.errors import NotYours
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.evidence.terms import in_words, restored
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.queries import area_names
from doudi.office.registry.listing import Listing


@dataclass(frozen=True)
class RequestRow:
    """One line of the list. `side` is asking or answering; `state` open | answered | refused | taken_in."""

    request_id: int
    number: str
    side: str
    asking: str
    answering: str
    person_name: str
    due_on: date
    due_is_provisional: bool
    is_overdue: bool
    state: str
    reminders: int
    asked_at: datetime


@dataclass(frozen=True)
class ReplyLine:
    """One figure asked for, and what the other county says of it. No text: it does not know either."""

    name: str
    label: str
    text: str
    is_answered: bool
    as_of: date | None


@dataclass(frozen=True)
class RequestPage:
    """One request with its reply. The case's number is there for the asking side alone."""

    row: RequestRow
    case_number: str
    masked_id: str
    # The whole number, shown to the county that looks the person up by it; each look is recorded.
    id_number: str
    reason: str
    consent_signed_on: date
    asked_by: str
    lines: tuple[ReplyLine, ...]
    reply_text: str
    replied_at: datetime | None
    replied_by: str
    reminded_on: tuple[date, ...]
    can: frozenset[str]


def list_requests(user: User, *, today: date) -> Listing[CountyRequest, RequestRow]:
    """Requests that the reader's side sent or has to answer, the earliest last day first."""
    if not may(user, "county.ask") and not may(user, "county.reply"):
        require(user, "county.ask")
    query = CountyRequest.objects.filter(_mine(user)).select_related("reply", "receipt").prefetch_related("reminders")

    def build(page: list[CountyRequest]) -> list[RequestRow]:
        record_read(actor=user, objects=page, fields=("name",), area=user.area_id, purpose="list of county requests")
        names = area_names([code for each in page for code in (each.area[:6], each.answering_area)])
        return [_row(each, user, today, names) for each in page]

    return Listing(query.order_by("receipt__taken_in_at", "due_on", "pk"), build)


def request_page(user: User, request_id: int, *, today: date, lang: str, purpose: str) -> RequestPage:
    """One request; for whom it is neither from nor to, it is not there."""
    if not may(user, "county.ask") and not may(user, "county.reply"):
        require(user, "county.ask")
    request = (
        CountyRequest.objects.filter(_mine(user), pk=request_id)
        .select_related("reply__replied_by", "receipt", "asked_by")
        .prefetch_related("reminders", "reply__items")
        .first()
    )
    if request is None:
        raise NotYours(_("There is no such request."))
    row = _row(request, user, today, area_names([request.area[:6], request.answering_area]))
    fields = ("name", "id_number", "reason", "reply")
    record_read(actor=user, objects=[request], fields=fields, area=user.area_id, purpose=purpose)
    reply = getattr(request, "reply", None)
    is_asking = row.side == "asking"
    return RequestPage(
        row=row,
        case_number=request.case.number if is_asking else "",
        masked_id=mask_id(request.id_number),
        id_number="" if is_asking or reply is not None else request.id_number,
        reason=request.reason,
        consent_signed_on=request.consent_signed_on,
        asked_by=request.asked_by.display_name,
        lines=_lines(request, lang),
        reply_text=reply.text if reply else "",
        replied_at=reply.replied_at if reply else None,
        replied_by=reply.replied_by.display_name if reply else "",
        reminded_on=tuple(each.sent_on for each in request.reminders.all()),
        can=_can(user, row),
    )


def requests_to_do(user: User) -> list[CountyRequest]:
    """What waits for this desk: requests to answer, or replies to take in."""
    query = CountyRequest.objects.select_related("reply", "receipt").order_by("due_on", "pk")
    found: list[CountyRequest] = []
    if may(user, "county.reply"):
        found += query.filter(_answering(user), reply__isnull=True)
    if may(user, "county.ask"):
        found += query.filter(_asking(user), reply__isnull=False, receipt__isnull=True)
    return found


def _asking(user: User) -> Q:
    return Q(area__gte=user.area_id, area__lt=f"{user.area_id}:")


def _answering(user: User) -> Q:
    return Q(answering_area__gte=user.area_id, answering_area__lt=f"{user.area_id}:")


def _mine(user: User) -> Q:
    found = Q(pk__in=[])
    if may(user, "county.ask") or may(user, "case.see"):
        found |= _asking(user)
    return found | _answering(user) if may(user, "county.reply") else found


def _row(request: CountyRequest, user: User, today: date, names: Mapping[str, str]) -> RequestRow:
    reply, is_asking = getattr(request, "reply", None), request.area.startswith(user.area_id)
    state = "open" if reply is None else reply.outcome
    if is_asking and getattr(request, "receipt", None) is not None:
        state = "taken_in"
    return RequestRow(
        request_id=request.pk,
        number=request.number,
        side="asking" if is_asking else "answering",
        asking=names.get(request.area[:6], request.area[:6]),
        answering=names.get(request.answering_area, request.answering_area),
        person_name=request.name,
        due_on=request.due_on,
        due_is_provisional=request.due_is_provisional,
        is_overdue=reply is None and request.due_on < today,
        state=state,
        reminders=len(request.reminders.all()),
        asked_at=request.asked_at,
    )


def _lines(request: CountyRequest, lang: str) -> tuple[ReplyLine, ...]:
    reply, vocabulary = getattr(request, "reply", None), current_vocabulary()
    items = {each.name: each for each in reply.items.all()} if reply else {}
    lines = []
    for name in request.asked_facts:
        definition, item = vocabulary.definition(name), items.get(name)
        if definition is None:
            continue
        value = restored(definition, item.value_int, item.value_text) if item else None
        lines.append(
            ReplyLine(
                name=name,
                label=definition.label.in_language(lang),
                text=in_words(definition, value, lang),
                is_answered=value is not None,
                as_of=item.as_of if item else None,
            )
        )
    return tuple(lines)


def _can(user: User, row: RequestRow) -> frozenset[str]:
    can = set()
    if row.side == "answering" and row.state == "open" and may(user, "county.reply"):
        can |= {"reply", "refuse"}
    if row.side == "asking" and may(user, "county.ask"):
        if row.state == "open":
            can.add("remind")
        elif row.state != "taken_in":
            can.add("take_in")
    return frozenset(can)
