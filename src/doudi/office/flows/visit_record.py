"""The record of a visit afterwards: photos laid in and taken out, and the second visitor's word on it (双入户)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions import visit_photos
from doudi.office.casework.actions.visit_photos import PhotoTold
from doudi.office.casework.models import Case, Visit, VisitPhoto
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.flows.scanned import digest_of, examined
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.scans.examine import Examined

PHOTOS_OF_A_VISIT_MAX = 30
WORDS_MAX = 1000
_SHORT_MAX = 200


@dataclass(frozen=True)
class NewPhoto:
    """A photo as it is sent. Day, time and place are what people say; without them, those of the visit."""

    content: bytes
    kind: str
    shows: str = ""
    taken_on: date | None = None
    taken_at: time | None = None
    place: str = ""


@transaction.atomic
def add_photos(*, actor: User, at: datetime, visit_id: int, photos: Sequence[NewPhoto]) -> tuple[int, ...]:
    """Lay photos into the record of a visit that one made oneself: all of them or none. Returns their ids."""
    visit = _own_visit(actor, visit_id)
    return lay_photos(actor=actor, at=at, visit=visit, photos=photos)


@transaction.atomic
def remove_photo(*, actor: User, at: datetime, visit_id: int, photo_id: int, reason: str) -> None:
    """Take a photo out of the record: by whoever made the visit, or by the county. It stays where a decision stands."""
    visit = _visit(actor, visit_id)
    if not (actor.pk in _visitors(visit) or may(actor, "case.review")):
        raise _not_a_visitor()
    photo = VisitPhoto.objects.filter(pk=photo_id, visit=visit).first()
    if photo is None:
        raise NotYours(_("There is no such photo."))
    if visit.case is not None and visit.case.state in (Case.State.APPROVED, Case.State.REFUSED):
        raise Refused(
            _("The case is decided; what the decision rests on stays in the record."),
            advice=_("Record a further visit that says what is otherwise."),
        )
    words = _short(reason)
    if not words:
        raise Unacceptable(_("A reason is needed."), advice=_("Say why this photo does not belong here."))
    visit_photos.remove_photo(actor=actor, at=at, photo=photo, reason=words)


@transaction.atomic
def say_of_visit(*, actor: User, at: datetime, visit_id: int, agrees: bool, text: str = "") -> None:
    """The second visitor, under the own log-in: the record is right, or it is not and what was otherwise."""
    visit = _visit(actor, visit_id)
    if actor.pk != visit.second_visitor_id:
        raise NotAllowed(
            _("Only the second visitor confirms this record."),
            advice=_("The first visitor stands for it by having recorded it."),
        )
    words = text.strip()
    if len(words) > WORDS_MAX or (not agrees and not words):
        raise Unacceptable(
            _("What was otherwise is not said."), advice=_("Say in a few sentences what the record should say.")
        )
    visit_photos.say_of_visit(actor=actor, at=at, visit=visit, agrees=agrees, text=words)


def lay_photos(*, actor: User, at: datetime, visit: Visit, photos: Sequence[NewPhoto]) -> tuple[int, ...]:
    """Look at each photo in a child of its own and keep what was drawn anew; the camera's own remarks are gone."""
    kept = []
    for each in photos:
        told = _told(each, visit, localdate(at))
        kept.append(
            visit_photos.add_photo(
                actor=actor,
                at=at,
                visit=visit,
                told=told,
                content_index=digest_of(each.content),
                examined=_of_its_kind(each),
                most=PHOTOS_OF_A_VISIT_MAX,
            ).pk
        )
    return tuple(kept)


def refuse_disputed_visit(case: Case) -> None:
    """Nobody speaks on a case while the two who went last to the family say different things of it."""
    last = case.visits.exclude(outcome=Visit.Outcome.UNKNOWN).order_by("pk").last()
    word = last.words.filter(said_by=last.second_visitor_id).order_by("pk").last() if last is not None else None
    if word is not None and not word.agrees:
        raise Refused(
            _("The second visitor says that the record of the last visit is not right."),
            advice=_("Let the two settle it, or visit the family again."),
        )


def _of_its_kind(photo: NewPhoto) -> Examined:
    kept = examined(photo.content)
    if kept.media != "image/jpeg" and photo.kind not in (VisitPhoto.Kind.SHEET, VisitPhoto.Kind.PAPER):
        raise Unacceptable(_("This is no picture."), advice=_("Only a signed sheet or a paper may come as PDF."))
    return kept


def _told(photo: NewPhoto, visit: Visit, today: date) -> PhotoTold:
    if photo.kind not in VisitPhoto.Kind.values:
        raise Unacceptable(_("What the photo shows is not said."), advice=_("Choose one of the list."))
    taken_on = photo.taken_on or visit.visited_on
    if taken_on > today:
        raise Unacceptable(_("The day of the photo lies in the future."), advice=_("Correct the date."))
    # The hour of the visit is that of a photo taken on it; another day has its own or none.
    taken_at = photo.taken_at or (visit.arrived_at if taken_on == visit.visited_on else None)
    return PhotoTold(photo.kind, _short(photo.shows), taken_on, taken_at, _short(photo.place) or visit.place)


def _visit(actor: User, visit_id: int) -> Visit:
    require(actor, "household.see")
    visit = Visit.objects.select_related("household", "case").filter(pk=visit_id).first()
    if visit is None:
        raise NotYours(_("There is no such visit."))
    refuse_near_relatives(visit.household, actor)
    return visit


def _own_visit(actor: User, visit_id: int) -> Visit:
    visit = _visit(actor, visit_id)
    if actor.pk not in _visitors(visit):
        raise _not_a_visitor()
    return visit


def _visitors(visit: Visit) -> tuple[int, int]:
    return visit.first_visitor_id, visit.second_visitor_id


def _not_a_visitor() -> NotAllowed:
    return NotAllowed(
        _("Only the two who made this visit change its record."), advice=_("Ask one of them, or record a visit.")
    )


def _short(text: str) -> str:
    words = text.strip()
    if len(words) > _SHORT_MAX:
        raise Unacceptable(_("That is too long."), advice=_("At most 200 characters."))
    return words
