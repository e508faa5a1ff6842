"""Plain cells: those that are written just as they are kept, recognised by the column and in one step.

Nearly every cell is plain. What is said here of a plain cell is what the careful checks would say of it: no refusal,
this value, and nothing put right but the country's number before a telephone number. All other cells go to the careful
checks. A test holds both against each other.
"""

from datetime import date

import numpy as np
import polars as pl

from doudi.engine.sources.cells import Mask, byte_matrix, is_in_normal_width, mask
from doudi.engine.sources.check_identity import check_digits
from doudi.engine.sources.contract import ColumnSpec, Unit
from doudi.engine.sources.days import Numbers, days_of
from doudi.engine.values.money import MONEY_LIMIT_FEN

# No blanks at the ends, no sign that may begin a formula, nothing that could be folded from full width.
_TEXT = r"^[0-9A-Za-z\p{Han}](?:[0-9A-Za-z\p{Han}()#·./_ -]*[0-9A-Za-z\p{Han})])?$"
_NAME = r"^[A-Za-z〇\p{Han}][A-Za-z〇\p{Han}·'.,-]*$"
_MOBILE = r"^(?:\+86)?1[3-9][0-9]{9}$"
_COUNTRY = "+86"
_COUNT = r"^(?:0|[1-9][0-9]{0,9})$"
_AMOUNT = {
    "yuan": r"^(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,2})?$",
    "wan_yuan": r"^(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,6})?$",
}
_IN_FEN = {"yuan": pl.Decimal(18, 2), "wan_yuan": pl.Decimal(18, 6)}
"""An amount of yuan with two decimals, or of 万元 with six, is whole fen when the point is left out."""
_ZERO, _NINE, _HYPHEN, _X = b"09-X"


def plain_cells(texts: pl.Series, spec: ColumnSpec, unit: Unit | None, as_of: date) -> tuple[Mask, pl.Series]:
    """Which cells are plain, and typed values that mean something only there."""
    is_plain, values = _read(texts, spec, unit or spec.unit or "yuan", as_of)
    if spec.empty:
        is_plain &= ~mask(texts.is_in(list(spec.empty)))
    return is_plain, values


def _read(texts: pl.Series, spec: ColumnSpec, unit: Unit, as_of: date) -> tuple[Mask, pl.Series]:
    latest = date.max if spec.may_be_future else as_of
    match spec.type:
        case "id_number":
            return _identity_numbers(texts, as_of), texts
        case "date":
            return _days(texts, spec.earliest, latest)
        case "month":
            return _months(texts, spec.earliest, latest), texts
        case "money":
            return _money(texts, spec, unit)
        case "count":
            numbers = texts.cast(pl.Int64, strict=False)
            most = spec.max if spec.max is not None else 1_000_000
            return mask(texts.str.contains(_COUNT) & numbers.is_between(spec.min or 0, most)), numbers
        case "code":
            plain = {word: code for word, code in spec.codes.items() if is_in_normal_width(word)}
            found = texts.replace_strict(list(plain), list(plain.values()), default=None, return_dtype=pl.String)
            return mask(found.is_not_null()), found
        case "area_code":
            lengths = "|".join(f"[1-9][0-9]{{{length - 1}}}" for length in spec.digits)
            return mask(texts.str.contains(f"^(?:{lengths})$")), texts
        case "phone":
            return mask(texts.str.contains(_MOBILE)), texts.str.strip_prefix(_COUNTRY)
        case "name":
            return _words(texts, _NAME, spec.length_max), texts
        case "text":
            return _words(texts, _TEXT, spec.length_max), texts


def _words(texts: pl.Series, pattern: str, length_max: int) -> Mask:
    # No text has more characters than bytes: of a longer one the careful checks count the characters.
    return mask(texts.str.contains(pattern) & (texts.str.len_bytes() <= length_max))


def _money(texts: pl.Series, spec: ColumnSpec, unit: Unit) -> tuple[Mask, pl.Series]:
    amounts = texts.cast(_IN_FEN[unit], strict=False)
    fen = amounts.to_physical().cast(pl.Int64, strict=False)
    most = min(spec.max * 100, MONEY_LIMIT_FEN) if spec.max else MONEY_LIMIT_FEN
    return mask(texts.str.contains(_AMOUNT[unit]) & fen.is_between((spec.min or 0) * 100, most)), fen


def _days(texts: pl.Series, earliest: date, latest: date) -> tuple[Mask, pl.Series]:
    places, letters = _of_width(texts, 10)
    numbers = letters.astype(np.int64) - _ZERO
    days, exists = days_of(
        numbers[:4].T @ np.array([1000, 100, 10, 1]), numbers[5] * 10 + numbers[6], numbers[8] * 10 + numbers[9]
    )
    exists &= _are_digits(letters[[0, 1, 2, 3, 5, 6, 8, 9]]) & (letters[4] == _HYPHEN) & (letters[7] == _HYPHEN)
    exists &= (days >= np.datetime64(earliest, "D")) & (days <= np.datetime64(latest, "D"))
    every = np.zeros(len(texts), dtype="datetime64[D]")
    every[places] = days
    return _at(places, exists, len(texts)), pl.Series(every.astype("datetime64[ms]")).cast(pl.Date)


def _months(texts: pl.Series, earliest: date, latest: date) -> Mask:
    places, letters = _of_width(texts, 7)
    numbers = letters.astype(np.int64) - _ZERO
    month = numbers[5] * 10 + numbers[6]
    first, exists = days_of(numbers[:4].T @ np.array([1000, 100, 10, 1]), month, np.ones_like(month))
    exists &= _are_digits(letters[[0, 1, 2, 3, 5, 6]]) & (letters[4] == _HYPHEN)
    exists &= (first >= np.datetime64(earliest, "D")) & (first <= np.datetime64(latest, "D"))
    return _at(places, exists, len(texts))


def _identity_numbers(texts: pl.Series, as_of: date) -> Mask:
    places, letters = _of_width(texts, 18)
    is_right = _are_digits(letters[:17]) & (letters[0] != _ZERO) & (check_digits(letters) == letters[17])
    numbers = letters[6:14].astype(np.int16) - _ZERO
    year = numbers[0] * 1000 + numbers[1] * 100 + numbers[2] * 10 + numbers[3]
    days, exists = days_of(
        year.astype(np.int64),
        (numbers[4] * 10 + numbers[5]).astype(np.int64),
        (numbers[6] * 10 + numbers[7]).astype(np.int64),
    )
    return _at(places, is_right & exists & (days <= np.datetime64(as_of, "D")), len(texts))


def _of_width(texts: pl.Series, width: int) -> tuple[Numbers, np.ndarray[tuple[int, int], np.dtype[np.uint8]]]:
    """The texts of just so many bytes: their places, and their bytes with one row for each position."""
    places = np.flatnonzero(texts.str.len_bytes().to_numpy() == width)
    chosen = texts if len(places) == len(texts) else texts.gather(places)
    return places, np.ascontiguousarray(byte_matrix(chosen, width).T)


def _are_digits(letters: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Mask:
    return np.asarray((letters - np.uint8(_ZERO) <= _NINE - _ZERO).all(axis=0), dtype=bool)


def _at(places: Numbers, is_so: Mask, length: int) -> Mask:
    everywhere = np.zeros(length, dtype=bool)
    everywhere[places] = is_so
    return everywhere
