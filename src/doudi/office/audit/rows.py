"""Audit entries as bytes: each row as PostgreSQL writes it out, the same for who seals it and who verifies it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

# Every column, in this order. An upgrade that adds one must seal it in blocks of a new kind: a test compares.
COLUMNS = (
    "id",
    "xid",
    "at",
    "recorded_at",
    "actor_id",
    "actor_name",
    "role",
    "verb",
    "object_type",
    "object_id",
    "area",
    "purpose",
    "details",
    "request_id",
)
# Times are written in these, whatever a role, a database or a client prefers.
_WRITTEN = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 1"


@dataclass(frozen=True)
class Row:
    """One entry: its id, the transaction that wrote it, and the whole row as text."""

    entry_id: int
    xid: int
    line: bytes


def stream(*, from_xid: int | None, to_xid: int) -> Iterator[Row]:
    """The entries of the transactions from `from_xid` (None: from the beginning) up to but without `to_xid`, in order.

    Needs the scope of the audit, inside a transaction. No other statement may run before the last row was taken.
    """
    condition = sql.SQL("xid < {}").format(sql.Literal(to_xid))
    if from_xid is not None:
        condition = sql.SQL("xid >= {} AND ").format(sql.Literal(from_xid)) + condition
    query = sql.SQL("COPY (SELECT {} FROM audit_entry WHERE {} ORDER BY xid, id) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, COLUMNS)), condition
    )
    with connection.cursor() as prepared:
        prepared.execute(_WRITTEN)
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        # The server sends one message for each row.
        for message in copy:
            line = bytes(message)
            entry_id, xid, _rest = line.split(b"\t", 2)
            yield Row(int(entry_id), int(xid), line)
