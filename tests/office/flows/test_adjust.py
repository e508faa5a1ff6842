"""A new standard reaches a county in one act: seen line by line, released by two, and taking nothing from anybody."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.office.flows.standards import NEW, OLD, receiving, risen
from tests.office.flows.test_change import sums
from tests.office.flows.walks import Office
from tests.office.payments.families import office_of

from doudi.engine.values.period import Month
from doudi.office.entitlements.models import Adjustment, AmountVersion, Entitlement, Review
from doudi.office.errors import NotAllowed, NotYours, Refused
from doudi.office.flows import adjust
from doudi.office.org.models import User

MARCH = datetime.fromisoformat("2027-03-02T09:00:00+08:00")
JANUARY = Month(2027, 1)


@pytest.fixture
def county(
    office: Office, make_user: Callable[..., User], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[dict[str, Entitlement]]:
    """Families by what the new standard will do to them."""
    finance, second = make_user("finance", "419901"), make_user("finance", "419901")
    with office.as_user(finance):
        money = office_of(finance, second, office.approver, office.keyring)
    with risen(monkeypatch, tmp_path / "pack"), office.as_user(office.approver):
        yield {
            "up": receiving(money, OLD),
            "earning": receiving(money, OLD - 10_000, wage_casual_monthly=10_000),
            "same": receiving(money, NEW),
            "down": receiving(money, NEW + 5_000),
            "lost": receiving(money, OLD, motor_vehicles=1),
            "unknown": receiving(money, OLD, without="wage_casual_monthly"),
        }


def act(office: Office, user: User, flow: Callable[..., Any], **given: Any) -> Any:
    with office.as_user(user):
        return flow(actor=user, at=MARCH, **given)


def computed(office: Office, limit: int = 4) -> Adjustment:
    begun = act(
        office, office.reviewer, adjust.begin_adjustment, programme="dibao", from_month=JANUARY, reason="调标。"
    )
    while begun.state == "computing":
        begun = act(office, office.reviewer, adjust.compute_part, adjustment_id=begun.pk, limit=limit)
    return begun


def test_every_difference_is_there_before_anything_changes(
    office: Office, county: dict[str, Entitlement], as_job: Any
) -> None:
    found = computed(office)
    assert (found.state, found.entitlements, found.computed) == ("ready", 6, 6)
    assert len(found.seal) == 64
    with office.as_user(office.approver):
        lines = {line.entitlement_id: line for line in found.lines.all()}
        assert not AmountVersion.objects.exists()
    effects = {name: lines[each.pk].effect for name, each in county.items()}
    assert effects == {name: name for name in county} | {"earning": "up"}
    assert lines[county["earning"].pk].new_amount_fen == NEW - 10_000
    assert lines[county["down"].pk].new_amount_fen == NEW


def test_p17_what_rises_is_paid_from_its_month_and_what_falls_is_only_looked_at(
    office: Office, county: dict[str, Entitlement], as_job: Any
) -> None:
    before = sums(as_job, Month(2027, 2))
    found = computed(office)
    done = act(office, office.approver, adjust.release_adjustment, adjustment_id=found.pk, reason="同意。")
    assert (done.raised, done.raised_fen, done.to_review) == (2, 6_000, 3)
    after = sums(as_job, Month(2027, 3))
    # The sum of the differences is the sum over the lines: months written already are supplemented.
    assert {month: after[month] - before.get(month, 0) for month in ("2026-12", "2027-01", "2027-02")} == {
        "2026-12": 0,
        "2027-01": 6_000,
        "2027-02": 6_000,
    }
    assert after["2027-03"] == after["2027-02"]
    with office.as_user(office.clerk):
        due = {row.entitlement_id for row in Review.objects.filter(kind="standard", result="")}
        assert due == {county[name].pk for name in ("down", "lost", "unknown")}
        assert {row.entitlement_id for row in AmountVersion.objects.all()} == {
            county["up"].pk,
            county["earning"].pk,
        }


def test_p2_a_second_release_has_no_effect(office: Office, county: dict[str, Entitlement], as_job: Any) -> None:
    found = computed(office)
    given = {"adjustment_id": found.pk, "reason": "同意。"}
    act(office, office.approver, adjust.release_adjustment, **given)
    once = sums(as_job)
    with pytest.raises(Refused, match="already done"):
        act(office, office.approver, adjust.release_adjustment, **given)
    assert sums(as_job) == once


def test_p22_two_people_release_and_another_county_sees_nothing(
    office: Office, county: dict[str, Entitlement], make_user: Callable[..., User]
) -> None:
    found = computed(office)
    given = {"adjustment_id": found.pk, "reason": "同意。"}
    for user in (office.reviewer, office.clerk):
        with pytest.raises(NotAllowed):
            act(office, user, adjust.release_adjustment, **given)
    with pytest.raises(NotYours):
        act(office, make_user("approver", "419902"), adjust.release_adjustment, **given)


def test_broken_off_it_goes_on_where_it_was_and_given_up_it_leaves_nothing(
    office: Office, county: dict[str, Entitlement]
) -> None:
    begun = act(
        office, office.reviewer, adjust.begin_adjustment, programme="dibao", from_month=JANUARY, reason="调标。"
    )
    part = act(office, office.reviewer, adjust.compute_part, adjustment_id=begun.pk, limit=2)
    assert (part.state, part.computed) == ("computing", 2)
    with pytest.raises(Refused, match="under way"):
        computed(office)
    with pytest.raises(Refused, match="already done"):
        act(office, office.approver, adjust.release_adjustment, adjustment_id=begun.pk, reason="同意。")
    act(office, office.reviewer, adjust.discard_adjustment, adjustment_id=begun.pk, reason="重算。")
    assert computed(office, limit=6).computed == len(county)
    with office.as_user(office.approver):
        assert not AmountVersion.objects.exists()


def test_help_whose_end_is_set_still_rises_for_the_months_that_it_pays(
    office: Office, county: dict[str, Entitlement], as_job: Any
) -> None:
    found = computed(office)
    with office.as_user(office.approver):
        Entitlement.objects.filter(pk=county["up"].pk).update(end_month="2027-01")
    act(office, office.approver, adjust.release_adjustment, adjustment_id=found.pk, reason="同意。")
    sums(as_job)
    with office.as_user(office.approver):
        months = county["up"].months.values_list("month", "amount_fen")
        assert dict(months) == {"2026-12": OLD, "2027-01": NEW}
