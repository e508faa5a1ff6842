"""The whole night over the demonstration city, against the floor: DuckDB turning UTF-8 copies of it into Parquet.

    python bench/night.py                  600,000 households, some ten million rows; takes a quarter of an hour
    python bench/night.py --size county    20,000 households

Ours: accept (confined readers, every cell checked, sealed), link, gather, assess under every programme, screen, rank,
seal. The floor: all text, nothing checked, nothing linked. Both in fresh processes on the same machine, one after the
other. Equal means: the floor sees as many rows as the night's manifest accounts for. Memory is the proportional share
of all processes that run at the same time, and what lies in anonymous files between them, four times a second.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parent / ".cities"
SEED = 4199
TIMES_THE_FLOOR, BYTES_MOST, TIMES_PER_PERSON, SHARE_OF_A_NIGHT = 15, 4 << 30, 1.2, 0.6
XLSX_SHARE_MOST = 0.05
CHANGED = ("机动车", "工资养老金")

_FLOOR = """
import sys, duckdb
from pathlib import Path
folder, connection, rows = Path(sys.argv[1]), duckdb.connect(), 0
connection.execute("set enable_progress_bar = false")
for source in sorted(folder.glob("*.csv")):
    target = source.with_suffix(".parquet")
    read = f"select * from read_csv('{source}', all_varchar=true, header=true)"
    rows += connection.execute(f"copy ({read}) to '{target}' (format parquet)").fetchone()[0]
print(rows)
"""
_NIGHT = """
import json, sys
from datetime import UTC, date, datetime
from pathlib import Path
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.values.keys import Keyring
city, extracts, lake = (Path(text) for text in sys.argv[1:])
run = run_night(
    extracts=extracts, lake=lake, as_of=date(2026, 11, 20), at=datetime(2026, 11, 20, 3, tzinfo=UTC),
    pack=load_pack(extra_region_dir=city / "region" if (city / "region").exists() else None),
    keyring=Keyring.load(city.with_suffix(".keys")), snapshot=read_snapshot(city / "snapshot"),
    progress=lambda step: print(step.stage, step.done, step.words, file=sys.stderr),
)
received = sum(line.received for line in run.manifest.inputs)
print(json.dumps({"rows": received, "people": run.manifest.tables["memberships"].rows, "run": run.run_id}))
"""


@dataclass(frozen=True)
class Measured:
    """What one fresh process with its children took, and what it printed."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def measured(arguments: list[str]) -> Measured:
    """Run a process and watch it."""
    before, began = _cpu_of_children(), time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    peak = [0]

    def watch() -> None:
        while process.poll() is None:
            peak[0] = max(peak[0], memory_of(process.pid))
            time.sleep(0.25)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - began
    watcher.join()
    if process.returncode:
        sys.exit(f"{arguments[2][:40]!r} ended with {process.returncode}")
    return Measured(seconds, _cpu_of_children() - before, peak[0], output)


def memory_of(process: int) -> int:
    """Bytes of a process and all that it started: each its share of what they share, and their anonymous files once."""
    family, total, files = [process], 0, {}
    for each in family:
        try:
            for task in Path(f"/proc/{each}/task").iterdir():
                family += [int(child) for child in (task / "children").read_text().split()]
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
            for handle in Path(f"/proc/{each}/fd").iterdir():
                if str(handle.readlink()).startswith("/memfd:"):
                    about = handle.stat()
                    files[about.st_ino] = about.st_blocks * 512
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it has ended since
    return total + sum(files.values())


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def city_of(size: str) -> Path:
    """The demonstration city of that size, built once."""
    city = HOME / size
    if not (city / "truth" / "city.json").exists():
        shutil.rmtree(city, ignore_errors=True)
        HOME.mkdir(exist_ok=True)
        build = ["demo", "build", "--size", size, "--seed", str(SEED), "--out", str(city)]
        keys = ["--keys", str(city.with_suffix(".keys"))]
        took = measured([sys.executable, "-c", "from doudi.cli import main; main()", *build, *keys])
        print(f"{size} built in {took.seconds:.0f} s, at most {took.peak_bytes >> 20} MiB")
    return city


def utf8_copies(city: Path) -> Path:
    """The same files as UTF-8 text; of workbooks the sheet from its headers on."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only the benchmark reads workbooks in this process

    folder = city / "utf8"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rows, rows_of_sheets = 0, 0
    for path in sorted((city / "extracts").iterdir()):
        copy = folder / f"{path.stem}.csv"
        if path.suffix == ".csv":
            with path.open(encoding="gb18030", newline="") as source, copy.open("w", encoding="utf-8") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            with copy.open("rb") as file:
                rows += sum(1 for _ in file) - 1
        else:
            lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[3:]
            text = "\n".join(",".join(str(cell).replace(",", " ") for cell in line) for line in lines)
            copy.write_text(text + "\n", "utf-8")
            rows_of_sheets += len(lines) - 1
    share = rows_of_sheets / (rows + rows_of_sheets)
    assert share <= XLSX_SHARE_MOST, f"workbooks hold {share:.1%} of the rows"
    return folder


def floor_of(city: Path) -> Measured:
    """DuckDB on the copies, the better of two."""
    runs = [measured([sys.executable, "-c", _FLOOR, str(city / "utf8")]) for _ in range(2)]
    for parquet in (city / "utf8").glob("*.parquet"):
        parquet.unlink()
    return min(runs, key=lambda run: run.seconds)


def night_of(city: Path, extracts: Path, lake: Path) -> Measured:
    """One night."""
    return measured([sys.executable, "-c", _NIGHT, str(city), str(extracts), str(lake)])


def with_one_feed_changed(city: Path, name: str) -> Path:
    """The same files, one of them without its last line."""
    folder = city / f"extracts-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in (city / "extracts").iterdir():
        if path.name.startswith(name):
            content = path.read_bytes()
            (folder / path.name).write_bytes(content[: content.rstrip(b"\r\n").rfind(b"\n") + 1])
        else:
            (folder / path.name).symlink_to(path)
    return folder


def told(name: str, night: Measured) -> dict[str, int]:
    """Print what a night took."""
    found: dict[str, int] = json.loads(night.output)
    rows, people = found["rows"], found["people"]
    print(
        f"{name}: {rows:,} rows, {people:,} people in {night.seconds:.1f} s ({night.cpu_seconds:.1f} s of CPU), "
        f"{rows / night.seconds:,.0f} rows/s, at most {night.peak_bytes / (1 << 20):,.0f} MiB"
    )
    return found


def result(name: str, ours: float, other: float) -> None:
    """The closing line of a comparison."""
    print(f"RESULT {name} ratio={other / ours:.3f} ours={ours:.2f} other={other:.2f} equal=yes")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=("county", "city"), default="city")
    parser.add_argument("--full-night-only", action="store_true", help="without changed feeds and the county")
    chosen = parser.parse_args()
    size = chosen.size
    city = city_of(size)
    utf8_copies(city)
    lake = city / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    floor = floor_of(city)
    night = night_of(city, city / "extracts", lake)
    found = told(size, night)
    assert int(floor.output) == found["rows"], "the floor and the manifest count other rows"
    print(f"floor: {floor.seconds:.1f} s ({floor.cpu_seconds:.1f} s of CPU)")
    print(
        f"times the floor: {night.seconds / floor.seconds:.1f}, of CPU {night.cpu_seconds / floor.cpu_seconds:.1f}; "
        f"{TIMES_THE_FLOOR} at most"
    )
    print(f"peak: {night.peak_bytes / (1 << 30):.2f} GiB; {BYTES_MOST >> 30} at most")
    for name in () if chosen.full_night_only else CHANGED:
        again = night_of(city, with_one_feed_changed(city, name), lake)
        told(f"{size}, {name} changed", again)
        share, of_cpu = again.seconds / night.seconds, again.cpu_seconds / night.cpu_seconds
        print(f"share of a full night: {share:.0%}, of CPU {of_cpu:.0%}; {SHARE_OF_A_NIGHT:.0%} at most")
        result(f"night_one_feed_changed_{'largest' if name == CHANGED[-1] else 'usual'}", again.seconds, night.seconds)
    if size == "city" and not chosen.full_night_only:
        small = city_of("county")
        shutil.rmtree(small / "lake", ignore_errors=True)
        of_county = night_of(small, small / "extracts", small / "lake")
        people = told("county", of_county)["people"]
        times = (night.seconds / found["people"]) / (of_county.seconds / people)
        print(f"time per person against the county: {times:.2f}; {TIMES_PER_PERSON} at most")
        result("night_per_person", night.seconds / found["people"] * 1e6, of_county.seconds / people * 1e6)
        shutil.rmtree(small / "lake")
    shutil.rmtree(lake)
    result(f"night_{size}_vs_floor", night.seconds, floor.seconds)


if __name__ == "__main__":
    main()
