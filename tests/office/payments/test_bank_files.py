"""The file to the bank and the file from the bank, byte by byte. No database needed for most of it."""

import hashlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.office.payments.families import Office, family

from doudi.engine.values.keys import Keyring
from doudi.engine.values.money import allocate
from doudi.office.errors import Refused
from doudi.office.flows import pay
from doudi.office.payments.bank_file import (
    BankFileAltered,
    BankFileContent,
    Instruction,
    is_fit_text,
    read_bank_file,
    verify_bank_file,
    write_bank_file,
    yuan,
)
from doudi.office.payments.demo_bank import answer, compose
from doudi.office.payments.reference import is_well_formed, payment_reference
from doudi.office.payments.return_file import ReturnFileRefused, read_return_file

RUN = "419901-dibao-202612-01"
NAMES = ("张三", "欧阳娜娜", "𠮷田䶮", "阿卜杜热西提·买买提", "O Brien")
FLIPS = 300


def content(*amounts: int) -> BankFileContent:
    return BankFileContent(
        run=RUN,
        county="419901",
        programme="dibao",
        month="2026-12",
        total_fen=sum(amounts),
        instructions=tuple(
            Instruction(payment_reference(RUN, n), NAMES[n % len(NAMES)], "清河农商银行", f"62170000{n:011d}", amount)
            for n, amount in enumerate(amounts, start=1)
        ),
    )


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(tmp_path_factory.mktemp("keys") / "keys.json")


def test_a_bank_file_is_read_back_as_it_was_written(ring: Keyring) -> None:
    written = content(50_000, 71_550, 1, 9_999_999_999)
    file = write_bank_file(written, ring)
    assert verify_bank_file(file, ring) == written
    assert file == write_bank_file(written, ring)


def test_a_bank_file_is_what_banks_take(ring: Keyring) -> None:
    lines = write_bank_file(content(50_000), ring).decode("gb18030").split("\r\n")
    assert lines[0] == f"代发,DOUDI-PAY,1,{RUN},419901,dibao,2026-12,1,500.00"
    assert lines[1] == "序号,付款编号,户名,开户行,账号,金额,摘要"
    assert (
        lines[2] == f"1,{payment_reference(RUN, 1)},欧阳娜娜,清河农商银行,6217000000000000001,500.00,社会救助金202612"
    )
    assert lines[3].startswith("合计,1,500.00,")
    assert lines[4:] == [""]


def test_p8_every_altered_byte_is_noticed(ring: Keyring) -> None:
    """A spread of places through the whole file; `make prove` flips every bit of every byte."""
    file = write_bank_file(content(50_000, 71_500), ring)
    for number in range(FLIPS):
        place = number * len(file) // FLIPS
        altered = bytearray(file)
        altered[place] ^= 1 << number % 8
        with pytest.raises(BankFileAltered):
            verify_bank_file(bytes(altered), ring)


@pytest.mark.parametrize(
    "alter",
    [
        lambda file: file[:-2],
        lambda file: file + b"\r\n",
        lambda file: file + file,
        lambda file: b"",
        lambda file: file.replace(b"a1:", b":"),
        lambda file: file.replace(b"500.00", b"900.00"),
        lambda file: file.replace(b"6217000000000000001", b"6228480000000000001"),
    ],
)
def test_p8_cut_doubled_and_edited_files_are_noticed(ring: Keyring, alter) -> None:
    with pytest.raises(BankFileAltered):
        verify_bank_file(alter(write_bank_file(content(50_000), ring)), ring)


def test_p8_a_new_digest_does_not_help_without_our_key(ring: Keyring, tmp_path) -> None:
    stranger = Keyring.generate(tmp_path / "keys.json")
    forged = write_bank_file(content(90_000), stranger)
    assert read_bank_file(forged).total_fen == 90_000
    with pytest.raises(BankFileAltered):
        verify_bank_file(forged, ring)


@pytest.mark.parametrize(
    "name", ["=1+1", "+张", "-张", "@张", "张,三", "张\n三", '张"三', " 张三", "", "张" * 61, "\ud800"]
)
def test_a_name_that_would_break_the_file_is_not_written(ring: Keyring, name: str) -> None:
    assert not is_fit_text(name)
    bad = content(1)
    broken = BankFileContent(
        bad.run, bad.county, bad.programme, bad.month, 1, (Instruction("r", name, "行", "62170000", 1),)
    )
    with pytest.raises(ValueError, match="cannot carry"):
        write_bank_file(broken, ring)


def test_p8_an_altered_file_is_refused_when_it_is_marked_as_sent(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    run = office.release(office.prepare())
    file = office.bank_file(run)
    for altered in (file.replace(b"500.00", b"900.00"), file[:-2], b""):
        with pytest.raises(BankFileAltered):
            pay.mark_sent(actor=office.second, run_id=run.pk, handed_over=altered, at=office.at, keyring=office.keyring)
    run.refresh_from_db()
    assert run.state == "released"


def test_p2_marking_as_sent_twice_is_once(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    run, file = office.sent_run()
    first = run.sent_at
    pay.mark_sent(actor=office.first, run_id=run.pk, handed_over=file, at=office.at, keyring=office.keyring)
    run.refresh_from_db()
    assert (run.sent_at, run.sent_by_id) == (first, office.second.pk)


def test_references_differ_by_more_than_a_typing_slip() -> None:
    reference = payment_reference(RUN, 123)
    assert is_well_formed(reference)
    digits = [place for place, sign in enumerate(reference) if sign.isdigit()]
    for place in digits:
        for other in "0123456789":
            if other != reference[place]:
                assert not is_well_formed(reference[:place] + other + reference[place + 1 :])
    for place, following in itertools.pairwise(digits):
        swapped = list(reference)
        swapped[place], swapped[following] = swapped[following], swapped[place]
        if swapped != list(reference):
            assert not is_well_formed("".join(swapped))


@pytest.mark.parametrize("text", ["", "-", "x", "a-1", "１２-34", "abc-9a"])
def test_odd_references_are_not_well_formed(text: str) -> None:
    assert not is_well_formed(text)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**13), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_p5_shares_of_an_amount_sum_to_it(total: int, weights: list[int]) -> None:
    assert sum(allocate(total, weights)) == total


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 10**11), min_size=1, max_size=40))
def test_p5_amounts_survive_the_bank_and_back_to_the_fen(ring: Keyring, amounts: list[int]) -> None:
    back = read_return_file(answer(write_bank_file(content(*amounts), ring)))
    assert [line.amount_fen for line in back.lines] == amounts
    assert back.paid_fen == sum(amounts)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_whatever_crash_the_reader_of_return_files(noise: bytes) -> None:
    for file in (noise, compose(run=RUN, bank_file_sha256="0" * 64, number="n", lines=[], paid_fen=0) + noise):
        try:
            read_return_file(file)
        except Refused as refusal:
            assert refusal.code == "DD-PAY-020"  # noqa: PT017 - both outcomes are right; a crash is not


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_return_file_with_any_byte_changed_is_read_or_refused(ring: Keyring, data) -> None:
    file = bytearray(answer(write_bank_file(content(50_000, 71_500), ring)))
    file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_return_file(bytes(file))
    except ReturnFileRefused:
        return


def test_utf8_and_quoted_return_files_are_read_too(ring: Keyring) -> None:
    file = answer(write_bank_file(content(50_000), ring)).decode("gb18030")
    quoted = "".join(",".join(f'"{field}"' for field in line.split(",")) + "\n" for line in file.split("\r\n") if line)
    assert read_return_file(quoted.encode("utf-8-sig")) == read_return_file(file.encode("gb18030"))


@pytest.mark.parametrize(
    "line",
    ["x,500.00,成功", "x,5e2,成功,", "x,５００,成功,", "x,500.001,成功,", "x,-5,成功,", "x,500,也许,", "x,,成功,"],
)
def test_a_line_that_cannot_be_read_is_kept_as_unreadable(line: str) -> None:
    file = compose(run=RUN, bank_file_sha256="0" * 64, number="n", lines=[line], paid_fen=0)
    assert [each.result for each in read_return_file(file).lines] == ["unreadable"]


@pytest.mark.parametrize(("count", "total"), [(2, "500.00"), (1, "500.01")])
def test_a_return_file_whose_head_does_not_fit_its_lines_is_refused(count: int, total: str) -> None:
    head = f"回单,DOUDI-RETURN,1,n,{RUN},{'0' * 64},{count},{total}\r\n付款编号,金额,结果,原因\r\n"
    with pytest.raises(ReturnFileRefused):
        read_return_file(f"{head}x,500.00,成功,\r\n".encode("gb18030"))


def test_the_demonstration_bank_names_the_file_it_worked_from(ring: Keyring) -> None:
    file = write_bank_file(content(50_000), ring)
    assert read_return_file(answer(file)).bank_file_sha256 == hashlib.sha256(file).hexdigest()
    assert yuan(5) == "0.05"
