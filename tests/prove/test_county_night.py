"""The night over the whole demonstration county: what must be found is found, every row accounted for, in bounds."""

import resource
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from doudi.demo.city import build_city
from doudi.demo.score import score_night
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.values.keys import Keyring

FOUR_GIB_IN_KB = 4 * 1024 * 1024


@pytest.mark.prove
def test_on_the_county_every_death_double_grant_and_hospital_shock_is_found_the_same_night(tmp_path: Path) -> None:
    keyring, pack = Keyring.generate(tmp_path / "keys"), load_pack()
    city = build_city("county", tmp_path / "city", 4199, keyring=keyring)
    assert city.snapshot is not None
    assert (city.households, len(city.rows)) == (20_000, 14)
    run = run_night(
        extracts=city.extracts,
        lake=tmp_path / "lake",
        as_of=date(2026, 11, 20),
        at=datetime(2026, 11, 20, 3, tzinfo=UTC),
        pack=pack,
        keyring=keyring,
        snapshot=read_snapshot(city.snapshot),
    )
    for line in run.manifest.inputs:
        assert line.received == line.accepted + line.quarantined + line.duplicate == city.rows[line.file_name]
    events = {event.kind: event for event in score_night(run, tmp_path / "city", pack=pack, keyring=keyring).events}
    for kind in ("death_not_reported", "double_grant", "hospital_shock"):
        assert events[kind].found == events[kind].planted == 16
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < FOUR_GIB_IN_KB
