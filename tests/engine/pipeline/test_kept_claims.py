"""What sources claim is kept from night to night: it changes nothing but the time, and nobody can read it."""

import shutil
from datetime import date
from pathlib import Path

from tests.engine.pipeline.demo_city import City

from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.snapshot import first_night

NEXT_DAY = date(2026, 11, 24)


def kept(lake: Path) -> dict[str, Path]:
    """The kept claims by source; there is one of each."""
    files = sorted((lake / "sealed" / "claims").glob("*/*"))
    found = {path.parent.name: path for path in files}
    assert len(found) == len(files)
    return found


def without_last_line(extracts: Path, name: str) -> None:
    (path,) = extracts.glob(f"{name}_*")
    content = path.read_bytes()
    path.write_bytes(content[: content.rstrip(b"\r\n").rfind(b"\n") + 1])


def test_one_changed_file_gives_the_same_night_with_kept_claims_and_without(
    city: City, first: Run, lake_after_first: Path, tmp_path: Path
) -> None:
    extracts = tmp_path / "extracts"
    shutil.copytree(city.root / "extracts", extracts)
    without_last_line(extracts, "机动车")
    before = {source: (path.name, path.stat().st_mtime_ns) for source, path in kept(lake_after_first).items()}
    run = city.night(lake_after_first, snapshot=first_night(), extracts=extracts, as_of=NEXT_DAY)
    after = {source: (path.name, path.stat().st_mtime_ns) for source, path in kept(lake_after_first).items()}
    assert {source for source in after if after[source] != before[source]} == {"vehicles"}
    shutil.rmtree(lake_after_first / "sealed" / "claims")
    shutil.rmtree(run.folder)
    again = city.night(lake_after_first, snapshot=first_night(), extracts=extracts, as_of=NEXT_DAY)
    assert again.run_id == run.run_id
    assert again.manifest.tables == run.manifest.tables
    assert read_table(again, "links").num_rows == read_table(first, "links").num_rows - 1


def test_kept_claims_are_sealed_and_their_owners_alone(city: City, first: Run) -> None:
    secret = [
        text.encode()
        for home in city.truth("households")[:50]
        for member in home["members"]
        for text in (member["name"], member["id_number"])
        if text
    ]
    for folder in kept(first.lake).values():
        assert folder.stat().st_mode & 0o077 == 0
        for path in folder.iterdir():
            content = path.read_bytes()
            assert not any(text in content for text in secret), path
            assert path.stat().st_mode & 0o077 == 0
