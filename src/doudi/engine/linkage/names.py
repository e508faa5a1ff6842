"""How two spellings of one name are brought together before they are compared.

Departments write one name in many ways: with full-width letters, with spaces between the two characters of a short
name, with any of half a dozen dots inside a minority name. None of this says that two people differ. Nothing else is
smoothed over: a homophone or a variant character is another name until a person says otherwise.
"""

import re
import unicodedata

import polars as pl

_BLANKS = r"[\s\u{00AD}\u{200B}-\u{200D}\u{2060}\u{FEFF}]"
# U+00B7 is the right dot; the others are what keyboards and old systems put in its place.
_DOTS = r"[\u{2022}\u{2027}\u{2219}\u{22C5}\u{30FB}\u{FF65}\u{1427}.]"
# The same two sets as Python writes them, for one name at a time.
_BLANK = re.compile(
    r"[\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u200B-\u200D\u2060\uFEFF]"
)
_DOT = re.compile(r"[\u2022\u2027\u2219\u22C5\u30FB\uFF65\u1427.]")


# Names of these alone are in their one spelling already: nearly all are.
_PLAIN = r"^[\u{4E00}-\u{9FFF}]+$"


def normalised(names: pl.Series) -> pl.Series:
    """The names in the one spelling that is compared; null where nothing is left of one."""
    others = (~names.str.contains(_PLAIN)).fill_null(False).arg_true()
    if others.is_empty():
        return names
    folded = pl.DataFrame({"name": names.gather(others)}).select(normalised_name("name")).to_series()
    return names.scatter(others, folded)


def normalised_name(column: str) -> pl.Expr:
    """The name in `column` in the one spelling that is compared; null when nothing is left of it."""
    name = (
        pl.col(column).str.normalize("NFKC").str.replace_all(_BLANKS, "").str.replace_all(_DOTS, "·").str.to_uppercase()
    )
    return pl.when(name.str.len_chars() > 0).then(name)


def normalise_name(name: str) -> str:
    """One name in the spelling that is compared, as `normalised_name` makes it; empty when nothing is left of it."""
    return _DOT.sub("·", _BLANK.sub("", unicodedata.normalize("NFKC", name))).upper()
