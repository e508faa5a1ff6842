"""What the office tells the next night: its households, what counts of their facts, receipts, and findings' ends."""

from datetime import date
from pathlib import Path

import pytest
from tests.office.flows.lakes import AS_OF
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office

from doudi.engine.pipeline.snapshot import Snapshot, read_snapshot
from doudi.engine.values.region import RegionError
from doudi.office.audit.models import Entry
from doudi.office.errors import NotAllowed
from doudi.office.flows.export_snapshot import export_snapshot
from doudi.office.registry.models import Household


def export(office: Office, out: Path) -> Snapshot:
    with office.as_job("419901", "snapshot"):
        snapshot_id = export_snapshot(out=out, county="419901", actor=office.service, at=AFTER_PUBLICITY)
    snapshot = read_snapshot(out)
    assert snapshot.id == snapshot_id
    return snapshot


def rows(snapshot: Snapshot, table: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = snapshot.tables[table].to_pylist()
    return found


def test_a_granted_family_is_told_with_its_facts_receipts_and_finding(office: Office, tmp_path: Path) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    snapshot = export(office, tmp_path / "snapshot")
    key = office.lake.household_key
    assert rows(snapshot, "office_households") == [{"household_key": key, "area": "419901101002", "residence": "rural"}]
    assert len(rows(snapshot, "office_members")) == 3
    facts = {(row["name"], row["entity"]): row for row in rows(snapshot, "office_facts")}
    assert facts["dwellings", "household"]["value_int"] == 1
    assert facts["financial_assets", "household"]["value_int"] == 320_000
    # A department's word is the department's to repeat.
    assert ("pension_monthly", "person") not in facts
    (receipt,) = rows(snapshot, "office_receipts")
    assert (receipt["programme"], receipt["month"], receipt["amount_fen"]) == ("dibao", "2027-01", 114_000)
    (finding,) = rows(snapshot, "office_findings")
    assert (finding["state"], finding["closed_on"]) == ("confirmed", MONDAY.date())


def test_a_family_that_nobody_has_met_is_left_to_the_register(office: Office, tmp_path: Path) -> None:
    office.load()
    snapshot = export(office, tmp_path / "snapshot")
    assert rows(snapshot, "office_households") == []
    assert [row["state"] for row in rows(snapshot, "office_findings")] == ["open"]


def test_a_household_without_a_standard_is_left_to_the_register(office: Office, tmp_path: Path) -> None:
    office.load()
    office.record_visit()
    with office.as_user(office.approver):
        Household.objects.update(residence="")
    assert rows(export(office, tmp_path / "snapshot"), "office_members") == []


def test_an_ended_finding_is_the_night_s_own_word(office: Office, tmp_path: Path) -> None:
    office.load()
    office.lake.as_of, office.lake.status = date(2026, 11, 23), "closed"
    office.load("second")
    assert office.lake.as_of > AS_OF
    assert rows(export(office, tmp_path / "snapshot"), "office_findings") == []


def test_a_new_snapshot_takes_the_place_of_the_old_and_leaves_nothing_beside_it(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "snapshot"
    first = export(office, out)
    office.load()
    office.record_visit()
    second = export(office, out)
    assert first.id != second.id
    assert [path.name for path in tmp_path.iterdir() if "snapshot" in path.name] == ["snapshot"]
    with office.as_user(office.approver):
        assert Entry.objects.filter(verb="snapshot.export").count() == 2


def test_only_the_office_s_own_job_exports(office: Office, tmp_path: Path) -> None:
    with office.as_user(office.approver), pytest.raises(NotAllowed):
        export_snapshot(out=tmp_path / "out", county="419901", actor=office.approver, at=MONDAY)
    with office.as_job("419901", "snapshot"), pytest.raises(RegionError):
        export_snapshot(out=tmp_path / "out", county="../4199", actor=office.service, at=MONDAY)
    assert not (tmp_path / "out").exists()
