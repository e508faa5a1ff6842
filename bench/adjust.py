"""A change of standard over 20,000 families that receive help: computed part by part, sealed, released.

    python bench/adjust.py [--families 20000]

A real PostgreSQL and the office's own flows under its own rights. Every family has a word on each fact that the
programme asks for; the rules run for each. Equal means: what rises, stays and falls is counted and is what the amounts
say, and every rise is an amount of its own, every fall a review. Printed are processor seconds of Python and of the
database apart, statements, and whether the last thousand cost more than the first.
"""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, default=20_000)
    wishes = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="doudi-b-", dir="/tmp"))
    state.chmod(0o711)
    os.environ |= {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "doudi.office.settings", "DOUDI_DB_ROLE": "worker"}
    office = str(Path(sys.executable).with_name("doudi-office"))
    try:
        subprocess.run([office, "setup-demo"], check=True, stdout=subprocess.DEVNULL)
        django.setup()
        # Both need Django set up.
        database = importlib.import_module("doudi.office.console.database")
        adjusting = importlib.import_module("measure.adjusting")
        with database.database_running():
            adjusting.measured(
                wishes.families, int((database.embedded().data / "postmaster.pid").read_text("utf-8").split()[0])
            )
    finally:
        subprocess.run([office, "stop", "--remove"], check=False, capture_output=True)
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
