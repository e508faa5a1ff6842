"""A visit in words."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.office.casework.queries import PhotoView, VisitView
from doudi.office.desk.labels import PHOTOS, VISIT_OUTCOMES, Mark
from doudi.office.desk.report_words import cell
from doudi.office.evidence.queries import FactLine
from doudi.office.registry.queries import MemberView


def shown_visit(visit: VisitView) -> dict[str, Any]:
    """A visit as pages tell it."""
    count = sum(photo.counts and photo.kind != "sheet" for photo in visit.photos)
    return {
        **vars(visit),
        "outcome": VISIT_OUTCOMES[visit.outcome],
        "people": "、".join(visit.visitors),
        "href": reverse("visit", args=[visit.visit_id]),
        "photo_count": ngettext("%(count)d photo", "%(count)d photos", count) % {"count": count} if count else "",
        "has_sheet": visit.sheets > 0,
        "word": word_mark(visit),
    }


def word_mark(visit: VisitView) -> Mark:
    """Whether the second visitor stands for the record."""
    if visit.second_word is None:
        return Mark(_("second visitor has not confirmed yet"), "wait")
    if visit.second_word.agrees:
        return Mark(_("confirmed by both visitors"), "done")
    return Mark(_("second visitor says it was otherwise"), "late")


def signatures(visit: VisitView) -> list[dict[str, Any]]:
    """How the record is signed: by whom, in which way, when, and what stands against it."""
    first, second = visit.visitors
    word = visit.second_word
    return [
        {"who": first, "how": _("recorded it under the own log-in"), "at": visit.recorded_at, "text": "", "mark": None},
        {
            "who": second,
            "how": _("confirmed it under the own log-in") if word and word.agrees else "",
            "at": word.said_at if word else None,
            "text": word.text if word else "",
            "mark": None if word and word.agrees else word_mark(visit),
        },
    ]


def photo_row(visit_id: int, photo: PhotoView, *, may_remove: bool, sees_removed: bool) -> dict[str, Any]:
    """One photo with where it is opened; one that was taken out is named, and shown to the auditor alone."""
    args = [visit_id, photo.photo_id]
    return {
        **vars(photo),
        "label": PHOTOS[photo.kind],
        "href": reverse("visit-photo", args=args) if photo.counts or sees_removed else "",
        "thumbnail_href": reverse("visit-photo-small", args=args) if photo.media == "image/jpeg" else "",
        "remove_href": reverse("visit-photo-remove", args=args) if photo.counts and may_remove else "",
        "state": None if photo.counts else Mark(_("taken out"), "wait"),
    }


def seen_row(line: FactLine, members: Sequence[MemberView]) -> dict[str, Any]:
    """What was seen beside what was declared and found, with a mark where they differ."""
    whose = next((each.name for each in members if each.person_id == line.person_id), _("The household"))
    return {
        "label": line.label,
        "whose": whose,
        "declared": cell(line.declared),
        "found": cell(line.found, with_source=True),
        "seen": cell(line.seen),
        "differs": line.is_contradicted,
    }
