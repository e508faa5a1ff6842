"""The visiting list: one line per household, points that the pack explains, and who waits comes up."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.pack.pack import load_pack
from doudi.engine.screening.ranking import Ranking, load_ranking, rank, visits_by_lot
from doudi.engine.tables import FINDINGS, OFFICE_FINDINGS, VISITING_LIST

RANKING = load_ranking(load_pack())
AS_OF = date(2026, 11, 23)
FAMILY_OF = {
    "large_hospital_bill": "in_need",
    "income_lost": "in_need",
    "dibao_not_received": "entitled_not_receiving",
    "income_above_line": "receiving_changed",
}


def finding(rule: str, home: str, priority: int = 0, status: str = "new") -> dict[str, Any]:
    return {
        "finding_id": f"{rule}-{home}",
        "rule": rule,
        "family": FAMILY_OF[rule],
        "household_key": home,
        "area": "419901101001",
        "episode_start": AS_OF,
        "status": status,
        "priority": priority,
    }


def ranked(
    findings: Sequence[dict[str, Any]], *, office: Sequence[dict[str, Any]] = (), as_of: date = AS_OF, **more: Any
) -> list[dict[str, Any]]:
    arguments: dict[str, Any] = {"earlier_list": None, "held": (), "often_wrong": ()}
    table = rank(
        pa.Table.from_pylist(list(findings), schema=FINDINGS.schema),
        ranking=RANKING,
        office_findings=pa.Table.from_pylist(list(office), schema=OFFICE_FINDINGS.schema),
        as_of=as_of,
        **(arguments | more),
    )
    assert table.schema.equals(VISITING_LIST.schema)
    return table.to_pylist()


def homes(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["household_key"] for row in rows]


def told(home: str, state: str, on: date, rule: str = "income_lost") -> dict[str, Any]:
    return {
        "finding_id": f"{rule}-{home}",
        "rule": rule,
        "household_key": home,
        "state": state,
        "closed_on": on,
    }


def test_who_may_be_in_need_comes_first_then_who_may_be_entitled_then_what_to_verify() -> None:
    rows = ranked(
        [
            finding("income_above_line", "verify", 10),
            finding("dibao_not_received", "entitled", 10),
            finding("income_lost", "need", 0),
        ]
    )
    assert homes(rows) == ["need", "entitled", "verify"]
    assert [row["place"] for row in rows] == [1, 2, 3]


def test_a_household_stands_once_with_its_leading_finding_first() -> None:
    (row,) = ranked(
        [
            finding("income_above_line", "h", 9),
            finding("large_hospital_bill", "h", 25),
            finding("income_lost", "h", 4),
        ]
    )
    assert row["findings"] == ["large_hospital_bill-h", "income_lost-h", "income_above_line-h"]
    assert row["further_points"] == min(2 * RANKING.further.points_each, RANKING.further.most)
    assert row["points"] == sum(row[name] for name in row if name.endswith("_points"))


def test_the_deeper_need_goes_first_and_a_huge_number_drowns_nobody() -> None:
    rows = ranked([finding("income_lost", "a", 3), finding("income_lost", "b", 7), finding("income_lost", "c", 10**15)])
    assert homes(rows) == ["c", "b", "a"]
    assert rows[0]["urgency_points"] == RANKING.urgency.most
    assert ranked([finding("income_lost", "a", -(10**15))])[0]["urgency_points"] == 0


def test_who_waits_comes_up_and_another_reason_begins_a_new_wait() -> None:
    first = rank(
        pa.Table.from_pylist([finding("income_lost", "old")], schema=FINDINGS.schema),
        ranking=RANKING,
        office_findings=None,
        earlier_list=None,
        held=(),
        often_wrong=(),
        as_of=AS_OF,
    )
    later = AS_OF + timedelta(days=14)
    rows = ranked(
        [finding("income_lost", "new", 1), finding("income_lost", "old", status="continuing")],
        earlier_list=first,
        as_of=later,
    )
    assert homes(rows) == ["old", "new"]
    assert rows[0]["waiting_points"] == 2 * RANKING.waiting.points_each
    assert (rows[0]["waiting_since"], rows[1]["waiting_since"]) == (AS_OF, later)
    changed = ranked([finding("large_hospital_bill", "old")], earlier_list=first, as_of=later)
    assert changed[0]["waiting_since"] == later


def test_where_people_were_lately_others_go_first() -> None:
    within, without = (AS_OF - timedelta(days=RANKING.visited.within_days - more) for more in (1, 0))
    office = [
        told("lately", "cleared", within, "dibao_not_received"),
        told("long_ago", "cleared", without, "dibao_not_received"),
    ]
    rows = ranked([finding("income_lost", "lately", 9), finding("income_lost", "long_ago", 1)], office=office)
    assert homes(rows) == ["long_ago", "lately"]
    assert [row["visited_points"] for row in rows] == [0, -RANKING.visited.points]
    assert rows[1]["visited_on"] == within


def test_what_a_visit_confirmed_is_not_listed_again_and_what_nobody_found_out_is() -> None:
    findings = [
        finding("income_lost", "known", status="continuing"),
        finding("income_lost", "unknown", status="continuing"),
    ]
    office = [told("known", "confirmed", AS_OF), told("unknown", "unknown", AS_OF)]
    assert homes(ranked(findings, office=office)) == ["unknown"]


def test_a_rule_that_is_often_wrong_ranks_lower() -> None:
    rows = ranked([finding("income_lost", "a", 9), finding("large_hospital_bill", "b", 1)], often_wrong=["income_lost"])
    assert homes(rows) == ["b", "a"]
    assert rows[1]["quality_points"] == -RANKING.poor_quality.points


def test_p26_what_the_brake_holds_is_not_listed_and_closed_findings_never_are() -> None:
    findings = [
        finding("income_above_line", "held"),
        finding("income_above_line", "known", status="continuing"),
        finding("income_lost", "gone", status="closed"),
    ]
    assert homes(ranked(findings, held=["income_above_line"])) == ["known"]


def test_no_findings_make_an_empty_list() -> None:
    assert ranked([]) == []


@given(
    st.lists(st.tuples(st.sampled_from(sorted(FAMILY_OF)), st.sampled_from("abcde"), st.integers(-5, 200)), max_size=12)
)
def test_the_order_of_the_findings_does_not_matter(parts: list[tuple[str, str, int]]) -> None:
    rows = list({f"{rule}-{home}": finding(rule, home, priority) for rule, home, priority in parts}.values())
    assert ranked(rows) == ranked(rows[::-1])
    assert sorted(homes(ranked(rows))) == sorted({row["household_key"] for row in rows})


@pytest.mark.parametrize(("visits", "by_lot"), [(1, 0), (9, 0), (10, 1), (29, 1), (30, 2), (100, 5), (1000, 50)])
def test_a_twentieth_of_the_visits_is_drawn_by_lot(visits: int, by_lot: int) -> None:
    assert visits_by_lot(visits, RANKING) == by_lot


def test_no_weight_depends_on_who_the_people_are() -> None:
    assert set(Ranking.model_fields) == {
        "because", "families", "urgency", "waiting", "further", "visited", "poor_quality", "random_percent",
    }  # fmt: skip
