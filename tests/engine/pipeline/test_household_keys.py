"""A household that goes on under another key is still the same family to whom a finding belongs (design, section 4)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.engine.pipeline.demo_city import City

from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.snapshot import Snapshot

ANOTHER_KEY = "a1-" + "0" * 32
NEXT_DAY = date(2026, 11, 24)
DAY_AFTER = date(2026, 11, 25)
RULE = "large_hospital_bill"
Write = Callable[..., Snapshot]


def found(run: Run) -> dict[str, Any]:
    """What the run says of the family's bill, under whatever key."""
    keys = {ANOTHER_KEY, *family_keys(run)}
    rows = read_table(run, "findings").to_pylist()
    (row,) = [row for row in rows if row["rule"] == RULE and row["household_key"] in keys]
    return row


def family_keys(run: Run) -> set[str]:
    return {row["old_key"] for row in read_table(run, "household_aliases").to_pylist()}


@pytest.fixture
def met(city: City, first: Run) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The finding of the first night, and the family as the office wrote it down under a key of its own."""
    story = city.truth("story_a1")
    key = city.household_key(story["household_no"])
    rows = read_table(first, "findings").to_pylist()
    (finding,) = [row for row in rows if row["rule"] == RULE and row["household_key"] == key]
    members = [
        member | {"household_key": ANOTHER_KEY}
        for member in read_table(first, "memberships").to_pylist()
        if member["household_key"] == key
    ]
    home = {"household_key": ANOTHER_KEY, "area": story["area_code"], "residence": "rural"}
    return finding, {"office_households": [home], "office_members": members}


def told(finding: dict[str, Any], state: str) -> dict[str, Any]:
    """What the office says of a finding that it knows under the old key."""
    kept = {name: finding[name] for name in ("finding_id", "rule", "household_key")}
    return kept | {"state": state, "closed_on": None if state == "open" else date(2026, 11, 20)}


def test_a_finding_goes_on_when_the_offices_household_takes_the_registers_place(
    city: City, met: Any, lake_after_first: Path, write_snapshot: Write
) -> None:
    finding, family = met
    run = city.night(lake_after_first, snapshot=write_snapshot(**family), as_of=NEXT_DAY)
    (alias,) = read_table(run, "household_aliases").to_pylist()
    assert (alias["old_key"], alias["new_key"], alias["reason"]) == (finding["household_key"], ANOTHER_KEY, "together")
    again = found(run)
    same = ("finding_id", "rule", "episode_start")
    assert {name: again[name] for name in same} == {name: finding[name] for name in same}
    assert (again["household_key"], again["status"]) == (ANOTHER_KEY, "continuing")
    # The office takes its household back: the register's is there again, and so is the finding under its key.
    back = city.night(lake_after_first, snapshot=write_snapshot(), as_of=DAY_AFTER)
    changes = {(row["old_key"], row["new_key"]) for row in read_table(back, "household_aliases").to_pylist()[1:]}
    assert changes == {(finding["household_key"], finding["household_key"]), (ANOTHER_KEY, finding["household_key"])}
    again = found(back)
    assert (again["finding_id"], again["status"]) == (finding["finding_id"], "continuing")
    assert again["household_key"] == finding["household_key"]


def test_what_people_cleared_stays_cleared_under_another_key(
    city: City, met: Any, lake_after_first: Path, write_snapshot: Write
) -> None:
    finding, family = met
    cleared = write_snapshot(**family, office_findings=[told(finding, "cleared")])
    run = city.night(lake_after_first, snapshot=cleared, as_of=NEXT_DAY)
    assert found(run)["status"] == "closed"
    assert run.manifest.counts["findings_left_in_peace"] == 1


def test_a_family_whose_members_part_is_not_taken_for_one_of_two(
    city: City, met: Any, lake_after_first: Path, write_snapshot: Write
) -> None:
    _, family = met
    one, *others = family["office_members"]
    assert others
    apart = one | {"household_key": "a1-" + "1" * 32}
    homes = [*family["office_households"], family["office_households"][0] | {"household_key": apart["household_key"]}]
    snapshot = write_snapshot(office_households=homes, office_members=[apart, *others])
    run = city.night(lake_after_first, snapshot=snapshot, as_of=NEXT_DAY)
    assert read_table(run, "household_aliases").num_rows == 0
