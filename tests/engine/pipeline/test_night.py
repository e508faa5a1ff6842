"""The whole night on the demonstration city: what it finds, what it sets aside, and that it can be repeated."""

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from tests.engine.pipeline.demo_city import AT, FIRST_DAY, City, all_facts

from doudi.engine.pipeline.intake import IntakeError
from doudi.engine.pipeline.listing import list_findings
from doudi.engine.pipeline.manifest import (
    Run,
    RunError,
    open_run,
    read_grey_pairs,
    read_identity,
    read_table,
    sealed_runs,
)
from doudi.engine.pipeline.night import STAGES, Step
from doudi.engine.pipeline.snapshot import first_night
from doudi.engine.pipeline.work import only_night
from doudi.engine.sources.acceptance import load_contracts
from doudi.engine.tables import TABLES
from doudi.engine.values.seal import SealError


def test_story_a1_is_found_on_the_first_night_with_its_facts(city: City, first: Run) -> None:
    story = city.truth("story_a1")
    family = city.household_key(story["household_no"])
    (line,) = [line for line in list_findings(first, city.pack, lang="zh") if line.household_key == family]
    assert (line.rule, line.status, line.place) == ("large_hospital_bill", "new", 1)
    assert "68,000.00 元" in line.reason
    facts = [f for f in read_table(first, "finding_facts").to_pylist() if f["finding_id"] == line.finding_id]
    (bill,) = [f for f in facts if f["name"] == "hospital_self_paid_12m" and f["value_int"]]
    assert (bill["value_int"], bill["source"]) == (6_800_000, "hospital_settlements")
    assert bill["row"] > 0
    assert bill["batch"] == next(i.batch for i in first.manifest.inputs if i.source == "hospital_settlements")


def test_every_planted_family_that_a_rule_can_see_is_found_and_nobody_else_but_the_poor(city: City, first: Run) -> None:
    """On a first night nobody receives yet: rules about receiving families have nothing to say."""
    expected = {
        (city.household_key(family["household_no"]), family["expected_rule"])
        for family in city.truth("families")
        if family["expected_rule"] and not family["receives_fen"]
    }
    with (city.root / "truth" / "needs.csv").open(encoding="utf-8", newline="") as file:
        poor = {city.household_key(row["household_no"]) for row in csv.DictReader(file) if row["is_poor"] == "1"}
    findings = read_table(first, "findings").to_pylist()
    found = {(row["household_key"], row["rule"]) for row in findings}
    assert expected <= found
    assert {family for family, _ in found - expected} <= poor
    assert not [row for row in findings if row["family"] == "receiving_changed"]


def test_p11_every_row_is_accounted_for_and_the_bad_ones_are_those_that_were_spoiled(city: City, first: Run) -> None:
    wanted = Counter(
        (row["source"], row["expected"])
        for row in city.truth("bad_rows")
        if row["file"].split("_")[1].startswith("202610")
    )
    for line in first.manifest.inputs:
        assert line.received == line.accepted + line.quarantined + line.duplicate
        assert line.quarantined == wanted[line.source, "quarantined"]
        assert line.duplicate == wanted[line.source, "duplicate"]
        linked = [r for r in read_table(first, "links").to_pylist() if r["source"] == line.source]
        assert len(linked) == line.accepted


def test_p14_no_row_is_linked_to_another_person_than_its_own(city: City, first: Run) -> None:
    source_of = {i.file_name: i.source for i in first.manifest.inputs}
    with (city.root / "truth" / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"] in source_of and row["id_number"]]
    own = {(source_of[row["file"]], int(row["row"])): row for row in rows}
    wrong, grey = [], set()
    for link in read_table(first, "links").to_pylist():
        place = (link["source"], link["row"])
        if link["certainty"] == "grey":
            grey.add(place)
        elif link["certainty"] == "certain":
            person = city.keyring.pseudonym("person", own[place]["id_number"])
            wrong += [place] if person != link["person_key"] else []
    assert wrong == []
    clashing = {place for place, row in own.items() if row["expected"] == "grey"}
    assert clashing <= grey
    assert len(clashing) >= 5


def test_p14_a_large_bill_under_another_name_accuses_and_helps_nobody(city: City, first: Run) -> None:
    (row,) = [
        r
        for r in city.truth("bad_rows")
        if r["kind"] == "clashing_name_large_bill" and r["file"].endswith("202610.xlsx")
    ]
    pairs = [p for p in read_grey_pairs(first, city.keyring).to_pylist() if p["source"] == row["source"]]
    (pair,) = [p for p in pairs if p["row"] == row["row"]]
    assert pair["name"] != pair["known_name"]
    facts = all_facts(first)
    (bill,) = [f for f in facts if f["subject"] == pair["person_key"] and f["name"] == "hospital_self_paid_12m"]
    assert bill["value_int"] is None
    assert bill["unknown_since"] is not None


def test_everyone_registered_is_in_one_household(city: City, first: Run) -> None:
    memberships = read_table(first, "memberships")
    homes = city.truth("households")
    assert memberships.num_rows == sum(len(home["members"]) for home in homes)
    assert len(set(memberships.column("person_key").to_pylist())) == memberships.num_rows
    books = {member["registered_in"] or home["household_no"] for home in homes for member in home["members"]}
    assert read_table(first, "households").num_rows == len(books)


def test_on_the_register_an_outcome_is_likely_at_most_and_has_no_amount(first: Run) -> None:
    for row in read_table(first, "assessments").to_pylist():
        assert row["basis"] == "register"
        assert row["amount_fen"] is None
        assert (row["outcome"] == "undetermined") == bool(row["missing"])


def test_every_table_of_the_lake_is_as_tables_py_says(first: Run) -> None:
    for name, table in TABLES.items():
        if table.home == "lake":
            content = read_table(first, name)
            assert content.schema.equals(table.schema), name
            frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(content.select(list(table.key))))
            assert frame.unique().height == frame.height, f"{name}: key {table.key}"


def test_no_name_number_address_or_phone_lies_in_the_open_part_of_the_lake(city: City, first: Run) -> None:
    secret = {
        text
        for home in city.truth("households")
        for member in home["members"]
        for text in (member["name"], member["id_number"], member["phone"], home["address"])
        if text
    }
    for path in first.folder.glob("*.parquet"):
        table = read_table(first, path.stem)
        for column in table.columns:
            if pa.types.is_string(column.type):
                assert not secret & set(column.to_pylist()), path.stem
    assert not any(text in (first.folder / "manifest.json").read_text("utf-8") for text in secret)


def test_identity_opens_only_with_the_keyring_and_only_for_those_asked_for(
    city: City, first: Run, tmp_path: Path
) -> None:
    member = city.truth("story_a1")["members"][0]
    key = city.keyring.pseudonym("person", member["id_number"])
    (person,) = read_identity(first, city.keyring, [key]).to_pylist()
    assert (person["name"], person["id_number"], person["sex"]) == (member["name"], member["id_number"], member["sex"])
    other = type(city.keyring).generate(tmp_path / "other.keys")
    with pytest.raises(SealError):
        read_identity(first, other, [key])


def digests(run: Run) -> dict[str, str]:
    return {name: digest.sha256 for name, digest in run.manifest.tables.items()}


def test_p12_the_same_inputs_give_the_same_run_row_for_row(city: City, first: Run, lake_after_first: Path) -> None:
    again = city.night(lake_after_first, snapshot=first_night())
    assert again.manifest.sealed_at == first.manifest.sealed_at, "a sealed night is not run again"
    elsewhere = city.night(city.lake("elsewhere"), snapshot=first_night(), at=AT.replace(hour=5))
    assert elsewhere.run_id == first.run_id
    assert digests(elsewhere) == digests(first)


class StoppedError(Exception):
    """Somebody pulled the plug."""


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_p12_a_stopped_night_is_not_seen_and_goes_on_where_it_stopped(city: City, first: Run, stage: str) -> None:
    lake = city.lake(f"stopped-{stage}", knows=first)
    told: list[str] = []

    def stop(step: Step) -> None:
        if step.stage == stage and step.done:
            raise StoppedError

    with pytest.raises(StoppedError):
        city.night(lake, snapshot=first_night(), progress=stop)
    assert sealed_runs(lake) == []
    before = {path: path.stat().st_mtime_ns for path in (lake / "work").rglob("*.parquet")}
    resumed = city.night(lake, snapshot=first_night(), progress=lambda step: told.append(step.stage))
    assert digests(resumed) == digests(first)
    assert not (lake / "work").exists() or not any((lake / "work").iterdir())
    expected = {"accept": 0, "link": 6, "gather": 14, "assess": 15, "screen": 18, "rank": 19}
    assert len(before) == expected[stage]
    assert read_identity(
        resumed, city.keyring, read_table(resumed, "memberships").column("person_key").to_pylist()
    ).num_rows


def test_a_table_that_was_changed_after_the_seal_is_refused(lake_after_first: Path, first: Run) -> None:
    run = open_run(lake_after_first, first.run_id)
    path = run.folder / "findings.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match="not as it was sealed"):
        read_table(run, "findings")


def test_a_file_that_no_source_takes_stops_the_night(city: City, tmp_path: Path) -> None:
    (tmp_path / "工资.csv").write_text("姓名\n", "utf-8")
    with pytest.raises(IntakeError, match=r"工资\.csv"):
        city.night(city.lake("stranger"), snapshot=first_night(), extracts=tmp_path)


def test_only_one_night_at_a_time_works_on_a_lake(city: City) -> None:
    lake = city.lake("busy")
    with only_night(lake), pytest.raises(RunError, match="another night"):
        city.night(lake, snapshot=first_night())


def test_without_a_snapshot_it_is_unknown_who_receives_and_those_alerts_stay_silent(city: City, first: Run) -> None:
    run = city.night(city.lake("no-snapshot", knows=first), snapshot=None)
    facts = [f for f in all_facts(run) if f["name"] == "dibao_received_monthly"]
    assert {f["value_int"] for f in facts} == {None}
    assert {f["unknown_since"] for f in facts} == {FIRST_DAY}
    # What a disaster and a school report of a family is a reason to visit whether it receives or not.
    assert {f["rule"] for f in read_table(run, "findings").to_pylist()} <= {"disaster_loss", "school_dropout"}


def test_all_sources_of_the_pack_stand_in_the_manifest(city: City, first: Run) -> None:
    assert {line.source for line in first.manifest.inputs} == set(load_contracts(city.pack))
