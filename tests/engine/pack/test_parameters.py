"""A number has a birthday, a place and a source; a missing one is an error that says what to add."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from doudi.engine.pack.document import PackError
from doudi.engine.pack.pack import Pack, load_pack

NATIONAL = """\
parameters:
  standard:
    label: {zh: 标准, en: standard}
    unit: fen_per_person_month
  publicity_days:
    label: {zh: 公示天数, en: publicity}
    unit: days
    values:
      - effective_from: 2021-07-01
        value: 7
        status: confirmed
        citation: {instrument: 最低生活保障审核确认办法, article: 第十九条, mark: V}
"""


def values(*dated: tuple[str, int], extends: str = "", last_day: str = "") -> str:
    lines = ["parameters:", "  standard:"]
    if extends:
        lines.append(f'    extends: "{extends}"')
    lines.append("    values:" if dated else "    values: []")
    for start, value in dated:
        lines += [
            f"      - effective_from: {start}",
            f"        value: {value}",
            "        status: example",
            "        citation: {instrument: 示例, article: 第一条, mark: L}",
        ]
    if last_day:
        lines.append(f"        last_day: {last_day}")
    return "\n".join(lines) + "\n"


def pack_with(folder: Path, regions: dict[str, str], national: str = NATIONAL) -> Pack:
    (folder / "programmes" / "p").mkdir(parents=True)
    (folder / "pack.yaml").write_text('release: "1"\njurisdiction: CN\nlabel: {zh: 包, en: pack}\n', encoding="utf-8")
    (folder / "programmes" / "p" / "parameters.yaml").write_text(national, encoding="utf-8")
    for code, text in regions.items():
        (folder / "regions" / code).mkdir(parents=True)
        (folder / "regions" / code / "parameters.yaml").write_text(text, encoding="utf-8")
    return load_pack(folder)


def test_the_deepest_division_decides_and_says_where_it_stands(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, {"41": values(("2026-01-01", 42000)), "4199": values(("2026-07-01", 50000))})
    found = pack.parameter("standard", region="419901101001", on=date(2026, 7, 1))
    assert (found.value, found.unit, found.layer, found.status) == (50000, "fen_per_person_month", "4199", "example")
    assert found.where == "regions/4199/parameters.yaml line 4"
    assert pack.parameter("standard", region="410603", on=date(2026, 7, 1)).value == 42000
    assert pack.parameter("publicity_days", region="419901", on=date(2026, 7, 1)).layer == "nation"


def test_a_value_holds_until_the_next_one_and_the_past_stays(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, {"4199": values(("2025-07-01", 47000), ("2026-07-01", 50000))})
    by_day = {
        day: pack.parameter("standard", region="419901", on=day).value
        for day in (date(2025, 7, 1), date(2026, 6, 30), date(2026, 7, 1), date(2030, 1, 1))
    }
    assert list(by_day.values()) == [47000, 47000, 50000, 50000]


def test_a_day_without_a_value_is_an_error_that_says_what_to_add(tmp_path: Path) -> None:
    pack = pack_with(
        tmp_path,
        {"41": values(("2026-01-01", 42000)), "410603": values(("2025-07-01", 47000), last_day="2026-06-30")},
    )
    with pytest.raises(PackError) as caught:
        pack.parameter("standard", region="410603", on=date(2026, 7, 1))
    text = str(caught.value)
    assert text.startswith(
        "regions/410603/parameters.yaml line 2: no value of standard for region 410603 on 2026-07-01."
    )
    assert "The last one ended on 2026-06-30." in text
    assert 'or set `extends: "4106"`' in text


def test_a_division_that_follows_another_takes_its_value_on_days_without_its_own(tmp_path: Path) -> None:
    pack = pack_with(
        tmp_path,
        {"4199": values(("2025-01-01", 47000)), "419901": values(("2026-07-01", 50000), extends="4199")},
    )
    assert pack.parameter("standard", region="419901", on=date(2026, 6, 30)).layer == "4199"
    assert pack.parameter("standard", region="419901", on=date(2026, 7, 1)).layer == "419901"


def test_a_parameter_that_only_divisions_set_has_no_national_value(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, {})
    with pytest.raises(PackError, match=r"regions/419901/parameters\.yaml"):
        pack.parameter("standard", region="419901101", on=date(2026, 7, 1))


@pytest.mark.parametrize(
    ("regions", "national", "complaint"),
    [
        ({"4199": values(("2026-01-01", 1)).replace("standard", "unheard_of")}, NATIONAL, "is not declared"),
        ({"4199": values(("2026-07-01", 1), ("2026-01-01", 2))}, NATIONAL, "follow each other"),
        ({"4199": values(("2026-01-01", 1), extends="410603")}, NATIONAL, "can't follow"),
        ({"4199": values(("2026-01-01", 1)).replace("value: 1", "value: 1.5")}, NATIONAL, "line 5: .*value"),
        ({"4199": values(("2026-01-01", 1)).replace("status: example", "status: sure")}, NATIONAL, "status"),
        ({"99999": values(("2026-01-01", 1))}, NATIONAL, "division code"),
        ({}, NATIONAL.replace("unit: days", "unit: fortnights"), "unit"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    tmp_path: Path, regions: dict[str, str], national: str, complaint: str
) -> None:
    pack = pack_with(tmp_path, regions, national)
    with pytest.raises(Exception, match=complaint):
        pack.parameters.names()


def test_a_parameter_nobody_declared_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no parameter"):
        pack_with(tmp_path, {}).parameter("unheard_of", region="419901", on=date(2026, 1, 1))


def test_a_bureaus_own_divisions_lie_outside_the_pack(tmp_path: Path) -> None:
    base, own = tmp_path / "pack", tmp_path / "own"
    base.mkdir()
    plain = pack_with(base, {"41": values(("2026-01-01", 42000))})
    (own / "410603").mkdir(parents=True)
    (own / "410603" / "parameters.yaml").write_text(values(("2026-01-01", 61000)), encoding="utf-8")
    (own / "divisions.yaml").write_text(
        'divisions:\n  - {code: "410603", name: {zh: 山城区, en: Shancheng}}\n', encoding="utf-8"
    )
    joined = load_pack(base, extra_region_dir=own)
    assert joined.parameter("standard", region="410603", on=date(2026, 7, 1)).value == 61000
    assert joined.region_name("410603", "zh") == "山城区"
    assert joined.hash != plain.hash


def test_no_layer_may_give_a_parameter_twice(tmp_path: Path) -> None:
    base, own = tmp_path / "pack", tmp_path / "own"
    base.mkdir()
    pack_with(base, {"41": values(("2026-01-01", 42000))})
    shutil.copytree(base / "regions", own)
    with pytest.raises(PackError, match="twice"):
        load_pack(base, extra_region_dir=own).parameters.names()
