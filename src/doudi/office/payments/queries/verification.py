"""Verifying the whole ledger from its rows alone, believing neither the triggers nor the code that wrote them.

Each check is one statement that returns what is wrong. It must be run under a scope that shows everything; a payment
that is hidden counts as a fault, so that a narrow scope cannot make a broken ledger look sound.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from doudi.engine.values.keys import Keyring
from doudi.engine.values.seal import SealError, unseal
from doudi.office.payments.models import PayRun, ReturnFile
from doudi.office.payments.queries.reconciliation import reconciliation

# Enough to find the trouble by; a broken ledger may have millions.
_FAULTS_NAMED_MAX = 20


@dataclass(frozen=True)
class LedgerCheck:
    """One question to the ledger: how much was looked at, how much is wrong, and the first of it by number."""

    name: str
    examined: int
    fault_count: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class LedgerReport:
    """The answers to all questions."""

    checks: tuple[LedgerCheck, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return all(check.fault_count == 0 for check in self.checks)


def verify_ledger(keyring: Keyring) -> LedgerReport:
    """Ask every question. Takes time in proportion to the ledger; locks nothing."""
    checks = [_asked(name, counted, wrong) for name, counted, wrong in _QUESTIONS]
    return LedgerReport((*checks, _runs_reconcile(keyring), _return_files_open(keyring)))


def _asked(name: str, counted: str, wrong: str) -> LedgerCheck:
    with connection.cursor() as cursor:
        cursor.execute(counted)
        examined = cursor.fetchone()
        cursor.execute(wrong)
        faults = [str(row[0]) for row in cursor.fetchall()]
    return _check(name, int(examined[0]) if examined else 0, faults)


def _check(name: str, examined: int, faults: list[str]) -> LedgerCheck:
    return LedgerCheck(name, examined, len(faults), tuple(faults[:_FAULTS_NAMED_MAX]))


def _runs_reconcile(keyring: Keyring) -> LedgerCheck:
    runs = list(PayRun.objects.exclude(state=PayRun.State.DISCARDED).order_by("pk"))
    faults = []
    for run in runs:
        found = reconciliation(run.pk, run.county, keyring)
        if found is None or not found.is_balanced:
            faults.append(run.number)
    return _check("runs_reconcile", len(runs), faults)


def _return_files_open(keyring: Keyring) -> LedgerCheck:
    examined, faults = 0, []
    for file in _each_return_file():
        examined += 1
        try:
            content = unseal(keyring, bytes(file.sealed_content), f"payments:return-file:{file.run.number}")
        except SealError:
            faults.append(f"return file {file.pk}")
            continue
        if hashlib.sha256(content).hexdigest() != file.sha256:
            faults.append(f"return file {file.pk}")
    return _check("return_files_are_whole", examined, faults)


def _each_return_file() -> Iterator[ReturnFile]:
    return ReturnFile.objects.select_related("run").order_by("pk").iterator(chunk_size=10)


_TRANSACTIONS = "SELECT count(*) FROM payments_ledgertransaction"
_POSTINGS = "SELECT count(*) FROM payments_posting"
_PAYMENTS = "SELECT count(*) FROM payments_payment"

_NOT_WHOLE = """
SELECT 'transaction ' || ledger.id
FROM payments_ledgertransaction AS ledger LEFT JOIN payments_posting AS posting ON posting.transaction_id = ledger.id
GROUP BY ledger.id HAVING count(posting.id) <> ledger.posting_count OR count(posting.id) < 2 ORDER BY ledger.id
"""
_NOT_ZERO = """
SELECT 'transaction ' || transaction_id || ' in fund ' || fund_id
FROM payments_posting GROUP BY transaction_id, fund_id HAVING sum(amount_fen) <> 0 ORDER BY transaction_id
"""
_OVERDRAWN = """
SELECT 'fund ' || fund_id || ' account ' || account
FROM payments_posting GROUP BY fund_id, account
HAVING (account <> 'appropriation' AND sum(amount_fen) < 0) OR (account = 'appropriation' AND sum(amount_fen) > 0)
ORDER BY fund_id
"""
_HIDDEN = """
SELECT 'posting ' || posting.id
FROM payments_posting AS posting LEFT JOIN payments_payment AS payment ON payment.id = posting.payment_id
WHERE posting.payment_id IS NOT NULL
  AND (payment.id IS NULL OR abs(posting.amount_fen) <> payment.amount_fen) ORDER BY posting.id
"""
# Where the ledger says a payment's money is must be where its line says it is. A returned payment that was paid again
# has given its money to the payment that replaces it.
_MISPLACED = """
WITH held AS (
  SELECT payment_id,
         coalesce(sum(amount_fen) FILTER (WHERE account = 'in_transit'), 0) AS in_transit,
         coalesce(sum(amount_fen) FILTER (WHERE account = 'paid'), 0) AS paid,
         coalesce(sum(amount_fen) FILTER (WHERE account = 'returned'), 0) AS returned,
         coalesce(sum(amount_fen) FILTER (WHERE account = 'suspense'), 0) AS suspense
  FROM payments_posting WHERE payment_id IS NOT NULL GROUP BY payment_id)
SELECT 'payment ' || payment.reference
FROM payments_payment AS payment LEFT JOIN held ON held.payment_id = payment.id
WHERE NOT CASE
  WHEN payment.state IN ('draft', 'withdrawn') THEN held.payment_id IS NULL
  ELSE coalesce((held.in_transit, held.paid, held.returned, held.suspense) = (
    CASE WHEN payment.state = 'in_transit' THEN payment.amount_fen ELSE 0 END,
    CASE WHEN payment.state = 'paid' THEN payment.amount_fen ELSE 0 END,
    CASE WHEN payment.state = 'returned' AND NOT EXISTS (
           SELECT 1 FROM payments_payment AS again WHERE again.replaces_id = payment.id
             AND again.state NOT IN ('draft', 'withdrawn'))
         THEN payment.amount_fen ELSE 0 END,
    CASE WHEN payment.state = 'suspense' THEN payment.amount_fen ELSE 0 END), false)
  END
ORDER BY payment.id
"""
_PAID_TWICE = """
SELECT 'entitlement month ' || entitlement_month_id
FROM payments_payment WHERE state IN ('draft', 'in_transit', 'paid', 'suspense')
GROUP BY entitlement_month_id HAVING count(*) > 1 ORDER BY entitlement_month_id
"""
_OTHER_AMOUNT = """
SELECT 'payment ' || payment.reference
FROM payments_payment AS payment
JOIN entitlements_entitlementmonth AS month ON month.id = payment.entitlement_month_id
JOIN entitlements_entitlement AS granted ON granted.id = month.entitlement_id
JOIN casework_decision AS decision ON decision.id = granted.decision_id
WHERE payment.amount_fen <> month.amount_fen OR month.amount_fen <> granted.amount_fen
   OR granted.amount_fen IS DISTINCT FROM decision.amount_fen
ORDER BY payment.id
"""
_NOT_MIRRORED = """
SELECT 'transaction ' || reversal.id
FROM payments_ledgertransaction AS reversal
JOIN payments_posting AS posting ON posting.transaction_id IN (reversal.id, reversal.reverses_id)
WHERE reversal.reverses_id IS NOT NULL
GROUP BY reversal.id, posting.fund_id, posting.account, posting.payment_id
HAVING sum(posting.amount_fen) <> 0 ORDER BY reversal.id
"""
_RIGHTS = """
SELECT 'role ' || rolname || ' may ' || privilege || ' ' || relation
FROM (VALUES ('payments_ledgertransaction'), ('payments_posting'), ('payments_bankfile'), ('payments_returnfile'),
             ('payments_returnline'), ('entitlements_entitlementmonth')) AS growing (relation)
CROSS JOIN (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS taken (privilege)
CROSS JOIN pg_roles
WHERE rolname IN ('doudi_app', 'doudi_worker') AND has_table_privilege(rolname, relation, privilege)
"""

_QUESTIONS = (
    ("transactions_are_whole", _TRANSACTIONS, _NOT_WHOLE),
    ("transactions_sum_to_zero_in_each_fund", _TRANSACTIONS, _NOT_ZERO),
    ("no_account_is_overdrawn", _POSTINGS, _OVERDRAWN),
    ("postings_move_whole_payments", _POSTINGS, _HIDDEN),
    ("payments_are_in_one_place", _PAYMENTS, _MISPLACED),
    ("months_are_paid_once", _PAYMENTS, _PAID_TWICE),
    ("payments_follow_from_decisions", _PAYMENTS, _OTHER_AMOUNT),
    ("reversals_mirror", _TRANSACTIONS, _NOT_MIRRORED),
    ("nobody_may_change_the_ledger", "SELECT 18", _RIGHTS),
)
