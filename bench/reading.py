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
import tempfile
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Times:
    """Seconds for so many rows, by the clock and of processors."""

    rows: int
    seconds: float
    seconds_cpu: float


def processor_seconds() -> float:
    """What this process and its children have used."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def take(place: Path, delivered: Path, name: str, *, file_format: str = "csv") -> tuple[BatchReport, Times]:
    """Accept the file into a new lake."""
    keyring = Keyring.generate(place / f"{name}.json")
    began, began_cpu = time.perf_counter(), processor_seconds()
    contract = rolls.contract(file_format)
    report = accept(delivered, contract, out=place / name, keyring=keyring, as_of=date(2026, 11, 20))
    return report, Times(report.received, time.perf_counter() - began, processor_seconds() - began_cpu)


def run_peer(path: Path, *, with_loading: bool = False) -> tuple[dict[str, list[int]], Times]:
    """openIMIS on a file, in its own environment: the rows that it refuses by field, from 0, and its times."""
    columns = (rolls.PEOPLE, rolls.MONTHS_PAID, rolls.PHONE, rolls.RECORD)
    program = Path(__file__).with_name("peers") / "openimis.py"
    command = [str(python_of("openimis", OPENIMIS)), str(program), path.suffix[1:], str(path)]
    command += [rolls.HEADER[column] for column in columns]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    loading = said["seconds_to_load"] if with_loading else 0.0
    loading_cpu = said["seconds_to_load_cpu"] if with_loading else 0.0
    return said["bad"], Times(said["rows"], said["seconds"] + loading, said["seconds_cpu"] + loading_cpu)


class Peer:
    """openIMIS on the first rows of the same file."""

    def __init__(self, place: Path) -> None:
        folder = place / "peer"
        folder.mkdir()
        self._delivered, ways = deliver(folder, ROWS_OF_PEER)
        content = self._delivered.read_bytes().split(b"\r\n")[1:-1]
        self._cuttable = [number for number, way in enumerate(ways) if way not in rolls.UNCUTTABLE]
        self._copy = folder / "copy.csv"
        lines = [",".join(rolls.HEADER), *(content[number].decode("gb18030") for number in self._cuttable)]
        self._copy.write_text("\n".join(lines) + "\n", "utf-8")
        self._refused: dict[str, list[int]] = {}

    def check(self) -> Times:
        """Run its checks once."""
        refused, times = run_peer(self._copy)
        self._refused = {field: [self._cuttable[row] + 2 for row in rows] for field, rows in refused.items()}
        return times

    def compare(self, place: Path) -> None:
        """Both refuse the same rows for the checks that both have."""
        take(place, self._delivered, "lake-of-peer")
        keyring = Keyring.load(place / "lake-of-peer.json")
        refused = read_quarantine(place / "lake-of-peer", "roll", keyring).to_pylist()
        for field, (column, code) in CHECKS_OF_BOTH.items():
            ours = sorted(line["row"] for line in refused if (line["column"], line["code"]) == (column, code))
            theirs = self._refused[field]
            assert ours == theirs, f"{field}: {len(ours)} refused here, {len(theirs)} by openIMIS"
            assert ours, field


def time_floor(place: Path) -> tuple[float, int]:
    """Seconds of unchecked reading and writing, and how many rows it saw."""
    copy, parquet = place / "copy.csv", place / "floor.parquet"
    copy.write_text("".join(",".join(row) + "\n" for row, _ in rolls.rows(ROWS, SEED)), "utf-8")
    began = time.perf_counter()
    pl.scan_csv(copy, has_header=False, infer_schema=False, quote_char=None).sink_parquet(parquet)
    return time.perf_counter() - began, pl.scan_parquet(parquet).select(pl.len()).collect().item()


def main() -> None:
    python_of("openimis", OPENIMIS)
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as folder:
        place = Path(folder)
        peer = Peer(place)
        peer.check()
        peer.compare(place)
        delivered, ways = deliver(place, ROWS)
        bad = sum(1 for way in ways if way) + ways.count("contradiction")  # of a contradiction both rows are bad
        ours, theirs = [], []
        for number in range(ROUNDS):
            report, times = take(place, delivered, f"lake-{number}")
            assert report.received == report.accepted + report.quarantined + report.duplicate == ROWS
            assert (report.quarantined, report.duplicate) == (bad, 0)
            ours.append(times)
            theirs.append(peer.check())
        floor, rows = time_floor(place)
        assert rows == ROWS
    print(f"{ROWS} rows, {report.quarantined} quarantined, {len(set(ways)) - 1} kinds of fault")
    print(f"peak of any child {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10} MiB")
    quickest = min(times.seconds for times in ours)
    print(f"RESULT reading_vs_floor ratio={floor / quickest:.3f} ours={quickest:.2f} other={floor:.2f} equal=yes")
    for name, which in (("", "seconds"), ("_cpu", "seconds_cpu")):
        mine = min(getattr(times, which) for times in ours)
        other = min(getattr(times, which) / times.rows * ROWS for times in theirs)
        print(f"ours {ROWS / mine:,.0f} rows/s, openIMIS {ROWS / other:,.0f} rows/s")
        print(f"RESULT reading_vs_openimis{name} ratio={other / mine:.1f} ours={mine:.2f} other={other:.2f} equal=yes")


if __name__ == "__main__":
    main()
