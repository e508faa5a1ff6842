"""Each feed dropped in turn: the office's pages and interface say "unknown since", and nobody is the worse (P15)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.walks import Office

from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.flows import decide
from doudi.office.org.models import User

SINCE = "2026-05-31"
FEEDS = {
    "wages_pensions": "wage_insured_monthly",
    "hospital_settlements": "hospital_self_paid_12m",
    "vehicles": "vehicles_registered",
    "real_estate": "dwellings_registered",
    "businesses": "companies_owned",
    "deposits": "deposit_balance",
}


@pytest.mark.parametrize(("silent", "fact"), FEEDS.items())
def test_p15_a_feed_that_is_dropped_is_unknown_since_a_day_and_turns_no_decision_against_the_family(
    office: Office, client_for: Callable[[User], Client], set_clock: Any, silent: str, fact: str
) -> None:
    lake = office.lake
    lake.silent = silent
    lake.household_facts |= {
        "vehicles_registered": ("vehicles", 0),
        "dwellings_registered": ("real_estate", 1),
        "companies_owned": ("businesses", 0),
    }
    lake.person_facts["deposit_balance"] = ("deposits", 0)
    office.walk_to_opinion()
    client = client_for(office.clerk)
    report = client.get(f"/api/v1/cases/{office.number}/report?lang=zh").json()
    lines = [line for line in report["lines"] if line["name"] == fact]
    assert lines
    for line in lines:
        assert line["source"] == silent
        assert (line["found"]["is_unknown"], line["found"]["value"], line["found"]["text"]) == (True, None, "")
        assert line["found"]["as_of"] == SINCE
        assert not line["differs"]
    page = client.get(f"/cases/{office.number}/report/", headers={"Accept-Language": "zh-Hans"}).content.decode()
    assert f"自 {SINCE} 起未知" in page
    with office.as_user(office.clerk):
        assessment = Assessment.objects.get()
    # With every feed the family is eligible; without one it is still, or it can't be said yet.
    assert assessment.outcome in ("eligible", "undetermined")
    assert (assessment.outcome == "undetermined") == (silent in ("wages_pensions",))
    if assessment.outcome == "undetermined":
        with office.as_user(office.clerk), pytest.raises(Refused, match="no ground to refuse"):
            office.do(decide.give_opinion, outcome="refuse", reason="部门没有数据。")
