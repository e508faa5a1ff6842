"""The synthetic city, a real night, the office, its snapshot, and the next night: the loop of real life."""

import json
from datetime import date, datetime
from pathlib import Path

from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office

from doudi.demo.city import build_city
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import Snapshot, first_night, read_snapshot
from doudi.office.casework.models import Finding
from doudi.office.entitlements.models import Entitlement
from doudi.office.flows.export_snapshot import export_snapshot
from doudi.office.flows.load_night import LoadReport, load_night
from doudi.office.registry.models import Household

NIGHT = datetime.fromisoformat("2026-11-20T23:00:00+08:00")


def night(office: Office, folder: Path, snapshot: Snapshot, as_of: date) -> Run:
    return run_night(
        extracts=folder / "city" / "extracts",
        lake=folder / "nights",
        as_of=as_of,
        at=NIGHT,
        pack=load_pack(),
        keyring=office.keyring,
        snapshot=snapshot,
    )


def load(office: Office, run: Run, at: datetime) -> LoadReport:
    with office.as_job("419901", "loading the night"):
        return load_night(lake=run.lake, run_id=run.run_id, keyring=office.keyring, actor=office.service, at=at)


def reported(run: Run) -> dict[str, str]:
    """Rule by household, of all that the night does not report as closed."""
    rows = read_table(run, "findings").to_pylist()
    return {row["household_key"]: row["rule"] for row in rows if row["status"] != "closed"}


def test_the_planted_family_is_found_helped_and_no_longer_reported(office: Office, tmp_path: Path) -> None:
    build_city("small", tmp_path / "city", 1)
    first = night(office, tmp_path, first_night(), date(2026, 11, 20))
    report = load(office, first, MONDAY)
    assert report.opened == len(read_table(first, "findings")) > 0
    assert (report.elsewhere, report.held) == (0, 0)

    story = json.loads((tmp_path / "city" / "truth" / "story_a1.json").read_text("utf-8"))
    father = office.keyring.pseudonym("person", story["members"][0]["id_number"])
    with office.as_user(office.clerk):
        household = Household.objects.get(memberships__person__key=father)
        assert (household.address, household.residence) == (story["address"], story["residence"])
        assert Finding.objects.get(household=household).rule == story["expected_rule"]
    office.household_key = household.key
    seen = office.record_visit()
    office.open(seen.visit_id)
    office.fill()
    office.accept()
    office.verify(seen.visit_id)
    office.give_opinion()
    office.publicise()
    office.review()
    office.confirm()
    with office.as_user(office.approver):
        assert Entitlement.objects.get().household_id == household.pk

    with office.as_job("419901", "snapshot"):
        export_snapshot(out=tmp_path / "snapshot", county="419901", actor=office.service, at=AFTER_PUBLICITY)
    second = night(office, tmp_path, read_snapshot(tmp_path / "snapshot"), date(2026, 12, 3))
    assert reported(first)[household.key] == story["expected_rule"]
    assert household.key not in reported(second)
    assert len(reported(second)) == len(reported(first)) - 1
    again = load(office, second, AFTER_PUBLICITY)
    assert (again.opened, again.merged, again.ended) == (0, report.opened - 1, 0)
