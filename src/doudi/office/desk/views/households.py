"""The file of one household: people now and before, what is known, what it receives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doudi.office import clock
from doudi.office.desk.families import family_card, member_row
from doudi.office.desk.labels import PAYMENT_STATES
from doudi.office.desk.packwords import place, programme_label
from doudi.office.desk.people import person_at
from doudi.office.desk.replies import crumbs
from doudi.office.entitlements.queries import entitlements_of
from doudi.office.org.permissions import may
from doudi.office.payments.queries import payments_of
from doudi.office.registry.queries import household_page


@require_GET
def household(request: HttpRequest, household_id: int) -> HttpResponse:
    """One household, masked; the look leaves a row in the audit."""
    found = household_page(person_at(request), household_id, on=clock.today(), purpose="household file")
    context = {
        "village": place(found.area),
        "household": family_card(
            household_id=found.household_id,
            number=found.number,
            members=found.members,
            address=found.address,
            residence=found.residence,
            basis=found.basis,
            has_link=False,
        ),
        "former": [member_row(member) for member in found.former_members],
        "account": found.account,
        "entitlements": [
            {**vars(row), "programme": programme_label(row.programme)} for row in entitlements_of(household_id)
        ],
        "payments": [
            {**vars(row), "programme": programme_label(row.programme), "mark": PAYMENT_STATES[row.state]}
            for row in payments_of(household_id)
        ],
        "household_id": household_id,
        "may_write_finding": may(person_at(request), "finding.write"),
        "crumbs": crumbs((_("Cases"), reverse("cases")), (found.number, "")),
    }
    return render(request, "desk/household.html", context)
