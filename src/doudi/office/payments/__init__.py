"""Payments: funds, the ledger, pay runs, the bank's file and the bank's answer. Integer fen from end to end."""
