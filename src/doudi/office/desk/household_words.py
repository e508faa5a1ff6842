"""A household's file in words: what stands on it, its history, who might be meant."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from doudi.office import clock
from doudi.office.casework.queries import cases_of_households
from doudi.office.desk.labels import CHANGE_KINDS, JOIN_CAUSES, LEAVE_CAUSES, SEXES, Text
from doudi.office.desk.packwords import place, programme_label
from doudi.office.entitlements.queries import runs_on
from doudi.office.org.models import User
from doudi.office.registry.duplicates import Candidates
from doudi.office.registry.history import ChangeView
from doudi.office.registry.queries import HouseholdPage


def matters(user: User, found: HouseholdPage) -> list[str]:
    """What stands on the household, and what a change means for it."""
    said = []
    for row in cases_of_households(user, [found.household_id]).get(found.household_id, ()):
        if row.state == "open":
            said.append(
                _("Case %(number)s (%(programme)s) is open: it keeps the family as it was applied for.")
                % {"number": row.case_number, "programme": programme_label(row.programme)}
            )
    for granted in runs_on(found.household_id, clock.today()):
        said.append(
            _("%(programme)s of %(number)s runs: its amount stays, and a task to review the members is made.")
            % {"programme": programme_label(granted.programme), "number": granted.case_number}
        )
    if said and found.account is not None:
        said.append(
            _("The money goes to the account of %(name)s; if that person leaves, a new account is needed.")
            % {"name": found.account.holder_name}
        )
    return said


def candidate_rows(candidates: Candidates) -> list[dict[str, Any]]:
    """Who might be meant, each with the household to look at."""
    return [
        {
            **vars(row),
            "village": place(row.area),
            "href": reverse("household", args=[row.household_id]) if row.household_id else "",
        }
        for row in candidates.people
    ]


def history_rows(changes: tuple[ChangeView, ...], *, may_undo: bool) -> list[dict[str, Any]]:
    """What was entered about the household, newest first: what, since when, why, by whom, and when it became known."""
    return [
        {
            "what": CHANGE_KINDS[row.kind],
            "who": row.person_name,
            "cause": _cause(row),
            "on": row.on,
            "reason": row.reason,
            "paper": row.paper,
            "recorded_at": row.recorded_at,
            "recorded_by": row.recorded_by,
            "other_number": row.other_number,
            "other_href": reverse("household", args=[row.other_id]) if row.other_id else "",
            "differences": _differences(row),
            "is_undone": row.is_undone,
            "undo_href": reverse("household-undo", args=[row.change_id]) if may_undo and row.can_be_undone else "",
        }
        for row in changes
    ]


def end_of(day: date) -> datetime:
    """The last instant of a day: what was known on it."""
    return datetime.combine(day, datetime.max.time(), clock.SHANGHAI)


def _cause(row: ChangeView) -> Text:
    causes = JOIN_CAUSES if row.kind == "join" else LEAVE_CAUSES
    return causes.get(row.cause, "")


def _differences(row: ChangeView) -> list[dict[str, Any]]:
    names: dict[str, Text] = {
        "name": _("Name"),
        "id_number": _("ID number"),
        "birth_date": _("Born on"),
        "sex": _("Sex"),
        "area": _("Village"),
        "address": _("Address"),
    }
    return [
        {"label": names[name], "before": _shown(name, row.before.get(name, "")), "after": _shown(name, value)}
        for name, value in row.after.items()
        if value != row.before.get(name, "")
    ]


def _shown(name: str, value: str) -> Text:
    if name == "area":
        return place(value) if value else ""
    return SEXES.get(value, value) if name == "sex" else value
