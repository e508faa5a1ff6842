"""A keyring for the tests of linkage."""

from pathlib import Path

import pytest

from doudi.engine.values.keys import Keyring


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(Path(tmp_path_factory.mktemp("keys")) / "doudi.keys")
