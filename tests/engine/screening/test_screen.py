"""New, continuing and closed findings; what people cleared rests; only what is known makes a finding."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.screening import Alert, Hits, Screened, load_alerts, reason, screen
from doudi.engine.tables import FACTS, FINDINGS, HOUSEHOLDS, MEMBERSHIPS, OFFICE_FINDINGS

AS_OF = date(2026, 11, 23)
BILL_DAY = date(2026, 10, 9)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


@pytest.fixture(scope="module")
def alerts(pack: Pack) -> dict[str, Alert]:
    return {alert.id: alert for alert, _ in load_alerts(pack)}


def fact(subject: str, name: str, value: int, day: date = BILL_DAY, **more: Any) -> dict[str, Any]:
    return {
        "subject": subject,
        "entity": "person",
        "name": name,
        "value_int": value,
        "value_text": None,
        "valid_from": day,
        "valid_to": None,
        "unknown_since": None,
        "known_from_run": "r",
        "source": "hospital_settlements",
        "batch": "b",
        "row": 7,
    } | more


BILL = fact("p1", "hospital_self_paid_12m", 5_000_000)


def night(
    alert: Alert,
    *,
    hit: Sequence[str] = ("h1",),
    facts: Sequence[dict[str, Any]] = (BILL,),
    earlier: pa.Table | None = None,
    office: Sequence[dict[str, Any]] = (),
    as_of: date = AS_OF,
) -> Screened:
    homes = [{"household_key": key, "basis": "register", "area": "419901101001"} for key in ("h1", "h2")]
    members = [
        {"household_key": "h1", "person_key": "p1", "relation": "02"},
        {"household_key": "h2", "person_key": "p2", "relation": "02"},
    ]
    values = pa.table(
        {"household_key": pa.array(hit, pa.string()), alert.rule.priority: pa.array([25] * len(hit), pa.int64())}
    )
    return screen(
        [Hits(alert, values)],
        households=pa.Table.from_pylist(homes, schema=HOUSEHOLDS.schema),
        memberships=pa.Table.from_pylist(members, schema=MEMBERSHIPS.schema),
        facts=pa.Table.from_pylist(list(facts), schema=FACTS.schema),
        earlier_findings=earlier,
        office_findings=pa.Table.from_pylist(list(office), schema=OFFICE_FINDINGS.schema),
        as_of=as_of,
    )


def rows(screened: Screened) -> list[tuple[str, date]]:
    return [(r["status"], r["episode_start"]) for r in screened.findings.to_pylist()]


def cleared(screened: Screened, on: date, state: str = "cleared") -> dict[str, Any]:
    finding = screened.findings.to_pylist()[0]
    return {
        "finding_id": finding["finding_id"],
        "rule": finding["rule"],
        "household_key": "h1",
        "state": state,
        "closed_on": on,
    }


def test_a_hit_becomes_a_finding_with_the_facts_that_it_rests_on(alerts: dict[str, Alert]) -> None:
    screened = night(alerts["large_hospital_bill"])
    assert rows(screened) == [("new", BILL_DAY)]
    reasons = {(r["subject"], r["name"]): r for r in screened.finding_facts.to_pylist()}
    bill = reasons["p1", "hospital_self_paid_12m"]
    assert (bill["value_int"], bill["source"], bill["batch"], bill["row"]) == (
        5_000_000,
        "hospital_settlements",
        "b",
        7,
    )
    assert reasons["h1", "hospital_bill_weight"]["source"] == "rule"


def test_the_next_night_the_same_finding_continues_and_then_closes(alerts: dict[str, Alert]) -> None:
    alert = alerts["large_hospital_bill"]
    first = night(alert)
    second = night(alert, earlier=first.findings, as_of=AS_OF + timedelta(days=1))
    third = night(alert, hit=(), earlier=second.findings)
    fourth = night(alert, hit=(), earlier=third.findings)
    assert rows(second) == [("continuing", BILL_DAY)]
    assert rows(third) == [("closed", BILL_DAY)]
    assert rows(fourth) == []
    assert {r["finding_id"] for r in second.findings.to_pylist()} == {
        r["finding_id"] for r in third.findings.to_pylist()
    }


def test_an_open_finding_keeps_its_episode_when_another_bill_comes(alerts: dict[str, Alert]) -> None:
    first = night(alerts["large_hospital_bill"])
    more = fact("p1", "hospital_self_paid_12m", 6_000_000, date(2026, 11, 20))
    assert rows(night(alerts["large_hospital_bill"], facts=[more], earlier=first.findings)) == [
        ("continuing", BILL_DAY)
    ]


def test_what_people_cleared_rests_unless_the_facts_changed(alerts: dict[str, Alert]) -> None:
    alert = alerts["large_hospital_bill"]
    first = night(alert)
    office = [cleared(first, AS_OF)]
    resting = night(alert, office=office, earlier=first.findings, as_of=AS_OF + timedelta(days=30))
    assert rows(resting) == [("closed", BILL_DAY)]
    assert resting.left_in_peace == 1
    more = fact("p1", "hospital_self_paid_12m", 6_000_000, date(2026, 12, 20))
    changed = night(alert, facts=[more], office=office, earlier=resting.findings, as_of=AS_OF + timedelta(days=31))
    assert rows(changed) == [("new", date(2026, 12, 20))]


def test_after_the_cool_off_it_is_asked_again_under_one_new_episode(alerts: dict[str, Alert]) -> None:
    for name in ("large_hospital_bill", "dibao_not_received"):
        alert = alerts[name]
        office = [cleared(night(alert), AS_OF)]
        over = AS_OF + timedelta(days=alert.rule.cool_off_days)
        assert rows(night(alert, office=office, as_of=over - timedelta(days=1))) == []
        assert rows(night(alert, office=office, as_of=over)) == [("new", over)]
        assert rows(night(alert, office=office, as_of=over + timedelta(days=9))) == [("new", over)]


@pytest.mark.parametrize("state", ["open", "confirmed", "unknown"])
def test_what_people_did_not_clear_goes_on(alerts: dict[str, Alert], state: str) -> None:
    alert = alerts["dibao_not_received"]
    first = night(alert)
    later = night(alert, earlier=first.findings, office=[cleared(first, AS_OF, state)], as_of=AS_OF + timedelta(days=1))
    assert rows(later) == [("continuing", AS_OF)]


def test_p17_a_rule_against_a_family_must_ask_to_verify(alerts: dict[str, Alert], pack: Pack) -> None:
    adverse = [alert for alert in alerts.values() if alert.is_adverse]
    assert {alert.id for alert in adverse} >= {"income_above_line", "double_grant", "recipient_died"}
    for alert in adverse:
        assert "核实" in alert.rule.sentence.zh
        assert "停" not in alert.rule.sentence.zh
        assert "stop" not in alert.rule.sentence.en.lower()


def test_the_reason_is_one_sentence_with_the_sums_in_yuan(alerts: dict[str, Alert], pack: Pack) -> None:
    alert = alerts["large_hospital_bill"]
    facts = [
        {"name": "hospital_self_paid_12m", "value_int": 4_000_000},
        {"name": "hospital_self_paid_12m", "value_int": 123_456},
        {"name": "hospital_bill_line", "value_int": None},
    ]
    sentence = reason(alert, facts, load_vocabulary(pack), "zh")
    assert "41,234.56 元" in sentence
    assert "（不详）" in sentence
    assert "41,234.56 yuan" in reason(alert, facts, load_vocabulary(pack), "en")


def test_no_findings_is_a_table_without_rows(alerts: dict[str, Alert]) -> None:
    screened = night(alerts["income_above_line"], hit=())
    assert screened.findings.schema.equals(FINDINGS.schema)
    assert screened.findings.num_rows == screened.finding_facts.num_rows == 0
