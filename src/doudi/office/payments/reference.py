"""The numbers under which runs and payments are known to the bank.

A payment's reference ends in two check digits (ISO/IEC 7064, MOD 97-10, as in an IBAN): a mistyped digit must not hit
another household's payment of the same amount.
"""

from doudi.engine.values.period import Month


def run_number(*, county: str, programme: str, month: Month, sequence: int) -> str:
    """The number of a run, such as `419901-dibao-202612-01`."""
    return f"{county}-{programme}-{month.year:04d}{month.month:02d}-{sequence:02d}"


def payment_reference(run: str, line: int) -> str:
    """The reference of one line of a run, such as `419901-dibao-202612-01-000001-27`."""
    stem = f"{run}-{line:06d}"
    return f"{stem}-{98 - _remainder(stem + '00'):02d}"


def is_well_formed(reference: str) -> bool:
    """Whether the check digits agree with the rest. It does not say that there is such a payment."""
    stem, _, check = reference.rpartition("-")
    return bool(stem) and len(check) == 2 and reference.isascii() and _remainder(stem + check) == 1


def _remainder(text: str) -> int:
    """Letters count as two digits (a = 10 ... z = 35), separators not at all."""
    digits = "".join(str(int(sign, 36)) for sign in text.lower() if sign.isalnum())
    return int(digits) % 97
