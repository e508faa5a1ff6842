"""What one group of the bank's lines does to one payment: a table without side effects.

The lines of a file that name the same payment are judged together, so that their order cannot matter. Nothing that the
bank says against itself, against our amount, or from an altered file is believed: it goes to suspense, to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from doudi.engine.values.money import Fen
from doudi.office.payments.models import Payment, ReturnLine, SuspenseItem
from doudi.office.payments.return_file import BankLine

State = Payment.State
Effect = ReturnLine.Effect
Kind = SuspenseItem.Kind


@dataclass(frozen=True)
class Judgement:
    """What the first line of the group does; further lines of it say it again or belong to the same trouble."""

    effect: str
    trouble: str = ""


def judge(*, state: str, amount_fen: Fen, is_paid_again: bool, lines: Sequence[BankLine], altered: bool) -> Judgement:
    """Judge what the bank says in one file about one payment that stands in `state`."""
    said = {(line.amount_fen, line.result) for line in lines}
    if altered:
        return _trouble(Kind.ALTERED_FILE, state, is_paid_again)
    if len(said) > 1:
        return _trouble(Kind.CONTRADICTION, state, is_paid_again)
    amount, result = next(iter(said))
    if amount != amount_fen:
        return _trouble(Kind.WRONG_AMOUNT, state, is_paid_again)
    if state == State.IN_TRANSIT:
        return Judgement(Effect.PAID if result == "success" else Effect.RETURNED)
    if (state, result) in {(State.PAID, "success"), (State.RETURNED, "failure")}:
        return Judgement(Effect.REPEATED)
    return _trouble(Kind.CONTRADICTION, state, is_paid_again)


def _trouble(kind: str, state: str, is_paid_again: bool) -> Judgement:
    """Money already in suspense, or of a month that is being paid anew, is not moved again: the line is only listed."""
    if state == State.SUSPENSE or is_paid_again:
        return Judgement(Effect.LISTED, kind)
    return Judgement(Effect.SUSPENSE, kind)
