"""The synthetic city: same seed, same bytes; believable people; the truth told, and told apart."""

import csv
import hashlib
import json
import re
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from doudi.demo.city import CitySummary, DemoError, build_city
from doudi.engine.pack.pack import load_pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.values.identity import parse_id
from doudi.engine.values.money import parse_yuan

SEED = 20261120


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    return build_city("small", tmp_path_factory.mktemp("city"), SEED, later=True)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="gb18030", newline="") as file:
        return list(csv.DictReader(file))


def sheet(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def truth(city: CitySummary, name: str) -> Any:
    return json.loads((city.truth / name).read_text(encoding="utf-8"))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_city(city: CitySummary, tmp_path: Path) -> None:
    again = build_city("small", tmp_path / "again", SEED, later=True)
    other = build_city("small", tmp_path / "other", SEED + 1)
    assert digests(city.extracts.parent) == digests(again.extracts.parent)
    assert digests(city.extracts) != digests(other.extracts)


def test_the_first_delivery_does_not_depend_on_whether_a_later_one_is_made(city: CitySummary, tmp_path: Path) -> None:
    assert digests(build_city("small", tmp_path, SEED).extracts) == digests(city.extracts)


def test_departments_deliver_fourteen_files_and_the_truth_lies_elsewhere(city: CitySummary) -> None:
    names = {path.name for path in city.extracts.iterdir()}
    assert len(names) == 14
    assert {"医保结算_202610.xlsx", "工资养老金_202610.csv", "户籍_202610.csv", "死亡殡葬_202610.csv"} < names
    assert city.extracts_later is not None
    assert {path.name for path in city.extracts_later.iterdir()} == {name.replace("202610", "202611") for name in names}
    assert not any(city.truth in path.parents for path in city.extracts.rglob("*"))
    assert city.truth.parent == city.extracts.parent


def test_300_households_in_three_townships_have_about_780_people(city: CitySummary) -> None:
    households = truth(city, "households.json")
    assert len(households) == city.households == 300
    assert 700 <= city.people <= 860
    assert len({household["area_code"][:9] for household in households}) == 3
    assert len({household["household_no"] for household in households}) == 300
    sizes = Counter(len(household["members"]) for household in households)
    assert set(sizes) >= {1, 2, 3, 4, 5}


def test_everyone_has_a_number_of_the_invented_prefix_that_agrees_with_the_person(city: CitySummary) -> None:
    people = [person for household in truth(city, "households.json") for person in household["members"]]
    numbers = [parse_id(person["id_number"], as_of=date(2026, 11, 20)) for person in people]
    assert len({number.value18 for number in numbers}) == len(people)
    for person, number in zip(people, numbers, strict=True):
        assert number.value18.startswith("4199")
        assert number.birth_date.isoformat() == person["birth_date"]
        assert number.sex == person["sex"]


def test_no_telephone_number_can_belong_to_anybody(city: CitySummary) -> None:
    phones = {person["phone"] for household in truth(city, "households.json") for person in household["members"]}
    assert all(re.fullmatch(r"(1990000[0-9]{4})?", phone) for phone in phones)


def test_names_hold_what_breaks_careless_software(city: CitySummary) -> None:
    names = {row["姓名"] for row in rows(city.extracts / "户籍_202610.csv")}
    assert "阿依古丽·买买提" in names
    assert {name for name in names if any(ord(character) > 0xFFFF for character in name)}
    assert "王䶮" in names


def test_files_come_as_departments_send_them(city: CitySummary) -> None:
    raw = (city.extracts / "户籍_202610.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert raw.count(b"\r\n") == raw.count(b"\n") == city.rows["户籍_202610.csv"] + 1
    path = city.extracts / "医保结算_202610.xlsx"
    cells = sheet(path)
    assert "单位：元" in cells[1]
    assert cells[2][7] == "费用情况"
    assert cells[3][7:] == ["总费用", "基金支付", "个人自付"]
    assert len(cells) == 4 + city.rows[path.name]
    with zipfile.ZipFile(path) as book:
        assert b"mergeCell" in book.read("xl/worksheets/sheet1.xml")


def test_wages_cover_twelve_months_up_to_the_deliverys(city: CitySummary) -> None:
    found = Counter(re.sub(r"[^0-9]", "", row["所属月份"])[:6] for row in rows(city.extracts / "工资养老金_202610.csv"))
    months = sorted(month for month, count in found.items() if count > 50)
    assert (months[0], months[-1], len(months)) == ("202511", "202610", 12)


def test_every_bad_row_is_told_in_the_truth_and_is_where_it_says(city: CitySummary) -> None:
    planted = truth(city, "bad_rows.json")
    kinds = {item["kind"] for item in planted}
    assert kinds >= {
        "full_width_digits",
        "old_15_digit_number",
        "trailing_space",
        "exact_duplicate",
        "wrong_check_digit",
        "impossible_date",
        "negative_money",
        "exponent_money",
        "homophone_name",
        "clashing_name",
    }
    lines = {
        name: [list(row.values()) for row in rows(city.extracts / name)]
        for name in ("户籍_202610.csv", "工资养老金_202610.csv")
    }
    signs = {"impossible_date": "1987-02-30", "negative_money": "-320.00", "exponent_money": "1e3"}
    checked = 0
    for item in planted:
        if item["kind"] in signs and item["file"] in lines:
            assert signs[item["kind"]] in lines[item["file"]][item["row"] - 2]
            checked += 1
    assert checked == 6


def test_a_row_delivered_twice_is_the_same_letter_for_letter(city: CitySummary) -> None:
    raw = (city.extracts / "工资养老金_202610.csv").read_bytes().split(b"\r\n")
    repeated = [line for line, count in Counter(raw).items() if count > 1]
    planted = [item for item in truth(city, "bad_rows.json") if item["kind"] == "exact_duplicate"]
    assert len(repeated) == sum(item["file"] == "工资养老金_202610.csv" for item in planted) == 5


def test_the_truth_names_the_person_of_every_row(city: CitySummary) -> None:
    with (city.truth / "rows.csv").open(encoding="utf-8", newline="") as file:
        counted = Counter(line["file"] for line in csv.DictReader(file))
    assert counted == city.rows


def test_story_a1_shows_the_bill_and_hides_the_casual_wage(city: CitySummary) -> None:
    story = truth(city, "story_a1.json")
    by_role = {person["role"]: person for person in story["members"]}
    assert set(by_role) == {"father", "mother", "ill_child", "son"}
    father = by_role["father"]
    bill = [row for row in sheet(city.extracts / "医保结算_202610.xlsx") if row[2] == father["id_number"]]
    assert [(row[9], row[5]) for row in bill] == [(68000.0, "")]
    wages = rows(city.extracts / "工资养老金_202610.csv")
    assert not [row for row in wages if row["证件号码"] == father["id_number"]]
    said = by_role["ill_child"]["facts_in_no_file"]
    assert (said["wage_casual_monthly"], said["disability_kind"], said["disability_grade"]) == (0, "mental", 2)
    assert story["expected_rule"] == "large_hospital_bill"


def test_what_no_file_holds_is_told_in_words_of_the_vocabulary(city: CitySummary) -> None:
    vocabulary = load_vocabulary(load_pack())
    for household in truth(city, "households.json"):
        assert set(household["facts_in_no_file"]) <= set(vocabulary.household)
        for person in household["members"]:
            assert set(person["facts_in_no_file"]) <= set(vocabulary.person)


def test_a_month_later_the_son_of_story_a1_has_a_well_paid_job(city: CitySummary) -> None:
    assert city.extracts_later is not None
    son = next(person for person in truth(city, "story_a1.json")["members"] if person["role"] == "son")
    before = [row for row in rows(city.extracts / "工资养老金_202610.csv") if row["证件号码"] == son["id_number"]]
    after = [row for row in rows(city.extracts_later / "工资养老金_202611.csv") if row["证件号码"] == son["id_number"]]
    assert before == []
    assert [(row["所属月份"], row["类别"], parse_yuan(row["应发金额(元)"])) for row in after] == [
        ("2026-11", "工资", 1_260_000)
    ]


def test_planted_families_lie_clear_of_the_line(city: CitySummary) -> None:
    """Whoever is said to be below the line has less than the county's standard for each head, by the files."""
    pack = load_pack()
    for family in truth(city, "families.json"):
        if family["expected_rule"] != "dibao_not_received":
            continue
        name = f"dibao_standard_{family['residence']}"
        standard = pack.parameter(name, region=family["area_code"], on=date(2026, 11, 20)).value
        income = sum(paid["gross_fen"] for person in family["members"] for paid in person["incomes"])
        assert income < standard * len(family["members"]) // 2


def test_only_planted_old_people_live_below_the_line(city: CitySummary) -> None:
    """A night should lead to a handful of households, not to hundreds."""
    planted = {family["household_no"] for family in truth(city, "families.json")}
    for household in truth(city, "households.json"):
        born = [date.fromisoformat(person["birth_date"]) for person in household["members"]]
        if household["household_no"] not in planted and max(born) < date(1966, 11, 20):
            income = sum(paid["gross_fen"] for person in household["members"] for paid in person["incomes"])
            assert income >= 125_000 * len(born)


def test_the_map_has_the_three_townships_closed_and_their_villages(city: CitySummary) -> None:
    features = json.loads(city.map.read_text(encoding="utf-8"))["features"]
    polygons = [item for item in features if item["geometry"]["type"] == "Polygon"]
    assert sorted(item["properties"]["code"] for item in polygons) == ["419901101", "419901102", "419901201"]
    for polygon in polygons:
        ring = polygon["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
        assert len(ring) > 10
    assert sum(item["geometry"]["type"] == "Point" for item in features) == 9


def test_a_folder_that_holds_another_city_is_refused(tmp_path: Path) -> None:
    build_city("small", tmp_path, SEED)
    with pytest.raises(DemoError, match="another city"):
        build_city("small", tmp_path, SEED + 1)


def test_a_size_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="no size huge"):
        build_city("huge", tmp_path, SEED)
