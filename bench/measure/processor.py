"""Processor seconds of running processes, from /proc: what an answer costs whoever else is busy on the machine."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(*roots: int) -> float:
    """Seconds that these processes and all below them have used, those that have ended since included."""
    fields = {int(entry.name): _stat(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    below: dict[int, list[int]] = {}
    for pid, known in fields.items():
        if known:
            below.setdefault(int(known[1]), []).append(pid)
    waiting, ticks = list(roots), 0
    while waiting:
        pid = waiting.pop()
        known = fields.get(pid)
        if known:
            # utime, stime, and those of children that have ended and were waited for.
            ticks += sum(int(text) for text in known[11:15])
            waiting += below.get(pid, [])
    return ticks / _TICKS


def load() -> str:
    """The machine's load over one, five and fifteen minutes, to be told beside each figure."""
    return "load " + " ".join(f"{each:.1f}" for each in os.getloadavg())


def _stat(entry: Path) -> list[str]:
    try:
        # The name in parentheses may hold blanks; the state is the first field behind it.
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
