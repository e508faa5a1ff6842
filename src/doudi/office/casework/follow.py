"""The keyed names under which a receipt is found from outside, and the codes that stand on receipts."""

import secrets
import unicodedata

from doudi.engine.values.keys import Keyring
from doudi.office.crypto import blind_index

# Without what is easily misread on paper: 0 and O, 1 and I and L, 2 and Z, 5 and S, 8 and B.
_SIGNS = "ACDEFGHJKMNPQRTUVWXY34679"
_CODE_LENGTH, _NUMBER_LENGTH = 8, 8


def new_code() -> str:
    """A code for a receipt: nobody guesses one of 150 thousand million."""
    return "".join(secrets.choice(_SIGNS) for _ in range(_CODE_LENGTH))


def new_online_number(county: str) -> str:
    """A number for what is sent from outside. It counts nothing, so that nobody learns how many there are."""
    return f"W{county}-{''.join(secrets.choice('0123456789') for _ in range(_NUMBER_LENGTH))}"


def card_index(ring: Keyring, *, number: str, last_four: str, code: str) -> str:
    """Under which a card is found: only by all three together, typed in whatever way."""
    return blind_index(ring, f"follow:{_plain(number)}:{_plain(last_four)}:{_plain(code)}")


def number_index(ring: Keyring, number: str) -> str:
    """By which the office itself finds the card of a number."""
    return blind_index(ring, f"follow-number:{_plain(number)}")


def _plain(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).upper().split()).replace(" ", "")
