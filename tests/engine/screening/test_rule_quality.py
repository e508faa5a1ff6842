"""Promise 23: each rule publishes how often it was right, and an adverse one below its floor is switched off."""

from datetime import date, timedelta
from fractions import Fraction
from math import isclose, sqrt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.pack.pack import load_pack
from doudi.engine.screening import Alert, load_alerts
from doudi.engine.screening.alert import Quality
from doudi.engine.screening.quality import Outcomes, measure, rule_quality, rules_of, verdict
from doudi.engine.tables import OFFICE_FINDINGS, RULE_QUALITY

ALERTS = {alert.id: alert for alert, _ in load_alerts(load_pack())}
ADVERSE, HELPING = ALERTS["income_above_line"], ALERTS["income_lost"]
DAY = date(2026, 11, 20)


def outcomes(alert: Alert, *states: tuple[str, int], first: date = DAY) -> pa.Table:
    """So many findings of each state, one a day from `first` on, in this order."""
    rows = []
    for state, count in states:
        for _ in range(count):
            number = len(rows)
            rows.append(
                {
                    "finding_id": f"{alert.id}{number:05d}",
                    "rule": alert.id,
                    "household_key": f"h{number}",
                    "state": state,
                    "closed_on": None if state == "open" else first + timedelta(days=number),
                }
            )
    return pa.Table.from_pylist(rows, schema=OFFICE_FINDINGS.schema)


def with_quality(alert: Alert, quality: Quality) -> Alert:
    return Alert(rule=alert.rule.model_copy(update={"quality": quality}), folder=alert.folder)


@pytest.mark.parametrize(
    ("confirmed", "checked", "said"),
    [
        (0, 49, "too_few_checked"),
        (0, 50, "switched_off"),
        (18, 50, "switched_off"),  # 36 %: the interval reaches to 49.9 %
        (19, 50, "above_floor"),  # 38 %: it reaches to 51.9 %
        (86, 200, "switched_off"),  # 43 %: to 49.9 %
        (87, 200, "above_floor"),  # 43.5 %: to 50.4 %
        (100, 200, "above_floor"),
        (200, 200, "above_floor"),
    ],
)
def test_p23_an_adverse_rule_stops_at_the_floor_and_not_before(confirmed: int, checked: int, said: str) -> None:
    table = outcomes(ADVERSE, ("confirmed", confirmed), ("cleared", checked - confirmed))
    assert verdict(ADVERSE, measure(ADVERSE, table)) == said


def test_p23_a_rule_that_helps_is_never_switched_off_only_ranked_lower() -> None:
    table = outcomes(HELPING, ("cleared", 200))
    assert verdict(HELPING, measure(HELPING, table)) == "below_floor"


def test_p23_unknown_outcomes_and_open_findings_count_neither_way_and_are_published() -> None:
    table = outcomes(ADVERSE, ("confirmed", 3), ("unknown", 500), ("open", 40), ("cleared", 7))
    assert measure(ADVERSE, table) == Outcomes(confirmed=3, cleared=7, unknown=500)


def test_p23_only_the_last_two_hundred_checked_count() -> None:
    table = outcomes(ADVERSE, ("cleared", 300), ("unknown", 5), ("confirmed", 150), ("unknown", 2))
    found = measure(ADVERSE, table)
    assert (found.confirmed, found.cleared) == (150, 50)
    assert found.unknown == 7
    long_ago = outcomes(ADVERSE, ("unknown", 9), ("cleared", 100), ("confirmed", 200))
    assert measure(ADVERSE, long_ago) == Outcomes(confirmed=200, cleared=0, unknown=0)


def test_p23_a_corrected_rule_begins_anew_with_the_day_that_it_names() -> None:
    table = outcomes(ADVERSE, ("cleared", 60), ("confirmed", 10))
    assert verdict(ADVERSE, measure(ADVERSE, table)) == "switched_off"
    corrected = with_quality(ADVERSE, Quality(outcomes_from=DAY + timedelta(days=60)))
    assert measure(corrected, table) == Outcomes(confirmed=10, cleared=0, unknown=0)


def test_p23_the_floor_is_data_of_the_rule() -> None:
    table = outcomes(ADVERSE, ("confirmed", 30), ("cleared", 30))
    assert verdict(ADVERSE, measure(ADVERSE, table)) == "above_floor"
    assert verdict(with_quality(ADVERSE, Quality(floor_percent=80)), measure(ADVERSE, table)) == "switched_off"
    assert verdict(with_quality(ADVERSE, Quality(floor_percent=0)), Outcomes(0, 200, 0)) == "above_floor"
    assert verdict(with_quality(ADVERSE, Quality(floor_percent=100)), Outcomes(199, 1, 0)) == "switched_off"


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 99))
def test_p23_the_published_interval_and_the_verdict_are_one_and_the_same(
    confirmed: int, cleared: int, floor: int
) -> None:
    """Wilson's interval is where the score test does not reject: recomputed by its other formula."""
    found = Outcomes(confirmed, cleared, 0)
    n = found.checked
    if n == 0:
        assert found.interval is None
        return
    low, high = found.interval or (0, 0)
    z, half = 1.96, sqrt(1.96**2 / 4 + confirmed * (1 - confirmed / n))
    centre = (confirmed + z * z / 2) / (n + z * z)
    assert isclose(low / 10_000, max(0.0, centre - z * half / (n + z * z)), abs_tol=6e-5)
    upper = min(1.0, centre + z * half / (n + z * z))
    assert isclose(high / 10_000, upper, abs_tol=6e-5)
    assert low <= round(Fraction(confirmed, n) * 10_000) <= high
    if n >= 50 and not isclose(upper, floor / 100, abs_tol=1e-12):
        assert found.is_below(floor) == (upper < floor / 100)


def test_p23_the_table_holds_every_rule_and_what_a_silenced_one_would_have_said() -> None:
    table = pa.concat_tables(
        [outcomes(ADVERSE, ("confirmed", 5), ("cleared", 95), ("unknown", 4)), outcomes(HELPING, ("cleared", 80))]
    )
    quality = rule_quality(ALERTS.values(), table, hits={ADVERSE.id: 12, HELPING.id: 30})
    assert quality.schema.equals(RULE_QUALITY.schema)
    rows = {row["rule"]: row for row in quality.to_pylist()}
    assert set(rows) == set(ALERTS)
    assert (rows[ADVERSE.id]["verdict"], rows[ADVERSE.id]["silenced"]) == ("switched_off", 12)
    assert (rows[HELPING.id]["verdict"], rows[HELPING.id]["silenced"]) == ("below_floor", 0)
    assert rows["double_grant"]["precision_low"] is None
    assert rules_of(quality, "switched_off") == {ADVERSE.id}
