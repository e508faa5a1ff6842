"""Does it all agree? One run seen from five sides: its total, its lines, the months, the bank's file, the ledger."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from doudi.engine.values.keys import Keyring
from doudi.engine.values.money import Fen
from doudi.engine.values.seal import SealError, unseal
from doudi.office.payments.bank_file import BankFileAltered, verify_bank_file
from doudi.office.payments.models import BankFile, Payment, PayRun, Posting


@dataclass(frozen=True)
class Check:
    """One side of a run: how many lines it counts and what they come to. None where the side is not there yet."""

    name: str
    count: int | None
    total_fen: Fen | None
    evidence: str


@dataclass(frozen=True)
class Reconciliation:
    """All sides of a run, and where its money is now by lines and by ledger."""

    run_id: int
    run_number: str
    checks: tuple[Check, ...]
    file_is_genuine: bool | None
    by_lines_fen: dict[str, Fen]
    by_ledger_fen: dict[str, Fen]
    is_balanced: bool


_PLACES = ("in_transit", "paid", "returned", "suspense")


def reconciliation(run_id: int, county: str, keyring: Keyring) -> Reconciliation | None:
    """Compare all sides of a run; None where there is no such run."""
    run = PayRun.objects.filter(pk=run_id, county__startswith=county).first()
    if run is None:
        return None
    lines = run.payments.aggregate(n=Count("pk"), total=Sum("amount_fen"))
    months = run.payments.aggregate(
        n=Count("entitlement_month", distinct=True), total=Sum("entitlement_month__amount_fen")
    )
    checks = [
        Check("run", run.line_count, run.total_fen, run.number),
        Check("lines", lines["n"], int(lines["total"] or 0), run.number),
        Check("months", months["n"], int(months["total"] or 0), run.number),
    ]
    file_check, is_genuine = _file_check(run, keyring)
    ledger_check = _ledger_check(run)
    has_left = run.state in (PayRun.State.RELEASED, PayRun.State.SENT, PayRun.State.RECONCILED)
    if has_left:
        checks += [file_check, ledger_check]
    by_lines = _by_lines(run)
    by_ledger = _by_ledger(run)
    agrees = len({(check.count, check.total_fen) for check in checks}) == 1
    return Reconciliation(
        run_id=run.pk,
        run_number=run.number,
        checks=tuple(checks),
        file_is_genuine=is_genuine if has_left else None,
        by_lines_fen=by_lines,
        by_ledger_fen=by_ledger,
        is_balanced=agrees and by_lines == by_ledger and (is_genuine or not has_left),
    )


def _file_check(run: PayRun, keyring: Keyring) -> tuple[Check, bool]:
    """The stored file, opened and checked anew; a file that does not open or verify counts as absent."""
    stored = BankFile.objects.filter(run=run).first()
    if stored is None:
        return Check("bank_file", None, None, ""), False
    try:
        content = verify_bank_file(
            unseal(keyring, bytes(stored.sealed_content), f"payments:bank-file:{run.number}"), keyring
        )
    except (SealError, BankFileAltered):
        return Check("bank_file", None, None, stored.sha256), False
    return Check("bank_file", content.count, content.total_fen, stored.sha256), content.run == run.number


def _ledger_check(run: PayRun) -> Check:
    booked = run.transactions.filter(kind="release").first()
    if booked is None:
        return Check("ledger", None, None, "")
    moved = booked.postings.filter(account=Posting.Account.IN_TRANSIT).aggregate(n=Count("pk"), total=Sum("amount_fen"))
    return Check("ledger", moved["n"], int(moved["total"] or 0), str(booked.pk))


def _by_lines(run: PayRun) -> dict[str, Fen]:
    """Where the lines say the money is. A returned line that was paid again holds nothing any more."""
    held = dict.fromkeys(_PLACES, 0)
    replaced = Payment.objects.filter(replaces__run=run, state__in=_PLACES).values("replaces_id")
    sums = (
        run.payments.filter(state__in=_PLACES)
        .exclude(pk__in=replaced)
        .values_list("state")
        .annotate(total=Sum("amount_fen"))
    )
    return held | {state: int(total) for state, total in sums}


def _by_ledger(run: PayRun) -> dict[str, Fen]:
    held = dict.fromkeys(_PLACES, 0)
    sums = Posting.objects.filter(payment__run=run).values_list("account").annotate(total=Sum("amount_fen"))
    return held | {account: int(total) for account, total in sums}
