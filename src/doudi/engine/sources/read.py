"""Reading one delivery from end to end, in bounded memory: cut, check, compare, and account for every row.

    open      find encoding or sheet, find the header                    csv_file, sheet_file, parquet_file, header
    cut       rows as text, chunk by chunk; rows that can't be cut       csv_file, sheet_file, parquet_file
    check     text to typed values; a refused cell names its reason      check
    compare   repeats and contradictions over the whole file             repeats
    write     accepted | quarantine | duplicates | partial, as Parquet   here

Nothing here opens a path, a key or a socket: it runs in the confined child on file handles that it was given.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from doudi.engine.sources.ahead import WorkAhead
from doudi.engine.sources.check import CheckedRows, check_rows
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.csv_file import CsvFile
from doudi.engine.sources.delivery import Chunk, Delivery, RowNumbers, joined
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.parquet_file import ParquetFile
from doudi.engine.sources.reasons import DUPLICATE_CODE, REASONS
from doudi.engine.sources.repeats import KeyBook, Repeats
from doudi.engine.sources.sheet_file import SheetFile
from doudi.engine.tables import QUARANTINE

_CONTRADICTION_CODE = "DD-ROW-008"
_ROWS_IN_A_GROUP = 200_000
_CHUNKS_CHECKED_AT_ONCE = 2
_REPEATED_IN_QUARANTINE = ("source", "batch", "column", "code", "reason")
_REPEATING_TYPES = ("code", "month", "date", "area_code", "count")


@dataclass(frozen=True)
class Outputs:
    """Where the parts go, as open files; `scratch` is only used while reading."""

    accepted: BinaryIO
    quarantine: BinaryIO
    duplicates: BinaryIO
    partial: BinaryIO
    scratch: BinaryIO


@dataclass
class Account:
    """What became of every row: received = accepted + quarantined + duplicate."""

    received: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    encoding: str = ""
    months: list[str] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    normalised: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As handed back by the child."""
        return asdict(self)


@dataclass(frozen=True)
class Hands:
    """Threads beside the reader's own: one cuts the next rows, one checks those before; at the end one sorts out."""

    cutting: WorkAhead[Chunk] = field(default_factory=WorkAhead[Chunk])
    checking: WorkAhead[tuple[Chunk, CheckedRows]] = field(default_factory=WorkAhead[tuple[Chunk, CheckedRows]])
    sorting_out: WorkAhead[pa.Table] = field(default_factory=WorkAhead[pa.Table])


def read_delivery(
    handle: BinaryIO,
    contract: Contract,
    *,
    batch: str,
    as_of: date,
    limits: ReaderLimits,
    outputs: Outputs,
    others: Sequence[Contract] = (),
    hands: Hands | None = None,
) -> Account:
    """Read one file and write its four parts. With `hands`, rows are cut, checked and written at the same time."""
    delivery: Delivery
    match contract.format:
        case "csv":
            delivery = CsvFile(handle, contract, limits, others=others)
        case "xlsx":
            delivery = SheetFile(handle, contract, limits, others=others)
        case "parquet":
            delivery = ParquetFile(handle, contract, limits, others=others)
    return _Reading(delivery, contract, batch, as_of, outputs).run(hands)


class _Reading:
    def __init__(self, delivery: Delivery, contract: Contract, batch: str, as_of: date, outputs: Outputs) -> None:
        self._delivery, self._contract, self._batch, self._as_of = delivery, contract, batch, as_of
        self._outputs = outputs
        self._book = KeyBook(contract.key)
        self._account = Account(encoding=delivery.encoding, ignored_columns=list(delivery.header.ignored))
        self._reasons: Counter[str] = Counter()
        self._normalised: Counter[str] = Counter()
        self._repeated = ["batch", *(name for name, spec in contract.columns.items() if spec.type in _REPEATING_TYPES)]
        self._partial_schema = pa.schema([f.with_nullable(True) for f in contract.schema])

    def run(self, hands: Hands | None) -> Account:
        chunks = self._delivery.chunks()
        checked = self._checked(hands.cutting.run(chunks) if hands else chunks)
        with (
            _parquet(self._outputs.quarantine, QUARANTINE.schema, _REPEATED_IN_QUARANTINE) as quarantine,
            _parquet(self._outputs.partial, self._partial_schema, self._repeated) as partial,
        ):
            with pa.ipc.new_file(self._outputs.scratch, self._partial_schema, options=_lz4()) as scratch:
                for chunk, rows in hands.checking.run(checked) if hands else checked:
                    self._take(chunk, rows, scratch, quarantine, partial)
            self._settle(quarantine, partial, hands)
        self._account.reasons = dict(sorted(self._reasons.items()))
        self._account.normalised = dict(sorted(self._normalised.items()))
        return self._account

    def _checked(self, chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, CheckedRows]]:
        for chunk in _in_large_chunks(chunks):
            yield chunk, check_rows(self._contract, self._delivery.header.units, chunk.rows, as_of=self._as_of)

    def _take(
        self,
        chunk: Chunk,
        checked: CheckedRows,
        scratch: pa.ipc.RecordBatchFileWriter,
        quarantine: pq.ParquetWriter,
        partial: pq.ParquetWriter,
    ) -> None:
        rows = chunk.rows
        self._account.received += len(rows.numbers) + len(chunk.rejected)
        self._account.quarantined += int((~checked.is_good).sum()) + len(chunk.rejected)
        self._normalised.update(checked.normalised)
        refused = self._refused_cells(chunk, checked)
        if refused.num_rows:
            quarantine.write_table(refused)
        if not len(rows.numbers):
            return
        good = checked.values.filter(pl.Series(checked.is_good))
        numbers = rows.numbers[checked.is_good]
        self._book.note(numbers, good)
        scratch.write_table(self._typed(good, numbers))
        if not checked.is_good.all():
            bad = checked.values.filter(pl.Series(~checked.is_good))
            partial.write_table(self._typed(bad, rows.numbers[~checked.is_good]))

    def _refused_cells(self, chunk: Chunk, checked: CheckedRows) -> pa.Table:
        """Rows that could not be cut and cells that could not be read, in the order of rows, headers and codes."""
        rejected = chunk.rejected
        numbers = [np.array([row.number for row in rejected], np.int64)]
        headers, codes = [""] * len(rejected), [row.code for row in rejected]
        raws = [row.raw for row in rejected]
        for name, code, places in checked.refusals:
            numbers.append(chunk.rows.numbers[places])
            headers += [self._contract.columns[name].headers[0]] * len(places)
            codes += [code] * len(places)
            raws += chunk.raw(places)
        self._reasons.update(codes)
        table = self._quarantine_table(np.concatenate(numbers), headers, codes, raws)
        return table.sort_by([("row", "ascending"), ("column", "ascending"), ("code", "ascending")])

    def _quarantine_table(
        self, numbers: RowNumbers, headers: Sequence[str], codes: Sequence[str], raws: Sequence[bytes]
    ) -> pa.Table:
        return pa.table(
            {
                "source": pa.repeat(self._contract.id, len(numbers)),
                "batch": pa.repeat(self._batch, len(numbers)),
                "row": pa.array(numbers, pa.int64()),
                "column": pa.array(headers, pa.string()),
                "code": pa.array(codes, pa.string()),
                "reason": pa.array([REASONS[code].zh for code in codes], pa.string()),
                "raw": pa.array(raws, pa.binary()),
            },
            schema=QUARANTINE.schema,
        )

    def _typed(self, values: pl.DataFrame, numbers: RowNumbers) -> pa.Table:
        arrays = [values[name].to_arrow().cast(spec.arrow_type) for name, spec in self._contract.columns.items()]
        arrays += [pa.repeat(self._batch, len(numbers)), pa.array(numbers, pa.int64())]
        return pa.Table.from_arrays(arrays, schema=self._partial_schema)

    def _settle(self, quarantine: pq.ParquetWriter, partial: pq.ParquetWriter, hands: Hands | None) -> None:
        """After the last chunk: set repeats aside, refuse contradictions, write what is accepted."""
        repeats = self._book.repeats()
        account = self._account
        account.duplicate = len(repeats.duplicate)
        account.quarantined += len(repeats.contradicting)
        with _parquet(self._outputs.duplicates, QUARANTINE.schema, _REPEATED_IN_QUARANTINE) as duplicates:
            self._write_rows(duplicates, repeats.duplicate, DUPLICATE_CODE)
        self._write_rows(quarantine, repeats.contradicting, _CONTRADICTION_CODE)
        months: Counter[str] = Counter()
        with _parquet(self._outputs.accepted, self._contract.schema, self._repeated) as accepted:
            kept = self._without(repeats, partial)
            for table in hands.sorting_out.run(kept) if hands else kept:
                accepted.write_table(table, row_group_size=_ROWS_IN_A_GROUP)
                account.accepted += table.num_rows
                if self._contract.coverage.month_column:
                    # A date counts for its month: 2026-10-31 is of 2026-10.
                    placed = table.column(self._contract.coverage.month_column).drop_null().cast(pa.string())
                    months.update(pc.unique(pc.utf8_slice_codeunits(placed, 0, 7)).to_pylist())
        account.months = sorted(months)

    def _without(self, repeats: Repeats, partial: pq.ParquetWriter) -> Iterator[pa.Table]:
        """The good rows without those that repeat another one or contradict it."""
        for table in self._noted_chunks():
            numbers = table.column("row").to_numpy()
            is_contradicting = np.isin(numbers, repeats.contradicting, assume_unique=True)
            if is_contradicting.any():
                partial.write_table(table.filter(pa.array(is_contradicting)))
            kept = table.filter(pa.array(~is_contradicting & ~np.isin(numbers, repeats.duplicate)))
            if kept.num_rows:
                yield kept.cast(self._contract.schema)

    def _noted_chunks(self) -> Iterator[pa.Table]:
        self._outputs.scratch.seek(0)
        with pa.ipc.open_file(self._outputs.scratch, options=pa.ipc.IpcReadOptions(use_threads=False)) as scratch:
            for place in range(scratch.num_record_batches):
                yield pa.Table.from_batches([scratch.get_batch(place)])

    def _write_rows(self, writer: pq.ParquetWriter, numbers: RowNumbers, code: str) -> None:
        raw: Mapping[int, bytes] = self._delivery.raw_rows(numbers) if len(numbers) else {}
        if len(raw) != len(numbers):
            raise RuntimeError("a repeated row could not be read again")
        if raw:
            self._reasons[code] += len(raw)
            rows = sorted(raw)
            raws = [raw[number] for number in rows]
            table = self._quarantine_table(np.array(rows, np.int64), [""] * len(rows), [code] * len(rows), raws)
            writer.write_table(table)


def _in_large_chunks(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Cutting likes blocks that stay near the processor, checking likes few long columns: so some chunks are joined."""
    while waiting := list(islice(chunks, _CHUNKS_CHECKED_AT_ONCE)):
        yield joined(waiting)


def _parquet(target: BinaryIO, schema: pa.Schema, repeated: Sequence[str]) -> pq.ParquetWriter:
    """A writer that looks for repeated values only where there are some: elsewhere that costs more than it saves."""
    return pq.ParquetWriter(
        target,
        schema,
        compression="zstd",
        use_dictionary=list(repeated),
        column_encoding={"row": "DELTA_BINARY_PACKED"},
        write_statistics=False,
    )


def _lz4() -> pa.ipc.IpcWriteOptions:
    # No threads: the confined reader may not start any.
    return pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
