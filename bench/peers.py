"""Environments of the benchmarks' own: peers come from their wheels and never touch the project's packages."""

import subprocess
import sys
from pathlib import Path

_HOME = Path(__file__).resolve().parent / ".peers"


def peer_python(name: str, *requirements: str) -> Path:
    """The interpreter of an environment with these packages (name==version), made on demand and kept for next time."""
    folder = _HOME / name
    python, done = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join(requirements)
    if not done.is_file() or done.read_text("utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        subprocess.run(install, check=True)
        done.write_text(wanted, "utf-8")
    return python
