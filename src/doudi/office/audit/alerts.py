"""Alerts to the auditor, written by the audit itself: somebody looks at very many people within an hour."""

from datetime import timedelta

from django.db import connection

from doudi.office import clock

BULK_READ_RECORDS_PER_HOUR = 1000
BULK_READ = "alert.bulk_read"
_HOUR = timedelta(hours=1)


def is_bulk_read(actor_id: int, *, now_taking: int) -> bool:
    """Whether this look brings somebody above the limit, within an hour and not told within that hour yet.

    Counted are the records that pages showed and the rows that left as workbooks, in the scope of whoever reads.
    """
    since = clock.now() - _HOUR
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(CASE WHEN verb = 'read' THEN jsonb_array_length(details->'ids')"
            "                         WHEN verb = 'list.export' THEN (details->>'rows')::int ELSE 0 END), 0),"
            " bool_or(verb = %s)"
            " FROM audit_entry WHERE actor_id = %s AND at > %s AND verb IN ('read', 'list.export', %s)",
            [BULK_READ, actor_id, since, BULK_READ],
        )
        taken, is_told = cursor.fetchone()
    return not is_told and taken + now_taking > BULK_READ_RECORDS_PER_HOUR
