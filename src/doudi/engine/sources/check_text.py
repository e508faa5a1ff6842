"""Checking texts, names 姓名, codes, division codes and telephone numbers by the column."""

from collections.abc import Mapping

import polars as pl

from doudi.engine.sources.cells import Cells, mask

_FORMULA = r"^[=@]|^[+-].*[=(|]"
# Han characters, the middle dot of names from minority languages, and the letters of foreigners' names.
_NAME = r"^[\p{Han}〇A-Za-z][\p{Han}〇A-Za-z ·'.,-]*$"
_BLANKS = r"[ \t\x{3000}\x{a0}]+"
_HAN_AND_BLANKS = r"^[\p{Han}〇· \t\x{3000}\x{a0}]+$"
_MIDDLE_DOTS = ["•", "‧", "∙", "・", "．", "･"]
_PHONE = r"^(?:1[3-9][0-9]{9}|0[0-9]{9,11}|[2-9][0-9]{6,7})$"
_DIGITS_KEPT_BY_EXCEL = 15


def check_texts(cells: Cells, *, length_max: int) -> pl.Series:
    """Keep the text as it is, but for blanks around it."""
    if cells.is_number is not None:
        is_long = mask(cells.text.str.contains(rf"^[0-9]{{{_DIGITS_KEPT_BY_EXCEL + 1},}}$|[0-9]e[+]?[0-9]"))
        cells.refuse(cells.is_number & is_long, "DD-CELL-007")
        cells.changed |= cells.is_number
    cells.refuse_unreadable()
    cells.refuse_where(_FORMULA, "DD-CELL-005")
    cells.refuse(cells.open & mask(cells.text.str.len_chars() > length_max), "DD-CELL-003")
    return cells.text


def check_names(cells: Cells, *, length_max: int) -> pl.Series:
    """Names: blanks between Han characters are padding and are taken out; one kind of middle dot."""
    cells.refuse_unreadable()
    if cells.text.str.contains(r"[\s•‧∙・．･]").any():
        dotted = cells.text.str.replace_many(_MIDDLE_DOTS, ["·"] * len(_MIDDLE_DOTS))
        joined = dotted.str.replace_all(_BLANKS, "")
        is_padded = dotted.str.contains(_HAN_AND_BLANKS)
        cells.text = pl.select(pl.when(is_padded).then(joined).otherwise(dotted)).to_series()
    cells.fold_width()
    cells.refuse_where(_FORMULA, "DD-CELL-005")
    cells.refuse_unless(_NAME, "DD-CELL-004")
    cells.refuse(cells.open & mask(cells.text.str.len_chars() > length_max), "DD-CELL-003")
    return cells.text


def check_codes(cells: Cells, codes: Mapping[str, str]) -> pl.Series:
    """Words of the agreed list, given as their codes."""
    cells.fold_width()
    found = cells.text.replace_strict(list(codes), list(codes.values()), default=None, return_dtype=pl.String)
    cells.refuse(cells.open & mask(found.is_null()), "DD-CELL-050")
    return found


def check_area_codes(cells: Cells, digits: tuple[int, ...]) -> pl.Series:
    """Division codes of an agreed number of digits."""
    cells.fold_width()
    if cells.is_number is not None:
        cells.changed |= cells.is_number
    lengths = "|".join(f"[1-9][0-9]{{{length - 1}}}" for length in digits)
    cells.refuse_unless(f"^(?:{lengths})$", "DD-CELL-060")
    return cells.text


def check_phones(cells: Cells) -> pl.Series:
    """Mobile and fixed numbers; hyphens, blanks and the prefix +86 are taken out."""
    cells.fold_width()
    if cells.is_number is not None:
        cells.changed |= cells.is_number
    cells.text = cells.text.str.replace_all(r"[\s-]|^(?:\+|00)86", "")
    cells.refuse_unless(_PHONE, "DD-CELL-070")
    return cells.text
