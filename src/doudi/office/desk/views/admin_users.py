"""Who works here: the list, one account, and what an administrator does about it. No family stands on these pages."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office.desk.labels import ROLES, Mark
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.sheets import DayField, Sheet
from doudi.office.desk.workbook import workbook_reply
from doudi.office.flows import administer
from doudi.office.org.entrance import asks_who_it_is
from doudi.office.org.models import Area, User
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at
from doudi.office.org.queries import areas_within, delegations_of, has_second_factor, server_day, users_within
from doudi.office.registry.listing import Listing

_STATES = {True: Mark(gettext_lazy("active"), "done"), False: Mark(gettext_lazy("at rest"), "wait")}


class UserSheet(Sheet):
    """What an account says."""

    username = forms.RegexField(
        r"^[A-Za-z0-9._-]{2,60}$",
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("For logging in: letters, digits, dot and dash."),
    )
    display_name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    area = forms.ChoiceField(label=gettext_lazy("Area"))
    organisation = forms.CharField(label=gettext_lazy("Organisation"), max_length=60, required=False)

    def __init__(self, *args: Any, area: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("role", ROLES.items())
        self.choose("area", [(each.code, f"{each.name} {each.code}") for each in areas_within(area)])


class ChangeSheet(UserSheet):
    """An account that is there may also be put to rest."""

    is_active = forms.BooleanField(label=gettext_lazy("May log in"), required=False)


class DeputySheet(Sheet):
    """Who acts for this person, from when to when."""

    deputy = forms.ChoiceField(label=gettext_lazy("Deputy"))
    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(label=gettext_lazy("Last day"))

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("deputy", [(each.pk, f"{each.display_name} · {ROLES[each.role]}") for each in people])


class AreaSheet(Sheet):
    """A division's code and name."""

    code = forms.RegexField(r"^[0-9]{6,12}$", label=gettext_lazy("Code of the division"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)


@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """Everybody who works in the administrator's area."""
    person = person_at(request)
    require(person, "user.manage")
    text, role, state = (request.GET.get(name, "") for name in ("q", "role", "state"))
    found = users_within(
        person.area_id,
        text=text,
        role=role if role in ROLES else "",
        is_active={"active": True, "rest": False}.get(state),
    )
    if is_export(request):
        rows = list(found[: EXPORT_ROWS_MAX + 1])
        return workbook_reply(request, name="users", title=_("Users"), columns=_columns(), rows=rows)
    context = {
        "page": page_of(request, Listing(found, list), shown=_shown),
        "q": text,
        "role": role,
        "state": state,
        "roles": ROLES.items(),
    }
    return render(request, "desk/admin_users.html", context)


@require_http_methods(["GET", "POST"])
@asks_who_it_is
def new_user(request: HttpRequest) -> HttpResponse:
    """Adding somebody. The code to set a password is shown once, on the page that follows."""
    person = person_at(request)
    require(person, "user.manage")
    sheet = UserSheet(request.POST or None, area=person.area_id)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        made = attempt(sheet, lambda: administer.add_user(actor=person, **typed))
        if made is not None:
            return _code_page(request, made, administer.invite(actor=person, user_id=made.pk))
    context = {
        "sheet": sheet,
        "heading": _("Add somebody"),
        "button": _("Add"),
        "crumbs": crumbs((_("Users"), reverse("admin-users")), (_("Add somebody"), "")),
        "back_href": reverse("admin-users"),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
@asks_who_it_is
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    """One account: what it says, who acts for whom, and what can be done."""
    person = person_at(request)
    found = administer.looked_after(person, user_id)
    sheet = ChangeSheet(request.POST or None, area=person.area_id, initial=_initial(found))
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        if attempt(sheet, lambda: administer.change_user(actor=person, user_id=user_id, **typed)) is not None:
            messages.success(request, _("The account is changed."))
            return redirect("admin-user", user_id)
    return _user_page(request, found, {"sheet": sheet})


@require_POST
@asks_who_it_is
def invite(request: HttpRequest, user_id: int) -> HttpResponse:
    """A fresh code to set a password."""
    person = person_at(request)
    found = administer.looked_after(person, user_id)
    return _code_page(request, found, administer.invite(actor=person, user_id=user_id))


@require_POST
@asks_who_it_is
def forget_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Taking a lost second factor away."""
    administer.forget_second_factor(actor=person_at(request), user_id=user_id)
    messages.success(request, _("The second step is taken away. At the next log-in a new one is set up."))
    return redirect("admin-user", user_id)


@require_POST
@asks_who_it_is
def delegate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Naming a deputy."""
    person = person_at(request)
    found = administer.looked_after(person, user_id)
    sheet = DeputySheet(request.POST, people=_others(person, found))
    if sheet.is_valid():
        typed = sheet.cleaned_data
        made = attempt(
            sheet,
            lambda: administer.delegate(
                actor=person,
                absent_id=user_id,
                deputy_id=int(typed["deputy"]),
                first_day=typed["first_day"],
                last_day=typed["last_day"],
            ),
        )
        if made is not None:
            messages.success(request, _("The deputy is named."))
            return redirect("admin-user", user_id)
    return _user_page(request, found, {"deputy_sheet": sheet})


@require_POST
def end_delegation(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Ending a deputy's rights at once."""
    administer.end_delegation(actor=person_at(request), delegation_id=delegation_id)
    messages.success(request, _("The deputy's rights have ended."))
    return redirect("admin-users")


@require_http_methods(["GET", "POST"])
def areas(request: HttpRequest) -> HttpResponse:
    """The divisions of the area; a code that is there gets the name."""
    person = person_at(request)
    require(person, "user.manage")
    sheet = AreaSheet(request.POST or None)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: administer.set_area(actor=person, **typed) or True)
        if done:
            messages.success(request, _("The division is noted."))
            return redirect("admin-areas")
    found = areas_within(person.area_id)
    if is_export(request):
        rows = list(found[: EXPORT_ROWS_MAX + 1])
        return workbook_reply(request, name="divisions", title=_("Divisions"), columns=_area_columns(), rows=rows)
    context = {"page": page_of(request, Listing(found, list), shown=_area_shown, size=50), "sheet": sheet}
    return render(request, "desk/admin_areas.html", context, status=status_of(sheet))


def _user_page(request: HttpRequest, found: User, bound: dict[str, Sheet]) -> HttpResponse:
    person, today = person_at(request), server_day()
    sheets: dict[str, Sheet] = {
        "sheet": ChangeSheet(area=person.area_id, initial=_initial(found)),
        "deputy_sheet": DeputySheet(people=_others(person, found), initial={"first_day": today}),
    } | bound
    context = {
        **sheets,
        "account": found,
        "role": ROLES[found.role],
        "state": _STATES[found.is_active],
        "has_second_factor": has_second_factor(found.pk),
        "has_password": found.has_usable_password(),
        "delegations": [_delegation_shown(each, today) for each in delegations_of(found.pk)],
        "today": today,
        "crumbs": crumbs((_("Users"), reverse("admin-users")), (found.display_name, "")),
    }
    return render(request, "desk/admin_user.html", context, status=status_of(*bound.values()))


def _code_page(request: HttpRequest, found: User, code: str) -> HttpResponse:
    context = {
        "account": found,
        "code": code,
        "hours": administer.INVITATION_MINUTES // 60,
        "crumbs": crumbs((_("Users"), reverse("admin-users")), (found.display_name, "")),
    }
    return render(request, "desk/admin_code.html", context)


def _initial(found: User) -> dict[str, Any]:
    return {
        "username": found.username,
        "display_name": found.display_name,
        "role": found.role,
        "area": found.area_id,
        "organisation": found.organisation,
        "is_active": found.is_active,
    }


def _others(person: User, found: User) -> list[User]:
    return [each for each in users_within(person.area_id, is_active=True) if each.pk not in {person.pk, found.pk}]


def _delegation_shown(each: Any, today: Any) -> dict[str, Any]:
    is_over = each.ended_at is not None or each.last_day < today
    return {
        "pk": each.pk,
        "absent": each.absent.display_name,
        "deputy": each.deputy.display_name,
        "first_day": each.first_day,
        "last_day": each.last_day,
        "made_by": each.made_by.display_name,
        "is_over": is_over,
    }


def _shown(found: User) -> dict[str, Any]:
    return {
        "pk": found.pk,
        "username": found.username,
        "name": found.display_name,
        "role": ROLES[found.role],
        "area": found.area.name,
        "organisation": found.organisation,
        "last_login": found.last_login,
        "state": _STATES[found.is_active],
    }


def _area_shown(found: Area) -> dict[str, Any]:
    return {"code": found.code, "name": found.name, "kind": found.get_kind_display()}


def _columns() -> list[ExportColumn[User]]:
    return [
        ExportColumn(_("User name"), lambda row: row.username),
        ExportColumn(_("Name"), lambda row: row.display_name),
        ExportColumn(_("Role"), lambda row: ROLES[row.role]),
        ExportColumn(_("Area"), lambda row: row.area.name),
        ExportColumn(_("Organisation"), lambda row: row.organisation),
        ExportColumn(_("Last log-in"), lambda row: row.last_login or ""),
        ExportColumn(_("State"), lambda row: _STATES[row.is_active].word),
    ]


def _area_columns() -> list[ExportColumn[Area]]:
    return [
        ExportColumn(_("Code of the division"), lambda row: row.code),
        ExportColumn(_("Name"), lambda row: row.name),
        ExportColumn(_("Kind"), lambda row: row.get_kind_display()),
    ]
