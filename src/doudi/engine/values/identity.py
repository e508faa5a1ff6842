"""Identity numbers 公民身份号码 (GB 11643-1999), and how a person's particulars are masked 脱敏."""

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from stdnum.iso7064 import mod_11_2

from doudi.engine.values.errors import DoudiError

_EIGHTEEN = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_FIFTEEN = re.compile(r"[1-9][0-9]{14}")
_BORN_BEFORE_1900 = frozenset({"996", "997", "998", "999"})


class IdentityError(DoudiError):
    """A text is no valid identity number."""

    code: ClassVar[str] = "DD-IDENTITY-001"


@dataclass(frozen=True, repr=False)
class IdNumber:
    """A checked identity number in its 18-digit form, and what it says of the person."""

    value18: str
    birth_date: date
    sex: Literal["1", "2"]
    was_15: bool = False

    def __repr__(self) -> str:
        # A number that slips into a log or a traceback must not be readable there.
        return f"IdNumber({mask_id(self.value18)})"


def parse_id(text: str, *, as_of: date | None = None) -> IdNumber:
    """Check a number of 18 or 15 digits and give its 18-digit form.

    `as_of`, when given, refuses a birth after that day. A small x is read as X; anything else must be exact: who
    reads a department's file strips blanks and full-width digits first, and records that it did.
    """
    if _FIFTEEN.fullmatch(text):
        value, was_15 = upgrade_15_to_18(text), True
    elif _EIGHTEEN.fullmatch(text):
        value, was_15 = text.upper(), False
    else:
        raise IdentityError("an identity number has 18 digits (the last may be X) or, before 1999, 15 digits.")
    if check_digit(value[:17]) != value[17]:
        raise IdentityError("the check digit of the identity number is wrong.", advice="Compare it with the document.")
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        raise IdentityError("the identity number holds a date of birth that does not exist.") from None
    if as_of is not None and born > as_of:
        raise IdentityError("the identity number holds a date of birth in the future.")
    return IdNumber(value, born, "1" if int(value[16]) % 2 else "2", was_15)


def upgrade_15_to_18(text: str) -> str:
    """Write a number of before 1999 with its century and check digit.

    The sequences 996 to 999 were given to people born before 1900: their century can't be told from the number alone.
    """
    if not _FIFTEEN.fullmatch(text):
        raise IdentityError("a number of the old form has exactly 15 digits.")
    if text[12:] in _BORN_BEFORE_1900:
        raise IdentityError(
            "the sequences 996 to 999 of the old form mark people born before 1900.",
            advice="Let a person look at the document and enter the 18 digits.",
        )
    head = text[:6] + "19" + text[6:]
    return head + check_digit(head)


def check_digit(head: str) -> str:
    """The last character for the first seventeen digits (ISO 7064, MOD 11-2)."""
    if not re.fullmatch(r"[0-9]{17}", head):
        raise IdentityError("a check digit is computed from exactly 17 digits.")
    return str(mod_11_2.calc_check_digit(head))


def mask_id(value: str) -> str:
    """First four and last four characters: `4199**********123X`. Anything too short is hidden whole."""
    return value[:4] + "*" * (len(value) - 8) + value[-4:] if len(value) >= 15 else "*" * len(value)


def mask_name(name: str) -> str:
    """First and last character: 张*三, 张*; a name of one character is hidden."""
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(phone: str) -> str:
    """First three and last four digits of a mobile number: `138****1234`. Anything shorter is hidden whole."""
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:] if len(phone) >= 11 else "*" * len(phone)


def mask_account(number: str) -> str:
    """The last four digits; four stars stand for however many went before."""
    return "****" + number[-4:] if len(number) >= 12 else "****"
