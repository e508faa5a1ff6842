"""P11: received = accepted + quarantined + duplicate for every file and row; nothing vanishes, nothing is coerced."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_deliveries import WAGES_HEADER, as_csv, id_number, read_bytes, shipped, wage_row
from source_mutations import EMPLOYER, GROSS, ID, MONTH, MUTATIONS, NAME, plain

from doudi.engine.sources import Contract, ReaderLimits
from doudi.engine.sources.errors import (
    ColumnsMissingError,
    ColumnTwiceError,
    EmptyDeliveryError,
    OversizedDeliveryError,
    SourceError,
    UnclearUnitError,
    UnknownEncodingError,
    WrongDeliveryError,
    WrongFormatError,
)

WAGES = shipped("wages_pensions")


def joined(lines: list[bytes], ending: bytes = b"\r\n") -> bytes:
    return ",".join(WAGES_HEADER).encode("gb18030") + ending + b"".join(line + ending for line in lines)


def test_p11_every_kind_of_bad_row_is_quarantined_once_and_takes_no_good_row_with_it() -> None:
    lines = []
    bad_lines: dict[int, tuple[str, bytes]] = {}
    for number, (name, mutate) in enumerate(MUTATIONS.items()):
        lines += [plain(2 * number), mutate(2 * number + 1)]
        bad_lines[2 * number + 3] = (name, mutate(2 * number + 1))
    read = read_bytes(joined(lines), WAGES)
    assert read.account.received == len(lines)
    refused = {line["row"]: line for line in read.quarantine.to_pylist()}
    for row, (name, raw) in bad_lines.items():
        assert row in refused, name
        assert refused[row]["raw"] == raw, name
        assert refused[row]["reason"], name
    assert read.account.quarantined == len(MUTATIONS)
    assert read.account.accepted == len(MUTATIONS)
    assert read.partial.num_rows <= read.account.quarantined


@given(
    picks=st.lists(st.tuples(st.sampled_from(sorted(MUTATIONS)), st.integers(0, 30)), max_size=12),
    chunk_bytes=st.sampled_from([700, 2_000, 1 << 20]),
    ending=st.sampled_from([b"\n", b"\r\n"]),
)
@settings(max_examples=60, deadline=None)
def test_p11_adding_k_bad_rows_adds_exactly_k_quarantined(
    picks: list[tuple[str, int]], chunk_bytes: int, ending: bytes
) -> None:
    picks = [pick for pick in picks if chunk_bytes > 100_000 or pick[0] != "far too long"]
    good = [plain(number) for number in range(30)]
    lines = list(good)
    for number, (name, place) in enumerate(picks):
        lines.insert(place, MUTATIONS[name](1000 + number))
    limits = ReaderLimits(chunk_bytes=chunk_bytes)
    before, after = read_bytes(joined(good, ending), WAGES), read_bytes(joined(lines, ending), WAGES, limits=limits)
    assert after.account.received == before.account.received + len(picks)
    assert after.account.quarantined == len(picks)
    without_rows = [table.drop_columns("row").to_pylist() for table in (before.accepted, after.accepted)]
    assert without_rows[0] == without_rows[1]


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_p11_whatever_bytes_follow_the_header_no_line_is_lost(tail: bytes) -> None:
    content = joined([plain(1)]) + tail
    read = read_bytes(content, WAGES, limits=ReaderLimits(chunk_bytes=300))
    lines = [line for line in tail.split(b"\n") if line.removesuffix(b"\r")]
    assert read.account.received <= len(lines) + 1
    if b'"' not in tail:
        assert read.account.received == len(lines) + 1
    raw = b"\n".join(read.quarantine.column("raw").to_pylist())
    for line in lines:
        assert line.removesuffix(b"\r") in raw


def test_rows_are_numbered_as_in_the_file_with_titles_header_and_blank_lines_counted() -> None:
    content = joined([plain(1), b"", plain(2), b"", b"bad"])
    read = read_bytes(content, WAGES)
    assert read.accepted.column("row").to_pylist() == [2, 4]
    assert read.refusals() == [(6, "", "DD-ROW-004")]


def test_values_are_typed_and_money_is_whole_fen() -> None:
    row = read_bytes(as_csv([wage_row(3)]), WAGES).accepted.to_pylist()[0]
    assert row["gross"] == 200303
    assert row["contribution"] == 21050
    assert row["month"] == "2026-10"
    assert row["kind"] == "wage"
    assert row["id_number"] == id_number(3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_each_agreed_encoding_is_recognised_also_with_a_mark_at_the_start(encoding: str) -> None:
    content = as_csv([wage_row(1), wage_row(2)], encoding="utf-8" if encoding.startswith("utf") else encoding)
    read = read_bytes(b"\xef\xbb\xbf" + content if encoding == "utf-8-sig" else content, WAGES)
    assert (read.account.accepted, read.account.reasons) == (2, {})
    assert read.account.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")


def test_a_rare_character_that_only_gb18030_can_write_survives() -> None:
    row = wage_row(1)
    row[NAME] = "𠮷䶮"
    assert read_bytes(as_csv([row]), WAGES).accepted.column("name").to_pylist() == ["𠮷䶮"]


def test_a_line_of_another_encoding_is_refused_in_both_directions() -> None:
    for own, other, code in (("utf-8", "gb18030", "DD-ROW-001"), ("gb18030", "utf-8", "DD-ROW-002")):
        content = as_csv([wage_row(1)], encoding=own) + ",".join(wage_row(2)).encode(other) + b"\r\n"
        assert read_bytes(content, WAGES).refusals() == [(3, "", code)]


def test_quoted_cells_may_hold_delimiters_marks_and_line_breaks() -> None:
    rows = []
    for number, employer in enumerate(['"清河县,第一厂"', '"老""字号""厂"', '"清河县\r\n第二厂"', "清河县第三厂"]):
        row = wage_row(number)
        row[EMPLOYER] = employer
        rows.append(row)
    for limits in (ReaderLimits(), ReaderLimits(chunk_bytes=150)):
        read = read_bytes(as_csv(rows), WAGES, limits=limits)
        assert read.accepted.column("employer").to_pylist() == [
            "清河县,第一厂",
            '老"字号"厂',
            "清河县\r\n第二厂",
            "清河县第三厂",
        ]
        assert read.accepted.column("row").to_pylist() == [2, 3, 4, 6]


def test_two_open_marks_far_apart_do_not_swallow_the_rows_between_them() -> None:
    lines = [plain(n) for n in range(10)]
    lines[2] = lines[2].replace(b",", b',"', 1)
    lines[6] = lines[6].replace(b",", b',"', 1)
    read = read_bytes(joined(lines), WAGES)
    assert read.account.accepted == 8
    assert [row for row, _, _ in read.refusals()] == [4, 8]


def test_exact_repeats_are_set_aside_and_contradictions_refused_on_both_sides() -> None:
    changed = wage_row(2)
    changed[GROSS] = "9.99"
    read = read_bytes(as_csv([wage_row(1), wage_row(2), wage_row(1), changed, wage_row(3)]), WAGES)
    assert read.duplicates.column("row").to_pylist() == [4]
    assert read.duplicates.column("raw").to_pylist() == [plain(1)]
    assert read.refusals() == [(3, "", "DD-ROW-008"), (5, "", "DD-ROW-008")]
    assert sorted(read.partial.column("gross").to_pylist()) == [999, 200202]
    assert read.account.accepted == 2


def test_every_bad_cell_of_a_row_is_named_and_the_rest_of_the_row_is_kept_apart() -> None:
    row = wage_row(5)
    row[GROSS], row[MONTH] = "NaN", "2026-14"
    read = read_bytes(as_csv([row, wage_row(6)]), WAGES)
    assert read.refusals() == [(2, "应发金额(元)", "DD-CELL-032"), (2, "所属月份", "DD-CELL-024")]
    assert read.partial.to_pylist()[0]["id_number"] == id_number(5)
    assert read.partial.to_pylist()[0]["gross"] is None


def test_normalisation_is_counted_by_column() -> None:
    row = wage_row(5)
    row[ID] = "".join(chr(ord(letter) + 0xFEE0) for letter in row[ID])
    row[MONTH] = "2026年10月"
    assert read_bytes(as_csv([row, wage_row(6)]), WAGES).account.normalised == {"id_number": 1, "month": 1}


def test_a_number_of_15_digits_is_upgraded_and_counted() -> None:
    row = wage_row(5)
    row[ID] = row[ID][:6] + row[ID][8:17]
    read = read_bytes(as_csv([row]), WAGES)
    assert read.accepted.column("id_number").to_pylist() == [id_number(5)]
    assert read.account.normalised == {"id_number": 1}


def test_columns_may_come_in_any_order_with_others_between_and_under_agreed_other_names() -> None:
    order = [6, 2, 1, 0, 3, 4, 5]
    header = [WAGES_HEADER[place] for place in order]
    header[1] = "身份证号"
    rows = [[wage_row(1)[place] for place in order]]
    read = read_bytes(as_csv([[*row, "备注"] for row in rows], header=[*header, "说明"]), WAGES)
    assert read.account.accepted == 1
    assert read.account.ignored_columns == ["说明"]
    assert read.accepted.column("contribution").to_pylist() == [None]


def test_money_in_ten_thousand_yuan_is_read_by_the_header() -> None:
    header = [cell.replace("应发金额(元)", "应发金额（万元）") for cell in WAGES_HEADER]
    row = wage_row(1)
    row[GROSS] = "1.23"
    assert read_bytes(as_csv([row], header=header), WAGES).accepted.column("gross").to_pylist() == [1_230_000]


def content_with(header: list[str]) -> bytes:
    return as_csv([wage_row(1)], header=header)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", EmptyDeliveryError),
        (b"\r\n\r\n", EmptyDeliveryError),
        (b"\xef\xbb\xbf", EmptyDeliveryError),
        (b"PK\x03\x04" + b"x" * 50, WrongFormatError),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, WrongFormatError),
        (b"<html><table>", WrongFormatError),
        (b"%PDF-1.7", WrongFormatError),
        (as_csv([]).decode("gb18030").encode("utf-16"), UnknownEncodingError),
        (content_with([c for c in WAGES_HEADER if c != "类别"]), ColumnsMissingError),
        (content_with(["姓氏" if c == "姓名" else c for c in WAGES_HEADER]), ColumnsMissingError),
        (content_with([*WAGES_HEADER, "身份证号"]), ColumnTwiceError),
        (content_with(["甲", "乙", "丙"]), WrongDeliveryError),
        (b",".join(b"c%d" % n for n in range(16_384)) + b"\r\n", WrongDeliveryError),
        (plain(1) + b"\r\n" + plain(2) + b"\r\n", WrongDeliveryError),
    ],
)
def test_a_file_that_is_not_this_delivery_is_refused_whole(content: bytes, refusal: type[SourceError]) -> None:
    with pytest.raises(refusal) as caught:
        read_bytes(content, WAGES)
    assert caught.value.advice
    assert wage_row(1)[NAME] not in str(caught.value)
    assert id_number(1) not in str(caught.value)


def test_a_header_alone_has_no_rows() -> None:
    assert read_bytes(as_csv([]), WAGES).account.received == 0


def test_the_right_department_of_a_wrong_file_is_named(registry: Contract) -> None:
    with pytest.raises(WrongDeliveryError, match="人力资源和社会保障局"):
        read_bytes(as_csv([wage_row(1)]), registry, others=[WAGES, registry])


def test_two_units_for_one_column_are_refused() -> None:
    contract = WAGES.model_copy(update={"title_rows_max": 3})
    content = "单位：万元\r\n".encode("gb18030") + as_csv([wage_row(1)])
    with pytest.raises(UnclearUnitError):
        read_bytes(content, contract)


def test_a_line_without_end_is_refused_before_memory_is() -> None:
    with pytest.raises(OversizedDeliveryError):
        read_bytes(as_csv([wage_row(1)]) + b"x" * 5_000, WAGES, limits=ReaderLimits(chunk_bytes=1_000))
