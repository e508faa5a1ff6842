"""The file of one household (家庭档案): people now and then, what is known, what it receives, what was done."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from doudi.office import clock
from doudi.office.casework.queries import cases_of_households, file_of_household
from doudi.office.desk.families import consent_row, family_card, member_choices, member_row
from doudi.office.desk.household_sheets import HouseholdRelativeSheet, UndoSheet, UnmaskSheet
from doudi.office.desk.household_words import end_of, history_rows
from doudi.office.desk.labels import CASE_STATES, FINDING_STATES, MOVE_STATES, PAYMENT_STATES, ROLES
from doudi.office.desk.packwords import place, programme_label, rule_label
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.views.household_acts import refusals
from doudi.office.entitlements.queries import entitlements_of
from doudi.office.flows import registry, relatives
from doudi.office.flows.unmask import unmask
from doudi.office.org.entrance import asks_who_it_is
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at
from doudi.office.org.queries import people_in_role
from doudi.office.payments.queries import payments_of
from doudi.office.registry.queries import HouseholdPage, change_of, household_page


@require_GET
def household(request: HttpRequest, household_id: int) -> HttpResponse:
    """One household, masked, as known now or on a day; the look leaves a row in the audit."""
    person, asked = person_at(request), _day(request.GET.get("known", ""))
    known = end_of(asked) if asked else None
    found = household_page(person, household_id, on=asked or clock.today(), purpose="household file", known=known)
    file = file_of_household(person, household_id, today=clock.today())
    may_change = may(person, "household.change") and asked is None
    context = {
        "village": place(found.area),
        "household_id": found.household_id,
        "household": family_card(
            household_id=found.household_id,
            number=found.number,
            members=found.members,
            address=found.address,
            residence=found.residence,
            basis=found.basis,
            has_link=False,
        ),
        "members": [member_row(member) for member in found.members],
        "known": asked,
        "may_change": may_change,
        "may_unmask": may(person, "household.unmask") and asked is None,
        "acts": _acts(found) if may_change else [],
        "former": [member_row(member) for member in found.former_members],
        "account": found.account,
        "history": history_rows(found.changes, may_undo=may_change),
        "requests": [{**vars(row), "mark": MOVE_STATES[row.state], "to": place(row.to_area)} for row in found.requests],
        "cases": [
            {
                "number": row.case_number,
                "programme": programme_label(row.programme),
                "mark": CASE_STATES[row.state],
                "opened_at": row.opened_at,
            }
            for row in cases_of_households(person, [household_id]).get(household_id, ())
        ],
        "findings": [
            {**vars(row), "rule": rule_label(row.rule), "mark": FINDING_STATES[row.state]} for row in file.findings
        ],
        "consents": [consent_row(row) for row in file.consents],
        "relatives": file.relatives,
        "entitlements": [
            {**vars(row), "programme": programme_label(row.programme)} for row in entitlements_of(household_id)
        ],
        "payments": [
            {**vars(row), "programme": programme_label(row.programme), "mark": PAYMENT_STATES[row.state]}
            for row in payments_of(household_id)
        ],
        "may_write_finding": may(person_at(request), "finding.write"),
        "crumbs": crumbs((_("Cases"), reverse("cases")), (found.number, "")),
    }
    return render(request, "desk/household.html", context)


@require_http_methods(["GET", "POST"])
@asks_who_it_is
def show_number(request: HttpRequest, household_id: int, person_id: int) -> HttpResponse:
    """The whole identity number, on this one page, for a reason that the audit keeps, after a fresh proof."""
    person = person_at(request)
    require(person, "household.unmask")
    found = household_page(person, household_id, on=clock.today(), purpose="household file")
    member = next((each for each in found.members if each.person_id == person_id), None)
    if member is None:
        return redirect("household", household_id)
    sheet = UnmaskSheet(request.POST or None)
    shown = None
    if request.method == "POST" and sheet.is_valid():
        shown = attempt(
            sheet,
            lambda: unmask(
                actor=person, household_id=household_id, person_id=person_id, reason=sheet.cleaned_data["reason"]
            ),
        )
    here = reverse("household", args=[household_id])
    context = {
        "sheet": sheet,
        "shown": shown,
        "heading": _("Whole number of %(name)s") % {"name": member.name},
        "lead": _("Who looked, when and why stays in the audit, and the person can be told."),
        "button": _("Show the number"),
        "back_href": here,
        "crumbs": crumbs((_("Household file"), here), (found.number, here), (_("Whole number"), "")),
    }
    status = 200 if shown is not None else status_of(sheet)
    reply = render(request, "desk/household_number.html", context, status=status)
    reply["Cache-Control"] = "no-store"
    return reply


@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """An entry of the history is undone by a further one."""
    person = person_at(request)
    require(person, "household.change")
    household_id = change_of(person, entry_id)
    found = household_page(person, household_id, on=clock.today(), purpose="change a household")
    entry = next(row for row in found.changes if row.change_id == entry_id)
    sheet = UndoSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        reason = sheet.cleaned_data["reason"]
        done = attempt(
            sheet,
            lambda: registry.undo_change(actor=person, at=clock.now(), change_id=entry_id, reason=reason),
        )
        if done is not None:
            messages.success(request, _("The entry is undone; both stay in the history."))
            return redirect("household", household_id)
    here = reverse("household", args=[household_id])
    context = {
        "sheet": sheet,
        "entries": history_rows((entry,), may_undo=False),
        "heading": _("Undo an entry"),
        "button": _("Undo it"),
        "is_grave": True,
        "back_href": here,
        "crumbs": crumbs((_("Household file"), here), (found.number, here), (_("Undo an entry"), "")),
    }
    return render(request, "desk/household_undo.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def declare_relative(request: HttpRequest, household_id: int) -> HttpResponse:
    """A member is a near relative of an official, found out at any time."""
    person = person_at(request)
    require(person, "household.change")
    found = household_page(person, household_id, on=clock.today(), purpose="register of near relatives")
    officials = [
        (each.pk, f"{each.display_name}（{word}）")
        for role, word in ROLES.items()
        for each in people_in_role(role, found.area)
    ]
    sheet = HouseholdRelativeSheet(request.POST or None, members=member_choices(found.members), officials=officials)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet,
            lambda: relatives.declare_relative(actor=person, at=clock.now(), household_id=household_id, **typed),
        )
        if done is not None:
            messages.success(request, _("Entered. Open cases of this family are visited by the county."))
            return redirect("household", household_id)
    here = reverse("household", args=[household_id])
    heading = _("Register of near relatives")
    context = {
        "sheet": sheet,
        "heading": heading,
        "lead": _("Near relatives of people who handle cases, or who sit on the village committee."),
        "button": _("Enter it"),
        "back_href": here,
        "crumbs": crumbs((_("Household file"), here), (found.number, here), (heading, "")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["POST"])
def withdraw_relative(request: HttpRequest, relative_id: int) -> HttpResponse:
    """An entry of the register was wrong."""
    person, reason = person_at(request), request.POST.get("reason", "")
    refusals(
        request,
        lambda: relatives.withdraw_relative(actor=person, at=clock.now(), relative_id=relative_id, reason=reason),
    )
    back = request.POST.get("household", "")
    return redirect("household", int(back)) if back.isdigit() and len(back) < 19 else redirect("work")


def _acts(found: HouseholdPage) -> list[dict[str, str]]:
    number = found.household_id
    offered = [
        (_("Somebody joins"), "household-join", True),
        (_("Somebody leaves"), "household-leave", bool(found.members)),
        (_("Another head"), "household-head", len(found.members) > 1),
        (_("Split"), "household-split", len(found.members) > 1),
        (_("Merge"), "household-merge", bool(found.members)),
        (_("Moved"), "household-move", bool(found.members)),
        (_("Moves to another township"), "household-away", bool(found.members)),
        (_("Near relative of an official"), "household-relative", bool(found.members)),
    ]
    return [{"label": label, "href": reverse(name, args=[number])} for label, name, is_offered in offered if is_offered]


def _day(text: str) -> date | None:
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return None
    return asked if asked < clock.today() else None
