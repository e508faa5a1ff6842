"""The pack that ships: it is whole, and its digest notices every change."""

import shutil
from pathlib import Path

import pytest

import doudi
from doudi.engine.pack.document import PackError
from doudi.engine.pack.pack import load_pack
from doudi.engine.values.region import Region

SHIPPED = Path(doudi.__file__).parent / "packs" / "cn"


def test_every_file_of_the_shipped_pack_can_be_read() -> None:
    pack = load_pack()
    assert pack.release
    assert {document.relative for document in pack.all_documents()} >= {"pack.yaml", "calendar/2026.yaml"}
    assert set(pack.calendar().years) >= {2025, 2026, 2027}
    pack.parameters.names()


def test_every_division_of_the_demonstration_city_has_its_parents_named() -> None:
    pack = load_pack()
    codes = pack.divisions()
    assert all(set(Region(code).ancestors()) <= set(codes) for code in codes)
    assert pack.region_name("419901", "zh") == "清河县"
    assert pack.region_name("419901", "en") == "Qinghe County"


def test_an_unnamed_division_is_an_error() -> None:
    with pytest.raises(PackError, match="has no name"):
        load_pack().region_name("419999", "zh")


def test_the_digest_changes_with_any_byte_and_any_name(tmp_path: Path) -> None:
    copy = tmp_path / "cn"
    shutil.copytree(SHIPPED, copy)
    first = load_pack(copy).hash
    assert load_pack(copy).hash == first
    readme = copy / "regions" / "README.md"
    readme.write_bytes(readme.read_bytes() + b" ")
    second = load_pack(copy).hash
    readme.rename(copy / "regions" / "README.txt")
    assert len({first, second, load_pack(copy).hash}) == 3


def test_the_digest_does_not_depend_on_where_the_pack_lies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        shutil.copytree(SHIPPED, tmp_path / name)
    assert load_pack(tmp_path / "a").hash == load_pack(tmp_path / "b").hash


def test_a_pack_does_not_change_under_a_night_that_has_loaded_it(tmp_path: Path) -> None:
    copy = tmp_path / "cn"
    shutil.copytree(SHIPPED, copy)
    pack, before = load_pack(copy), load_pack(copy).hash
    (copy / "calendar" / "2026.yaml").write_text("year: 1\n", encoding="utf-8")
    assert pack.hash == before
    assert 2026 in pack.calendar().years


def test_templates_are_not_part_of_a_folders_documents(tmp_path: Path) -> None:
    copy = tmp_path / "cn"
    (copy / "sources" / "_template").mkdir(parents=True)
    (copy / "sources" / "real").mkdir()
    (copy / "pack.yaml").write_text('release: "1"\njurisdiction: CN\nlabel: {zh: 包, en: pack}\n', encoding="utf-8")
    for name in ("_template", "real"):
        (copy / "sources" / name / "contract.yaml").write_text("id: a\n", encoding="utf-8")
    assert [document.relative for document in load_pack(copy).documents("sources")] == ["sources/real/contract.yaml"]


def test_a_folder_without_a_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"pack\.yaml"):
        load_pack(tmp_path)


def test_a_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(PackError, match="no such file"):
        load_pack().document("programmes/none/formulas.yaml")
