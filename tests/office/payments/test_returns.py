"""What the bank answers, however it answers: late, twice, in another order, wrongly."""

import hashlib
import itertools

import pytest
from tests.office.payments.families import AT, COUNTY, Office, family, faults, references

from doudi.office.errors import Refused
from doudi.office.flows import pay
from doudi.office.payments import queries
from doudi.office.payments.actions.returns import ReturnNumberReused
from doudi.office.payments.bank_file import read_bank_file, yuan
from doudi.office.payments.demo_bank import answer, compose
from doudi.office.payments.models import Payment, PayRun, Posting, ReturnFile, ReturnLine, SuspenseItem


@pytest.fixture
def sent(office: Office) -> tuple[PayRun, bytes]:
    """Three payments of 100, 200 and 300 yuan are with the bank."""
    office.appropriate(1_000_000)
    for amount in (10_000, 20_000, 30_000):
        family(office, amount_fen=amount)
    return office.sent_run()


def said(file: bytes, *lines: str, paid_fen: int, number: str = "B1", digest: str = "") -> bytes:
    """A return file with just these lines."""
    genuine = answer(file).decode("gb18030").split("\r\n")[0].split(",")[5]
    return compose(
        run=read_bank_file(file).run,
        bank_file_sha256=digest or genuine,
        number=number,
        lines=lines,
        paid_fen=paid_fen,
    )


def places(office: Office) -> tuple[int, int, int, int]:
    """in transit, paid, returned, suspense"""
    fund = queries.fund(office.fund.pk, COUNTY)
    assert fund is not None
    assert fund.appropriated_fen == 1_000_000
    return fund.in_transit_fen, fund.paid_fen, fund.returned_fen, fund.suspense_fen


def test_p2_the_same_return_file_again_has_no_effect_and_gives_the_first_report(office: Office, sent) -> None:
    file = answer(sent[1], fail=references(sent[0])[:1])
    first = office.take_in(file)
    before = (places(office), Posting.objects.count(), ReturnLine.objects.count())
    again = office.take_in(file, actor=office.second)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert (
        (again.paid, again.returned, again.file_id)
        == (first.paid, first.returned, first.file_id)
        == (2, 1, first.file_id)
    )
    assert (places(office), Posting.objects.count(), ReturnLine.objects.count()) == before


def test_p3_a_return_number_with_other_content_is_refused_and_changes_nothing(office: Office, sent) -> None:
    office.take_in(answer(sent[1], number="B1", only=references(sent[0])[:1]))
    before = places(office)
    variants = [
        answer(sent[1], number="B1"),
        answer(sent[1], number="B1", fail=references(sent[0])[:1]),
        answer(sent[1], number="B1", only=references(sent[0])[1:2]),
        answer(sent[1], number="B1", only=references(sent[0])[:1], fail=references(sent[0])[:1], reason="别的"),
        said(sent[1], f"{references(sent[0])[0]},100.01,成功,", paid_fen=10_001),
        said(sent[1], paid_fen=0),
        said(sent[1], "x,1.00,成功,", paid_fen=100),
        said(sent[1], f"{references(sent[0])[0]},100.00,成功,", paid_fen=10_000, digest="0" * 64),
    ]
    for variant in variants:
        with pytest.raises(ReturnNumberReused):
            office.take_in(variant)
    assert (places(office), ReturnFile.objects.count()) == (before, 1)


def test_p3_a_refused_file_does_not_burn_its_number(office: Office, sent) -> None:
    whole = answer(sent[1], number="B1")
    with pytest.raises(Refused):
        office.take_in(whole[: len(whole) // 2])
    assert office.take_in(whole).paid == 3


def test_a_partial_answer_leaves_the_rest_in_transit(office: Office, sent) -> None:
    run, file = sent
    office.take_in(answer(file, only=references(run)[:1]))
    run.refresh_from_db()
    assert run.state == PayRun.State.SENT
    assert places(office) == (50_000, 10_000, 0, 0)
    office.take_in(answer(file, only=references(run)[1:]))
    run.refresh_from_db()
    assert run.state == PayRun.State.RECONCILED
    assert places(office) == (0, 60_000, 0, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::11])
def test_p4_the_order_of_the_lines_does_not_matter(office: Office, sent, order: tuple[int, ...]) -> None:
    one, two, three = references(sent[0])
    lines = [
        f"{one},100.00,成功,",
        f"{one},100.00,成功,",
        f"{two},200.00,失败,账户不存在",
        f"{three},300.00,成功,",
        f"{three},300.00,失败,户名不符",
    ]
    report = office.take_in(said(sent[1], *(lines[place] for place in order), paid_fen=50_000))
    assert places(office) == (0, 10_000, 20_000, 30_000)
    assert (report.paid, report.returned, report.suspense, report.repeated) == (1, 1, 1, 2)
    assert faults(office) == {}


def test_p4_a_wrong_amount_goes_to_suspense_and_waits_for_a_person(office: Office, sent) -> None:
    run, file = sent
    office.take_in(said(file, f"{references(run)[0]},99.00,成功,", paid_fen=9_900))
    assert places(office) == (50_000, 0, 0, 10_000)
    (item,) = queries.suspense_items(COUNTY, on=AT.date())
    assert (item.kind, item.claimed_fen, item.instructed_fen, item.holds_money, item.age_days) == (
        "wrong_amount", 9_900, 10_000, True, 0,
    )  # fmt: skip
    assert faults(office) == {}


def test_p4_an_unknown_reference_moves_no_money_and_is_listed(office: Office, sent) -> None:
    run, file = sent
    typo = references(run)[0][:-1] + ("0" if references(run)[0][-1] != "0" else "1")
    report = office.take_in(said(file, f"{typo},100.00,成功,", "=cmd,1.00,失败,", paid_fen=10_000))
    assert report.listed == 2
    assert places(office) == (60_000, 0, 0, 0)
    assert {row.kind for row in queries.suspense_items(COUNTY, on=AT.date())} == {"unknown_reference"}


def test_p4_a_reference_of_another_run_is_unknown_in_this_one(office: Office, sent) -> None:
    family(office, amount_fen=10_000)
    other, _ = office.sent_run()
    report = office.take_in(said(sent[1], f"{references(other)[0]},100.00,成功,", paid_fen=10_000))
    assert (report.paid, report.listed) == (0, 1)


def test_p4_an_unreadable_line_moves_no_money_and_is_listed(office: Office, sent) -> None:
    report = office.take_in(said(sent[1], f"{references(sent[0])[0]},一百元,成功,", paid_fen=0))
    assert report.listed == 1
    assert places(office) == (60_000, 0, 0, 0)


def test_p4_what_the_bank_takes_back_later_goes_to_suspense_not_to_nothing(office: Office, sent) -> None:
    run, file = sent
    office.take_in(answer(file))
    office.take_in(said(file, f"{references(run)[0]},100.00,失败,退汇", paid_fen=0, number="B2"))
    run.refresh_from_db()
    assert run.state == PayRun.State.SENT
    assert places(office) == (0, 50_000, 0, 10_000)
    assert faults(office) == {}


def test_p8_an_answer_to_an_altered_file_is_believed_in_nothing(office: Office, sent) -> None:
    run, file = sent
    altered = file.replace(b"100.00", b"900.00")
    lines = [
        f"{one},{yuan(amount)},成功," for one, amount in zip(references(run), (10_000, 20_000, 30_000), strict=True)
    ]
    report = office.take_in(said(file, *lines, paid_fen=60_000, digest=hashlib.sha256(altered).hexdigest()))
    assert report.answers_an_altered_file
    assert (report.paid, report.suspense) == (0, 3)
    assert places(office) == (0, 0, 0, 60_000)
    assert queries.return_files(COUNTY)[0].answers_an_altered_file


def test_an_answer_to_a_run_that_is_not_marked_as_sent_is_refused(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    run = office.release(office.prepare())
    with pytest.raises(Refused, match="not marked as sent"):
        office.take_in(answer(office.bank_file(run)))
    assert not ReturnFile.objects.exists()
    office.send(run)
    assert office.take_in(answer(office.bank_file(run))).paid == 1


@pytest.mark.parametrize(("outcome", "after"), [("paid", (0, 10_000, 0, 0)), ("returned", (0, 0, 10_000, 0))])
def test_p22_suspense_is_settled_by_another_person_with_a_reason(office: Office, outcome: str, after) -> None:
    office.appropriate(1_000_000)
    family(office, amount_fen=10_000)
    run, file = office.sent_run()
    office.take_in(said(file, f"{references(run)[0]},99.00,成功,", paid_fen=9_900))
    item = SuspenseItem.objects.get()
    settle = {"item_id": item.pk, "outcome": outcome, "reason": "已与银行核实", "at": AT}
    with pytest.raises(Refused, match="took the bank's file in"):
        pay.settle_suspense(actor=office.first, **settle)
    with pytest.raises(Refused, match="does not fit"):
        pay.settle_suspense(actor=office.second, **(settle | {"outcome": "noted"}))
    with pytest.raises(Refused, match="reason"):
        pay.settle_suspense(actor=office.second, **(settle | {"reason": " "}))
    pay.settle_suspense(actor=office.second, **settle)
    assert places(office) == after
    with pytest.raises(Refused, match="already been settled"):
        pay.settle_suspense(actor=office.second, **settle)
    assert queries.suspense_items(COUNTY, on=AT.date()) == ()
    assert len(queries.owed_returns(COUNTY, reader=office.first)) == (1 if outcome == "returned" else 0)
    assert faults(office) == {}


def test_a_line_without_our_money_can_only_be_noted(office: Office, sent) -> None:
    office.take_in(said(sent[1], "x,1.00,成功,", paid_fen=100))
    item = SuspenseItem.objects.get()
    with pytest.raises(Refused, match="does not fit"):
        pay.settle_suspense(actor=office.second, item_id=item.pk, outcome="paid", reason="x", at=AT)
    pay.settle_suspense(actor=office.second, item_id=item.pk, outcome="noted", reason="银行笔误", at=AT)
    assert places(office) == (60_000, 0, 0, 0)


def test_p2_the_bank_paying_a_returned_payment_after_all_does_not_pay_twice(office: Office) -> None:
    """Returned, being paid again, and then the bank says that the first one went through: a person must look."""
    office.appropriate(1_000_000)
    family(office, amount_fen=10_000)
    run, file = office.sent_run()
    office.take_in(answer(file, fail=references(run), number="B1"))
    pay.permit_retry(actor=office.first, payment_id=Payment.objects.get().pk, reason="已核对", at=AT)
    office.sent_run()
    report = office.take_in(said(file, f"{references(run)[0]},100.00,成功,", paid_fen=10_000, number="B2"))
    assert (report.paid, report.listed) == (0, 1)
    assert places(office) == (10_000, 0, 0, 0)
    (item,) = queries.suspense_items(COUNTY, on=AT.date())
    assert (item.kind, item.holds_money) == ("contradiction", False)
    assert faults(office) == {}


def test_p17_a_payment_that_cannot_be_made_changes_no_entitlement(office: Office, sent) -> None:
    run, file = sent
    office.take_in(answer(file, fail=references(run)))
    assert len(queries.owed_returns(COUNTY, reader=office.first)) == 3
    assert {row.next_step for row in queries.owed_returns(COUNTY, reader=office.first)} == {"new_account"}
    for payment in Payment.objects.select_related("entitlement_month__entitlement"):
        assert payment.entitlement_month.entitlement.end_month is None
