"""Visits as they are read: who went, what they said, photos, neighbours' words, and how the record is signed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record_read
from doudi.office.casework.models import Visit, VisitPhoto
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require

WORD_ASKED_FOR_DAYS = 60


@dataclass(frozen=True)
class InterviewView:
    """What a neighbour said; never for the family's eyes."""

    neighbour: str
    lives: str
    said: str


@dataclass(frozen=True)
class PhotoView:
    """One photo of a visit: what it shows, and when and where by the form. Taken out, it says by whom and why."""

    photo_id: int
    kind: str
    media: str
    page_count: int
    shows: str
    taken_on: date
    taken_at: time | None
    place: str
    added_at: datetime
    added_by: str
    removed_at: datetime | None
    removed_by: str
    removed_reason: str

    @property
    def counts(self) -> bool:
        """Does it still belong to the record?"""
        return self.removed_at is None


@dataclass(frozen=True)
class WordView:
    """What the second visitor says of the record."""

    agrees: bool
    text: str
    said_at: datetime


@dataclass(frozen=True)
class VisitView:
    """A visit as it was written down. The first visitor has recorded it; `second_word` is the other one's."""

    visit_id: int
    visited_on: date
    visitors: tuple[str, str]
    visitor_ids: tuple[int, int]
    signed_by: str
    unsigned_reason: str
    outcome: str
    reason: str
    recorded_at: datetime
    case_number: str
    arrived_at: time | None = None
    place: str = ""
    position: str = ""
    unsigned_kind: str = ""
    interviews: tuple[InterviewView, ...] = ()
    photos: tuple[PhotoView, ...] = ()
    second_word: WordView | None = None

    @property
    def sheets(self) -> int:
        """How many photographed signed sheets lie in the record."""
        return sum(photo.counts and photo.kind == VisitPhoto.Kind.SHEET for photo in self.photos)


@dataclass(frozen=True)
class PhotoFile:
    """A photo as it is sent to the browser."""

    photo_id: int
    kind: str
    media: str
    content: bytes


@dataclass(frozen=True)
class WaitingWord:
    """A visit of which its second visitor has said nothing yet."""

    visit_id: int
    visited_on: date
    area: str


def visit_views(visits: QuerySet[Visit]) -> tuple[VisitView, ...]:
    """Visits, newest first."""
    query = visits.select_related("first_visitor", "second_visitor", "signed_by", "case").order_by("-pk")
    query = query.prefetch_related("interviews", "photos__added_by", "photos__removal__removed_by", "words")
    return tuple(_view(row) for row in query)


def photo_file(user: User, visit_id: int, photo_id: int, *, is_small: bool = False) -> PhotoFile:
    """Open a photo. One outside of the reader's area, or taken out of the record, is as if it were not there."""
    require(user, "household.see")
    row = (
        VisitPhoto.objects.select_related("content", "visit__household", "removal")
        .filter(pk=photo_id, visit=visit_id)
        .defer("content__page" if is_small else "content__thumbnail")
        .first()
    )
    is_open = row is not None and (getattr(row, "removal", None) is None or may(user, "audit.see"))
    content = (row.content.thumbnail if is_small else row.content.page) if row is not None and is_open else b""
    if row is None or not content:
        raise NotYours(_("There is no such photo."))
    purpose, fields = "open a photo of a visit", ("thumbnail",) if is_small else ("page",)
    record_read(actor=user, objects=[row], fields=fields, area=row.area, purpose=purpose)
    record_read(actor=user, objects=[row.visit.household], fields=("photo",), area=row.area, purpose=purpose)
    return PhotoFile(row.pk, row.kind, row.media, bytes(content))


def words_waiting(user: User, *, today: date) -> tuple[WaitingWord, ...]:
    """The visits of late that this person made as the second one and has said nothing of."""
    since = today - timedelta(days=WORD_ASKED_FOR_DAYS)
    rows = Visit.objects.filter(second_visitor=user, visited_on__gte=since).exclude(words__said_by=user)
    return tuple(WaitingWord(row.pk, row.visited_on, row.area) for row in rows.order_by("pk"))


def _view(row: Visit) -> VisitView:
    words = [each for each in row.words.all() if each.said_by_id == row.second_visitor_id]
    last = max(words, key=lambda each: each.pk, default=None)
    return VisitView(
        visit_id=row.pk,
        visited_on=row.visited_on,
        visitors=(row.first_visitor.display_name, row.second_visitor.display_name),
        visitor_ids=(row.first_visitor_id, row.second_visitor_id),
        signed_by=row.signed_by.name if row.signed_by else "",
        unsigned_reason=row.unsigned_reason,
        outcome=row.outcome,
        reason=row.reason,
        recorded_at=row.recorded_at,
        case_number=row.case.number if row.case else "",
        arrived_at=row.arrived_at,
        place=row.place,
        position=row.position,
        unsigned_kind=row.unsigned_kind,
        interviews=tuple(InterviewView(each.neighbour, each.lives, each.said) for each in row.interviews.all()),
        photos=tuple(_photo(each) for each in sorted(row.photos.all(), key=lambda each: each.pk)),
        second_word=WordView(last.agrees, last.text, last.said_at) if last else None,
    )


def _photo(row: VisitPhoto) -> PhotoView:
    removal = getattr(row, "removal", None)
    return PhotoView(
        photo_id=row.pk,
        kind=row.kind,
        media=row.media,
        page_count=row.page_count,
        shows=row.shows,
        taken_on=row.taken_on,
        taken_at=row.taken_at,
        place=row.place,
        added_at=row.added_at,
        added_by=row.added_by.display_name,
        removed_at=removal.removed_at if removal else None,
        removed_by=removal.removed_by.display_name if removal else "",
        removed_reason=removal.reason if removal else "",
    )
