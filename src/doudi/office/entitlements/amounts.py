"""What entitlements pay in a month: the last word that covers it, or what was granted."""

from collections.abc import Collection, Mapping, Sequence

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.bulk import among
from doudi.office.entitlements.models import AmountVersion, Entitlement

Words = Sequence[tuple[str, Fen]]
"""From a month on an amount, in the order in which it was said."""


def words_about(entitlement_ids: Collection[int]) -> Mapping[int, Words]:
    """Everything said later than the grant about what these pay, by entitlement."""
    found: dict[int, list[tuple[str, Fen]]] = {}
    rows = AmountVersion.objects.filter(among("entitlement", entitlement_ids)).order_by("pk")
    for number, month, amount in rows.values_list("entitlement_id", "from_month", "amount_fen"):
        found.setdefault(number, []).append((month, amount))
    return found


def amount_in(month: str, granted_fen: Fen, words: Words) -> Fen:
    """What is paid in a month."""
    return next((amount for since, amount in reversed(words) if since <= month), granted_fen)


def last_amount(granted_fen: Fen, words: Words) -> Fen:
    """What is paid in the end, as far as anything has been decided."""
    return words[-1][1] if words else granted_fen


def amount_of(entitlement: Entitlement, month: Month) -> Fen:
    """What one entitlement pays in a month."""
    words = words_about([entitlement.pk]).get(entitlement.pk, ())
    return amount_in(str(month), entitlement.amount_fen, words)
