"""What each engine reports of one run: seconds, CPU seconds and its process's greatest memory. Needs no package."""

import json
import resource
import sys
import time
from collections.abc import Callable


def report(act: Callable[[], object], **more: float) -> None:
    """Run, and print one line of JSON for the benchmark."""
    began, cpu = time.perf_counter(), time.process_time()
    act()
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": wall, "cpu": cpu, "peak_mib": peak, **more}) + "\n")
