"""Whatever bytes are uploaded as the bank's answer: taken in, or refused in words; never a broken page."""

import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.office.payments.families import Office, family

from doudi.office.errors import Refused
from doudi.office.payments import return_file
from doudi.office.payments.demo_bank import answer, compose
from doudi.office.payments.models import Payment, ReturnFile
from doudi.office.payments.return_file import COLUMNS, BankAnswer, ReturnFileRefused, read_return_file

GOOD = compose(
    run="R1", bank_file_sha256="0" * 64, number="B1", lines=["P1,1.00,成功,", "P2,2.50,失败,销户"], paid_fen=100
)
HEAD = "回单,DOUDI-RETURN,1,B1,R1," + "0" * 64


def read(content: bytes) -> BankAnswer | None:
    """An answer whose every text fits its column in the database, or a refusal in words."""
    try:
        found = read_return_file(content)
    except ReturnFileRefused:
        return None
    for text in (found.number, found.run, *(each.reference + each.reason for each in found.lines)):
        assert text.isprintable()
        text.encode("utf-8")
    assert all(len(each.reference) <= 80 and len(each.reason) <= 200 for each in found.lines)
    return found


def file_of(*rows: str) -> bytes:
    return "".join(f"{row}\r\n" for row in rows).encode("gb18030")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"")
@example(b"\x00" * 100)
@example(b"\xff\xfe" + GOOD)
@example(GOOD.decode("gb18030").encode("utf-16"))
@example(GOOD.decode("gb18030").encode("utf-8-sig"))
@example(b"\x81" + GOOD)
@example(b'"' + GOOD)
@example(GOOD.replace(b"\r\n", b"\r"))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read(content)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_file_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not changed:
            break
    read(bytes(changed))


FIELDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    ["\0", "P1", "1e3", "NaN", "１.00", "-1.00", "9" * 40, "成功", "=1+1", "\u202e", "x" * 5000]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(FIELDS, min_size=1, max_size=6), max_size=6))
def test_any_fields_are_read_or_refused(rows: list[list[str]]) -> None:
    lines = [",".join(row) for row in rows]
    read(file_of(f"{HEAD},{len(lines)},0.00", ",".join(COLUMNS), *lines))


@pytest.mark.parametrize("run", ["R\0", "R\n1", "R\u202e1", "R\t1"])
def test_a_run_with_signs_that_cannot_be_printed_is_refused(run: str) -> None:
    quoted = HEAD.replace("R1", f'"{run}"')
    with pytest.raises(ReturnFileRefused, match=r"can't be printed|显示"):
        read_return_file(file_of(f"{quoted},0,0.00", ",".join(COLUMNS)))


def test_a_field_without_end_and_too_many_lines_are_refused_without_eating_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ReturnFileRefused):
        read_return_file(file_of(f"{HEAD},1,0.00", ",".join(COLUMNS), "P1,1.00,成功," + "长" * 200_000))
    monkeypatch.setattr(return_file, "LINES_MAX", 3_000)
    tracemalloc.start()
    try:
        with pytest.raises(ReturnFileRefused):
            read_return_file(file_of(f"{HEAD},500000,0.00", ",".join(COLUMNS)) + b"x\n" * 500_000)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_hostile_file_changes_nothing(office: Office) -> None:
    office.appropriate(100_000)
    family(office)
    run, file = office.sent_run()
    good = answer(file)
    for hostile in (
        good.replace(run.number.encode(), run.number.encode() + b"\0"),
        good + good,
        good[:-7],
        good.decode("gb18030").encode("utf-16"),
    ):
        with pytest.raises(Refused):
            office.take_in(hostile)
    assert not ReturnFile.objects.exists()
    assert set(Payment.objects.values_list("state", flat=True)) == {"in_transit"}
