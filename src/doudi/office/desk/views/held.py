"""What the brake of the newest night holds: looked at by two people, released by both or not at all."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.engine.pipeline.brake import ALL_ADVERSE
from doudi.engine.pipeline.manifest import Held
from doudi.office import clock, crypto
from doudi.office.desk.case_sheets import HeldSheet
from doudi.office.desk.lists import ExportColumn, is_export
from doudi.office.desk.packwords import rule_label
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.workbook import workbook_reply
from doudi.office.evidence.models import NightRun
from doudi.office.evidence.queries import ReleaseView, newest_night, releases_of
from doudi.office.flows import release_night
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at


@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """Everything that the newest night holds, and how far its release is."""
    person = _officer(request)
    night = newest_night(person.area_id)
    found = releases_of(night) if night else {}
    rows = [_row(hold, found.get(hold.rule), person) for hold in (release_night.held_by(night) if night else ())]
    if is_export(request):
        return workbook_reply(request, name="held", title=_heading(), columns=_columns(), rows=rows)
    context = {"night": night, "rows": rows, "crumbs": crumbs((_("Findings"), reverse("findings")), (_heading(), ""))}
    return render(request, "desk/held.html", context)


@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, rule: str) -> HttpResponse:
    """The first person asks with a reason; the second confirms with one, and what was held is loaded."""
    person, night, hold = _find(request, rule)
    asked = releases_of(night).get(rule)
    sheet = HeldSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        reason = sheet.cleaned_data["reason"]
        if asked is None:
            given: dict[str, Any] = {"actor": person, "at": clock.now(), "run_id": night.run_id, "rule": rule}
            if attempt(sheet, lambda: release_night.ask(**given, reason=reason)) is not None:
                messages.success(request, _("The release is asked for. A colleague confirms it."))
                return redirect("held")
        else:
            keyring, now, release_pk = crypto.keyring(), clock.now(), asked.release_id
            loaded = attempt(
                sheet,
                lambda: release_night.confirm(
                    actor=person, at=now, release_pk=release_pk, reason=reason, keyring=keyring
                ),
            )
            if loaded is not None:
                words = ngettext("%(count)s finding was loaded.", "%(count)s findings were loaded.", loaded.opened)
                messages.success(request, words % {"count": loaded.opened})
                return redirect("held")
    row = _row(hold, asked, person)
    context = {
        "sheet": sheet,
        "heading": row["label"],
        "lead": f"{row['words']} {row['state']}",
        "button": _("Confirm and load") if asked else _("Ask for the release"),
        "back_href": reverse("held"),
        "crumbs": crumbs((_heading(), reverse("held")), (row["label"], "")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_POST
def withdraw(request: HttpRequest, rule: str) -> HttpResponse:
    """Takes back what nobody has confirmed."""
    person, night, _hold = _find(request, rule)
    asked = releases_of(night).get(rule)
    if asked is None:
        raise Http404
    release_night.withdraw(actor=person, at=clock.now(), release_pk=asked.release_id)
    messages.success(request, _("The release is withdrawn; what is held stays held."))
    return redirect("held")


def _officer(request: HttpRequest) -> User:
    person = person_at(request)
    require(person, release_night.CAPABILITY)
    return person


def _find(request: HttpRequest, rule: str) -> tuple[User, NightRun, Held]:
    person = _officer(request)
    night = newest_night(person.area_id)
    hold = next((each for each in (release_night.held_by(night) if night else ()) if each.rule == rule), None)
    if night is None or hold is None:
        raise Http404
    return person, night, hold


def _heading() -> str:
    return _("Held by the brake")


def _row(hold: Held, asked: ReleaseView | None, person: User) -> dict[str, Any]:
    is_open = asked is not None and asked.confirmed_at is None
    return {
        "rule": hold.rule,
        "label": _("Everything against families") if hold.rule == ALL_ADVERSE else rule_label(hold.rule),
        "words": _("%(new)s new findings; %(limit)s are usual at most.")
        % {"new": hold.new_findings, "limit": hold.limit},
        "state": _state(asked),
        "may_act": asked is None or (is_open and asked.asked_by_id != person.pk),
        "may_withdraw": is_open,
    }


def _state(asked: ReleaseView | None) -> str:
    if asked is None:
        return _("Nobody has asked for the release.")
    if asked.confirmed_at is None:
        return _("%(who)s asked for the release: %(why)s") % {"who": asked.asked_by, "why": asked.ask_reason}
    return _("Released by %(first)s and %(second)s.") % {"first": asked.asked_by, "second": asked.confirmed_by}


def _columns() -> list[ExportColumn[dict[str, Any]]]:
    return [
        ExportColumn(_("Rule"), lambda row: row["label"]),
        ExportColumn(_("How many"), lambda row: row["words"]),
        ExportColumn(_("State"), lambda row: row["state"]),
    ]
