"""The page on which help ends: whose turn it is gets the form, and everybody sees how far it is."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from tests.office.flows.test_end import JANUARY, grown_rich, receiving
from tests.office.flows.walks import Office

from doudi.office.entitlements.models import Ending, Entitlement
from doudi.office.org.models import User


def test_an_ending_goes_from_desk_to_desk(
    office: Office, client_for: Callable[[User], Client], make_user: Callable[..., User], set_clock: Callable[..., None]
) -> None:
    entitlement = receiving(office)
    grown_rich(office)
    set_clock(JANUARY)
    clerk, approver = client_for(office.clerk), client_for(office.approver)
    other = client_for(make_user("approver", "419901"))
    page = reverse("ending", args=[entitlement.pk])

    assert "提出停发" in clerk.get(page).content.decode()
    assert 'name="cause"' not in approver.get(page).content.decode()
    assert clerk.post(page, {"cause": "stop", "reason": "家里新买了汽车。"}).status_code == 302
    shown = approver.get(page).content.decode()
    # The rules' sentences with their sources lie beside the proposal.
    assert "机动车" in shown
    assert approver.post(page, {"outcome": "approve", "reason": ""}).status_code == 422
    assert approver.post(page, {"outcome": "approve", "reason": "同意。"}).status_code == 302
    assert clerk.post(page, {"delivered_on": "2027-01-11", "delivery": "上门"}).status_code == 302
    assert "2027-01-26" in clerk.get(page).content.decode()
    with office.as_user(office.clerk):
        assert Entitlement.objects.get().end_month == "2027-01"

    set_clock(JANUARY + timedelta(days=10))
    assert clerk.post(page, {"objected_on": "2027-01-20", "text": "车是亲戚的。"}).status_code == 302
    refused = approver.post(page, {"outcome": "overturned", "reason": "属实。"})
    assert refused.status_code == 422
    assert other.post(page, {"outcome": "overturned", "reason": "行驶证是亲戚的。"}).status_code == 302
    with office.as_user(office.clerk):
        assert Entitlement.objects.get().end_month is None
        assert Ending.objects.get().answer == "overturned"
