"""The demonstration bank: what stands at the other end of the wire in a demonstration or a test.

It is the counterpart, not a stand-in for anything of ours. It has no key of ours, so it cannot check the signature; it
checks the digest, the count and the total as a real bank does, and answers in the documented format.
"""

import hashlib
from collections.abc import Sequence

from doudi.office.payments.bank_file import ENCODING, read_bank_file, yuan
from doudi.office.payments.return_file import COLUMNS, FIRST_WORDS

CLOSED_ACCOUNT = "账户已销户"


def answer(
    bank_file: bytes,
    *,
    fail: Sequence[str] = (),
    only: Sequence[str] | None = None,
    number: str = "",
    reason: str = CLOSED_ACCOUNT,
) -> bytes:
    """The bank's return file for a bank file: all paid except the references in `fail`; part of it with `only`.

    Without a number of its own, the answer is numbered by what it says, so that two different answers differ.
    """
    content = read_bank_file(bank_file)
    chosen = [each for each in content.instructions if only is None or each.reference in set(only)]
    failing = set(fail)
    lines = [
        ",".join(
            (each.reference, yuan(each.amount_fen), "失败", reason)
            if each.reference in failing
            else (each.reference, yuan(each.amount_fen), "成功", "")
        )
        for each in chosen
    ]
    paid_fen = sum(each.amount_fen for each in chosen if each.reference not in failing)
    return compose(
        run=content.run,
        bank_file_sha256=hashlib.sha256(bank_file).hexdigest(),
        number=number or "HD-" + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12],
        lines=lines,
        paid_fen=paid_fen,
    )


def compose(*, run: str, bank_file_sha256: str, number: str, lines: Sequence[str], paid_fen: int) -> bytes:
    """Put a return file together from lines as the bank would write them, right or wrong."""
    head = ",".join((*FIRST_WORDS, number, run, bank_file_sha256, str(len(lines)), yuan(paid_fen)))
    return "".join(f"{line}\r\n" for line in (head, ",".join(COLUMNS), *lines)).encode(ENCODING)
