"""`serve`: the web, with the embedded database under it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn ships no types

from doudi.office.console.database import database_running, embedded
from doudi.office.org.safety import refuse_unsafe
from doudi.office.postgres_programs import PostgresError
from doudi.office.wsgi import application

_LOOK_SECONDS = 0.5
_STOP_SECONDS = 20


class OfficeServer(BaseApplication):  # type: ignore[misc]  # as above
    """gunicorn with plain workers; a worker whose parent is gone ends by itself."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return application


def serve(*, port: int = 8000, workers: int = 2) -> None:
    """Serve the office on this machine only. A balancer in front brings TLS and the outside world.

    Parameters
    ----------
    port
        Port on 127.0.0.1.
    workers
        Number of processes that answer requests.
    """
    refuse_unsafe()
    with database_running(), _audit_being_sealed():
        is_over = threading.Event()
        if settings.DOUDI_DATABASE_IS_EMBEDDED:
            threading.Thread(target=_keep_database_running, args=(is_over,), daemon=True).start()
        try:
            OfficeServer({"bind": f"127.0.0.1:{port}", "workers": workers, "timeout": 60, "loglevel": "warning"}).run()
        finally:
            is_over.set()


@contextmanager
def _audit_being_sealed() -> Iterator[None]:
    """Have the audit sealed and anchored meanwhile, by a process of its own with the worker's rights.

    In production that is a service of its own, so that the web's machine needs no rights but the web's.
    """
    if settings.DOUDI_MODE == "production":
        yield
        return
    command = [sys.executable, "-m", "doudi.office.console", "audit", "watch", "--with-parent"]
    sealer = subprocess.Popen(command, env=os.environ | {"DOUDI_DB_ROLE": "worker"})
    try:
        yield
    finally:
        sealer.terminate()
        sealer.wait(timeout=_STOP_SECONDS)


def _keep_database_running(is_over: threading.Event) -> None:
    """Start the embedded database again when it was killed; it recovers what was committed by itself."""
    server = embedded()
    while not is_over.wait(_LOOK_SECONDS):
        if not server.is_running():
            try:
                server.start()
            except PostgresError as error:
                sys.stderr.write(f"{error}\n")
