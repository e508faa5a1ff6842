"""The demonstration, step by step, with the same commands that an operator uses.

    python scripts/demo.py serve --state DIR      build the county, run the night, serve the office
    python scripts/demo.py next-night --state DIR the night of the demonstration's today, while the office is open
    python scripts/demo.py reset --state DIR      throw the demonstration away

What is there is kept: a second `serve` goes on where the first one stopped.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
SIZE = "small"
LATER_FILES_ARRIVE = "2026-12-10"


def surroundings(state: Path) -> dict[str, str]:
    """The environment of every command of this demonstration."""
    return os.environ | {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}


def run(state: Path, *command: str) -> None:
    """One visible step. A step that fails ends the whole with its own words and exit code."""
    print(f"$ {' '.join(command)}", flush=True)
    done = subprocess.run([str(BIN / command[0]), *command[1:]], env=surroundings(state), check=False)
    if done.returncode:
        sys.exit(done.returncode)


def prepare(state: Path, seed: int, as_of: str) -> None:
    """From nothing to an office whose first night has run. Each step knows by itself what is done already."""
    state.mkdir(mode=0o711, parents=True, exist_ok=True)
    run(state, "doudi", "demo", "build", "--size", SIZE, "--out", str(state / "city"), "--seed", str(seed))
    run(state, "doudi-office", "setup-demo")
    if not (state / "lake" / "runs").is_dir():
        run(state, "doudi-office", "night", "--extracts", str(state / "city" / "extracts"), "--as-of", as_of)


def next_night(state: Path, seed: int) -> None:
    """The night of the demonstration's today. From 10 December on the files of November are there."""
    if not (state / "clock").is_file():
        sys.exit(f"there is no demonstration in {state}: `make demo` builds it")
    today = (state / "clock").read_text("ascii").strip()[:10]
    city, extracts = str(state / "city"), "extracts"
    if today >= LATER_FILES_ARRIVE:
        extracts = "extracts-later"
        run(state, "doudi", "demo", "build", "--size", SIZE, "--out", city, "--seed", str(seed), "--later")
    run(state, "doudi-office", "night", "--extracts", str(state / "city" / extracts), "--as-of", today)


def serve(state: Path, seed: int, as_of: str, port: int) -> None:
    """Prepare, then serve until Ctrl-C."""
    prepare(state, seed, as_of)
    print(f"\n兜底 is open: http://127.0.0.1:{port}/   (Ctrl-C closes it; the log-ins stand above)\n", flush=True)
    # The server takes this process's place: whoever ends it ends the server.
    command = [str(BIN / "doudi-office"), "serve", "--port", str(port)]
    os.execve(command[0], command, surroundings(state))  # noqa: S606 - an argument list of ours


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
    parser.add_argument("--seed", type=int, default=4199)
    parser.add_argument("--as-of", default="2026-11-20")
    parser.add_argument("--port", type=int, default=8000)
    wishes = parser.parse_args()
    state = wishes.state.absolute()
    if wishes.wish == "serve":
        serve(state, wishes.seed, wishes.as_of, wishes.port)
    elif wishes.wish == "next-night":
        next_night(state, wishes.seed)
    else:
        reset(state)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
