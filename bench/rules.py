"""One rule set of 31 variables over 1,000,000 households (2.6 million persons): Doudi, OpenFisca-Core, DuckDB, Polars.

Persons are sorted by household for every engine. Each engine runs in a process of its own, so that its memory can be
told; all run in turns, several rounds, and the least time of each counts, because the machine is shared. Equal means:
every cell of all nineteen variables of the household is the same in all engines; it is asserted before any timing.

`files` is Parquet in, Parquet out. `memory` is the formulas alone, with all columns in memory. OpenFisca-Core runs as
its documentation shows and once more `tuned` past its own look-up of parameters and building of simulations (see
rules_set/openfisca_rules.py). All but Doudi are written for facts that are all known; Doudi also carries what is not
known, and in `files` writes outcome, amount and missing facts beside the eight variables that all write.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "rules_set")]
from households import write_households  # noqa: E402 - its folder is on the path only from here on
from peers.environment import python_of  # noqa: E402 - as above

HERE = Path(__file__).parent / "rules_set"
ALL = (
    "members", "supplements", "workers", "are_all_elders", "income_before", "work_allowance", "counted_income",
    "standard", "income_line", "meets_income_test", "meets_assets_test", "meets_vehicles_test",
    "meets_dwellings_test", "qualifies", "gap", "supplement", "granted", "edge_line", "is_at_the_edge",
)  # fmt: skip
WRITTEN = (
    "members", "workers", "are_all_elders", "counted_income", "income_line", "qualifies", "granted", "is_at_the_edge",
)  # fmt: skip
OPENFISCA = [
    "OpenFisca-Core==46.0.1", "pyarrow==26.0.1", "numpy==2.4.6", "numexpr==2.14.2", "dpath==2.2.0", "PyYAML==6.0.4",
    "pendulum==3.3.0", "psutil==7.2.2", "sortedcontainers==2.4.0", "StrEnum==0.4.15", "typing_extensions==4.16.0",
    "python-dateutil==4.0.0", "tzdata==2026.6", "pytest==9.2.0", "iniconfig==2.3.1", "packaging==26.3",
    "pluggy==1.7.0", "Pygments==2.21.0",
]  # fmt: skip
ENGINES = ("doudi", "openfisca", "openfisca_tuned", "duckdb", "polars")


class Runner:
    """Runs an engine in a process of its own and reads what it reports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.openfisca = python_of("openfisca", OPENFISCA)

    def run(self, engine: str, mode: str, outputs: tuple[str, ...] = WRITTEN) -> dict[str, float]:
        name, _, way = engine.partition("_")
        python = self.openfisca if name == "openfisca" else sys.executable
        script, out = HERE / f"{name}_rules.py", self.result(engine)
        done = subprocess.run(
            [python, script, way or "documented", mode, self.folder, out, ",".join(outputs)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return report

    def result(self, engine: str) -> Path:
        return self.folder / f"result_{engine}.parquet"


def assert_equal(runner: Runner) -> None:
    """Every cell of all variables, in all engines."""
    columns = [pl.col("household_key"), *(pl.col(name).cast(pl.Int64) for name in ALL)]
    for engine in ENGINES:
        runner.run(engine, "files", ALL)
    ours = pl.read_parquet(runner.result("doudi")).select(columns)
    assert ours.height == pl.scan_parquet(runner.folder / "households.parquet").select(pl.len()).collect().item()
    assert not any(ours.null_count().row(0)), "everything is known in this data"
    for engine in ENGINES[1:]:
        other = pl.read_parquet(runner.result(engine)).select(columns)
        for name in ours.columns:
            assert ours[name].equals(other[name]), f"{engine}: {name} differs"
    print(f"{ours.height:,} households: {len(ALL)} variables equal in {', '.join(ENGINES)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as place:
        runner = Runner(Path(place))
        persons = write_households(runner.folder, given.households)
        print(f"{given.households:,} households, {persons:,} persons")
        assert_equal(runner)
        for mode in ("files", "memory"):
            compare(runner, mode, given.rounds)


def compare(runner: Runner, mode: str, rounds: int) -> None:
    runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            runs[engine].append(runner.run(engine, mode))
    best = {engine: {key: min(run[key] for run in told) for key in told[0]} for engine, told in runs.items()}
    for engine, told in best.items():
        print(f"{mode:<7}{engine:<16}{told['seconds']:8.3f} s{told['cpu']:8.3f} s CPU{told['peak_mib']:8.0f} MiB")
    if "compiling" in best["doudi"]:
        print(f"compiling the kernel, once for each rule set and processor: {best['doudi']['compiling']:.3f} s CPU")
    ours = best["doudi"]
    for engine in ENGINES[1:]:
        other = best[engine]
        print(
            f"RESULT rules_{mode}_{engine} ratio={other['seconds'] / ours['seconds']:.1f} ours={ours['seconds']:.3f} "
            f"other={other['seconds']:.3f} equal=yes cpu_ratio={other['cpu'] / ours['cpu']:.1f} "
            f"memory={other['peak_mib'] / ours['peak_mib']:.1f}"
        )


if __name__ == "__main__":
    main()
