"""Starting a confined reader and waiting for its end: whatever a stranger's file does, only the child suffers.

What goes in and comes out are anonymous files in memory: nothing unsealed lies on a disk, not even after a crash.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_FIRST_STEP = Path(__file__).with_name("confine.py")


def run_confined(
    reader: str, handles: Sequence[BinaryIO], *, seconds: float, environment: Mapping[str, str]
) -> int | None:
    """Run a module as a confined reader of open files. Returns its exit code, None if its time was over.

    The module gets what `confine` reached and the numbers of the handles, and calls `give_up_rights` itself.
    """
    numbers = [handle.fileno() for handle in handles]
    child = subprocess.Popen(
        [sys.executable, "-I", str(_FIRST_STEP), reader, *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # a library's panic could print what stands in the file
        pass_fds=numbers,
        env=dict(environment),
        cwd="/",
        start_new_session=True,
    )
    try:
        return child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def memory_file(name: str) -> Iterator[BinaryIO]:
    """A file that exists in memory only, as long as somebody holds it open."""
    with os.fdopen(os.memfd_create(f"doudi-{name}"), "w+b") as file:
        yield file


def content_of(file: BinaryIO) -> bytes:
    """All that stands in an open file."""
    file.seek(0)
    return file.read()
