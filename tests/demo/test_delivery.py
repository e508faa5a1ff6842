"""The city's files meet the real reader: what the truth says was spoiled is refused, and nothing else is (P11)."""

import json
from datetime import date
from pathlib import Path

import pytest

from doudi.demo.city import CitySummary, build_city
from doudi.engine.pack.pack import load_pack
from doudi.engine.sources.acceptance import accept, load_contracts
from doudi.engine.sources.store import read_accepted, read_duplicates, read_quarantine
from doudi.engine.values.keys import Keyring

CONTRACTS = load_contracts(load_pack())


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    return build_city("small", tmp_path_factory.mktemp("city"), seed=5)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.mark.parametrize("source", sorted(CONTRACTS))
def test_p11_exactly_the_spoiled_rows_are_refused(
    city: CitySummary, keyring: Keyring, tmp_path: Path, source: str
) -> None:
    contract = CONTRACTS[source]
    file = next(path for path in city.extracts.iterdir() if contract.takes(path.name))
    report = accept(file, contract, out=tmp_path, keyring=keyring, as_of=date(2026, 11, 20))
    became = {
        "accepted": set(read_accepted(tmp_path, source, keyring)["row"].to_pylist()),
        "quarantined": set(read_quarantine(tmp_path, source, keyring)["row"].to_pylist()),
        "duplicate": set(read_duplicates(tmp_path, source, keyring)["row"].to_pylist()),
    }
    spoiled = [
        item
        for item in json.loads((city.truth / "bad_rows.json").read_text(encoding="utf-8"))
        if item["file"] == file.name
    ]
    # A row under another's name is in itself in order: only linking can tell that it waits for people.
    refused = {outcome: {i["row"] for i in spoiled if i["expected"] == outcome} for outcome in became}
    assert became["quarantined"] == refused["quarantined"]
    assert became["duplicate"] == refused["duplicate"]
    assert report.received == city.rows[file.name]
    assert report.received == sum(len(rows) for rows in became.values())
