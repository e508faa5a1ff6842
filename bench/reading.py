"""The strict reader on 200,000 rows of GB18030 CSV, one in twenty bad, against the floor of unchecked reading.

Ours: the confined child's start, decoding, every cell checked, manifest, sealed accepted rows and quarantine.
The floor: polars turns a UTF-8 copy of the same file into Parquet, all text, nothing checked.
Equal means: received = accepted + quarantined + duplicate, and the floor sees the same number of rows.
"""

import random
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl

from doudi.engine.pack.pack import load_pack
from doudi.engine.sources import accept, load_contracts
from doudi.engine.values.identity import check_digit
from doudi.engine.values.keys import Keyring

ROWS = 200_000
BAD_EVERY = 20
HEADER = "流水号,姓名,证件号码,单位名称,所属月份,类别,应发金额(元),个人缴费(元)"
BAD_CELLS = (
    ("amount", "1e3"),
    ("amount", "-5.00"),
    ("month", "2026-13"),
    ("kind", "奖金"),
    ("id", "41990119900101001X"),
)


def line(number: int, rng: random.Random) -> str:
    """One delivered row; every twentieth has a bad cell."""
    first17 = (
        f"419901{rng.randint(1950, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(1, 998):03d}"
    )
    cells = {
        "id": first17 + check_digit(first17),
        "month": f"2026-{rng.randint(1, 10):02d}",
        "kind": rng.choice(("工资", "养老金")),
        "amount": f"{rng.randint(50, 9000)}.{rng.randint(0, 99):02d}",
    }
    if number % BAD_EVERY == 0:
        name, text = BAD_CELLS[number // BAD_EVERY % len(BAD_CELLS)]
        cells[name] = text
    return f"L{number:08d},赵小燕,{cells['id']},示范农机厂,{cells['month']},{cells['kind']},{cells['amount']},0.00"


def main() -> None:
    rng = random.Random(4199)
    text = "\r\n".join([HEADER, *(line(number, rng) for number in range(1, ROWS + 1))]) + "\r\n"
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as folder:
        place = Path(folder)
        delivered, copy = place / "工资养老金_202610.csv", place / "copy.csv"
        delivered.write_bytes(text.encode("gb18030"))
        copy.write_text(text, "utf-8")
        keyring = Keyring.generate(place / "keys.json")
        contract = load_contracts(load_pack())["wages_pensions"]
        began = time.perf_counter()
        report = accept(delivered, contract, out=place / "lake", keyring=keyring, as_of=date(2026, 11, 20))
        ours = time.perf_counter() - began
        began = time.perf_counter()
        pl.scan_csv(copy, infer_schema=False).sink_parquet(place / "floor.parquet")
        floor = time.perf_counter() - began
        rows = pl.scan_parquet(place / "floor.parquet").select(pl.len()).collect().item()
    assert report.received == report.accepted + report.quarantined + report.duplicate == rows == ROWS
    print(f"{ROWS} rows, {report.quarantined} quarantined, {ROWS / ours:,.0f} rows/s, peak limits {report.confinement}")
    print(f"RESULT reading_vs_floor ratio={floor / ours:.3f} ours={ours:.2f} other={floor:.2f} equal=yes")


if __name__ == "__main__":
    main()
