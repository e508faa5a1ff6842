"""Two people at once: one wins, the other is told, and there is one effect."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from running_office import OfficeCopy

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def race(office_copy: OfficeCopy, tmp_path: Path) -> dict[str, Any]:
    """What came of two approvers deciding the same case at the same instant, one for it and one against."""
    environment = office_copy.environment | {"DOUDI_DB_ROLE": "worker", "PYTHONPATH": str(ROOT)}
    script = [sys.executable, str(Path(__file__).with_name("race.py")), str(tmp_path)]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_of_two_approvers_at_once_one_wins_and_the_other_is_told(race: dict[str, Any]) -> None:
    assert race["told"].count("done") == 1
    refused = next(word for word in race["told"] if word != "done")
    # In Chinese, as the office speaks by default, or in English where no catalogue is built.
    assert "决定" in refused or "decided" in refused or "done" in refused
    assert (race["state"], race["entitlements"]) in {("approved", 1), ("refused", 0)}
    assert race["outcome"] == ("approve" if race["state"] == "approved" else "refuse")
