"""The audit for the auditor: who did what, and who looked at one person. Each look at it is itself recorded."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doudi.office.audit import queries
from doudi.office.audit.models import Entry
from doudi.office.desk.audit_words import KINDS, fields_of, purpose_of, record_of, role_of, subject_of
from doudi.office.desk.labels import ROLES
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.replies import crumbs
from doudi.office.desk.workbook import workbook_reply
from doudi.office.errors import NotYours
from doudi.office.flows.read_audit import note_look, person_shown
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at
from doudi.office.org.queries import users_within
from doudi.office.registry.listing import Listing

PAGE_SIZE = 50


@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """Entries of the area by officer, kind and days, newest first."""
    person = person_at(request)
    require(person, "audit.see")
    officer, kind = request.GET.get("officer", ""), request.GET.get("kind", "")
    first, last = _day(request.GET.get("first", "")), _day(request.GET.get("last", ""))
    officers = {str(each.pk): each for each in users_within(person.area_id)}
    found = queries.entries(
        officer_id=int(officer) if officer in officers else None,
        kind=kind if kind in KINDS else "",
        first=first,
        last=last,
    )
    alerts = queries.entries(kind="alert")
    note_look(actor=person, filters={"officer": officer, "kind": kind, "first": first, "last": last})
    if is_export(request):
        rows = list(found[: EXPORT_ROWS_MAX + 1])
        return workbook_reply(request, name="audit", title=_("Audit"), columns=_columns(), rows=rows)
    context = {
        "page": page_of(request, Listing(found, list), shown=_shown, size=PAGE_SIZE),
        "officer": officer,
        "kind": kind,
        "first": first,
        "last": last,
        "officers": [(key, f"{each.display_name} · {ROLES[each.role]}") for key, each in officers.items()],
        "kinds": KINDS.items(),
        "alerts": [_shown(each) for each in alerts[:5]],
    }
    return render(request, "desk/audit_log.html", context)


@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Who looked at one person, when, why, and at which fields; as the person may be told."""
    asker = person_at(request)
    require(asker, "audit.see")
    shown = person_shown(actor=asker, person_id=person_id)
    if shown is None:
        raise NotYours(_("There is no such record in your area."))
    found = queries.entries_about(shown.records)
    if is_export(request):
        rows = list(found[: EXPORT_ROWS_MAX + 1])
        return workbook_reply(
            request, name="looks", title=_("Who looked at this person"), columns=_columns(), rows=rows
        )
    context = {
        "page": page_of(request, Listing(found, list), shown=_shown, size=PAGE_SIZE),
        "person": shown,
        "crumbs": crumbs((_("Audit"), reverse("audit")), (_("Who looked at this person"), "")),
    }
    return render(request, "desk/audit_person.html", context)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        # Nothing, or nothing that is a day: the filter stays open.
        return None


def _shown(entry: Entry) -> dict[str, Any]:
    details = entry.details
    ids = details.get("ids", [])
    is_people = details.get("type") == queries.PERSON
    return {
        "number": entry.pk,
        "at": entry.at,
        "who": entry.actor_name,
        "role": role_of(entry.role),
        "acts_for": details.get("acts_for"),
        "what": subject_of(entry.verb),
        "verb": entry.verb,
        "record": record_of(entry.object_type, entry.object_id) if entry.object_id else "",
        "count": len(ids),
        "people": ids[:30] if is_people else [],
        "more": max(0, len(ids) - 30) if is_people else 0,
        "why": purpose_of(entry.purpose),
        "fields": fields_of(details.get("fields", [])),
        "rows": details.get("rows"),
    }


def _columns() -> list[ExportColumn[Entry]]:
    return [
        ExportColumn(_("Number"), lambda row: row.pk, "number"),
        ExportColumn(_("When"), lambda row: row.at),
        ExportColumn(_("Who"), lambda row: row.actor_name),
        ExportColumn(_("Role"), lambda row: role_of(row.role)),
        ExportColumn(_("What"), lambda row: row.verb),
        ExportColumn(_("Record"), lambda row: f"{row.object_type} {row.object_id}".strip()),
        ExportColumn(_("Records"), lambda row: " ".join(row.details.get("ids", []))),
        ExportColumn(_("Why"), lambda row: purpose_of(row.purpose)),
        ExportColumn(_("Fields"), lambda row: fields_of(row.details.get("fields", []))),
        ExportColumn(_("Area"), lambda row: row.area),
    ]
