"""A visit as it was written down, with its photos and signatures; and what its two visitors add to it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from doudi.office import clock
from doudi.office.casework.queries import PhotoFile, photo_file, visit_page_of
from doudi.office.desk.families import family_card
from doudi.office.desk.kept_files import kept_file
from doudi.office.desk.labels import UNSIGNED
from doudi.office.desk.packwords import place
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.visit_sheets import PhotosSheet, RemovePhotoSheet, WordSheet
from doudi.office.desk.visit_words import photo_row, seen_row, shown_visit, signatures
from doudi.office.flows import visit_record
from doudi.office.org.permissions import may
from doudi.office.org.presence import person_at


@require_GET
def one(request: HttpRequest, visit_id: int) -> HttpResponse:
    """A visit as it was written down: who, where, what was seen beside what was declared, what neighbours said.

    The family's copy (`?copy=family`) has neither the neighbours' words nor photos.
    """
    return _page(request, visit_id)


@require_POST
def add_photos(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Lays photos into the record."""
    sheet = PhotosSheet(request.POST, request.FILES)
    if sheet.is_valid():
        photos = sheet.new_photos()
        done = attempt(
            sheet,
            lambda: visit_record.add_photos(actor=person_at(request), at=clock.now(), visit_id=visit_id, photos=photos),
        )
        if done is not None:
            text = ngettext("%(count)d photo is in the record.", "%(count)d photos are in the record.", len(done))
            messages.success(request, text % {"count": len(done)})
            return redirect("visit", visit_id)
    return _page(request, visit_id, photos=sheet)


@require_POST
def remove_photo(request: HttpRequest, visit_id: int, photo_id: int) -> HttpResponse:
    """Takes a photo out of the record, with the reason."""
    sheet = RemovePhotoSheet(request.POST)
    reason = sheet.data.get("reason", "")
    if sheet.is_valid() and _is_done(
        sheet,
        lambda: visit_record.remove_photo(
            actor=person_at(request), at=clock.now(), visit_id=visit_id, photo_id=photo_id, reason=reason
        ),
    ):
        messages.success(request, _("The photo is out of the record; that and the reason stay in it."))
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
    return redirect("visit", visit_id)


@require_POST
def say(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Takes the second visitor's word on the record."""
    sheet = WordSheet(request.POST)
    if sheet.is_valid():
        agrees, text = sheet.cleaned_data["agrees"] == "yes", sheet.cleaned_data["text"]
        if _is_done(
            sheet,
            lambda: visit_record.say_of_visit(
                actor=person_at(request), at=clock.now(), visit_id=visit_id, agrees=agrees, text=text
            ),
        ):
            messages.success(request, _("Your word stands in the record."))
            return redirect("visit", visit_id)
    return _page(request, visit_id, word=sheet)


@require_GET
def photo(request: HttpRequest, visit_id: int, photo_id: int) -> HttpResponse:
    """One photo, as it is kept."""
    return _sent(photo_file(person_at(request), visit_id, photo_id))


@require_GET
def small_photo(request: HttpRequest, visit_id: int, photo_id: int) -> HttpResponse:
    """A photo, small, for the record."""
    return _sent(photo_file(person_at(request), visit_id, photo_id, is_small=True))


def _page(
    request: HttpRequest, visit_id: int, *, photos: PhotosSheet | None = None, word: WordSheet | None = None
) -> HttpResponse:
    person = person_at(request)
    found = visit_page_of(
        person, visit_id, today=clock.today(), lang=language(), purpose="a visit as it was written down"
    )
    visit, is_copy = found.visit, request.GET.get("copy") == "family"
    number, is_visitor = visit.case_number, person.pk in visit.visitor_ids
    sees_removed = may(person, "audit.see")
    rows = [
        photo_row(visit_id, each, may_remove=found.can_remove_photos, sees_removed=sees_removed)
        for each in visit.photos
    ]
    sent: list[Sheet] = [each for each in (photos, word) if each is not None]
    photos = photos or PhotosSheet(initial={"taken_on": visit.visited_on, "taken_at": visit.arrived_at})
    context = {
        "visit": {**shown_visit(visit), "unsigned": UNSIGNED.get(visit.unsigned_kind, "")},
        "signatures": signatures(visit),
        "photos": [row for row in rows if row["kind"] != "sheet"],
        "sheets": [row for row in rows if row["kind"] == "sheet"],
        "photos_sheet": photos if is_visitor else None,
        "word_sheet": (word or WordSheet()) if person.pk == visit.visitor_ids[1] else None,
        "sent": sent,
        "village": place(found.area),
        "address": found.address,
        "rows": [seen_row(line, found.members) for line in found.lines],
        "differing": sum(line.is_contradicted for line in found.lines),
        "is_copy": is_copy,
        "household": family_card(
            household_id=found.household_id, number=found.household_number, members=found.members, address=found.address
        ),
        "case_href": reverse("case", args=[number]) if number else "",
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, reverse("case", args=[number])), (_("Visit"), ""))
        if number
        else crumbs((_("Work list"), reverse("work")), (_("Visit"), "")),
    }
    return render(request, "desk/visit_record.html", context, status=status_of(*sent) if sent else 200)


def _is_done(sheet: Sheet, act: Callable[[], object]) -> bool:
    return attempt(sheet, lambda: act() or True) is not None


def _sent(file: PhotoFile) -> HttpResponse:
    return kept_file(file.content, file.media, f"{file.kind}-{file.photo_id}")
