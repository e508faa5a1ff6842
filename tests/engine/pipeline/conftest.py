"""The demonstration city and its first night, built once; each test that changes something works on a copy."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.engine.pipeline.demo_city import NEXT_MONTH, City, write_rows_as_snapshot

from doudi.demo.city import build_city
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.manifest import Run
from doudi.engine.pipeline.snapshot import Snapshot, first_night
from doudi.engine.values.keys import Keyring


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    root = tmp_path_factory.mktemp("city")
    build_city("small", root, 7, True)
    kernels = root / "kernels"
    kernels.mkdir(mode=0o700)
    return City(root, Keyring.generate(root / "doudi.keys"), load_pack(), kernels)


@pytest.fixture(scope="session")
def first(city: City) -> Run:
    """The first night of the city. Tests only read it."""
    return city.night(city.lake("first"), snapshot=first_night())


@pytest.fixture
def lake_after_first(city: City, first: Run, request: pytest.FixtureRequest) -> Path:
    """A copy of the lake after its first night."""
    lake = city.root / "lakes" / request.node.name.replace("/", "_")[:80]
    shutil.copytree(first.lake, lake, symlinks=True)
    return lake


@pytest.fixture(scope="session")
def second(city: City, first: Run) -> Run:
    """The night on the next month's files, after the first. Tests only read it."""
    lake = city.root / "lakes" / "second"
    shutil.copytree(first.lake, lake, symlinks=True)
    return city.night(lake, snapshot=None, extracts=city.root / "extracts-later", as_of=NEXT_MONTH)


@pytest.fixture
def lake_with_later_files(lake_after_first: Path, second: Run) -> Path:
    """A copy of the lake after its first night that has read the next month's files already."""
    batches = Path("sealed", "batches")
    shutil.copytree(second.lake / batches, lake_after_first / batches, dirs_exist_ok=True)
    return lake_after_first


@pytest.fixture
def write_snapshot(tmp_path: Path) -> Callable[..., Snapshot]:
    """Write an office snapshot from rows by table; what is not given is empty."""

    def write(**rows: list[dict[str, Any]]) -> Snapshot:
        return write_rows_as_snapshot(tmp_path / "snapshot", rows)

    return write
