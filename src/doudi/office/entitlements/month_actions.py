"""Writes to the months of help and to what they pay. Both tables only grow: a later decision adds rows of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.bulk import insert_rows, take_ids
from doudi.office.entitlements.models import AmountVersion, Change, EntitlementMonth
from doudi.office.org.models import User


@transaction.atomic
def open_months(*, county: str, programme: str, through: Month) -> int:
    """Write the months that have become due and are not written yet. Any number of times, with one effect.

    It reads no judgement into anything: a month follows from its entitlement. So it leaves no audit row of its own; the
    pay run that takes the months does.
    """
    hold_months(county)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_MONTHS, {"programme": programme, "county": county, "through": str(through)})
        return int(cursor.rowcount)


def hold_months(county: str) -> None:
    """Until the transaction ends nobody else writes months or amounts of this county.

    A month opened at the old amount while the new one is being decided would be missed by its supplement.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('entitlements.months'), %s)", [int(county)])


def first_unwritten_month(entitlement_id: int) -> Month | None:
    """The month after the last one written; None where none is."""
    rows = EntitlementMonth.objects.filter(entitlement=entitlement_id)
    last = rows.aggregate(last=Max("month"))["last"]
    return None if last is None else Month.parse(last).next()


@dataclass(frozen=True)
class NewAmount:
    """An amount from a month on, by a change of one family or by a line of a change of standard."""

    entitlement_id: int
    from_month: str
    amount_fen: Fen
    area: str
    change: Change | None = None
    line_id: int | None = None


@transaction.atomic
def write_amounts(*, actor: User, at: datetime, amounts: Sequence[NewAmount]) -> None:
    """Let entitlements pay another amount from a month on; what is written already is supplemented, never lowered."""
    for county in sorted({each.area[:6] for each in amounts}):
        hold_months(county)
    ids = take_ids(AmountVersion, len(amounts))
    insert_rows(
        AmountVersion,
        ("id", "entitlement_id", "from_month", "amount_fen", "change_id", "line_id", "written_at", "written_by_id",
         "area"),
        [
            (number, each.entitlement_id, each.from_month, each.amount_fen, each.change.pk if each.change else None,
             each.line_id, at, actor.pk, each.area)
            for number, each in zip(ids, amounts, strict=True)
        ],
    )  # fmt: skip
    _supplement(ids)


def _supplement(version_ids: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUPPLEMENT, [list(version_ids)])


# The month is a text, so the series runs over first days and is written back as text.
_OPEN_MONTHS = """
INSERT INTO entitlements_entitlementmonth (entitlement_id, household_id, programme, month, amount_fen, area)
SELECT granted.id, granted.household_id, granted.programme, to_char(first_day, 'YYYY-MM'),
       -- The last word that covers the month; without one, what was granted.
       coalesce((SELECT version.amount_fen FROM entitlements_amountversion AS version
                 WHERE version.entitlement_id = granted.id AND version.from_month <= to_char(first_day, 'YYYY-MM')
                 ORDER BY version.id DESC LIMIT 1), granted.amount_fen),
       granted.area
FROM entitlements_entitlement AS granted
CROSS JOIN LATERAL generate_series(
  -- What an old system has paid is not opened again.
  coalesce(to_date(granted.carried_through, 'YYYY-MM') + interval '1 month',
           to_date(granted.start_month, 'YYYY-MM')::timestamp),
  to_date(least(%(through)s::text, granted.end_month), 'YYYY-MM')::timestamp,
  interval '1 month') AS first_day
WHERE granted.programme = %(programme)s AND left(granted.area, 6) = %(county)s
  AND NOT EXISTS (SELECT 1 FROM entitlements_entitlementmonth AS written
                  WHERE written.entitlement_id = granted.id AND written.month = to_char(first_day, 'YYYY-MM'))
ORDER BY granted.id, first_day
ON CONFLICT (household_id, programme, month, sequence) DO NOTHING
"""

# What a written month lacks of its new amount becomes a further row of that month (补发).
_SUPPLEMENT = """
INSERT INTO entitlements_entitlementmonth (entitlement_id, household_id, programme, month, sequence, amount_fen, area)
SELECT version.entitlement_id, written.household_id, written.programme, written.month, max(written.sequence) + 1,
       version.amount_fen - sum(written.amount_fen), version.area
FROM entitlements_amountversion AS version
JOIN entitlements_entitlementmonth AS written
  ON written.entitlement_id = version.entitlement_id AND written.month >= version.from_month
WHERE version.id = ANY(%s)
GROUP BY version.id, written.household_id, written.programme, written.month
HAVING sum(written.amount_fen) < version.amount_fen
ORDER BY version.id, written.month
"""
