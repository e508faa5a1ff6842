"""The database from the command line: have it running, bring its tables up to date, stop it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connections

from doudi.office import postgres
from doudi.office.org.safety import UnsafeError
from doudi.office.org.scope import scope_key_blocks
from doudi.office.postgres import EmbeddedPostgres


def embedded() -> EmbeddedPostgres:
    """The private server of this state folder."""
    if settings.DOUDI_MODE == "production":
        raise UnsafeError(
            "production does not use the embedded database.", advice="Point DATABASE_URL at a PostgreSQL server."
        )
    return EmbeddedPostgres(settings.DOUDI_STATE, is_durable=settings.DOUDI_MODE != "test")


@contextmanager
def database_running() -> Iterator[None]:
    """Have the database there: the embedded one is started if needed, another is somebody else's care."""
    if settings.DOUDI_DATABASE_IS_EMBEDDED:
        with embedded().running():
            yield
            connections.close_all()
    else:
        yield


def migrate() -> int:
    """Bring the tables up to date, as their owner."""
    with database_running():
        with _owner() as owner:
            owner.execute(postgres.PRIVILEGES)
        # A process of its own: no process holds more than one role's rights.
        command = [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity=0"]
        done = subprocess.run(command, env=os.environ | {"DOUDI_DB_ROLE": "owner"}, check=False)
        if done.returncode != 0:
            return 1
        with _owner() as owner:
            owner.execute(
                "INSERT INTO org_scope_key (id, inner_pad, outer_pad) VALUES (1, %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET inner_pad = EXCLUDED.inner_pad, outer_pad = EXCLUDED.outer_pad",
                scope_key_blocks(settings.SECRET_KEY),
            )
    return 0


def stop(*, remove: bool = False) -> int:
    """Stop the embedded database, ending every session.

    Parameters
    ----------
    remove
        Also delete the database with everything in it. Only a demonstration's or a test's can be deleted.
    """
    server = embedded()
    was_running = server.stop()
    sys.stdout.write("stopped\n" if was_running else "it was not running\n")
    if remove:
        server.remove()
        sys.stdout.write("deleted the database\n")
    return 0


def _owner() -> psycopg.Connection:
    if settings.DOUDI_DATABASE_IS_EMBEDDED:
        return embedded().connect("owner", settings.DATABASES["default"]["NAME"])
    user = settings.DOUDI_DATABASE_USER or "doudi_owner"
    return psycopg.connect(os.environ["DATABASE_URL"], user=user, autocommit=True)
