"""Contracts as they ship, and a keyring, for the tests of this stage; its builders of files are importable by name."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from doudi.engine.pack.pack import load_pack
from doudi.engine.sources import Contract, load_contracts
from doudi.engine.values.keys import Keyring

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def contracts() -> Mapping[str, Contract]:
    return load_contracts(load_pack())


@pytest.fixture(scope="session")
def wages(contracts: Mapping[str, Contract]) -> Contract:
    return contracts["wages_pensions"]


@pytest.fixture(scope="session")
def registry(contracts: Mapping[str, Contract]) -> Contract:
    return contracts["household_registry"]


@pytest.fixture(scope="session")
def hospital(contracts: Mapping[str, Contract]) -> Contract:
    return contracts["hospital_settlements"]


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(tmp_path_factory.mktemp("keys") / "keyring.json")
