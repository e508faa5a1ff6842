"""Parquet deliveries: the same checks, types that can hold what they mean, and files that harm no one (P11, P13)."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_deliveries import AS_OF, WAGES_HEADER, as_csv, id_number, read_bytes, shipped, wage_row

from doudi.engine.sources import ReaderLimits, accept
from doudi.engine.sources.errors import (
    ColumnsMissingError,
    ColumnTypeError,
    EmptyDeliveryError,
    OversizedDeliveryError,
    ReaderStoppedError,
    SourceError,
    WrongDeliveryError,
    WrongFormatError,
)
from doudi.engine.values.keys import Keyring

CSV = shipped("wages_pensions")
WAGES = CSV.model_copy(update={"format": "parquet", "files": "工资养老金_*.parquet"})
RECORD, NAME, ID, EMPLOYER, MONTH, KIND, GROSS, OWN = range(8)


def parquet(table: pa.Table, **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def wages(rows: list[list[str]], **columns: pa.Array) -> pa.Table:
    """Rows of wages as text; `columns` replaces one by its place, as c6."""
    arrays = [
        columns.get(f"c{place}", pa.array([row[place] for row in rows], pa.string()))
        for place in range(len(WAGES_HEADER))
    ]
    return pa.Table.from_arrays(arrays, names=WAGES_HEADER)


def rows(count: int) -> list[list[str]]:
    return [wage_row(number) for number in range(count)]


def test_p11_a_parquet_file_is_read_as_the_same_table_in_csv_is() -> None:
    table = rows(60)
    for number, (column, text) in enumerate(
        [(ID, "1"), (GROSS, "NaN"), (MONTH, "2026-13"), (NAME, "张3"), (KIND, "x")]
    ):
        table[number * 3][column] = text
    table[40], table[50] = table[41], [*table[51][:GROSS], "9.99", "0"]
    ours, theirs = read_bytes(parquet(wages(table), row_group_size=7), WAGES), read_bytes(as_csv(table), CSV)
    assert ours.account.as_json() | {"encoding": ""} == theirs.account.as_json() | {"encoding": ""}
    in_order = [("row", "ascending")]
    for part in ("accepted", "quarantine", "duplicates", "partial"):
        left, right = getattr(ours, part).sort_by(in_order), getattr(theirs, part).sort_by(in_order)
        numbers = [row - 1 for row in right.column("row").to_pylist()]  # a CSV counts its header
        assert left.column("row").to_pylist() == numbers
        dropped = [name for name in ("row", "raw") if name in left.schema.names]
        assert left.drop_columns(dropped) == right.drop_columns(dropped)
    assert all(line["raw"].startswith(b"[") for line in ours.quarantine.to_pylist())


@pytest.mark.parametrize(
    ("column", "cells", "values"),
    [
        (GROSS, pa.array([Decimal("12.30"), None], pa.decimal128(12, 2)), [1230]),
        (GROSS, pa.array([Decimal("12.3400"), Decimal("12.3450")], pa.decimal256(40, 4)), [1234]),
        (GROSS, pa.array([12, -1], pa.int64()), [1200]),
        (GROSS, pa.array([0.29, 0.1 + 0.2], pa.float64()), [29]),
        (GROSS, pa.array([7.0, float("nan")], pa.float64()), [700]),
        (MONTH, pa.array([date(2026, 10, 1), date(2026, 10, 2)], pa.date32()), ["2026-10"]),
        (MONTH, pa.array([datetime(2026, 9, 1), None], pa.timestamp("ms")), ["2026-09"]),  # noqa: DTZ001 - a delivered day has no zone
        (KIND, pa.array(["工资", "奖金"]).dictionary_encode(), ["wage"]),
        (NAME, pa.array(["张三", "张\x00三"], pa.large_string()), ["张三"]),
    ],
)
def test_typed_columns_are_read_exactly_and_what_is_inexact_is_quarantined(
    column: int, cells: pa.Array, values: list[Any]
) -> None:
    read = read_bytes(parquet(wages(rows(2), **{f"c{column}": cells})), WAGES)
    assert read.accepted.column(list(WAGES.columns)[column]).to_pylist() == values
    assert (read.account.accepted, read.account.quarantined) == (1, 1)


def test_empty_cells_and_columns_without_any_value_say_nothing() -> None:
    read = read_bytes(parquet(wages(rows(2), c3=pa.nulls(2), c7=pa.array([None, "1"]))), WAGES)
    assert read.accepted.column("employer").to_pylist() == [None, None]
    assert read.accepted.column("contribution").to_pylist() == [None, 100]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (ID, pa.array([int(id_number(1)[:17])] * 2, pa.int64())),
        (ID, pa.array([4.19901e17] * 2)),
        (GROSS, pa.array([1.5, 2.5], pa.float32())),
        (GROSS, pa.array([True, False])),
        (GROSS, pa.array([[1], [2]], pa.list_(pa.int64()))),
        (NAME, pa.array([{"x": "张三"}] * 2)),
        (NAME, pa.array([b"a", b"b"], pa.binary())),
        (MONTH, pa.array([datetime(2026, 9, 1)] * 2, pa.timestamp("ms", "Asia/Shanghai"))),  # noqa: DTZ001 - a delivered day has no zone
        (MONTH, pa.array([202610] * 2, pa.int32())),
        (KIND, pa.array([1, 2], pa.int8())),
    ],
)
def test_a_column_whose_type_cannot_hold_it_refuses_the_file_with_advice(column: int, cells: pa.Array) -> None:
    with pytest.raises(ColumnTypeError) as caught:
        read_bytes(parquet(wages(rows(2), **{f"c{column}": cells})), WAGES)
    assert WAGES_HEADER[column] in caught.value.message
    assert caught.value.advice


GOOD = parquet(wages(rows(50)))
_WIDE = pa.table({f"c{place}": ["x"] for place in range(2000)})
HOSTILE: dict[str, tuple[bytes, type[SourceError]]] = {
    "empty": (b"", EmptyDeliveryError),
    "only the magic": (b"PAR1", WrongFormatError),
    "separated values": (as_csv(rows(2)), WrongFormatError),
    "a workbook": (b"PK\x03\x04" + bytes(200), WrongFormatError),
    "encrypted": (b"PARE" + GOOD[4:-4] + b"PARE", WrongFormatError),
    "cut off": (GOOD[:-9], WrongFormatError),
    "cut in the middle": (GOOD[: len(GOOD) // 2] + GOOD[-400:], WrongFormatError),
    "footer longer than the file": (GOOD[:-8] + (1 << 30).to_bytes(4, "little") + b"PAR1", WrongFormatError),
    "footer of noise": (b"PAR1" + bytes(range(256)) * 8 + (2048).to_bytes(4, "little") + b"PAR1", WrongFormatError),
    "damaged pages": (GOOD[:200] + bytes(400) + GOOD[600:], WrongFormatError),
    "2,000 columns": (parquet(_WIDE), OversizedDeliveryError),
    "another table": (parquet(pa.table({"甲": ["x"], "乙": ["y"]})), WrongDeliveryError),
    "a column renamed": (parquet(wages(rows(2)).rename_columns(["编号", *WAGES_HEADER[1:]])), ColumnsMissingError),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_p13_a_parquet_file_that_is_none_or_harms_is_refused_with_a_clear_word(kind: str) -> None:
    content, refusal = HOSTILE[kind]
    with pytest.raises(refusal) as caught:
        read_bytes(content, WAGES)
    assert caught.value.advice


def test_p13_text_that_is_no_text_is_refused() -> None:
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff\xfe", b"a"]).buffers())
    with pytest.raises(WrongFormatError):
        read_bytes(parquet(wages(rows(2), c1=broken)), WAGES)


def test_p13_a_small_file_that_unpacks_to_much_ends_its_child_and_not_the_caller(
    tmp_path: Path, keyring: Keyring
) -> None:
    # One name of a mebibyte in a dictionary, 50,000 times: a file of kilobytes that is 50 GiB of text.
    number = 50_000
    huge = pa.DictionaryArray.from_arrays(pa.array([0] * number, pa.int32()), pa.array(["张" * (1 << 20)]))
    table = pa.Table.from_arrays(
        [huge if place == NAME else pa.array(["1"] * number) for place in range(8)], names=WAGES_HEADER
    )
    path = tmp_path / "工资养老金_202610.parquet"
    path.write_bytes(parquet(table, compression="zstd"))
    assert path.stat().st_size < 1 << 20
    with pytest.raises((ReaderStoppedError, OversizedDeliveryError)):
        accept(path, WAGES, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    many = parquet(wages(rows(50)))
    with pytest.raises(OversizedDeliveryError):
        read_bytes(many, WAGES, limits=ReaderLimits(rows=49))
    with pytest.raises(OversizedDeliveryError):
        read_bytes(many, WAGES, limits=ReaderLimits(unpacked_bytes=1000))
    good = tmp_path / "工资养老金_202609.parquet"
    good.write_bytes(parquet(wages(rows(5000))))
    report = accept(good, WAGES, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    assert (report.received, report.accepted) == (5000, 5000)
    assert "limits" in report.confinement
