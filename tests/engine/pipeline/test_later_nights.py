"""The next nights: a family that was helped, a department that fell silent, a rule that suddenly speaks too much."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.engine.pipeline.demo_city import NEXT_MONTH, City, all_facts, write_rows_as_snapshot

from doudi.engine.facts import read_person_facts
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.manifest import Run, RunError, read_table, sealed_runs
from doudi.engine.pipeline.snapshot import Snapshot, SnapshotError, first_night, read_snapshot
from doudi.engine.pipeline.stored_family import find_household, stored_family
from doudi.engine.sources.acceptance import load_contracts
from doudi.engine.values.period import Month

Write = Callable[..., Snapshot]


def helped_family(city: City, first: Run) -> dict[str, list[dict[str, Any]]]:
    """The office's snapshot after the A1 family was met and granted dibao from December."""
    story = city.truth("story_a1")
    key = city.household_key(story["household_no"])
    members = [m for m in read_table(first, "memberships").to_pylist() if m["household_key"] == key]
    (finding,) = [f for f in read_table(first, "findings").to_pylist() if f["household_key"] == key]
    grant = {"household_key": key, "programme": "dibao", "amount_fen": 149_200, "row": 1}
    return {
        "office_households": [{"household_key": key, "area": story["area_code"], "residence": "rural"}],
        "office_members": members,
        "office_receipts": [grant | {"month": "2026-12"}, grant | {"month": "2027-01"}],
        "office_findings": [
            {
                "finding_id": finding["finding_id"],
                "rule": finding["rule"],
                "household_key": key,
                "state": "confirmed",
                "closed_on": date(2026, 11, 30),
            }
        ],
    }


def refused(run: Run) -> set[tuple[str, str]]:
    """Households and the programmes for which they are not eligible."""
    rows = read_table(run, "assessments").to_pylist()
    return {(row["household_key"], row["programme"]) for row in rows if row["outcome"] == "ineligible"}


def of_family(city: City, run: Run) -> list[tuple[str, str]]:
    key = city.household_key(city.truth("story_a1")["household_no"])
    return [(r["rule"], r["status"]) for r in read_table(run, "findings").to_pylist() if r["household_key"] == key]


def test_a_helped_family_leaves_the_list_and_a_new_wage_asks_to_verify(
    city: City, first: Run, lake_with_later_files: Path, write_snapshot: Write
) -> None:
    snapshot = write_snapshot(**helped_family(city, first))
    run = city.night(lake_with_later_files, snapshot=snapshot, extracts=city.root / "extracts-later", as_of=NEXT_MONTH)
    assert sorted(of_family(city, run)) == [("income_above_line", "new"), ("large_hospital_bill", "closed")]
    assert run.manifest.previous_run == first.run_id
    others = {r["status"] for r in read_table(run, "findings").to_pylist()} - {"new", "closed"}
    assert others == {"continuing"}


def test_a_family_granted_from_next_month_is_no_longer_in_need_today(
    city: City, first: Run, lake_after_first: Path, write_snapshot: Write
) -> None:
    run = city.night(lake_after_first, snapshot=write_snapshot(**helped_family(city, first)))
    assert of_family(city, run) == [("large_hospital_bill", "closed")]


@pytest.fixture(scope="module")
def whole(city: City, first: Run) -> Run:
    """A night on the next month's files alone, with nobody silent."""
    snapshot = write_rows_as_snapshot(city.root / "helped", helped_family(city, first))
    return city.night(city.lake("whole"), snapshot=snapshot, extracts=city.root / "extracts-later", as_of=NEXT_MONTH)


@pytest.mark.parametrize("silent", ["工资养老金", "医保结算"])
def test_p15_a_silent_department_turns_no_household_against_itself(
    city: City, first: Run, whole: Run, tmp_path: Path, write_snapshot: Write, silent: str
) -> None:
    source = "wages_pensions" if silent == "工资养老金" else "hospital_settlements"
    extracts = tmp_path / "extracts"
    shutil.copytree(city.root / "extracts-later", extracts)
    for path in extracts.glob(f"{silent}_*"):
        path.unlink()
    lake = city.lake(f"silent-{silent}", knows=whole)
    shutil.rmtree(lake / "sealed" / "batches" / source)
    snapshot = write_snapshot(**helped_family(city, first))
    run = city.night(lake, snapshot=snapshot, extracts=extracts, as_of=NEXT_MONTH)
    facts = [f for f in all_facts(run) if f["source"] == source]
    assert facts
    assert all(f["value_int"] is None and f["unknown_since"] is not None for f in facts)
    # What is not known any more may leave an outcome open; it never turns one against the family.
    assert refused(run) <= refused(whole)
    if source == "wages_pensions":
        assert not [r for r in read_table(run, "findings").to_pylist() if r["family"] == "receiving_changed"]
    (line,) = [i for i in run.manifest.inputs if i.source == source]
    assert (line.batch, line.unknown_since) == ("", date(2025, 12, 1))


def test_p15_a_department_that_fell_silent_speaks_until_its_file_is_too_old(
    city: City, lake_after_first: Path, tmp_path: Path
) -> None:
    run = city.night(lake_after_first, snapshot=None, extracts=tmp_path, as_of=date(2026, 12, 31))
    assert {i.unknown_since for i in run.manifest.inputs} == {None}
    late = city.night(lake_after_first, snapshot=None, extracts=tmp_path, as_of=date(2027, 1, 2))
    contracts = load_contracts(city.pack)
    for line in late.manifest.inputs:
        is_too_old = contracts[line.source].fresh_until(Month(2026, 10)) < date(2027, 1, 2)
        assert line.unknown_since == (date(2026, 11, 1) if is_too_old else None)
    assert {"wages_pensions", "deaths"} <= {i.source for i in late.manifest.inputs if i.unknown_since}


def test_the_counter_reads_a_few_people_out_of_a_sealed_night(city: City, first: Run) -> None:
    story = city.truth("story_a1")
    keys = [city.keyring.pseudonym("person", member["id_number"]) for member in story["members"]]
    family = city.household_key(story["household_no"])
    facts = read_person_facts(first.lake, first.run_id, keys, [family])
    assert set(facts.column("subject").to_pylist()) == {*keys, family}
    assert read_person_facts(first.lake, first.run_id, []).num_rows == 0


def test_a_stored_family_has_its_members_with_source_and_row_of_each_fact(city: City, first: Run) -> None:
    story = city.truth("story_a1")
    key = city.household_key(story["household_no"])
    assert find_household(first, key[:13]) == key
    family = stored_family(first, key, load_vocabulary(city.pack))
    father = next(member for member in family.members if member.relation == "02")
    bill = father.facts["hospital_self_paid_12m"]
    assert (bill.value, bill.source, bill.unknown_since) == (6_800_000, "hospital_settlements", None)
    assert family.basis == "register"
    with pytest.raises(RunError, match="no household"):
        find_household(first, "a1-zzzz")


def test_nobody_says_first_night_after_the_office_has_spoken(
    city: City, first: Run, lake_after_first: Path, write_snapshot: Write
) -> None:
    city.night(lake_after_first, snapshot=write_snapshot(**helped_family(city, first)))
    with pytest.raises(RunError, match="not the first night"):
        city.night(lake_after_first, snapshot=first_night(), as_of=NEXT_MONTH)
    assert len(sealed_runs(lake_after_first)) == 2


def test_a_snapshot_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="office_households"):
        read_snapshot(tmp_path)
