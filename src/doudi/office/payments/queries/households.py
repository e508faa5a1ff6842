"""What one household was paid, line by line, for its own page."""

from dataclasses import dataclass

from doudi.engine.values.money import Fen
from doudi.office.payments.models import Payment


@dataclass(frozen=True)
class HouseholdPayment:
    """One payment of a household: which month, in which run, and where the money is."""

    reference: str
    run_id: int
    run_number: str
    programme: str
    month: str
    amount_fen: Fen
    state: str
    state_label: str
    entitlement_id: int


def payments_of(household_id: int) -> tuple[HouseholdPayment, ...]:
    """All payments of a household, newest first; drafts thrown away are left out."""
    found = (
        Payment.objects.filter(entitlement_month__household=household_id)
        .exclude(state=Payment.State.WITHDRAWN)
        .select_related("run", "entitlement_month")
        .order_by("-pk")
    )
    return tuple(
        HouseholdPayment(
            reference=each.reference,
            run_id=each.run_id,
            run_number=each.run.number,
            programme=each.run.programme,
            month=each.entitlement_month.month,
            amount_fen=each.amount_fen,
            state=each.state,
            state_label=each.get_state_display(),
            entitlement_id=each.entitlement_month.entitlement_id,
        )
        for each in found
    )
