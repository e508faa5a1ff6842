"""Small agreements of the registry: codes of relations, how names are compared, what is hashed to be found again."""

from datetime import date

from doudi.engine.linkage.names import normalise_name
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import full_years
from doudi.office.crypto import blind_index

# 民法典 art. 17.
ADULT_YEARS = 18

# GB/T 4761, the codes that the household register delivers.
RELATIONS = {
    "02": {"zh": "户主", "en": "head"},
    "10": {"zh": "配偶", "en": "spouse"},
    "20": {"zh": "子", "en": "son"},
    "30": {"zh": "女", "en": "daughter"},
    "40": {"zh": "孙子女", "en": "grandchild"},
    "50": {"zh": "父母", "en": "parent"},
    "60": {"zh": "祖父母", "en": "grandparent"},
    "70": {"zh": "兄弟姐妹", "en": "sibling"},
    "99": {"zh": "其他", "en": "other"},
}


def relation_label(code: str, lang: str) -> str:
    """The relation in words."""
    return RELATIONS.get(code, RELATIONS["99"])["en" if lang == "en" else "zh"]


def same_name(one: str, other: str) -> bool:
    """Are these two spellings of one name? Weighed as the linkage of the night weighs it."""
    plain = normalise_name(one)
    return plain != "" and plain == normalise_name(other)


def is_minor(birth_date: date | None, on: date) -> bool:
    """Under eighteen. Somebody whose birth date nobody knows is taken for an adult, who must sign for himself."""
    return birth_date is not None and full_years(birth_date, on) < ADULT_YEARS


def id_index(keyring: Keyring, id_number: str) -> str:
    """Keyed hash under which a whole identity number is found."""
    return blind_index(keyring, f"id:{id_number.upper()}")


def id_tail_index(keyring: Keyring, text: str) -> str:
    """Keyed hash under which the last four characters of an identity number are found."""
    return blind_index(keyring, f"id-tail:{text[-4:].upper()}")
