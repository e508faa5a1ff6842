"""Workbooks as departments send them, and workbooks as attackers do (P13)."""

import pytest
from source_deliveries import id_number, read_bytes
from source_workbooks import (
    SHEET,
    entity_bomb,
    far_corner,
    lying_size,
    part_of,
    stay,
    unpacking_bomb,
    widest,
    with_part,
    workbook,
)

from doudi.engine.sources import Contract
from doudi.engine.sources.errors import (
    EmptyDeliveryError,
    OversizedDeliveryError,
    SourceError,
    UnclearSheetError,
    UnclearUnitError,
    WrongDeliveryError,
    WrongFormatError,
)


def test_titles_above_a_merged_header_are_passed_over_and_rows_keep_their_sheet_row(hospital: Contract) -> None:
    content = workbook([stay(1), stay(2)], group=(7, 9, "费用（元）"))
    read = read_bytes(content, hospital)
    assert read.account.accepted == 2
    assert read.accepted.column("row").to_pylist() == [5, 6]
    row = read.accepted.to_pylist()[0]
    assert (row["total"], row["fund_paid"], row["self_paid"]) == (123550, 100025, 20010)
    assert str(row["admitted_on"]) == "2026-03-02"
    assert row["id_number"] == id_number(1)


@pytest.mark.parametrize(
    "content",
    [
        workbook([[*stay(1)[:7], 1.2345, 1, 0.2]], titles=("住院结算表", "金额单位：万元")),
        workbook([[*stay(1)[:7], 1.2345, 1, 0.2]], titles=("住院结算表",), group=(7, 9, "费用(万元)")),
    ],
)
def test_ten_thousand_yuan_is_read_where_the_unit_cell_says_so(content: bytes, hospital: Contract) -> None:
    row = read_bytes(content, hospital).accepted.to_pylist()[0]
    assert (row["total"], row["fund_paid"], row["self_paid"]) == (1_234_500, 1_000_000, 200_000)


def test_a_unit_above_that_differs_from_the_headers_is_refused(hospital: Contract) -> None:
    with pytest.raises(UnclearUnitError):
        read_bytes(workbook([stay(1)], group=(7, 9, "费用(万元)")), hospital)


def test_sums_computed_in_binary_are_read_to_the_fen_and_parts_of_a_fen_refused(hospital: Contract) -> None:
    rows = [[*stay(1)[:7], 0.1 + 0.2, 0.1, 0.1], [*stay(2)[:7], 1.005, 0.1, 0.1]]
    read = read_bytes(workbook(rows), hospital)
    assert read.accepted.column("total").to_pylist() == [30]
    assert read.refusals() == [(5, "总费用", "DD-CELL-034")]


def test_an_identity_number_kept_as_a_number_is_refused_with_what_to_do(hospital: Contract) -> None:
    row = stay(1)
    row[2] = int(id_number(1)[:17] + "0")
    read = read_bytes(workbook([row, stay(2)]), hospital)
    assert read.refusals() == [(4, "身份证号", "DD-CELL-015")]
    assert "文本" in read.quarantine.to_pylist()[0]["reason"]


def test_days_in_text_and_empty_optional_cells_are_read(hospital: Contract) -> None:
    row = stay(1)
    row[4], row[5], row[6] = "2026年3月1日", None, "20260401"
    read = read_bytes(workbook([row]), hospital)
    assert read.accepted.column("discharged_on").to_pylist() == [None]
    assert read.account.normalised == {"admitted_on": 1, "settled_on": 1}


def test_cells_that_contradict_each_other_are_refused(hospital: Contract) -> None:
    left_early, paid_more = stay(1), stay(2)
    left_early[4], left_early[5] = left_early[5], left_early[4]
    paid_more[9] = 99_999.0
    read = read_bytes(workbook([left_early, paid_more, stay(3)]), hospital)
    assert [(row, code) for row, _, code in read.refusals()] == [(4, "DD-CELL-025"), (5, "DD-CELL-025")]


def test_an_error_value_is_not_an_empty_cell(hospital: Contract) -> None:
    content = workbook([stay(1), stay(2)])
    sheet = part_of(content, SHEET)
    begin = sheet.index(b'<c r="F4"')
    end = sheet.index(b"</c>", begin) + 4
    broken = sheet[:begin] + b'<c r="F4" t="e"><v>#N/A</v></c>' + sheet[end:]
    assert read_bytes(with_part(content, SHEET, broken), hospital).refusals() == [(4, "出院日期", "DD-CELL-006")]


def test_rows_wider_than_the_header_and_rows_repeated_are_accounted_for(hospital: Contract) -> None:
    read = read_bytes(workbook([stay(1), [*stay(2), "x"], stay(3), stay(3)]), hospital)
    assert (read.account.received, read.account.accepted) == (4, 2)
    assert read.refusals() == [(5, "", "DD-ROW-005")]
    assert read.duplicates.column("row").to_pylist() == [7]


def test_formula_text_is_refused(hospital: Contract) -> None:
    row = stay(1)
    row[3] = "=HYPERLINK(A1)"
    assert read_bytes(workbook([row]), hospital).refusals() == [(4, "医疗机构", "DD-CELL-005")]


HOSTILE: dict[str, tuple[bytes, type[SourceError]]] = {
    "empty": (b"", EmptyDeliveryError),
    "separated values": (b"a,b,c", WrongFormatError),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WrongFormatError),
    "no archive": (b"PK\x03\x04 nothing", WrongFormatError),
    "cut off": (workbook([stay(1)])[:-200], WrongFormatError),
    "no cells": (workbook([], titles=(), header=()), EmptyDeliveryError),
    "another table": (workbook([["x"] * 10], header=["甲"] * 10), WrongDeliveryError),
    "two sheets": (workbook([stay(1)], more_sheets=("其他",)), UnclearSheetError),
    "nested archive": (with_part(workbook([stay(1)]), "xl/media/a.zip", workbook([stay(1)])), WrongFormatError),
    "far corner": (far_corner(), OversizedDeliveryError),
    "inflated": (unpacking_bomb(), OversizedDeliveryError),
    "entities": (entity_bomb(), WrongFormatError),
    "16,384 columns": (widest(), OversizedDeliveryError),
    "lying size": (lying_size(), WrongFormatError),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_p13_a_workbook_that_would_harm_its_reader_is_refused_with_a_clear_word(kind: str, hospital: Contract) -> None:
    content, refusal = HOSTILE[kind]
    with pytest.raises(refusal) as caught:
        read_bytes(content, hospital)
    assert caught.value.advice
