"""People and households (家庭档案): found by what is typed, one file, who may hold its account."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router

from doudi.office import clock, crypto
from doudi.office.entitlements.queries import EntitlementRow, entitlements_of
from doudi.office.org.presence import person_at
from doudi.office.payments.queries import HouseholdPayment, payments_of
from doudi.office.registry.queries import HouseholdPage, household_page
from doudi.office.registry.search import Found, search

router = Router(tags=["households"])


@router.get("/search", response=Found, summary="People by name, pinyin, number or place")
def find(request: HttpRequest, q: str, after: str = "") -> Found:
    """Twenty at a time; `after` of the last page asks for the next one."""
    return search(person_at(request), q, keyring=crypto.keyring(), after=after)


@router.get("/{household_id}", response=HouseholdPage, summary="One household, masked")
def household(
    request: HttpRequest, household_id: int, on: date | None = None, known: datetime | None = None
) -> HouseholdPage:
    """Members on a day, as known now or as known at an instant (`known`), the account, and what was changed."""
    day = on or clock.today()
    return household_page(person_at(request), household_id, on=day, purpose="household file", known=known)


@router.get("/{household_id}/entitlements", response=list[EntitlementRow], summary="What the household was granted")
def entitlements(request: HttpRequest, household_id: int) -> list[EntitlementRow]:
    """By month, from the decision."""
    household_page(person_at(request), household_id, on=clock.today(), purpose="entitlements of a household")
    return list(entitlements_of(household_id))


@router.get("/{household_id}/payments", response=list[HouseholdPayment], summary="What the household was paid")
def payments(request: HttpRequest, household_id: int) -> list[HouseholdPayment]:
    """Each payment with its state."""
    household_page(person_at(request), household_id, on=clock.today(), purpose="payments of a household")
    return list(payments_of(household_id))
