"""Opening, entering and closing the scope under which the database shows rows.

A token lives in the session (encrypted) and in memory; the database keeps its hash. It travels as a bound parameter,
never inside a statement's text, so that it stands in no log and no list of running statements. Without an entered
scope, every protected table has zero rows.
"""

import hashlib
import hmac
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
from django.conf import settings
from django.db import connection, transaction

from doudi.engine.values.errors import DoudiError
from doudi.office.org.models import User

_BLOCK_BYTES = 64
_JOB_SECONDS = 6 * 3600


class ScopeError(DoudiError):
    """A scope was entered outside of a transaction, where it would not hold."""

    code: ClassVar[str] = "DD-SCOPE-001"


def open_scope(user: User) -> str:
    """Open a scope for somebody who has just logged in, for the life of the session. Returns the token."""
    nonce, seconds = uuid.uuid4(), settings.SESSION_COOKIE_AGE
    proof = _prove(f"{user.pk}:{nonce}:{seconds}")
    return str(
        _ask("SELECT public.org_open_scope(%s::bigint, %s::uuid, %s::int, %s::bytea)", [user.pk, nonce, seconds, proof])
    )


def open_scope_for_colleague(user: User, delegation_id: int) -> str:
    """Open a scope in the role and area of a colleague who is away. Refused unless the delegation holds today."""
    nonce, seconds = uuid.uuid4(), settings.SESSION_COOKIE_AGE
    proof = _prove(f"{user.pk}:{nonce}:{seconds}:{delegation_id}")
    return str(
        _ask(
            "SELECT public.org_open_delegated_scope(%s::bigint, %s::bigint, %s::uuid, %s::int, %s::bytea)",
            [user.pk, delegation_id, nonce, seconds, proof],
        )
    )


def close_scope(token: str) -> None:
    """End a scope now; whoever still holds the token sees nothing any more."""
    _ask("SELECT public.org_close_scope(%s::text)", [token])


@contextmanager
def entered(token: str) -> Iterator[int | None]:
    """Let the statements of this transaction see the scope's rows. Yields the user it belongs to; None if it has ended.

    The scope entered before, if any, holds again afterwards; with the transaction's end each of them is gone.
    """
    if not connection.in_atomic_block:
        raise ScopeError("a scope holds within one transaction.", advice="Enter it inside transaction.atomic().")
    before = _ask("SELECT current_setting('doudi.scope', true)", [])
    _ask("SELECT set_config('doudi.scope', %s::text, true)", [token])
    user_id = _ask("SELECT public.org_scope_user()", [])
    try:
        yield None if user_id is None else int(user_id)
    finally:
        if not _has_failed():
            _ask("SELECT set_config('doudi.scope', %s::text, true)", [before or ""])


@contextmanager
def job_scope(area: str, purpose: str) -> Iterator[None]:
    """One transaction of a command's, for one area and one stated purpose. Works only under the role doudi_worker."""
    with transaction.atomic():
        token = str(
            _ask("SELECT public.org_open_job_scope(%s::text, %s::text, %s::int)", [area, purpose, _JOB_SECONDS])
        )
        with entered(token):
            yield
        close_scope(token)


@contextmanager
def audit_scope(purpose: str, *, sees_one_instant: bool = False) -> Iterator[None]:
    """One transaction that sees every entry of the audit and no row of anything else. Only under doudi_worker.

    `sees_one_instant`: all its statements see the database as it was when the first of them ran.
    """
    with transaction.atomic():
        if sees_one_instant:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        token = str(_ask("SELECT public.org_open_audit_scope(%s::text, %s::int)", [purpose, _JOB_SECONDS]))
        with entered(token):
            yield
        close_scope(token)


def scope_key_blocks(secret: str) -> tuple[bytes, bytes]:
    """The two padded blocks of HMAC-SHA256 under a key drawn from the secret, as the database keeps them."""
    key = hashlib.sha256(b"doudi.org.scope\0" + secret.encode("utf-8")).digest().ljust(_BLOCK_BYTES, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def _prove(message: str) -> bytes:
    key = hashlib.sha256(b"doudi.org.scope\0" + settings.SECRET_KEY.encode("utf-8")).digest()
    return hmac.new(key, message.encode("utf-8"), hashlib.sha256).digest()


def _ask(statement: str, parameters: Sequence[Any]) -> Any:
    connection.ensure_connection()
    # Django's own cursor would write the token into the statement's text.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode("ascii"), parameters)
        row = cursor.fetchone()
        return row[0] if row else None


def _has_failed() -> bool:
    """Whether the transaction is already broken; its end then forgets the scope by itself."""
    if connection.connection is None or connection.needs_rollback:
        return True
    return bool(connection.connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS)
