"""Department files as Parquet: typed columns, taken only where the type can hold what the contract means.

An identity number kept as a number has lost its X, and binary fractions of 32 bits hold no amounts: a column of such a
type is refused with the whole file, for no row of it can be believed. Everything else becomes text, exactly, and meets
the same checks as every other file. As raw row the cells are kept as a JSON list, in the order of the contract.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import BinaryIO, NoReturn

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from doudi.engine.sources.check import Rows
from doudi.engine.sources.contract import ColumnType, Contract
from doudi.engine.sources.delivery import Chunk, RowNumbers
from doudi.engine.sources.errors import (
    ColumnTypeError,
    EmptyDeliveryError,
    OversizedDeliveryError,
    WrongFormatError,
)
from doudi.engine.sources.header import Header, find_header
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.sheet_cells import texts_of_floats

_MAGIC = b"PAR1"
_FOOTER_BYTES_MAX = 16 << 20
_ROWS_IN_A_BATCH = 20_000
_BROKEN = (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, UnicodeError)


class ParquetFile:
    """An opened Parquet file whose columns fit the contract."""

    encoding = "parquet"

    def __init__(
        self, handle: BinaryIO, contract: Contract, limits: ReaderLimits, *, others: Sequence[Contract] = ()
    ) -> None:
        self._contract = contract
        _check_frame(contract, handle)
        try:
            self._file = pq.ParquetFile(
                handle, pre_buffer=False, thrift_string_size_limit=1 << 20, thrift_container_size_limit=1 << 20
            )
            schema = self._file.schema_arrow
        except _BROKEN:
            _refuse(contract, "is no whole Parquet file")
        _check_size(contract, self._file.metadata, limits)
        found = find_header(contract, [schema.names], others=others)
        self.header: Header = found
        self._names = {name: schema.names[place] for name, place in found.positions.items()}
        for name, position in found.positions.items():
            _check_type(contract, name, schema.field(position).type)

    def chunks(self) -> Iterator[Chunk]:
        """Rows by the batch, numbered from 1."""
        for first, batch in self._batches():
            numbers = np.arange(first, first + batch.num_rows)
            text = {
                name: _texts(batch.column(header), self._contract.columns[name].type)
                for name, header in self._names.items()
            }
            frame = pl.DataFrame(text)
            yield Chunk(Rows(numbers, frame), [], partial(_raw, frame))

    def raw_rows(self, numbers: RowNumbers) -> Mapping[int, bytes]:
        """Rows by their number, read again from the file."""
        found: dict[int, bytes] = {}
        for chunk in self.chunks():
            places = np.flatnonzero(np.isin(chunk.rows.numbers, numbers))
            found |= dict(zip(chunk.rows.numbers[places].tolist(), chunk.raw(places), strict=True))
        return found

    def _batches(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        first = 1
        try:
            for batch in self._file.iter_batches(
                _ROWS_IN_A_BATCH, columns=list(self._names.values()), use_threads=False
            ):
                batch.validate(full=True)  # offsets inside their buffers, text that is UTF-8
                yield first, batch
                first += batch.num_rows
        except _BROKEN:
            _refuse(self._contract, "holds damaged pages")


def _check_frame(contract: Contract, handle: BinaryIO) -> None:
    size = handle.seek(0, 2)
    if not size:
        raise EmptyDeliveryError(f"{contract.id}: the file is empty.", advice="Ask the department to deliver it again.")
    handle.seek(0)
    head = handle.read(4)
    handle.seek(max(size - 8, 0))
    tail = handle.read(8)
    footer_bytes = int.from_bytes(tail[:4], "little")
    if tail[4:] == b"PARE" or head == b"PARE":
        _refuse(contract, "is protected by a key")
    if head != _MAGIC or tail[4:] != _MAGIC or footer_bytes + 12 > size:
        _refuse(contract, "is no whole Parquet file")
    if footer_bytes > _FOOTER_BYTES_MAX:
        _too_large(contract, f"its footer has more than {_FOOTER_BYTES_MAX >> 20} MiB")
    handle.seek(0)


def _check_size(contract: Contract, said: pq.FileMetaData, limits: ReaderLimits) -> None:
    if said.num_columns > limits.columns:
        _too_large(contract, f"it has more than {limits.columns} columns")
    if said.num_rows > limits.rows:
        _too_large(contract, f"it has more than {limits.rows} rows")
    groups = [said.row_group(place) for place in range(said.num_row_groups)]
    if sum(max(group.total_byte_size, 0) for group in groups) > limits.unpacked_bytes:
        _too_large(contract, f"it would unpack to more than {limits.unpacked_bytes >> 20} MiB")
    if sum(group.num_rows for group in groups) != said.num_rows:
        _refuse(contract, "gives two numbers of rows")


def _check_type(contract: Contract, name: str, kind: pa.DataType) -> None:
    wanted = contract.columns[name].type
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_text = pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_null(value)
    is_whole = pa.types.is_integer(kind)
    is_day = pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None)
    fits = {
        "money": is_whole or pa.types.is_float64(kind) or (pa.types.is_decimal(kind) and kind.scale >= 0),
        "count": is_whole,
        "date": is_day,
        "month": is_day,
    }.get(wanted, False)
    if not (is_text or fits):
        raise ColumnTypeError(
            f"{contract.id}: the column {contract.columns[name].headers[0]} has the type {_plain(kind)}, "
            f"which can't hold a {wanted} safely.",
            advice="Export identity numbers, codes and names as text, amounts as decimal or text, days as dates.",
        )


def _plain(kind: pa.DataType) -> str:
    return "a nested one" if pa.types.is_nested(kind) else str(kind)[:40]


def _texts(cells: pa.Array, kind: ColumnType) -> pl.Series:
    """A column as text, exactly; nothing where there is nothing."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if pa.types.is_null(cells.type) or pa.types.is_decimal(cells.type):
        cells = cells.cast(pa.large_string())
    column = pl.Series(cells)
    if column.dtype == pl.String:
        return column
    if column.dtype == pl.Float64:
        known = column.is_not_null()
        texts = texts_of_floats(column.filter(known).to_numpy(), repr)
        empty = pl.repeat(None, len(column), dtype=pl.String, eager=True)
        return empty.scatter(np.flatnonzero(known.to_numpy()), texts)
    if column.dtype.is_integer():
        return column.cast(pl.String)
    return _texts_of_days(column, kind)


def _texts_of_days(days: pl.Series, kind: ColumnType) -> pl.Series:
    """Days as 2026-10-05, with the time of day if there is one; the first of a month as 2026-10 where that is meant."""
    times = days.cast(pl.Datetime("us"))
    texts = pl.when(times.dt.time().cast(pl.Int64) == 0).then(times.dt.strftime("%Y-%m-%d"))
    whole = pl.select(texts.otherwise(times.dt.strftime("%Y-%m-%d %H:%M:%S"))).to_series()
    if kind != "month":
        return whole
    is_first = whole.str.ends_with("-01").fill_null(False)
    return pl.select(pl.when(is_first).then(times.dt.strftime("%Y-%m")).otherwise(whole)).to_series()


def _raw(frame: pl.DataFrame, wanted: RowNumbers) -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode("utf-8") for row in frame[wanted].rows()]


def _refuse(contract: Contract, what: str) -> NoReturn:
    raise WrongFormatError(f"{contract.id}: the file {what}.", advice="Export it again as an ordinary Parquet file.")


def _too_large(contract: Contract, what: str) -> NoReturn:
    raise OversizedDeliveryError(f"{contract.id}: {what}.", advice="Deliver it in several files.")
