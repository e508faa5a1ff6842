"""The strict reader on a million rows of GB18030 CSV, one in twenty bad in thirty ways or contradicting another.

Ours: the confined child's start, decoding, every cell of ten columns checked, manifest, sealed rows and quarantine.

Compared with openIMIS (`BeneficiaryImportService.process_chunk` of openimis-be-social-protection 1.5.0 with its own
checks of two columns of numbers, telephone numbers and uniqueness, on Python 3.11 and Django 5.2): it gets the first
rows of the same file as UTF-8, without the lines that its reader could not cut into cells. Only its checks are timed,
not its reading of the file nor its saving of rows. Equal means that both refuse the same rows for the checks that both
have. The ratio is that of rows a second, once by the clock and once by processor time, which a busy machine disturbs
less; rounds of both alternate and the quickest of each counts.

And with the floor: polars turns a UTF-8 copy of the whole file into Parquet, all text, nothing checked. Equal means
that received = accepted + quarantined + duplicate, that as many are quarantined as were made bad, and that the floor
has all rows.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl
from deliveries import rolls
from peers.environment import OPENIMIS, python_of

from doudi.engine.sources import BatchReport, accept, read_quarantine
from doudi.engine.values.keys import Keyring

ROWS = int(os.environ.get("ROWS", "1000000"))
ROWS_OF_PEER = 20_000
ROUNDS = 3
SEED = 4199
MEMORY_MIB_MAX = 512
CHECKS_OF_BOTH = {
    rolls.HEADER[rolls.PEOPLE]: (rolls.HEADER[rolls.PEOPLE], "DD-CELL-040"),
    rolls.HEADER[rolls.MONTHS_PAID]: (rolls.HEADER[rolls.MONTHS_PAID], "DD-CELL-040"),
    rolls.HEADER[rolls.PHONE]: (rolls.HEADER[rolls.PHONE], "DD-CELL-070"),
    f"{rolls.HEADER[rolls.RECORD]}_uniqueness": ("", "DD-ROW-008"),
}


def deliver(place: Path, count: int) -> tuple[Path, list[str]]:
    """The file as the department sends it, and in which way each of its rows is bad."""
    path, ways = place / "名册_202610.csv", []
    with path.open("wb") as file:
        file.write(",".join(rolls.HEADER).encode("gb18030") + b"\r\n")
        for line, way in rolls.csv_lines(count, SEED):
            file.write(line + b"\r\n")
            ways.append(way)
    return path, ways


def take(place: Path, delivered: Path, name: str) -> tuple[BatchReport, float]:
    """Accept the file into a new lake."""
    keyring = Keyring.generate(place / f"{name}.json")
    began = time.perf_counter()
    report = accept(delivered, rolls.contract(), out=place / name, keyring=keyring, as_of=date(2026, 11, 20))
    return report, time.perf_counter() - began


def peer(place: Path) -> tuple[float, int, float]:
    """openIMIS on the first rows: its seconds, its rows, and our seconds for as many rows, with equal results."""
    delivered, ways = deliver(place, ROWS_OF_PEER)
    content = delivered.read_bytes().split(b"\r\n")[1:-1]
    cuttable = [number for number, way in enumerate(ways) if way not in rolls.UNCUTTABLE]
    copy = place / "peer.csv"
    lines = [",".join(rolls.HEADER), *(content[number].decode("gb18030") for number in cuttable)]
    copy.write_text("\n".join(lines) + "\n", "utf-8")
    fields = [rolls.HEADER[column] for column in (rolls.PEOPLE, rolls.MONTHS_PAID, rolls.PHONE, rolls.RECORD)]
    program = Path(__file__).with_name("peers") / "openimis.py"
    command = [str(python_of("openimis", OPENIMIS)), str(program), "csv", str(copy), *fields]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    _, seconds = take(place, delivered, "lake-of-peer")
    keyring = Keyring.load(place / "lake-of-peer.json")
    refused = read_quarantine(place / "lake-of-peer", "roll", keyring).to_pylist()
    for field, (column, code) in CHECKS_OF_BOTH.items():
        ours = sorted(line["row"] for line in refused if (line["column"], line["code"]) == (column, code))
        theirs = [cuttable[row] + 2 for row in said["bad"][field]]
        assert ours == theirs, f"{field}: {len(ours)} refused here, {len(theirs)} by openIMIS"
        assert ours, field
    return said["seconds"], said["rows"], seconds


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as folder:
        place = Path(folder)
        delivered, ways = deliver(place, ROWS)
        bad = sum(1 for way in ways if way) + ways.count("contradiction")  # of a contradiction both rows are bad
        taken = [take(place, delivered, f"lake-{number}") for number in range(ROUNDS)]
        peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        report, ours = taken[0][0], min(seconds for _, seconds in taken)
        copy = place / "copy.csv"
        copy.write_text("".join(",".join(row) + "\n" for row, _ in rolls.rows(ROWS, SEED)), "utf-8")
        began = time.perf_counter()
        pl.scan_csv(copy, has_header=False, infer_schema=False, quote_char=None).sink_parquet(place / "floor.parquet")
        floor = time.perf_counter() - began
        rows = pl.scan_parquet(place / "floor.parquet").select(pl.len()).collect().item()
        assert report.received == report.accepted + report.quarantined + report.duplicate == rows == ROWS
        assert (report.quarantined, report.duplicate) == (bad, 0)
        assert peak_mib <= MEMORY_MIB_MAX, f"{peak_mib} MiB"
        seconds, rows_of_peer, ours_small = peer(place)
    print(f"{ROWS} rows, {report.quarantined} quarantined for {len(report.reasons)} reasons, {delivered_mib(ways)}")
    print(f"ours: {ROWS / ours:,.0f} rows/s, peak of the reading child {peak_mib} MiB, {', '.join(report.confinement)}")
    print(f"ours on {ROWS_OF_PEER} rows: {ROWS_OF_PEER / ours_small:,.0f} rows/s, nearly all of it the child's start")
    print(f"openIMIS: {rows_of_peer / seconds:,.0f} rows/s", file=sys.stdout)
    print(f"RESULT reading_vs_floor ratio={floor / ours:.3f} ours={ours:.2f} other={floor:.2f} equal=yes")
    theirs = seconds / rows_of_peer * ROWS
    print(f"RESULT reading_vs_openimis ratio={theirs / ours:.1f} ours={ours:.2f} other={theirs:.2f} equal=yes")


def delivered_mib(ways: list[str]) -> str:
    """How many kinds of fault the file has."""
    return f"{len(set(ways)) - 1} kinds of fault"


if __name__ == "__main__":
    main()
