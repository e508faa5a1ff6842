"""`ledger verify` finds what a database superuser has tampered with, and names it."""

from collections.abc import Callable

import pytest
from psycopg import sql
from tests.office.payments import races
from tests.office.payments.families import Office, family, faults
from tests.office.payments.test_races import environment

from doudi.engine.values.keys import Keyring

__all__ = ["environment"]

TAMPERINGS = {
    "one posting's amount": (
        "UPDATE payments_posting SET amount_fen = amount_fen + 1 WHERE account = 'paid'",
        {"transactions_sum_to_zero_in_each_fund", "postings_move_whole_payments", "payments_are_in_one_place"},
    ),
    "both sides of a transaction": (
        "UPDATE payments_posting SET amount_fen = amount_fen * 2 WHERE account IN ('appropriation', 'available')",
        {"transactions_sum_to_zero_in_each_fund"},
    ),
    "a deleted posting": (
        "DELETE FROM payments_posting WHERE account = 'paid'",
        {"transactions_are_whole", "transactions_sum_to_zero_in_each_fund"},
    ),
    "a deleted transaction's postings": ("DELETE FROM payments_posting", {"transactions_are_whole"}),
    "a payment called paid that is not": (
        "UPDATE payments_payment SET state = 'returned'",
        {"payments_are_in_one_place", "runs_reconcile"},
    ),
    "a payment's amount": (
        "UPDATE payments_payment SET amount_fen = amount_fen + 1",
        {"postings_move_whole_payments", "payments_follow_from_decisions", "runs_reconcile"},
    ),
    "an entitlement's amount": (
        "UPDATE entitlements_entitlement SET amount_fen = amount_fen + 1",
        {"payments_follow_from_decisions"},
    ),
    "the run's total": ("UPDATE payments_payrun SET total_fen = total_fen + 1", {"runs_reconcile"}),
    "the bank file": (
        "UPDATE payments_bankfile SET sealed_content = set_byte(sealed_content, 90, get_byte(sealed_content, 90) # 1)",
        {"runs_reconcile"},
    ),
    "the return file": (
        "UPDATE payments_returnfile"
        " SET sealed_content = set_byte(sealed_content, 90, get_byte(sealed_content, 90) # 1)",
        {"return_files_are_whole"},
    ),
    "a right given away": ("GRANT UPDATE ON payments_posting TO doudi_app", {"nobody_may_change_the_ledger"}),
}


@pytest.fixture
def paid(environment: dict[str, str], keyring: Keyring, office_copy) -> tuple[Office, Callable[..., None]]:
    """A month that was paid, committed; and a superuser's hand."""
    office = races.new_office(keyring)
    with races.scope_of(office.first):
        office.appropriate(1_000_000)
        family(office)
        office.answered_run()

    def tamper(statement: str, table: str = "") -> None:
        names = {"table": sql.Identifier(table), "kept": sql.Identifier(f"kept_{table}")}
        with office_copy.connect("admin") as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(sql.SQL(statement).format(**names))

    return office, tamper


def test_every_tampering_is_found(paid) -> None:
    """One database for all: each is undone before the next."""
    office, tamper = paid
    with races.scope_of(office.first):
        assert faults(office) == {}
    backup = [
        "payments_posting", "payments_payment", "entitlements_entitlement", "payments_payrun", "payments_bankfile",
        "payments_returnfile",
    ]  # fmt: skip
    for table in backup:
        tamper("CREATE TABLE {kept} AS SELECT * FROM {table}", table)
    for name, (statement, expected) in TAMPERINGS.items():
        tamper(statement)
        with races.scope_of(office.first):
            assert set(faults(office)) >= expected, name
        tamper("REVOKE UPDATE ON payments_posting FROM doudi_app")
        for table in backup:
            tamper("DELETE FROM {table}", table)
            tamper("INSERT INTO {table} SELECT * FROM {kept}", table)
        with races.scope_of(office.first):
            assert faults(office) == {}, name
