"""How two spellings of one name are brought together before they are compared.

Departments write one name in many ways: with full-width letters, with spaces between the two characters of a short
name, with any of half a dozen dots inside a minority name. None of this says that two people differ. Nothing else is
smoothed over: a homophone or a variant character is another name until a person says otherwise.
"""

import polars as pl

_BLANKS = r"[\s\u{00AD}\u{200B}-\u{200D}\u{2060}\u{FEFF}]"
# U+00B7 is the right dot; the others are what keyboards and old systems put in its place.
_DOTS = r"[\u{2022}\u{2027}\u{2219}\u{22C5}\u{30FB}\u{FF65}\u{1427}.]"


def normalised_name(column: str) -> pl.Expr:
    """The name in `column` in the one spelling that is compared; null when nothing is left of it."""
    name = (
        pl.col(column).str.normalize("NFKC").str.replace_all(_BLANKS, "").str.replace_all(_DOTS, "·").str.to_uppercase()
    )
    return pl.when(name.str.len_chars() > 0).then(name)
