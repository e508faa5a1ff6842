"""An entitlement follows from a person's decision, starts the month after, and is granted once."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError
from django.utils import translation
from tests.office.payments.families import COUNTY, DECEMBER, Office, decide, family, office_of

from doudi.engine.values.period import Month
from doudi.office.casework.models import Decision
from doudi.office.entitlements.actions import GrantRefused, grant
from doudi.office.entitlements.models import Entitlement, EntitlementMonth
from doudi.office.entitlements.month_actions import open_months
from doudi.office.entitlements.queries import entitlement, entitlements_of


@pytest.fixture
def office(make_user, as_user, keyring) -> Iterator[Office]:
    """The county's approver and finance."""
    first = make_user("finance", COUNTY)
    with as_user(first), translation.override("en"):
        yield office_of(first, make_user("finance", COUNTY), make_user("approver", COUNTY), keyring)


def again(granted: Entitlement, **changed: object) -> Entitlement:
    """Grant from the same decision, with something changed."""
    given = {
        "actor": granted.granted_by,
        "case_id": granted.case_id,
        "household": granted.household,
        "programme": granted.programme,
        "decision_id": granted.decision_id,
        "assessment": granted.assessment,
        "amount_fen": granted.amount_fen,
        "start_month": Month.parse(granted.start_month),
        "area": granted.area,
        "at": granted.granted_at,
    }
    return grant(**(given | changed))  # type: ignore[arg-type]  # the same names and types as above


def test_p2_a_decision_grants_once_however_often_it_is_asked(office: Office) -> None:
    granted = family(office)
    assert again(granted).pk == granted.pk
    assert Entitlement.objects.count() == 1


def test_a_household_has_one_open_entitlement_of_a_programme(office: Office) -> None:
    granted = family(office)
    person = granted.household.memberships.get().person
    with pytest.raises(GrantRefused, match="already receives"):
        decide(office, granted.household, person, amount_fen=60_000, start=Month(2027, 1))


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("stage", "review", "confirmed approval"),
        ("set_aside_at", "2026-11-02T09:00:00+08:00", "in force"),
        ("amount_fen", 49_999, "differ"),
        ("decided_at", "2026-10-31T16:00:00+00:00", None),
        ("decided_at", "2026-10-31T15:59:59+00:00", "month after"),
    ],
)
def test_p17_nothing_is_granted_that_no_decision_carries(
    office: Office, column: str, value, words, monkeypatch
) -> None:
    """`decided_at` is judged by Shanghai's calendar: the evening of 31 October in UTC is November there."""
    seen = {}
    real = Decision.objects.create

    def create(**given):
        seen["given"] = given | {column: value}
        return real(**seen["given"])

    monkeypatch.setattr(Decision.objects, "create", create)
    if words is None:
        assert family(office).start_month == "2026-12"
        return
    with pytest.raises((GrantRefused, IntegrityError), match=f"{words}|no such decision"):
        family(office)


def test_p17_only_the_officer_who_decided_grants(office: Office, make_user) -> None:
    granted = family(office)
    Entitlement.objects.filter(pk=granted.pk).update(end_month="2026-12")
    assert again(granted, actor=office.first).pk == granted.pk
    person = granted.household.memberships.get().person
    with pytest.raises(GrantRefused, match="not this officer"):
        decide(
            Office(office.first, office.second, office.first, office.keyring, office.fund),
            granted.household,
            person,
            amount_fen=1_000,
            start=Month(2027, 1),
            decided_by=office.approver,
        )


def test_months_open_once_up_to_the_end_and_never_before_the_start(office: Office) -> None:
    granted = family(office, start=Month(2026, 10))
    Entitlement.objects.filter(pk=granted.pk).update(end_month="2026-11")
    assert open_months(county=COUNTY, programme="dibao", through=DECEMBER) == 2
    assert open_months(county=COUNTY, programme="dibao", through=DECEMBER) == 0
    assert list(EntitlementMonth.objects.values_list("month", flat=True)) == ["2026-10", "2026-11"]


def test_months_of_another_county_or_programme_stay_closed(office: Office) -> None:
    family(office)
    assert open_months(county="419902", programme="dibao", through=DECEMBER) == 0
    assert open_months(county=COUNTY, programme="tekun", through=DECEMBER) == 0


def test_the_page_of_an_entitlement_leads_to_its_decision(office: Office) -> None:
    granted = family(office)
    (row,) = entitlements_of(granted.household_id)
    assert row == entitlement(granted.pk)
    assert (row.decision_id, row.case_number, row.amount_fen) == (
        granted.decision_id, granted.case.number, 50_000,
    )  # fmt: skip


def test_p27_an_entitlement_elsewhere_is_not_there(office: Office, make_user, as_user) -> None:
    granted = family(office)
    with as_user(make_user("clerk", "419901102")):
        assert entitlement(granted.pk) is None
        assert entitlements_of(granted.household_id) == ()
