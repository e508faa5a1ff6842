"""Print the state folder for a name: under the user's state folder, or /var/lib/doudi for root.

PostgreSQL refuses to run as root and then runs under an account of its own, which must be able to reach its data.
"""

import os
import sys
from pathlib import Path


def state_folder(name: str) -> Path:
    """Where the demonstration called `name` keeps its city, lake, keys and database."""
    if os.geteuid() == 0:
        return Path("/var/lib/doudi") / name
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "doudi" / name


if __name__ == "__main__":
    print(state_folder(sys.argv[1]))
