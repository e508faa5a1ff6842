"""What each engine reports of one run: seconds, CPU seconds and its process's greatest memory. Needs no package."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def report(act: Callable[[], object], **more: float) -> None:
    """Run, and print one line of JSON for the benchmark."""
    began, cpu = time.perf_counter(), time.process_time()
    act()
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    # Not getrusage: what that tells is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text("ascii")
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    sys.stdout.write(json.dumps({"seconds": wall, "cpu": cpu, "peak_mib": peak, **more}) + "\n")
