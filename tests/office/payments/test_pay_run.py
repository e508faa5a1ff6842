"""A month's money from what is owed to what the bank did."""

from datetime import date

import pytest
from tests.office.payments.families import (
    COUNTY,
    DECEMBER,
    JANUARY,
    Office,
    at_start_of,
    decide,
    family,
    faults,
    give_account,
    references,
)

from doudi.engine.values.period import Month
from doudi.office.audit.models import Entry
from doudi.office.errors import NotAllowed, NotYours, Refused
from doudi.office.flows import pay
from doudi.office.payments import queries
from doudi.office.payments.bank_file import read_bank_file
from doudi.office.payments.demo_bank import answer
from doudi.office.payments.ledger import FundTooSmall
from doudi.office.payments.models import BankFile, Payment, PayRun
from doudi.office.registry.actions import leave_household
from doudi.office.registry.models import BankAccount, Membership


def test_a_month_goes_from_entitlement_to_bank_to_reconciled(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office, amount_fen=50_000)
    family(office, amount_fen=71_500)
    run, content = office.sent_run()
    in_transit = queries.fund(office.fund.pk, COUNTY)
    assert in_transit is not None
    assert (in_transit.available_fen, in_transit.in_transit_fen) == (878_500, 121_500)
    report = office.take_in(answer(content))
    assert (report.paid, report.returned, report.suspense) == (2, 0, 0)
    run.refresh_from_db()
    assert run.state == PayRun.State.RECONCILED
    fund = queries.fund(office.fund.pk, COUNTY)
    assert fund is not None
    assert (fund.appropriated_fen, fund.available_fen, fund.paid_fen) == (1_000_000, 878_500, 121_500)
    assert faults(office) == {}


def test_p8_run_lines_months_bank_file_and_ledger_come_to_the_same(office: Office) -> None:
    office.appropriate(1_000_000)
    for amount in (50_000, 71_500, 1):
        family(office, amount_fen=amount)
    run, _ = office.answered_run()
    found = queries.reconciliation(run.pk, COUNTY, office.keyring)
    assert found is not None
    assert {(check.count, check.total_fen) for check in found.checks} == {(3, 121_501)}
    assert [check.name for check in found.checks] == ["run", "lines", "months", "bank_file", "ledger"]
    assert found.is_balanced
    assert found.file_is_genuine
    assert found.by_lines_fen == {"in_transit": 0, "paid": 121_501, "returned": 0, "suspense": 0}


def test_every_line_leads_back_to_its_entitlement_and_case(office: Office) -> None:
    office.appropriate(1_000_000)
    granted = family(office)
    run = office.prepare()
    (line,), how_many = queries.run_lines(run.pk, reader=office.first)
    assert how_many == 1
    assert (line.entitlement_id, line.case_number) == (granted.pk, granted.case.number)
    assert line.account_masked.endswith(granted.household.accounts.get().number[-4:])
    assert granted.household.accounts.get().number not in repr(line)
    (row,) = queries.payments_of(granted.household_id)
    assert (row.run_number, row.state) == (run.number, "draft")


def test_p22_who_prepared_a_run_cannot_release_it(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    run = office.prepare()
    with pytest.raises(Refused, match="cannot release"):
        pay.release_run(actor=office.first, run_id=run.pk, at=office.at, keyring=office.keyring)
    assert queries.fund(office.fund.pk, COUNTY).in_transit_fen == 0  # type: ignore[union-attr]  # it was just opened


@pytest.mark.parametrize("role", ["assistant", "clerk", "reviewer", "approver"])
def test_p22_only_finance_touches_money(office: Office, make_user, role: str) -> None:
    other = make_user(role, COUNTY)
    with pytest.raises(NotAllowed):
        pay.prepare_run(actor=other, county=COUNTY, programme="dibao", month=DECEMBER, at=office.at)
    with pytest.raises(NotAllowed):
        pay.release_run(actor=other, run_id=1, at=office.at, keyring=office.keyring)
    with pytest.raises(NotAllowed):
        pay.import_return_file(actor=other, content=b"", at=office.at, keyring=office.keyring)


def test_finance_of_another_county_finds_nothing(office: Office, make_user) -> None:
    office.appropriate(1_000_000)
    family(office)
    run = office.prepare()
    other = make_user("finance", "419902")
    for act in (
        lambda: pay.prepare_run(actor=other, county=COUNTY, programme="dibao", month=DECEMBER, at=office.at),
        lambda: pay.release_run(actor=other, run_id=run.pk, at=office.at, keyring=office.keyring),
        lambda: pay.appropriate(actor=other, fund_id=office.fund.pk, amount_fen=1, document="x", at=office.at),
    ):
        with pytest.raises(NotYours):
            act()
    assert queries.run(run.pk, "419902") is None


def test_p2_preparing_twice_finds_the_same_draft(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    first = pay.prepare_run(actor=office.first, county=COUNTY, programme="dibao", month=DECEMBER, at=office.at)
    again = pay.prepare_run(actor=office.second, county=COUNTY, programme="dibao", month=DECEMBER, at=office.at)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert first.run.pk == again.run.pk


def test_p2_a_month_in_a_run_is_not_in_the_next(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    office.release(office.prepare())
    with pytest.raises(Refused, match="Nothing is due"):
        office.prepare()
    with pytest.raises(Refused, match="already been released"):
        office.release(PayRun.objects.get())


def test_a_discarded_draft_frees_its_months(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    run = office.prepare()
    pay.discard_run(actor=office.first, run_id=run.pk, reason="换了账户", at=office.at)
    again = office.prepare()
    assert (again.sequence, again.line_count) == (2, 1)
    with pytest.raises(Refused, match="Only a draft"):
        pay.discard_run(actor=office.first, run_id=run.pk, reason="again", at=office.at)


def test_what_cannot_be_paid_is_listed_and_stays_owed(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office)
    without = family(office, has_account=False, amount_fen=30_000)
    gone = family(office, amount_fen=20_000)
    left = Membership.objects.get(household=gone.household)
    leave_household(actor=office.first, at=office.at, membership=left, on=date(2026, 11, 30), reason="moved")
    strange = family(office, amount_fen=10_000, name="=张三")
    run = office.prepare()
    listed = {row.household_id: row.reason for row in queries.unpayable(run.pk)}
    assert listed == {
        without.household_id: "no_account",
        gone.household_id: "holder_not_in_household",
        strange.household_id: "name_unfit",
    }
    assert run.total_fen == 50_000


def test_when_nothing_can_be_paid_the_obstacles_are_still_shown(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office, has_account=False)
    with pytest.raises(Refused, match="Nothing can be paid"):
        office.prepare()
    rows = queries.obstacles(county=COUNTY, programme="dibao", month=DECEMBER, on=office.at.date())
    assert [(row.month, row.reason) for row in rows] == [("2026-12", "no_account")]


def test_a_missed_month_is_paid_as_arrears(office: Office) -> None:
    office.appropriate(1_000_000)
    family(office, start=Month(2026, 10))
    run = office.prepare()
    lines, _ = queries.run_lines(run.pk, reader=office.first)
    assert [(line.month, line.kind) for line in lines] == [
        ("2026-10", "arrears"),
        ("2026-11", "arrears"),
        ("2026-12", "regular"),
    ]


def test_a_month_too_far_ahead_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="too far ahead"):
        pay.prepare_run(actor=office.first, county=COUNTY, programme="dibao", month=Month(2027, 2), at=office.at)


def test_differences_to_last_month_name_new_gone_and_changed(office: Office) -> None:
    office.appropriate(1_000_000)
    pay.appropriate(
        actor=office.first,
        fund_id=queries.funds(COUNTY)[0].fund_id,
        amount_fen=1_000_000,
        document="示财社〔2027〕1号",
        at=office.at,
    )
    stays, changes, ends = family(office), family(office), family(office)
    office.answered_run()
    for each in (changes, ends):
        each.end_month = "2026-12"
        each.save(update_fields=["end_month"])
    person = changes.household.memberships.get().person
    decide(office, changes.household, person, amount_fen=60_000, start=JANUARY)
    new = family(office, start=JANUARY)
    run = office.prepare(JANUARY)
    rows = {row.household_id: (row.change, row.before_fen, row.now_fen) for row in queries.differences(run.pk)}
    assert rows == {
        changes.household_id: ("changed", 50_000, 60_000),
        ends.household_id: ("gone", 50_000, 0),
        new.household_id: ("new", 0, 50_000),
    }
    assert stays.household_id not in rows


def test_p6_a_run_above_the_appropriation_is_refused(office: Office) -> None:
    office.appropriate(49_999)
    family(office, amount_fen=50_000)
    with pytest.raises(FundTooSmall):
        office.prepare()
    office.appropriate(1, document="示财社〔2026〕2号")
    assert office.prepare().total_fen == 50_000


def test_p6_the_fund_is_asked_again_at_the_release(office: Office) -> None:
    office.appropriate(50_000)
    family(office, amount_fen=50_000)
    run = office.prepare()
    booked = queries.fund_transactions(office.fund.pk)[0]
    pay.correct_appropriation(
        actor=office.first,
        transaction_id=booked.transaction_id,
        amount_fen=49_999,
        document="更正",
        at=office.at,
    )
    with pytest.raises(FundTooSmall):
        office.release(run)
    run.refresh_from_db()
    assert run.state == PayRun.State.DRAFT
    assert not BankFile.objects.exists()


def test_a_returned_payment_is_owed_and_paid_to_the_corrected_account(office: Office) -> None:
    office.appropriate(200_000)
    granted, other = family(office), family(office)
    run, content = office.sent_run()
    reference = Payment.objects.get(run=run, entitlement_month__entitlement=granted).reference
    office.take_in(answer(content, fail=[reference]))
    (owed,) = queries.owed_returns(COUNTY, reader=office.first)
    assert (owed.reference, owed.next_step, owed.bank_reason) == (reference, "new_account", "账户已销户")
    with pytest.raises(Refused, match="Nothing can be paid"):
        office.prepare()
    give_account(office, granted, "6228480000000000001")
    assert queries.owed_returns(COUNTY, reader=office.first)[0].next_step == "ready"
    again = office.prepare()
    assert queries.owed_returns(COUNTY, reader=office.first)[0].next_step == "in_run"
    assert [line.replaces_reference for line in queries.run_lines(again.pk, reader=office.first)[0]] == [reference]
    office.release(again)
    assert queries.owed_returns(COUNTY, reader=office.first) == ()
    office.take_in(answer(office.send(again)))
    fund = queries.fund(office.fund.pk, COUNTY)
    assert fund is not None
    assert (fund.available_fen, fund.paid_fen, fund.returned_fen) == (100_000, 100_000, 0)
    assert {row.state for row in queries.payments_of(granted.household_id)} == {"returned", "paid"}
    assert other.household_id not in {row.household_id for row in queries.owed_returns(COUNTY, reader=office.first)}
    assert faults(office) == {}


def test_a_returned_payment_may_go_to_the_same_account_when_a_person_says_why(office: Office) -> None:
    office.appropriate(200_000)
    family(office)
    run, _ = office.sent_run()
    office.take_in(answer(office.bank_file(run), fail=references(run), reason="账户临时冻结"))
    payment = Payment.objects.get()
    pay.permit_retry(actor=office.first, payment_id=payment.pk, reason="银行已解冻", at=office.at)
    again, _ = office.answered_run()
    assert again.sequence == 2
    assert faults(office) == {}


def test_money_returned_last_year_is_paid_from_this_years_fund(office: Office) -> None:
    office.appropriate(50_000)
    family(office).household.entitlements.update(end_month="2026-12")
    run, content = office.sent_run()
    office.take_in(answer(content, fail=references(run)))
    pay.permit_retry(actor=office.first, payment_id=Payment.objects.get().pk, reason="已核对", at=office.at)
    new_year = next(row for row in queries.funds(COUNTY) if row.year == 2027)
    with pytest.raises(FundTooSmall):
        office.prepare(JANUARY)
    pay.appropriate(
        actor=office.first, fund_id=new_year.fund_id, amount_fen=50_000, document="示财社〔2027〕1号", at=office.at
    )
    office.answered_run(JANUARY)
    old, new = queries.fund(office.fund.pk, COUNTY), queries.fund(new_year.fund_id, COUNTY)
    assert old is not None
    assert new is not None
    assert (old.available_fen, old.returned_fen) == (50_000, 0)
    assert (new.available_fen, new.paid_fen) == (0, 50_000)
    assert faults(office) == {}


def test_p9_an_account_changed_after_preparing_stops_the_release(office: Office) -> None:
    office.appropriate(100_000)
    granted = family(office)
    run = office.prepare()
    give_account(office, granted, "6228480000000000001")
    with pytest.raises(Refused, match="have changed since"):
        office.release(run)


def test_p9_one_person_alone_changes_no_account(office: Office) -> None:
    office.appropriate(100_000)
    granted = family(office)
    before = BankAccount.objects.get(household=granted.household, active=True).pk
    change = pay.propose_account(
        actor=office.first,
        household_id=granted.household_id,
        holder_id=granted.household.memberships.get().person_id,
        bank_name="清河农商银行",
        number="6228 4800 0000 0000 001",
        reason="换卡",
        at=office.at,
        keyring=office.keyring,
    )
    assert BankAccount.objects.get(household=granted.household, active=True).pk == before
    with pytest.raises(Refused, match="cannot confirm"):
        pay.decide_account(
            actor=office.first, change_id=change.pk, is_confirmed=True, at=office.at, keyring=office.keyring
        )
    assert [row.change_id for row in queries.payee_changes(COUNTY, reader=office.first)] == [change.pk]
    pay.decide_account(
        actor=office.second, change_id=change.pk, is_confirmed=True, at=office.at, keyring=office.keyring
    )
    assert BankAccount.objects.get(household=granted.household, active=True).number == "6228480000000000001"
    with pytest.raises(Refused, match="already been decided"):
        pay.decide_account(
            actor=office.second, change_id=change.pk, is_confirmed=False, at=office.at, keyring=office.keyring
        )


def test_p9_money_goes_to_nobody_outside_the_household(office: Office) -> None:
    granted, stranger = family(office), family(office)
    with pytest.raises(Refused, match="does not belong"):
        pay.propose_account(
            actor=office.first,
            household_id=granted.household_id,
            holder_id=stranger.household.memberships.get().person_id,
            bank_name="清河农商银行",
            number="6228480000000000001",
            reason="换卡",
            at=office.at,
            keyring=office.keyring,
        )


def test_p36_each_step_leaves_an_audit_row(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    office.answered_run()
    verbs = set(Entry.objects.values_list("verb", flat=True))
    assert verbs >= {
        "fund.open", "fund.appropriate", "entitlement.grant", "run.prepare", "run.release", "run.download", "run.send",
        "return.import",
    }  # fmt: skip


def test_p30_no_account_number_or_name_lies_open_in_the_money_tables(office: Office) -> None:
    office.appropriate(100_000)
    granted = family(office, name="欧阳示范")
    run, content = office.answered_run()
    number = granted.household.accounts.get().number
    assert number in content.decode("gb18030")
    stored = bytes(BankFile.objects.get(run=run).sealed_content)
    assert number.encode() not in stored
    assert "欧阳示范".encode("gb18030") not in stored
    assert read_bank_file(content).instructions[0].holder == "欧阳示范"


def test_the_bank_file_is_written_once_and_read_back_the_same(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    run = office.release(office.prepare())
    assert office.bank_file(run) == office.bank_file(run)


def test_a_run_of_the_next_month_can_be_prepared_before_it_begins(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    done = pay.prepare_run(
        actor=office.first, county=COUNTY, programme="dibao", month=DECEMBER, at=at_start_of(Month(2026, 11))
    )
    assert done.run.line_count == 1
