"""Money 金额: whole fen, parsed strictly, never a float.

Text becomes money here and nowhere else. Full-width digits, spaces, exponents and underscores are refused: who reads a
department's file normalises first, and records that it did.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

from doudi.engine.values.errors import DoudiError

Fen = int
"""An amount in fen 分. An alias only: arithmetic on it must stay plain integer arithmetic."""

MONEY_LIMIT_FEN = 10**13
"""No amount beyond ±100 thousand million yuan is believed. Formulas rely on it to prove that int64 can't overflow."""

_NUMBER = re.compile(
    r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]{0,15}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,5})(?:\.(?P<part>[0-9]+))?"
)


class MoneyError(DoudiError):
    """A text is no amount of money, or an amount can't be shared out."""

    code: ClassVar[str] = "DD-MONEY-001"


def parse_yuan(text: str) -> Fen:
    """Read an amount in yuan 元 with at most two decimals, such as `1286.5`, `1,286.50` or `-3`."""
    return _parse(text, decimals=2, unit="yuan")


def parse_wan_yuan(text: str) -> Fen:
    """Read an amount in ten thousand yuan 万元 with at most six decimals, such as `6.8`."""
    return _parse(text, decimals=6, unit="ten thousand yuan")


def format_yuan(fen: Fen) -> str:
    """Write fen as yuan with two decimals and thousands separators: 128650 -> `1,286.50`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"


def allocate(total: Fen, weights: Sequence[int]) -> list[Fen]:
    """Share `total` by weights so that the parts sum to it exactly.

    Each part is its exact share rounded towards zero; the fen left over go to the largest remainders, and among equal
    remainders to the earlier part. A negative total is shared as its positive mirror image.
    """
    if not weights or any(weight < 0 for weight in weights) or sum(weights) == 0:
        raise MoneyError(
            "an amount can't be shared: the weights must be zero or more, and at least one above zero.",
            advice="Give one weight for each receiver.",
        )
    size, whole = abs(total), sum(weights)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(size * weights[place] % whole), place))
    for place in by_remainder[: size - sum(parts)]:
        parts[place] += 1
    return parts if total >= 0 else [-part for part in parts]


def _parse(text: str, *, decimals: int, unit: str) -> Fen:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise MoneyError(
            f"the text is no amount in {unit}.",
            advice="Write digits 0-9 with a point before the decimals, without spaces, signs of currency or exponents.",
        )
    part = found["part"] or ""
    if len(part) > decimals:
        raise MoneyError(
            f"the amount has {len(part)} decimals; {unit} has at most {decimals}.",
            advice="Nothing is rounded silently: deliver the amount to the fen.",
        )
    fen = int(found["whole"].replace(",", "") + part.ljust(decimals, "0"))
    if fen > MONEY_LIMIT_FEN:
        raise MoneyError(
            "the amount is beyond what is believed (100 thousand million yuan).",
            advice="Check the unit of the column: yuan or ten thousand yuan.",
        )
    return -fen if found["sign"] else fen
