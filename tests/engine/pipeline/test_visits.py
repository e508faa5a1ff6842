"""This week's visits, and the workbook beside the run."""

import stat
from collections import defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from tests.engine.pipeline.demo_city import City

from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.visiting import VisitsError, choose_visits
from doudi.engine.pipeline.workbook import write_run_workbook
from doudi.engine.values.identity import mask_name


def whole(first: Run) -> list[dict[str, object]]:
    return read_table(first, "visiting_list").to_pylist()


def test_each_household_with_a_finding_has_one_place_with_its_reasons(city: City, first: Run) -> None:
    visits = choose_visits(first, city.pack, lang="zh")
    found = {row["household_key"] for row in read_table(first, "findings").to_pylist()}
    assert [visit.place for visit in visits] == list(range(1, len(found) + 1))
    assert {visit.household_key for visit in visits} == found
    story = city.household_key(city.truth("story_a1")["household_no"])
    assert visits[0].household_key == story
    assert visits[0].because[0] == "可能需要帮助 +60分"
    assert "68,000.00 元" in visits[0].reasons[0]
    for visit in visits:
        assert len(visit.reasons) == len(visit.findings) == len(visit.rules) >= 1
        assert all(visit.reasons)


def test_so_many_visits_of_each_township_with_a_share_by_lot(city: City, first: Run) -> None:
    every = whole(first)
    visits = choose_visits(first, city.pack, lang="zh", visits=10, per="county")
    chosen = [visit for visit in visits if not visit.is_by_lot]
    drawn = [visit for visit in visits if visit.is_by_lot]
    assert len(every) > 10
    assert (len(chosen), len(drawn)) == (9, 1)
    assert [visit.place for visit in chosen] == list(range(1, 10))
    assert drawn[0].place >= 10
    assert drawn[0].because[0] == "随机抽取，检验排序是否公允"
    by_township = defaultdict(list)
    for visit in choose_visits(first, city.pack, lang="en", visits=2, per="township"):
        by_township[visit.area[:9]].append(visit)
    for township, few in by_township.items():
        places = sorted(row["place"] for row in every if str(row["area"]).startswith(township))
        assert [visit.place for visit in few] == places[:2]
        assert [visit.turn for visit in few] == list(range(1, len(few) + 1))


def test_the_lot_is_drawn_by_the_run_and_comes_out_the_same_each_time(city: City, first: Run) -> None:
    def drawn(visits: int) -> set[str]:
        return {v.household_key for v in choose_visits(first, city.pack, lang="zh", visits=visits) if v.is_by_lot}

    assert drawn(10) == drawn(10) != set()


def test_where_more_visits_are_possible_than_households_wait_everyone_is_visited(city: City, first: Run) -> None:
    visits = choose_visits(first, city.pack, lang="zh", visits=100_000)
    assert len(visits) == len(whole(first))
    assert not any(visit.is_by_lot for visit in visits)


def test_fewer_than_one_visit_is_refused(city: City, first: Run) -> None:
    with pytest.raises(VisitsError, match="fewer than one"):
        choose_visits(first, city.pack, lang="zh", visits=0)


def test_the_workbook_beside_the_run_has_masked_names_and_text_alone(
    city: City, lake_after_first: Path, first: Run
) -> None:
    run = Run(lake_after_first, first.manifest)
    path = write_run_workbook(run, city.pack, city.keyring)
    assert path == lake_after_first / "workbooks" / f"{run.run_id}.xlsx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["走访清单", "预警线索", "规则质量", "暂缓与停用"]
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    cells = [cell for rows in sheets.values() for row in rows for cell in row]
    assert all(isinstance(cell, str) for cell in cells)
    story = city.truth("story_a1")
    visits = sheets["走访清单"]
    assert len(visits) == 3 + len(whole(run))
    father = next(m for m in story["members"] if m["role"] == "father")
    assert visits[3][2] == mask_name(father["name"]) == "赵*山"
    assert len(sheets["规则质量"]) == 3 + read_table(run, "rule_quality").num_rows
    written = "\n".join(str(cell) for cell in cells)
    for family in city.truth("families"):
        for member in family["members"]:
            assert member["id_number"] not in written
            assert member["name"] not in written
            assert not member["phone"] or member["phone"] not in written
