"""Confinement of the reader: what a process gives up before it looks at the first byte of a stranger's file.

Run as a script this is the first of two steps: leave the network, then become the reader that the first argument names
as a module. It must come before any library is loaded, for a process with threads may not enter a namespace of its own.
The second step, `give_up_rights`, comes when all libraries are loaded and before the file is touched.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_NEW_NETWORK = 0x40000000
_NEW_USER = 0x10000000
_NEW_IPC = 0x08000000
_NO_NEW_PRIVILEGES = 38
_PARENT_DEATH_SIGNAL = 1
_DUMPABLE = 4
_READER_ACCOUNT = 61310
"""Number of the account that reads when the product runs as root. It owns nothing and has no name."""
_HANDLES_SPARE = 4


def leave_network() -> list[str]:
    """Enter a network of one's own without any device, where the kernel allows it; say what was reached."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Threads that are started from now on inherit it; later it would bind only the thread that asks for it.
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    # Root keeps its user namespace, or it could not take on the reader's account afterwards.
    flags = _NEW_NETWORK | _NEW_IPC | (0 if os.geteuid() == 0 else _NEW_USER)
    return ["no network"] if libc.unshare(flags) == 0 else []


def give_up_rights(*, memory_bytes: int, output_bytes: int, seconds: float) -> list[str]:
    """Take on the reader's account if root, and set every limit. What is left: the handles that are open now."""
    reached = ["limits"]
    address_space_bytes = _address_space_bytes()  # while the files of the interpreter can still be reached
    handles = len(list(Path("/proc/self/fd").iterdir())) + _HANDLES_SPARE
    os.chdir("/")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_READER_ACCOUNT, _READER_ACCOUNT, _READER_ACCOUNT)
        os.setresuid(_READER_ACCOUNT, _READER_ACCOUNT, _READER_ACCOUNT)
        reached.append("own account")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        reached.append("no new privileges")
    cpu_seconds = int(seconds * (os.cpu_count() or 1)) + 1
    for what, limit in (
        (resource.RLIMIT_AS, address_space_bytes + memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, output_bytes),
        (resource.RLIMIT_NOFILE, handles),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    return reached


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    reader, achieved = sys.argv[1], ",".join(leave_network())
    os.execv(  # noqa: S606 - the same interpreter with our own module; there is no shell in between
        sys.executable, [sys.executable, "-I", "-m", reader, achieved, *sys.argv[2:]]
    )
