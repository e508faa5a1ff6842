"""Photos of a visit as they are laid into its record and taken out, and the second visitor's word on it."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Visit, VisitPhoto, VisitPhotoContent, VisitPhotoRemoval, VisitWord
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.scans.examine import Examined


@dataclass(frozen=True)
class PhotoTold:
    """What the form says of a photo; no place means: where the visit was."""

    kind: str
    shows: str
    taken_on: date
    taken_at: time | None
    place: str


@transaction.atomic
def add_photo(
    *, actor: User, at: datetime, visit: Visit, told: PhotoTold, content_index: str, examined: Examined, most: int
) -> VisitPhoto:
    """Lay a photo that was looked at into the record; the same file once, and not more than `most` in one record."""
    # Whoever adds to one record waits here for the other.
    Visit.objects.select_for_update().get(pk=visit.pk)
    there = VisitPhoto.objects.filter(visit=visit, removal__isnull=True)
    if there.filter(content_index=content_index).exists():
        raise Refused(_("This very file is in the record already."), advice=_("Choose another one."))
    if there.count() >= most:
        raise Refused(_("This record has very many photos already."), advice=_("Keep those that show something."))
    photo = VisitPhoto.objects.create(
        visit=visit,
        kind=told.kind,
        media=examined.media,
        page_count=examined.pages,
        kept_bytes=len(examined.page),
        shows=told.shows,
        taken_on=told.taken_on,
        taken_at=told.taken_at,
        place=told.place,
        content_index=content_index,
        added_at=at,
        added_by=actor,
        area=visit.area,
    )
    VisitPhotoContent.objects.create(photo=photo, page=examined.page, thumbnail=examined.thumbnail, area=visit.area)
    details = {"visit": visit.pk, "kind": told.kind}
    record(actor=actor, verb="visit.photo", obj=photo, area=visit.area, details=details)
    return photo


@transaction.atomic
def remove_photo(*, actor: User, at: datetime, photo: VisitPhoto, reason: str) -> None:
    """Take a photo out of the record, once and with the reason; the row of the photo stays as it was."""
    try:
        with transaction.atomic():
            VisitPhotoRemoval.objects.create(
                photo=photo, reason=reason, removed_at=at, removed_by=actor, area=photo.area
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_visitphotoremoval_photo"):
            raise Refused(_("This photo was taken out already."), advice=_("Open the visit again.")) from None
        raise
    record(actor=actor, verb="visit.photo_remove", obj=photo, area=photo.area, details={"visit": photo.visit_id})


@transaction.atomic
def say_of_visit(*, actor: User, at: datetime, visit: Visit, agrees: bool, text: str) -> None:
    """Keep what the second visitor says of the record. The same word twice has one effect."""
    Visit.objects.select_for_update().get(pk=visit.pk)
    last = VisitWord.objects.filter(visit=visit, said_by=actor).order_by("-pk").first()
    if last is not None and (last.agrees, last.text) == (agrees, text):
        raise Refused(_("You have said this of the visit already."), advice=_("Open the visit again."))
    VisitWord.objects.create(visit=visit, said_by=actor, agrees=agrees, text=text, said_at=at, area=visit.area)
    record(actor=actor, verb="visit.word", obj=visit, area=visit.area, details={"agrees": agrees})
