"""Each department in turn says nothing: what it would have said is unknown, and nobody is the worse for it (P15)."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.engine.pipeline.demo_city import all_facts

from doudi.demo.city import CitySummary, build_city
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.sources.acceptance import load_contracts
from doudi.engine.values.keys import Keyring

PACK = load_pack()
FEEDS = sorted(set(load_contracts(PACK)) - {"household_registry"})
"""Every source but the registry: without that nobody's household is known, and the night stops."""


@dataclass(frozen=True)
class Told:
    """A small city, and the night in which every department delivered."""

    city: CitySummary
    keyring: Keyring
    pack: Pack
    run: Run

    def night(self, lake: Path, extracts: Path) -> Run:
        assert self.city.snapshot is not None
        return a_night(self.city, self.keyring, self.pack, lake, extracts)


def a_night(city: CitySummary, keyring: Keyring, pack: Pack, lake: Path, extracts: Path) -> Run:
    assert city.snapshot is not None
    return run_night(
        extracts=extracts,
        lake=lake,
        as_of=date(2026, 11, 20),
        at=datetime(2026, 11, 20, 3, tzinfo=UTC),
        pack=pack,
        keyring=keyring,
        snapshot=read_snapshot(city.snapshot),
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    root = tmp_path_factory.mktemp("told")
    keyring = Keyring.generate(root / "keys")
    city = build_city("small", root / "city", 3, keyring=keyring)
    return Told(city, keyring, PACK, a_night(city, keyring, PACK, root / "lake", city.extracts))


def adverse(run: Run) -> set[tuple[str, str]]:
    rows = read_table(run, "findings").to_pylist()
    return {(row["household_key"], row["rule"]) for row in rows if row["family"] == "receiving_changed"}


def outcomes(run: Run) -> Mapping[str, str]:
    return {row["household_key"]: row["outcome"] for row in read_table(run, "assessments").to_pylist()}


@pytest.mark.parametrize("silent", FEEDS)
def test_p15_a_silent_department_accuses_nobody_and_its_facts_are_unknown(
    told: Told, tmp_path: Path, silent: str
) -> None:
    contract = load_contracts(told.pack)[silent]
    extracts = tmp_path / "extracts"
    shutil.copytree(told.city.extracts, extracts, ignore=lambda _, names: [n for n in names if contract.takes(n)])
    shutil.copytree(told.run.lake / "sealed" / "batches", tmp_path / "lake" / "sealed" / "batches")
    shutil.rmtree(tmp_path / "lake" / "sealed" / "batches" / silent)
    run = told.night(tmp_path / "lake", extracts)
    vocabulary = load_vocabulary(told.pack)
    supplied = {
        name
        for name, definition in {**vocabulary.person, **vocabulary.household}.items()
        if definition.source is not None and definition.source.source == silent
    }
    facts = [row for row in all_facts(run) if row["source"] == silent]
    assert {row["name"] for row in facts} == supplied
    assert all(row["value_int"] is None and row["value_text"] is None for row in facts)
    assert all(row["unknown_since"] is not None for row in facts)
    assert adverse(run) <= adverse(told.run)
    before, after = outcomes(told.run), outcomes(run)
    worse = [key for key, outcome in after.items() if outcome == "ineligible" and before[key] != "ineligible"]
    assert worse == []
