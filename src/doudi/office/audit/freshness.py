"""How long ago the chain was anchored. Where nobody outside could tell any more, nothing is taken or paid."""

from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _

from doudi.office.errors import Refused

ANCHOR_AGE_MAX = timedelta(hours=4)


class NotAnchored(Refused):
    """The audit has not been anchored outside of the database for too long; adverse acts and payments wait."""

    code = "DD-AUDIT-004"


def anchor_age() -> timedelta | None:
    """Time since the newest anchored block was sealed, by the database's clock; None if nothing was ever anchored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_timestamp() - b.sealed_at FROM audit_anchor a JOIN audit_block b ON b.number = a.block"
            " ORDER BY a.block DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def require_anchor() -> None:
    """Refuse an act that takes something from a family, or pays, while the audit is not anchored."""
    age = anchor_age()
    if age is None or age > ANCHOR_AGE_MAX:
        raise NotAnchored(
            _("The record of what is done here has not been anchored for more than four hours."),
            advice=_(
                "Refusals and payments wait until it is. Tell the administrator to look after `doudi-office audit "
                "watch`; then send this again."
            ),
        )
