"""Builders of deliveries as departments send them. Invented people: division 4199, right check digits."""

import io
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from doudi.engine.pack.document import read_document, validate
from doudi.engine.sources import Contract, ReaderLimits
from doudi.engine.sources.read import Account, Outputs, read_delivery
from doudi.engine.values.identity import check_digit

AS_OF = date(2026, 11, 20)
SHIPPED = Path(__file__).resolve().parents[3] / "src" / "doudi" / "packs" / "cn" / "sources"
WAGES_HEADER = ["流水号", "姓名", "证件号码", "单位名称", "所属月份", "类别", "应发金额(元)", "个人缴费(元)"]


def id_number(number: int) -> str:
    """The identity number of invented person `number`."""
    head = f"419901{1950 + number % 60:04d}{1 + number % 12:02d}{1 + number % 28:02d}{number // 60 % 1000:03d}"
    return head + check_digit(head)


def wage_row(number: int) -> list[str]:
    """A good row of wages; every number gives another one."""
    name = "张王李赵"[number % 4] + "小梅兰竹菊"[number % 5]
    amount = f"{2000 + number % 3000}.{number % 100:02d}"
    return [f"LS{number:07d}", name, id_number(number), "清河县第一机械厂", "2026-10", "工资", amount, "210.5"]


def as_csv(rows: Sequence[Sequence[str]], *, encoding: str = "gb18030", header: Sequence[str] = WAGES_HEADER) -> bytes:
    """Lines without quotation marks, as the old systems write them."""
    return b"".join(",".join(row).encode(encoding) + b"\r\n" for row in [header, *rows])


@dataclass(frozen=True)
class ReadBack:
    """What came out of reading."""

    account: Account
    accepted: pa.Table
    quarantine: pa.Table
    duplicates: pa.Table
    partial: pa.Table

    def refusals(self) -> list[tuple[int, str, str]]:
        """Row, column and code of each refusal."""
        lines = self.quarantine.to_pylist()
        return [(line["row"], line["column"], line["code"]) for line in lines]


def read_bytes(
    content: bytes, contract: Contract, *, limits: ReaderLimits | None = None, **options: object
) -> ReadBack:
    """Read in this process, without the confinement: the same code as the child runs."""
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(5)]
        account = read_delivery(
            io.BytesIO(content),
            contract,
            batch="b" * 16,
            as_of=AS_OF,
            limits=limits or ReaderLimits(),
            outputs=Outputs(*files),
            **options,
        )
        tables = []
        for file in files[:4]:
            file.seek(0)
            tables.append(pq.read_table(file, use_threads=False, pre_buffer=False))
    read = ReadBack(account, *tables)
    assert account.received == account.accepted + account.quarantined + account.duplicate
    assert read.accepted.num_rows == account.accepted
    assert len(set(read.quarantine.column("row").to_pylist())) == account.quarantined
    assert read.duplicates.num_rows == account.duplicate
    return read


def shipped(source: str) -> Contract:
    return validate(read_document(SHIPPED / source / "contract.yaml"), Contract)
