"""The demonstration, step by step, with the same commands that an operator uses.

    python scripts/demo.py serve --state DIR      build the county, take its roll over, run the night, serve the office
    python scripts/demo.py next-night --state DIR the night of the demonstration's today, while the office is open
    python scripts/demo.py reset --state DIR      throw the demonstration away

What is there is kept: a second `serve` goes on where the first one stopped. `--size` is county (20,000 families, as
`make demo` builds it) or small (300).
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
LATER_FILES_ARRIVE = "2026-12-10"
PAID_BY_THE_OLD_SYSTEM = "2026-11"
CONFIRMED_BECAUSE = "与原系统发放台账逐户核对一致"


def surroundings(state: Path) -> dict[str, str]:
    """The environment of every command of this demonstration."""
    own = {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}
    if region(state).is_dir():
        own["DOUDI_REGION_DIR"] = str(region(state))
    return os.environ | own


def region(state: Path) -> Path:
    """The county's own divisions, where it has more of them than the pack names."""
    return state / "city" / "region"


def run(state: Path, *command: str) -> None:
    """One visible step. A step that fails ends the whole with its own words and exit code."""
    print(f"$ {' '.join(command)}", flush=True)
    began = time.monotonic()
    done = subprocess.run([str(BIN / command[0]), *command[1:]], env=surroundings(state), check=False)
    if done.returncode:
        sys.exit(done.returncode)
    print(f"  ({time.monotonic() - began:.0f} s)\n", flush=True)


def prepare(state: Path, size: str, seed: int, as_of: str) -> None:
    """From nothing to an office whose first night has run. Each step knows by itself what is done already."""
    began = time.monotonic()
    state.mkdir(mode=0o711, parents=True, exist_ok=True)
    roll = state / "city" / "roll"
    run(state, "doudi", "demo", "build", "--size", size, "--out", str(state / "city"), "--seed", str(seed))
    run(state, "doudi-office", "setup-demo")
    if not (state / "lake" / "runs").is_dir():
        # Whoever receives already: one person of the county prepares the old system's roll, another confirms it.
        files = (str(roll / "存量名册.csv"), "--review", str(roll / "复核指标.csv"))
        told = ("--as-of", as_of, "--paid-through", PAID_BY_THE_OLD_SYSTEM)
        run(state, "doudi-office", "roll", "prepare", *files, *told, "--by", "reviewer1")
        run(
            state,
            "doudi-office",
            "roll",
            "confirm",
            "1",
            "--by",
            "approver1",
            "--reason",
            CONFIRMED_BECAUSE,
        )
        night(state, "extracts", as_of)
        print(f"The county is ready after {time.monotonic() - began:.0f} s.\n", flush=True)


def night(state: Path, extracts: str, as_of: str) -> None:
    """Run a night; a workbook of its findings lies beside it."""
    run(state, "doudi-office", "night", "--extracts", str(state / "city" / extracts), "--as-of", as_of)


def next_night(state: Path, size: str, seed: int) -> None:
    """The night of the demonstration's today. From 10 December on the files of November are there."""
    if not (state / "clock").is_file():
        sys.exit(f"there is no demonstration in {state}: `make demo` builds it")
    today = (state / "clock").read_text("ascii").strip()[:10]
    extracts = "extracts"
    if today >= LATER_FILES_ARRIVE:
        extracts = "extracts-later"
        city = ("--size", size, "--out", str(state / "city"), "--seed", str(seed))
        run(state, "doudi", "demo", "build", *city, "--later")
    night(state, extracts, today)


def serve(state: Path, size: str, seed: int, as_of: str, port: int) -> None:
    """Prepare, then serve until Ctrl-C."""
    prepare(state, size, seed, as_of)
    tell(state, port)
    # The server takes this process's place: whoever ends it ends the server.
    command = [str(BIN / "doudi-office"), "serve", "--port", str(port)]
    os.execve(command[0], command, surroundings(state))  # noqa: S606 - an argument list of ours


def tell(state: Path, port: int) -> None:
    """Where everything lies, and what to type beside the browser."""
    own = f" --region-dir {region(state)}" if region(state).is_dir() else ""
    lake = f"--lake {state / 'lake'}{own}"
    print("What the night found, as a workbook:")
    for workbook in sorted((state / "lake" / "workbooks").glob("*.xlsx")):
        print(f"  {workbook}")
    print("In another terminal:")
    print(f"  {BIN / 'doudi'} findings {lake}                  the list, with reasons")
    print(f"  {BIN / 'doudi'} explain HOUSEHOLD {lake}         the reasoning for one family of the list")
    print(f"  {BIN / 'doudi'} demo score {lake} --city {state / 'city'} --keys {state / 'keys.json'}")
    print("  make demo-night                                  the next night, after you moved the clock")
    print(f"\n兜底 is open: http://127.0.0.1:{port}/   (Ctrl-C closes it; the log-ins stand above)\n", flush=True)


def reset(state: Path) -> None:
    """Stop the database and delete the demonstration's folder."""
    if not (state / "city").is_dir():
        print(f"there is no demonstration in {state}")
        return
    if (state / "postgres.json").is_file():
        # The database may lie elsewhere, where its own account can reach it.
        run(state, "doudi-office", "stop", "--remove")
    shutil.rmtree(state)
    print(f"deleted {state}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wish", choices=["serve", "next-night", "reset"])
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--size", choices=["small", "county"], default="county")
    parser.add_argument("--seed", type=int, default=4199)
    parser.add_argument("--as-of", default="2026-11-20")
    parser.add_argument("--port", type=int, default=8000)
    wishes = parser.parse_args()
    state = wishes.state.absolute()
    if wishes.wish == "serve":
        serve(state, wishes.size, wishes.seed, wishes.as_of, wishes.port)
    elif wishes.wish == "next-night":
        next_night(state, wishes.size, wishes.seed)
    else:
        reset(state)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
