"""The file for the bank: GB18030 text as Chinese banks take it, closed by a digest and a signature.

Layout, each line ended by CR LF, fields parted by commas and never quoted (`docs/reference/ledger.md` shows one):

    代发,DOUDI-PAY,1,<run>,<county>,<programme>,<month>,<count>,<total in yuan>
    序号,付款编号,户名,开户行,账号,金额,摘要
    <one line for each payment>
    合计,<count>,<total>,<SHA-256 of all bytes above>,<key id>:<HMAC-SHA256 of all bytes before it>

Who changes one byte on the way to the bank can compute a new digest but not a new signature.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring, KeyringError
from doudi.engine.values.money import Fen, MoneyError, parse_yuan
from doudi.office.errors import Unacceptable

ENCODING = "gb18030"
LINE_END = b"\r\n"
COLUMNS = "序号,付款编号,户名,开户行,账号,金额,摘要"
PURPOSE = "社会救助金"
FIRST_WORDS = ("代发", "DOUDI-PAY", "1")
TRAILER_WORD = "合计"

# A comma would shift the columns; a leading sign would be a formula where the file is opened in a spreadsheet.
_UNFIT = re.compile(r"[,\"'\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]|^[=+\-@\s]|\s$")
_NUMBER = re.compile(r"[0-9]{8,32}")


class BankFileAltered(Unacceptable):
    """The file is not, byte for byte, one that was written at a release."""

    code: ClassVar[str] = "DD-PAY-010"


@dataclass(frozen=True)
class Instruction:
    """One payment that the bank is asked to make."""

    reference: str
    holder: str
    bank: str
    account: str
    amount_fen: Fen


@dataclass(frozen=True)
class BankFileContent:
    """What a bank file says, read back from its bytes."""

    run: str
    county: str
    programme: str
    month: str
    total_fen: Fen
    instructions: tuple[Instruction, ...]

    @property
    def count(self) -> int:
        """How many payments there are."""
        return len(self.instructions)


def is_fit_text(text: str) -> bool:
    """Whether a holder's or bank's name can stand in the file as it is. Nothing is altered to make it fit."""
    return bool(text) and len(text) <= 60 and _UNFIT.search(text) is None


def is_fit_number(number: str) -> bool:
    """Whether an account number is 8 to 32 digits."""
    return _NUMBER.fullmatch(number) is not None


def write_bank_file(content: BankFileContent, keyring: Keyring) -> bytes:
    """Write and sign the file. The same content and key give the same bytes."""
    total = sum(each.amount_fen for each in content.instructions)
    if total != content.total_fen or not content.instructions:
        raise ValueError("the instructions do not sum to the run's total")
    for each in content.instructions:
        if not (is_fit_text(each.holder) and is_fit_text(each.bank) and is_fit_number(each.account)):
            raise ValueError("an instruction holds text that a bank file cannot carry")
    head = (*FIRST_WORDS, content.run, content.county, content.programme, content.month)
    lines = [",".join((*head, str(content.count), yuan(content.total_fen))), COLUMNS]
    lines += [_detail(number, each, content.month) for number, each in enumerate(content.instructions, start=1)]
    body = b"".join(line.encode(ENCODING) + LINE_END for line in lines)
    digest = hashlib.sha256(body).hexdigest()
    closing = f"{TRAILER_WORD},{content.count},{yuan(content.total_fen)},{digest},".encode(ENCODING)
    key_id = keyring.secret("signing").key_id
    return body + closing + _signature(body + closing, keyring, key_id).encode("ascii") + LINE_END


def signature_of(content: bytes) -> str:
    """The digits of the signature that closes a file we wrote."""
    return content.rstrip(LINE_END).rpartition(b":")[2].decode("ascii")


def verify_bank_file(content: bytes, keyring: Keyring) -> BankFileContent:
    """Read a file back, having checked its signature, digest, count and total. Raises BankFileAltered."""
    signed, comma, closing = content.rpartition(b",")
    signed += comma
    key_id, _colon, _digits = closing.partition(b":")
    if not key_id:
        raise _altered()
    try:
        expected = _signature(signed, keyring, key_id.decode("ascii")).encode("ascii") + LINE_END
    except (UnicodeDecodeError, KeyringError):
        raise _altered() from None
    if not hmac.compare_digest(closing, expected):
        raise _altered()
    return read_bank_file(content)


def read_bank_file(content: bytes) -> BankFileContent:
    """Read what a file says, as the bank does: digest, count and total are checked, the signature is not."""
    body, _end, trailer = content.removesuffix(LINE_END).rpartition(LINE_END)
    body += LINE_END
    try:
        closing = trailer.decode(ENCODING).split(",")
        lines = [line.decode(ENCODING).split(",") for line in body.split(LINE_END)[:-1]]
        if not content.endswith(LINE_END) or tuple(lines[0][:3]) != FIRST_WORDS or ",".join(lines[1]) != COLUMNS:
            raise _altered()
        run, county, programme, month, count, total = lines[0][3:]
        found = tuple(_instruction(fields, number) for number, fields in enumerate(lines[2:], start=1))
        word, closing_count, closing_total, digest, _signed = closing
        total_fen = _fen(total)
    except (UnicodeDecodeError, ValueError, IndexError, MoneyError):
        raise _altered() from None
    is_whole = (
        word == TRAILER_WORD
        and (closing_count, closing_total) == (count, total)
        and digest == hashlib.sha256(body).hexdigest()
        and count == str(len(found))
        and total_fen == sum(each.amount_fen for each in found)
    )
    if not is_whole:
        raise _altered()
    return BankFileContent(run, county, programme, month, total_fen, found)


def yuan(fen: Fen) -> str:
    """An amount as the bank wants it: yuan, two decimals, no separators."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}"


def _fen(text: str) -> Fen:
    fen = parse_yuan(text)
    if yuan(fen) != text:
        raise ValueError("an amount is written in another way than ours")
    return fen


def _detail(number: int, each: Instruction, month: str) -> str:
    purpose = PURPOSE + month.replace("-", "")
    return ",".join((str(number), each.reference, each.holder, each.bank, each.account, yuan(each.amount_fen), purpose))


def _instruction(fields: Sequence[str], number: int) -> Instruction:
    written_number, reference, holder, bank, account, amount, _purpose = fields
    if written_number != str(number):
        raise ValueError("the lines are not numbered in order")
    return Instruction(reference, holder, bank, account, _fen(amount))


def _signature(signed: bytes, keyring: Keyring, key_id: str) -> str:
    # The purpose in front keeps this signature from being taken for any other made with the same key.
    material = keyring.secret("signing", key_id).material
    return f"{key_id}:{hmac.new(material, b'doudi bank file' + bytes(1) + signed, hashlib.sha256).hexdigest()}"


def _altered() -> BankFileAltered:
    return BankFileAltered(
        _("This is not the bank file that was released: it was altered, cut short or made elsewhere."),
        advice=_("Do not give it to the bank. Download the run's bank file again and use it unopened."),
    )
