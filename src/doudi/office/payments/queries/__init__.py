"""Reads of money for screens and commands: plain data, amounts in fen."""

from doudi.office.payments.queries.funds import FundRow, TransactionRow, fund, fund_transactions, funds
from doudi.office.payments.queries.households import HouseholdPayment, payments_of
from doudi.office.payments.queries.reconciliation import Check, Reconciliation, reconciliation
from doudi.office.payments.queries.returns import (
    PayeeChangeRow,
    ReturnedRow,
    ReturnFileRow,
    SuspenseRow,
    count_owed,
    owed_returns,
    payee_changes,
    return_files,
    suspense_items,
)
from doudi.office.payments.queries.runs import (
    DifferenceRow,
    ObstacleRow,
    RunLine,
    RunRow,
    differences,
    obstacles,
    run,
    run_lines,
    runs,
    unpayable,
)
from doudi.office.payments.queries.verification import LedgerCheck, LedgerReport, verify_ledger

__all__ = [
    "Check",
    "DifferenceRow",
    "FundRow",
    "HouseholdPayment",
    "LedgerCheck",
    "LedgerReport",
    "ObstacleRow",
    "PayeeChangeRow",
    "Reconciliation",
    "ReturnFileRow",
    "ReturnedRow",
    "RunLine",
    "RunRow",
    "SuspenseRow",
    "TransactionRow",
    "count_owed",
    "differences",
    "fund",
    "fund_transactions",
    "funds",
    "obstacles",
    "owed_returns",
    "payee_changes",
    "payments_of",
    "reconciliation",
    "return_files",
    "run",
    "run_lines",
    "runs",
    "suspense_items",
    "unpayable",
    "verify_ledger",
]
