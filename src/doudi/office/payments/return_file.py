"""Reading the bank's return file (回单): strict, bounded, and without any judgement about our payments.

Layout, GB18030 or UTF-8, fields quoted or not:

    回单,DOUDI-RETURN,1,<the bank's number>,<run>,<SHA-256 of the bank file it worked from>,<count>,<total paid>
    付款编号,金额,结果,原因
    <one line for each payment: reference, yuan, 成功 or 失败, reason>

A file that is cut short or not of this kind is refused whole. A single bad line is kept, marked unreadable.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen, MoneyError, parse_yuan
from doudi.office.errors import Unacceptable

FIRST_WORDS = ("回单", "DOUDI-RETURN", "1")
COLUMNS = ("付款编号", "金额", "结果", "原因")
RESULTS: dict[str, Literal["success", "failure"]] = {"成功": "success", "失败": "failure"}
BYTES_MAX = 128 * 1024 * 1024
# Read in the web process: 0.2 MB of memory for each thousand lines, so that a worker holds this without trouble.
LINES_MAX = 300_000
FIELD_MAX = 200
REFERENCE_MAX = 80

_NUMBER = re.compile(r"[0-9A-Za-z\-]{1,60}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ReturnFileRefused(Unacceptable):
    """The file as a whole cannot be taken in. Nothing was changed by it."""

    code: ClassVar[str] = "DD-PAY-020"


@dataclass(frozen=True)
class BankLine:
    """What the bank says of one payment. An unreadable line has no amount and no payment to apply to."""

    line: int
    reference: str
    amount_fen: Fen | None
    result: Literal["success", "failure", "unreadable"]
    reason: str


@dataclass(frozen=True)
class BankAnswer:
    """A return file, read."""

    number: str
    run: str
    bank_file_sha256: str
    paid_fen: Fen
    lines: tuple[BankLine, ...]


def read_return_file(content: bytes) -> BankAnswer:
    """Read the bank's answer. Raises ReturnFileRefused when the file is not whole or not of this kind."""
    if len(content) > BYTES_MAX:
        raise _refused(_("it is larger than 128 MB."))
    rows = _rows(content)
    head = next(rows, [])
    if tuple(head[:3]) != FIRST_WORDS or len(head) != 8:
        raise _refused(_("its first line is not that of a return file."))
    number, run, digest, count_text, paid_text = head[3:]
    if not _NUMBER.fullmatch(number) or not _SHA256.fullmatch(digest) or len(run) > REFERENCE_MAX:
        raise _refused(_("its first line has no proper return number, run or digest."))
    if not run.isprintable():
        raise _refused(_("its first line names its run in signs that can't be printed."))
    if tuple(next(rows, [])) != COLUMNS:
        raise _refused(_("its second line does not name the four columns."))
    lines = tuple(_line(place, row) for place, row in enumerate(rows, start=3) if row)
    try:
        paid_fen = parse_yuan(paid_text)
    except MoneyError:
        raise _refused(_("the total in its first line is no amount in yuan.")) from None
    if count_text != str(len(lines)):
        raise _refused(_("the number of its lines differs from the count in its first line: was it cut short?"))
    # A bad line is kept, but half a line at the end would burn the return number for the whole file that follows it.
    if lines and lines[-1].result == "unreadable" and not content.endswith((b"\n", b"\r")):
        raise _refused(_("its last line is not whole: was it cut short?"))
    # Unreadable lines take part in no sum; where there are any, the total cannot be checked.
    if all(line.result != "unreadable" for line in lines) and paid_fen not in _paid_totals(lines):
        raise _refused(_("its lines marked as paid do not sum to the total in its first line."))
    return BankAnswer(number, run, digest, paid_fen, lines)


def _rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise _refused(_("it is neither GB18030 nor UTF-8 text.")) from None
    try:
        for place, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True)):
            if place > LINES_MAX:
                raise _refused(_("it has more than 300,000 lines."))
            yield row
    except csv.Error:
        raise _refused(_("its quotes or line ends are broken.")) from None


def _line(place: int, row: list[str]) -> BankLine:
    reference = _bounded(row[0], REFERENCE_MAX)
    if len(row) != len(COLUMNS):
        return BankLine(place, reference, None, "unreadable", "")
    reason = _bounded(row[3], FIELD_MAX)
    result = RESULTS.get(row[2])
    try:
        amount_fen = parse_yuan(row[1])
    except MoneyError:
        return BankLine(place, reference, None, "unreadable", reason)
    if result is None or amount_fen < 0 or len(row[0]) > REFERENCE_MAX:
        return BankLine(place, reference, None, "unreadable", reason)
    return BankLine(place, reference, amount_fen, result, reason)


def _bounded(text: str, limit: int) -> str:
    """Printable and short enough for its column; the whole bytes are kept with the file."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:limit]


def _paid_totals(lines: tuple[BankLine, ...]) -> set[Fen]:
    """The total with and without lines that the bank wrote twice: banks count these either way."""
    paid = [(line.reference, line.amount_fen or 0) for line in lines if line.result == "success"]
    return {sum(each[1] for each in paid), sum(each[1] for each in set(paid))}


def _refused(what: str) -> ReturnFileRefused:
    return ReturnFileRefused(
        _("The return file was not taken in: %(what)s") % {"what": what},
        advice=_("Ask the bank for the file again; nothing was changed by this one."),
    )
