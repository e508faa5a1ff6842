"""A night that is killed at any instant is not seen, and the next one goes on and gives the same run, row for row."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doudi.demo.city import CitySummary, build_city
from doudi.engine.pipeline.manifest import latest_run, sealed_runs
from doudi.engine.values.keys import Keyring

KILLS = 25
NIGHT = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.values.keys import Keyring
city, keys, lake = (Path(text) for text in sys.argv[1:])
run_night(
    extracts=city / "extracts", lake=lake, as_of=date(2026, 11, 20), at=datetime(2026, 11, 20, 3, tzinfo=UTC),
    pack=load_pack(), keyring=Keyring.load(keys), snapshot=read_snapshot(city / "snapshot"),
)
"""


def start(city: CitySummary, keys: Path, lake: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", NIGHT, str(city.extracts.parent), str(keys), str(lake)])


@pytest.mark.prove
def test_p12_a_night_killed_at_random_instants_ends_as_if_it_had_never_been_stopped(tmp_path: Path) -> None:
    keyring = Keyring.generate(tmp_path / "keys")
    city = build_city("small", tmp_path / "city", 12, keyring=keyring)
    began = time.monotonic()
    assert start(city, tmp_path / "keys", tmp_path / "calm").wait() == 0
    longest = time.monotonic() - began
    lake, drawn = tmp_path / "killed", random.Random(12)  # noqa: S311 - instants of kills
    for _ in range(KILLS):
        night = start(city, tmp_path / "keys", lake)
        time.sleep(drawn.uniform(0.3, longest))
        night.kill()
        night.wait()
        if sealed_runs(lake):
            break  # what earlier nights had finished was taken over, so that this one came to its end
    assert start(city, tmp_path / "keys", lake).wait() == 0
    assert len(sealed_runs(lake)) == 1
    calm, killed = latest_run(tmp_path / "calm"), latest_run(lake)
    assert killed.run_id == calm.run_id
    assert killed.manifest.tables == calm.manifest.tables
    assert not any((lake / "work").iterdir())
