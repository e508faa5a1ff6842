"""The tables of money: funds, runs with their payments, the bank's answers, payee changes, and the ledger on top."""

from doudi.office.payments.models.funds import Fund
from doudi.office.payments.models.ledger import LedgerTransaction, Posting
from doudi.office.payments.models.payees import PayeeChange
from doudi.office.payments.models.returns import RetryPermit, ReturnFile, ReturnLine, SuspenseItem
from doudi.office.payments.models.runs import BankFile, Payment, PayRun, UnpayableMonth

__all__ = [
    "BankFile",
    "Fund",
    "LedgerTransaction",
    "PayRun",
    "PayeeChange",
    "Payment",
    "Posting",
    "RetryPermit",
    "ReturnFile",
    "ReturnLine",
    "SuspenseItem",
    "UnpayableMonth",
]
