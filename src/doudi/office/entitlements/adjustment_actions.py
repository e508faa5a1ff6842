"""Writes to changes of standard: begun, computed part by part, sealed, released or given up."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.audit.actions import record
from doudi.office.bulk import insert_rows
from doudi.office.entitlements.models import Adjustment, AdjustmentLine
from doudi.office.errors import Refused
from doudi.office.org.models import User


@dataclass(frozen=True)
class NewLine:
    """What the new standard makes of one entitlement."""

    entitlement_id: int
    old_amount_fen: Fen
    new_amount_fen: Fen | None
    effect: str
    family: dict[str, Any]
    area: str


@transaction.atomic
def begin(
    *,
    actor: User,
    at: datetime,
    county: str,
    programme: str,
    from_month: Month,
    reason: str,
    pack_release: str,
    pack_hash: str,
    entitlements: int,
) -> Adjustment:
    """Begin a change of standard; one at a time for a county and programme."""
    try:
        with transaction.atomic():
            adjustment = Adjustment.objects.create(
                county=county,
                programme=programme,
                from_month=str(from_month),
                reason=reason,
                pack_release=pack_release,
                pack_hash=pack_hash,
                entitlements=entitlements,
                prepared_at=at,
                prepared_by=actor,
            )
    except IntegrityError:
        raise Refused(
            _("A change of standard of this programme is under way."), advice=_("Release it, or give it up first.")
        ) from None
    _note(actor, adjustment, "begin", entitlements=entitlements)
    return adjustment


@transaction.atomic
def add_lines(*, actor: User, adjustment: Adjustment, lines: Sequence[NewLine], is_last: bool) -> None:
    """Write a part of the lines; with the last one the whole is sealed and can be released."""
    insert_rows(
        AdjustmentLine,
        ("adjustment_id", "entitlement_id", "old_amount_fen", "new_amount_fen", "effect", "family", "area"),
        [
            (adjustment.pk, each.entitlement_id, each.old_amount_fen, each.new_amount_fen, each.effect, each.family,
             each.area)
            for each in lines
        ],
    )  # fmt: skip
    rows = Adjustment.objects.filter(pk=adjustment.pk)
    rows.update(computed=F("computed") + len(lines))
    if is_last:
        digest = seal_of(adjustment)
        rows.update(state=Adjustment.State.READY, seal=digest, entitlements=F("computed"))
        _note(actor, adjustment, "seal", seal=digest)
    adjustment.refresh_from_db()


def seal_of(adjustment: Adjustment) -> str:
    """A digest of the pack and of all lines in fixed order."""
    digest = hashlib.sha256(f"{adjustment.pack_hash}:{adjustment.from_month}".encode())
    columns = ("entitlement_id", "old_amount_fen", "new_amount_fen", "effect")
    for row in adjustment.lines.order_by("entitlement_id").values_list(*columns).iterator():
        digest.update(repr(row).encode())
    return digest.hexdigest()


@transaction.atomic
def settle(
    *, actor: User, at: datetime, adjustment: Adjustment, state: str, reason: str, from_states: set[str]
) -> None:
    """Release it or give it up, once."""
    changed = Adjustment.objects.filter(pk=adjustment.pk, state__in=from_states).update(
        state=state, settled_at=at, settled_by=actor, settle_reason=reason
    )
    if not changed:
        raise Refused(_("This was already done."), advice=_("Open it again."))
    adjustment.refresh_from_db()
    _note(actor, adjustment, state)


def _note(actor: User, adjustment: Adjustment, verb: str, **details: object) -> None:
    record(actor=actor, verb=f"adjustment.{verb}", obj=adjustment, area=adjustment.county, details=details)
