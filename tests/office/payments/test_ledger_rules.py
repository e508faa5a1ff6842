"""The database keeps the ledger's rules by itself, also against SQL typed by hand with the application's rights."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import sql
from tests.office.payments.families import COUNTY, Office, family, faults, references

from doudi.office.flows import pay
from doudi.office.payments import queries
from doudi.office.payments.actions.funds import AppropriationRefused
from doudi.office.payments.demo_bank import answer
from doudi.office.payments.ledger import Account, Entry, FundTooSmall, book, move
from doudi.office.payments.models import LedgerTransaction, Payment, Posting

ROLES = ("app", "worker", "owner")
TABLES = (
    "payments_ledgertransaction",
    "payments_posting",
    "payments_bankfile",
    "payments_returnfile",
    "payments_returnline",
    "payments_unpayablemonth",
    "payments_retrypermit",
    "entitlements_entitlementmonth",
)


def check_now() -> None:
    """Let the deferred constraints speak before the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(constraint: str, act: Callable[[], object]) -> None:
    """The act must break this constraint, at once or at the commit."""

    def commit() -> None:
        with transaction.atomic():
            act()
            check_now()

    with pytest.raises(IntegrityError) as caught:
        commit()
    assert caught.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]  # psycopg's own


def booked(office: Office, *entries: Entry, **more: object) -> LedgerTransaction:
    return book(
        kind=more.pop("kind", "appropriation"),  # type: ignore[arg-type]  # a text in all uses below
        document="x",
        entries=entries,
        actor=office.first,
        at=office.at,
        **more,  # type: ignore[arg-type]  # run or reverses
    )


def test_p1_a_transaction_that_does_not_sum_to_zero_is_refused(office: Office) -> None:
    fund = office.fund.pk
    refused(
        "payments_transaction_sums_to_zero",
        lambda: booked(office, Entry(fund, Account.APPROPRIATION, -100), Entry(fund, Account.AVAILABLE, 99)),
    )


def test_p1_zero_over_two_funds_is_not_zero_in_each(office: Office) -> None:
    other = next(row.fund_id for row in queries.funds(COUNTY) if row.year == 2027)
    refused(
        "payments_transaction_sums_to_zero",
        lambda: booked(
            office, Entry(office.fund.pk, Account.APPROPRIATION, -100), Entry(other, Account.AVAILABLE, 100)
        ),
    )


def test_p1_a_single_sided_transaction_is_refused(office: Office) -> None:
    refused(
        "payments_transaction_has_two_sides", lambda: booked(office, Entry(office.fund.pk, Account.APPROPRIATION, -1))
    )


def test_p1_fewer_postings_than_declared_are_refused(office: Office) -> None:
    refused(
        "payments_transaction_is_whole",
        lambda: LedgerTransaction.objects.create(
            kind="appropriation", document="x", posting_count=2, booked_at=office.at, booked_by=office.first
        ),
    )


def test_p1_no_posting_slips_in_after_the_check(office: Office) -> None:
    """Checked early on purpose, a transaction is closed: further postings would exceed what it declared."""
    fund = office.fund.pk
    done = booked(office, Entry(fund, Account.APPROPRIATION, -100), Entry(fund, Account.AVAILABLE, 100))
    check_now()
    refused(
        "payments_transaction_is_closed",
        lambda: Posting.objects.create(transaction=done, fund_id=fund, account="available", amount_fen=1),
    )


def test_p4_a_payment_is_never_in_two_places(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    run, _ = office.sent_run()
    payment = Payment.objects.get(run=run)
    fund = office.fund.pk
    half = payment.amount_fen // 2
    refused(
        "payments_posting_moves_whole_payments",
        lambda: booked(office, *move(fund, "in_transit", "paid", half, payment.pk), kind="answer"),
    )
    refused(
        "payments_payment_is_in_one_place",
        lambda: booked(office, *move(fund, "paid", "returned", payment.amount_fen, payment.pk), kind="answer"),
    )
    refused(
        "payments_payment_is_in_one_place",
        lambda: booked(
            office,
            Entry(fund, Account.AVAILABLE, -payment.amount_fen),
            Entry(fund, Account.IN_TRANSIT, payment.amount_fen, payment.pk),
            kind="answer",
        ),
    )


def test_p6_the_database_refuses_an_overdraft_that_the_code_let_through(office: Office, monkeypatch) -> None:
    fund = office.fund.pk
    monkeypatch.setattr("doudi.office.payments.ledger._refuse_overdraft", lambda entries: None)
    refused(
        "payments_fund_never_below_zero",
        lambda: booked(office, Entry(fund, Account.APPROPRIATION, 1), Entry(fund, Account.AVAILABLE, -1)),
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ROLES)
def test_p7_nobody_changes_or_deletes_a_row_of_money(
    office: Office, db_role: Callable[[str], AbstractContextManager[None]], role: str, table: str
) -> None:
    office.appropriate(1_000_000)
    family(office)
    family(office, has_account=False)
    run, content = office.sent_run()
    office.take_in(answer(content, fail=references(run)))
    pay.permit_retry(actor=office.first, payment_id=Payment.objects.get().pk, reason="已核对", at=office.at)
    with db_role(role), connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        # The owner is bound by the scope as everybody is, and sees the same rows.
        assert cursor.fetchone() != (0,)
        for statement in ("UPDATE {} SET id = id + 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(sql.SQL(statement).format(sql.Identifier(table)))
    assert faults(office) == {}


def test_p7_the_web_and_the_worker_hold_no_right_to_change_money(office: Office) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE table_name = ANY(%s) AND grantee IN ('doudi_app', 'doudi_worker', 'PUBLIC')"
            " AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')",
            [list(TABLES)],
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_payment SET amount_fen = amount_fen + 1",
        "UPDATE payments_payment SET reference = 'x'",
        "UPDATE payments_payment SET account_index = 'x'",
        "UPDATE payments_payment SET line = 99",
        "UPDATE payments_payment SET state = 'draft'",
        "UPDATE payments_payrun SET total_fen = total_fen + 1",
        "UPDATE payments_payrun SET state = 'draft', released_at = NULL, released_by_id = NULL,"
        " sent_at = NULL, sent_by_id = NULL",
    ],
)
def test_p7_a_payment_once_written_keeps_its_amount_payee_and_reference(office: Office, statement: str) -> None:
    office.appropriate(1_000_000)
    family(office)
    office.sent_run()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_p7_an_entitlement_keeps_its_amount(office: Office) -> None:
    granted = family(office)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        type(granted).objects.filter(pk=granted.pk).update(amount_fen=1)


def test_p22_the_database_refuses_a_release_by_the_preparer(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    run = office.prepare()
    with pytest.raises(IntegrityError, match="released_by_another_person"), transaction.atomic():
        type(run).objects.filter(pk=run.pk).update(state="released", released_at=office.at, released_by=office.first)


def test_p2_the_database_refuses_a_second_living_payment_of_a_month(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    run = office.prepare()
    payment = Payment.objects.get(run=run)
    payment.pk, payment.line, payment.reference = None, 2, "another"
    with pytest.raises(IntegrityError, match="payments_month_paid_once"), transaction.atomic():
        payment.save(force_insert=True)


def test_p7_a_correction_is_a_reversal_and_a_new_booking(office: Office) -> None:
    office.appropriate(700_000)
    wrong = LedgerTransaction.objects.get()
    pay.correct_appropriation(
        actor=office.first, transaction_id=wrong.pk, amount_fen=600_000, document="更正一", at=office.at
    )
    fund = queries.fund(office.fund.pk, COUNTY)
    assert fund is not None
    assert (fund.appropriated_fen, fund.available_fen) == (600_000, 600_000)
    kinds = [row.kind for row in queries.fund_transactions(office.fund.pk)]
    assert kinds == ["reversal", "appropriation", "appropriation"]
    with pytest.raises(AppropriationRefused):
        pay.correct_appropriation(
            actor=office.first, transaction_id=wrong.pk, amount_fen=1, document="更正二", at=office.at
        )
    assert faults(office) == {}


def test_p7_a_reversal_that_does_not_mirror_is_refused(office: Office) -> None:
    office.appropriate(100)
    fund, wrong = office.fund.pk, LedgerTransaction.objects.get()
    refused(
        "payments_reversal_mirrors",
        lambda: booked(
            office,
            Entry(fund, Account.APPROPRIATION, 99),
            Entry(fund, Account.AVAILABLE, -99),
            kind="reversal",
            reverses=wrong,
        ),
    )


def test_p6_money_already_promised_cannot_be_corrected_away(office: Office) -> None:
    office.appropriate(60_000)
    booked_id = LedgerTransaction.objects.get().pk
    family(office, amount_fen=50_000)
    office.release(office.prepare())
    with pytest.raises(FundTooSmall):
        pay.correct_appropriation(
            actor=office.first, transaction_id=booked_id, amount_fen=49_999, document="更正", at=office.at
        )


def test_p3_a_document_booked_again_has_no_effect_and_with_another_amount_is_refused(office: Office) -> None:
    office.appropriate(100)
    office.appropriate(100)
    with pytest.raises(AppropriationRefused):
        office.appropriate(101)
    fund = queries.fund(office.fund.pk, COUNTY)
    assert fund is not None
    assert fund.available_fen == 100


def test_p28_without_a_scope_there_is_no_payment_and_nothing_can_be_booked_on_one(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    run, _ = office.sent_run()
    payment = Payment.objects.get(run=run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('doudi.scope', '', true)")
        assert not Payment.objects.exists()
        refused(
            "payments_posting_moves_whole_payments",
            lambda: booked(
                office, *move(office.fund.pk, "in_transit", "paid", payment.amount_fen, payment.pk), kind="answer"
            ),
        )


def test_a_ledger_seen_through_a_narrow_scope_is_not_called_sound(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    office.sent_run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('doudi.scope', '', true)")
    assert "postings_move_whole_payments" in faults(office)
