"""What is changed on a household's file, one page an act. Each page says beforehand what stands on the household."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.desk import household_sheets as sheets
from doudi.office.desk.families import member_choices
from doudi.office.desk.household_words import matters
from doudi.office.desk.looking import look_first
from doudi.office.desk.packwords import townships_beside, villages_of
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.errors import Refused
from doudi.office.flows import move_between, newcomers, registry
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at
from doudi.office.registry.identity import Identity
from doudi.office.registry.queries import HouseholdPage, household_by_number, household_page, papers_of


@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, household_id: int) -> HttpResponse:
    """Members found a household of their own."""
    found = _look(request, household_id)
    sheet = sheets.SplitSheet(
        request.POST or None,
        members=found.members,
        areas=villages_of(person_at(request).area_id),
        initial={"on": clock.today(), "area": found.area, "address": found.address},
    )

    def act() -> object:
        typed = sheet.cleaned_data
        return registry.split_household(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            leaving=sheet.relations(),
            area=typed["area"],
            address=typed["address"],
            ground=sheet.ground(),
        )

    lead = _("Choose for each member who leaves the relation to the new head. One of them is the new head.")
    return _page(request, found, sheet, _("Split the household"), act, lead=lead)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, household_id: int) -> HttpResponse:
    """Another household's members come into this one."""
    person, found = person_at(request), _look(request, household_id)
    number = request.GET.get("with", "")
    other_id = household_by_number(person, number) if number else None
    if other_id is None or other_id == household_id:
        asked = sheets.FindHouseholdSheet({"number": number} if number else None)
        if number and asked.is_valid():
            asked.add_error("number", _("There is no such household in your area."))
        context = _frame(found, asked, _("Merge with another household"), _("Go on"))
        return render(request, "desk/household_find.html", context, status=status_of(asked))
    other = household_page(person, other_id, on=clock.today(), purpose="change a household")
    sheet = sheets.RelationsSheet(
        request.POST or None, members=other.members, without_head=True, initial={"on": clock.today()}
    )

    def act() -> object:
        return registry.merge_households(
            actor=person,
            at=clock.now(),
            household_id=household_id,
            other_id=other.household_id,
            relations=sheet.relations(),
            ground=sheet.ground(),
        )

    lead = _("The members of %(number)s come into this household. Choose each one's relation to its head.")
    extra = matters(person, other)
    lead = lead % {"number": other.number}
    return _page(request, found, sheet, _("Merge with another household"), act, lead=lead, extra=extra)


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, household_id: int) -> HttpResponse:
    """Another address in one's own area."""
    found = _look(request, household_id)
    sheet = sheets.MoveSheet(
        request.POST or None,
        areas=villages_of(person_at(request).area_id),
        initial={"on": clock.today(), "area": found.area, "address": found.address},
    )

    def act() -> object:
        typed = sheet.cleaned_data
        return registry.move_household(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            area=typed["area"],
            address=typed["address"],
            ground=sheet.ground(),
        )

    return _page(request, found, sheet, _("The household has moved"), act, is_told=False)


@require_http_methods(["GET", "POST"])
def away(request: HttpRequest, household_id: int) -> HttpResponse:
    """Another township is asked to receive the household."""
    found = _look(request, household_id)
    sheet = sheets.AwaySheet(
        request.POST or None,
        areas=townships_beside(person_at(request).area_id),
        initial={"on": clock.today()},
    )

    def act() -> object:
        typed = sheet.cleaned_data
        return move_between.ask_to_move(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            to_area=typed["to_area"],
            address=typed["address"],
            ground=sheet.ground(),
        )

    lead = _("Nothing moves until that township accepts. It is told the names, masked numbers and the address.")
    return _page(request, found, sheet, _("Ask another township to receive it"), act, lead=lead, is_told=False)


@require_http_methods(["GET", "POST"])
def head(request: HttpRequest, household_id: int) -> HttpResponse:
    """Another head of the household."""
    found = _look(request, household_id)
    sheet = sheets.RelationsSheet(
        request.POST or None, members=found.members, is_filled=True, initial={"on": clock.today()}
    )

    def act() -> object:
        return registry.change_head(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            relations=sheet.relations(),
            ground=sheet.ground(),
        )

    lead = _("Choose the new head, and for each member the relation to the new head.")
    return _page(request, found, sheet, _("Another head of the household"), act, lead=lead)


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, household_id: int) -> HttpResponse:
    """Somebody joins. Who might be known already is shown before anybody is written down."""
    found, person = _look(request, household_id), person_at(request)
    sheet = sheets.JoinSheet(request.POST or None, initial={"on": clock.today()})
    if sheet.is_bound and sheet.is_valid() and (shown := look_first(person, sheet, sheet.papers())):
        context = {
            **_frame(found, sheet, _("Somebody joins the household"), _("Record it")),
            **shown,
            "matters": matters(person, found),
        }
        return render(request, "desk/household_act.html", context, status=422)

    def act() -> object:
        typed = sheet.cleaned_data
        return newcomers.join_newcomer(
            actor=person,
            at=clock.now(),
            household_id=household_id,
            papers=sheet.papers(),
            relation=typed["relation"],
            cause=typed["cause"],
            ground=sheet.ground(),
        )

    return _page(request, found, sheet, _("Somebody joins the household"), act)


@require_http_methods(["GET", "POST"])
def gone(request: HttpRequest, household_id: int) -> HttpResponse:
    """Somebody belongs to the household no longer."""
    found = _look(request, household_id)
    sheet = sheets.GoneSheet(request.POST or None, members=member_choices(found.members), initial={"on": clock.today()})

    def act() -> object:
        typed = sheet.cleaned_data
        return registry.let_leave(
            actor=person_at(request),
            at=clock.now(),
            household_id=household_id,
            person_id=typed["person_id"],
            cause=typed["cause"],
            ground=sheet.ground(),
        )

    return _page(request, found, sheet, _("Somebody leaves the household"), act)


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, household_id: int, person_id: int) -> HttpResponse:
    """A member's data put right."""
    found, person = _look(request, household_id), person_at(request)
    member = next((each for each in found.members if each.person_id == person_id), None)
    if member is None:
        return redirect("household", household_id)
    sheet = sheets.CorrectSheet(
        request.POST or None,
        initial={"on": clock.today(), "name": member.name, "birth_date": member.birth_date, "sex": member.sex},
    )

    def act() -> object:
        typed = sheet.identity()
        number = typed.id_number or papers_of(person, household_id, person_id).id_number
        return registry.correct_person(
            actor=person,
            at=clock.now(),
            household_id=household_id,
            person_id=person_id,
            right=Identity(typed.name, number, typed.birth_date, typed.sex),
            ground=sheet.ground(),
        )

    lead = _("As the papers say it. What stood there before stays in the history.")
    return _page(request, found, sheet, _("Correct the data of %(name)s") % {"name": member.name}, act, lead=lead)


def _look(request: HttpRequest, household_id: int) -> HouseholdPage:
    person = person_at(request)
    require(person, "household.change")
    return household_page(person, household_id, on=clock.today(), purpose="change a household")


def _page(
    request: HttpRequest,
    found: HouseholdPage,
    sheet: Sheet,
    heading: str,
    act: Callable[[], object],
    *,
    lead: str = "",
    extra: list[str] | None = None,
    is_told: bool = True,
) -> HttpResponse:
    if request.method == "POST" and sheet.is_valid() and attempt(sheet, lambda: act() or True) is not None:
        messages.success(request, _("It is recorded. It can be undone in the history of the household."))
        return redirect("household", found.household_id)
    told = [*matters(person_at(request), found), *(extra or [])] if is_told else []
    context = {**_frame(found, sheet, heading, _("Record it")), "lead": lead, "matters": told}
    return render(request, "desk/household_act.html", context, status=status_of(sheet))


def _frame(found: HouseholdPage, sheet: Sheet, heading: str, button: str) -> dict[str, Any]:
    here = reverse("household", args=[found.household_id])
    return {
        "sheet": sheet,
        "heading": heading,
        "button": button,
        "back_href": here,
        "crumbs": crumbs((_("Household file"), here), (found.number, here), (heading, "")),
    }


def refusals(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Does it, or tells the refusal as a message of the next page."""
    try:
        act()
    except Refused as refusal:
        if type(refusal).status in (403, 404):
            raise
        messages.error(request, f"{refusal.message} {refusal.advice}")
        return False
    return True
