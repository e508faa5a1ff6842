"""Promise 26: mass effects are braked, for a rule and in total, and nobody gets used to what is held."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.engine.pipeline.demo_city import FIRST_DAY, NEXT_MONTH, City

from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.brake import ALL_ADVERSE, held_back, held_rules, load_brake, rules_held
from doudi.engine.pipeline.listing import list_findings
from doudi.engine.pipeline.manifest import Held, Run, read_table, sealed_runs
from doudi.engine.pipeline.snapshot import Snapshot
from doudi.engine.pipeline.visiting import choose_visits
from doudi.engine.screening import Hits, load_alerts, screen
from doudi.engine.sources.errors import EmptyDeliveryError, ShrunkDeliveryError, SourceError
from doudi.engine.tables import FACTS, FINDINGS, HOUSEHOLDS, MEMBERSHIPS, OFFICE_FINDINGS

PACK = load_pack()
LIMITS = load_brake(PACK)
ALERTS = [alert for alert, _ in load_alerts(PACK)]
ADVERSE = [alert.id for alert in ALERTS if alert.is_adverse]
DAY = NEXT_MONTH
Write = Callable[..., Snapshot]


def night(*parts: tuple[str, str, range], family: str = "receiving_changed") -> pa.Table:
    """Findings of a night: rule, status, and by which numbers they go."""
    rows = [
        {
            "finding_id": f"{rule}{number}",
            "rule": rule,
            "family": family,
            "household_key": f"h{number}",
            "area": "419901101001",
            "episode_start": DAY,
            "status": status,
            "priority": 1,
        }
        for rule, status, numbers in parts
        for number in numbers
    ]
    return pa.Table.from_pylist(rows, schema=FINDINGS.schema)


def quiet_nights(usual: int, count: int = 7, rule: str = "income_above_line") -> list[pa.Table]:
    """Nights that each bring so many new ones, which go on until the end."""
    return [
        night((rule, "continuing", range(n * usual)), (rule, "new", range(n * usual, (n + 1) * usual)))
        for n in range(count)
    ]


def held(findings: pa.Table, earlier: Sequence[pa.Table], recipients: int = 100) -> dict[str, Held]:
    return {hold.rule: hold for hold in held_rules(ALERTS, findings, earlier, recipients, LIMITS)}


def next_night(usual: int, new: int, rule: str = "income_above_line") -> pa.Table:
    known = range(7 * usual)
    return night((rule, "continuing", known), (rule, "new", range(10_000, 10_000 + new)))


@pytest.mark.parametrize(
    ("new", "usual", "recipients", "is_held"),
    [
        (20, 0, 100, False),
        (21, 0, 100, True),
        (21, 7, 100, False),
        (22, 7, 100, True),
        (30, 0, 3000, False),
        (31, 0, 3000, True),
    ],
)
def test_p26_a_rule_that_suddenly_speaks_against_very_many_is_held(
    new: int, usual: int, recipients: int, is_held: bool
) -> None:
    found = held(next_night(usual, new), quiet_nights(usual), recipients)
    assert ("income_above_line" in found) is is_held
    helping = night(("large_hospital_bill", "new", range(500)), family="in_need")
    assert held(helping, [], recipients) == {}


def test_p26_the_first_run_of_a_rule_is_a_baseline_that_waits() -> None:
    assert "income_above_line" in held(night(("income_above_line", "new", range(21))), [])
    others = [night(("double_grant", "continuing", range(90)))] * 6
    found = held(night(("double_grant", "continuing", range(90)), ("income_above_line", "new", range(21))), others)
    assert "income_above_line" in found


def test_p26_many_rules_that_each_speak_a_little_are_held_in_total() -> None:
    few = night(*((rule, "new", range(4)) for rule in ADVERSE[:6]))
    found = held(few, [night()] * 6)
    assert set(found) == {ALL_ADVERSE}
    assert (found[ALL_ADVERSE].new_findings, found[ALL_ADVERSE].limit) == (24, 20)
    assert rules_held(ALERTS, list(found.values())) == set(ADVERSE)
    assert len(held_back(few, list(found.values()))) == 24
    assert held(night(*((rule, "new", range(4)) for rule in ADVERSE[:5])), [night()] * 6) == {}


@pytest.mark.parametrize(("after", "is_held"), [(100, False), (50, False), (49, True), (0, True)])
def test_p26_a_total_that_falls_by_half_waits_too(after: int, is_held: bool) -> None:
    """A halved total looks like good news and may be a broken delivery: it would close findings by the dozen."""
    rule = "vehicle_while_receiving"
    before = night((rule, "continuing", range(100)))
    now = night((rule, "continuing", range(after)), (rule, "closed", range(after, 100)))
    assert (ALL_ADVERSE in held(now, [before] * 6)) is is_held


def test_p26_nobody_gets_used_to_what_is_held() -> None:
    """Held for a month of nights and never released: still held, though the median has long risen to it."""
    rule, many = "income_above_line", range(200)
    nights = [night()] * 6
    for _ in range(30):
        now = night((rule, "new", many))
        found = held(now, nights)
        assert rule in found
        nights = [*nights, now]
    released = night((rule, "continuing", many))
    assert held(released, nights) == {}


def test_p26_what_was_held_is_new_again_until_the_office_has_it() -> None:
    (alert,) = [alert for alert in ALERTS if alert.id == "income_above_line"]
    values = pa.table({"household_key": ["h1"], alert.rule.priority: pa.array([5], pa.int64())})

    def run(earlier: pa.Table | None, back: frozenset[str], office: Sequence[dict[str, Any]] = ()) -> pa.Table:
        return screen(
            [Hits(alert, values)],
            households=pa.Table.from_pylist(
                [{"household_key": "h1", "basis": "office", "area": "419901101001"}], schema=HOUSEHOLDS.schema
            ),
            memberships=MEMBERSHIPS.schema.empty_table(),
            facts=FACTS.schema.empty_table(),
            earlier_findings=earlier,
            office_findings=pa.Table.from_pylist(list(office), schema=OFFICE_FINDINGS.schema),
            as_of=DAY,
            held_back=back,
        ).findings

    first = run(None, frozenset())
    (finding,) = first.to_pylist()
    back = held_back(first, [Held(rule=alert.id, new_findings=1, limit=0, words="")])
    assert back == {finding["finding_id"]}
    assert [row["status"] for row in run(first, back).to_pylist()] == ["new"]
    assert [row["status"] for row in run(first, frozenset()).to_pylist()] == ["continuing"]
    loaded = {
        "finding_id": finding["finding_id"],
        "rule": alert.id,
        "household_key": "h1",
        "state": "open",
        "closed_on": None,
    }
    assert [row["status"] for row in run(first, back, [loaded]).to_pylist()] == ["continuing"]


@pytest.mark.parametrize(("content", "error"), [("empty", EmptyDeliveryError), ("halved", ShrunkDeliveryError)])
def test_p26_an_empty_or_halved_feed_stops_before_screening(
    city: City, first: Run, lake_after_first: Path, tmp_path: Path, content: str, error: type[SourceError]
) -> None:
    delivered = next((city.root / "extracts-later").glob("机动车_*.csv"))
    lines = delivered.read_bytes().splitlines(keepends=True)
    kept = lines[:1] if content == "empty" else lines[: len(lines) // 2]
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    (extracts / delivered.name).write_bytes(b"".join(kept))
    told: list[str] = []
    with pytest.raises(error) as refused:
        city.night(
            lake_after_first,
            snapshot=None,
            extracts=extracts,
            as_of=DAY,
            progress=lambda step: told.append(step.stage),
        )
    assert refused.value.advice
    assert "screen" not in told
    assert len(sealed_runs(lake_after_first)) == 1


def outcomes(rule: str, confirmed: int, cleared: int) -> list[dict[str, Any]]:
    states = ["confirmed"] * confirmed + ["cleared"] * cleared
    return [
        {
            "finding_id": f"o{number}",
            "rule": rule,
            "household_key": f"elsewhere{number}",
            "state": state,
            "closed_on": FIRST_DAY - timedelta(days=1),
        }
        for number, state in enumerate(states)
    ]


def receiving_family(city: City, first: Run) -> dict[str, list[dict[str, Any]]]:
    """The A1 family receives dibao; in December its son has a wage."""
    story = city.truth("story_a1")
    key = city.household_key(story["household_no"])
    members = [m for m in read_table(first, "memberships").to_pylist() if m["household_key"] == key]
    grant = {"household_key": key, "programme": "dibao", "amount_fen": 149_200, "row": 1}
    return {
        "office_households": [{"household_key": key, "area": story["area_code"], "residence": "rural"}],
        "office_members": members,
        "office_receipts": [grant | {"month": "2026-12"}],
    }


def test_p23_a_rule_below_its_floor_makes_no_finding_in_the_very_run_that_learns_of_it(
    city: City, first: Run, lake_with_later_files: Path, write_snapshot: Write
) -> None:
    rows = receiving_family(city, first) | {"office_findings": outcomes("income_above_line", 10, 90)}
    run = city.night(
        lake_with_later_files, snapshot=write_snapshot(**rows), extracts=city.root / "extracts-later", as_of=DAY
    )
    assert "income_above_line" not in {row["rule"] for row in read_table(run, "findings").to_pylist()}
    (off,) = run.manifest.switched_off
    assert (off.rule, off.confirmed, off.checked, off.silenced) == ("income_above_line", 10, 100, 1)
    assert "10 of 100" in off.words
    assert all(line.rule != "income_above_line" for line in list_findings(run, city.pack, lang="zh"))
    assert all("income_above_line" not in visit.rules for visit in choose_visits(run, city.pack, lang="zh"))


def test_p23_with_better_outcomes_the_same_rule_speaks(
    city: City, first: Run, lake_with_later_files: Path, write_snapshot: Write
) -> None:
    rows = receiving_family(city, first) | {"office_findings": outcomes("income_above_line", 60, 40)}
    run = city.night(
        lake_with_later_files, snapshot=write_snapshot(**rows), extracts=city.root / "extracts-later", as_of=DAY
    )
    assert run.manifest.switched_off == ()
    assert "income_above_line" in {row["rule"] for row in read_table(run, "findings").to_pylist()}
    (row,) = [r for r in read_table(run, "rule_quality").to_pylist() if r["rule"] == "income_above_line"]
    assert (row["confirmed"], row["cleared"], row["verdict"]) == (60, 40, "above_floor")


@pytest.mark.parametrize("is_told", [False, True])
def test_a_supplement_is_missed_only_once_the_office_pays_any(
    city: City, first: Run, lake_after_first: Path, write_snapshot: Write, is_told: bool
) -> None:
    rows = receiving_family(city, first)
    if is_told:
        elsewhere = {"household_key": "elsewhere", "programme": "category_supplement", "amount_fen": 100, "row": 2}
        rows["office_receipts"].append(elsewhere | {"month": "2026-12"})
    run = city.night(lake_after_first, snapshot=write_snapshot(**rows), as_of=DAY)
    rules = {row["rule"] for row in read_table(run, "findings").to_pylist()}
    assert ("category_supplement_not_received" in rules) is is_told
