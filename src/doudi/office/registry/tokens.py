"""What people type to find somebody, as keyed numbers that are only ever compared for equality.

Below a policy of row security neither LIKE nor a trigram index can be used: the database may not run them on rows that
the reader must not see. So everything that can be typed is stored beforehand, each as the first eight bytes of a keyed
hash: who reads the table without the key learns no name, no address and no number.

    name     each beginning of the name; the given name alone
    pinyin   all readings of the name (单 is dan, shan, chan), each beginning that ends with a syllable; the
             given name alone; the initials
    id       the whole identity number; its last four characters
    phone    the whole number
    place    pairs of neighbouring characters of the address behind the division's names
"""

import hmac
import itertools
import re
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import Style, pinyin

from doudi.engine.linkage.names import normalise_name
from doudi.engine.values.keys import Keyring

_READINGS_MAX = 24
"""So many combined readings of one name are kept: four characters of three readings each would be 81."""

_WHOLE_ID = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_TAIL = re.compile(r"[0-9]{3}[0-9Xx]")
_PHONE = re.compile(r"1[0-9]{10}")
_LATIN = re.compile(r"[A-Za-zÜüVv'’ ]+")
_NUMBERED = re.compile(r"[0-9０-９号组室楼栋单元]")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003FFFF]")


Groups = list[tuple[int, ...]]
"""What typed words ask for: of each group, the person must have one token."""


def person_tokens(ring: Keyring, *, name: str, id_number: str, phone: str, door: str) -> frozenset[int]:
    """Everything under which a person is found. `door` is the address behind the names of its divisions."""
    material = ring.secret("blind_index").material
    found = _of_name(material, normalise_name(name)) | _of_door(material, door)
    own = {("id", id_number.upper()), ("tail", id_number[-4:].upper())} if id_number else set()
    if phone:
        own.add(("phone", phone))
    return found | {_hashed(material, kind, text) for kind, text in own}


# Namesakes and neighbours share theirs.
@lru_cache(maxsize=50_000)
def _of_name(material: bytes, whole: str) -> frozenset[int]:
    said = {("name", part) for part in _beginnings(whole)} | {("pinyin", part) for part in _spoken(whole)}
    return frozenset(_hashed(material, kind, text) for kind, text in said)


@lru_cache(maxsize=50_000)
def _of_door(material: bytes, door: str) -> frozenset[int]:
    return frozenset(_hashed(material, "place", pair) for pair in _pairs(door))


def typed_as_person(ring: Keyring, word: str) -> Groups:
    """What a typed word may mean of a person: a number, its end, a telephone, a reading, or a name."""
    if _WHOLE_ID.fullmatch(word):
        return [(_token(ring, "id", word.upper()),)]
    if _TAIL.fullmatch(word):
        return [(_token(ring, "tail", word.upper()),)]
    if _PHONE.fullmatch(word):
        return [(_token(ring, "phone", word),)]
    as_name = _token(ring, "name", normalise_name(word))
    if _LATIN.fullmatch(word):
        return [(_token(ring, "pinyin", _plain(word)), as_name)]
    return [(as_name,)]


def typed_as_place(ring: Keyring, word: str) -> Groups:
    """What a typed word may mean of an address: every pair of its characters. A single character says no place, and
    neither does an identity number or a telephone's."""
    if _WHOLE_ID.fullmatch(word) or _PHONE.fullmatch(word):
        return []
    return [(_token(ring, "place", pair),) for pair in sorted(_pairs(word))]


def looks_like_place(word: str) -> bool:
    """Does the word speak of a door rather than of a person: numbers, groups, buildings?"""
    return _NUMBERED.search(word) is not None and _CHINESE.search(word) is not None


def door_of(address: str, names: Iterable[str]) -> str:
    """The address behind the names of county, township and village, which are found by their divisions instead."""
    rest = address
    for name in names:
        rest = rest.removeprefix(name)
    return rest


def _beginnings(whole: str) -> set[str]:
    found = {whole[:length] for length in range(1, len(whole) + 1)}
    if "·" in whole:
        found |= set(whole.split("·")) - {""}
    elif len(whole) > 2:
        found.add(whole[1:])  # the given name, as neighbours call somebody
    return found


def _spoken(name: str) -> frozenset[str]:
    """Readings of a name: beginnings that end with a syllable, and the initials."""
    letters = name.replace("·", "")
    if not _CHINESE.search(letters):
        return frozenset({_plain(letters)}) if letters.isascii() and letters else frozenset()
    syllables = [list(dict.fromkeys(_plain(way) for way in ways)) for ways in _readings(letters)]
    found: set[str] = set()
    for reading in itertools.islice(itertools.product(*syllables), _READINGS_MAX):
        spoken = [syllable for syllable in reading if syllable]
        found |= {"".join(spoken[:count]) for count in range(1, len(spoken) + 1)}
        if len(spoken) > 2:
            found.add("".join(spoken[1:]))  # the given name alone
        initials = "".join(syllable[0] for syllable in spoken)
        found |= {initials[:count] for count in range(2, len(initials) + 1)}
    return frozenset(found)


def _readings(letters: str) -> list[list[str]]:
    return pinyin(letters, style=Style.NORMAL, heteronym=True, errors="ignore")


def _plain(letters: str) -> str:
    """Pinyin as it is typed: small letters without blanks and apostrophes, ü as v."""
    return re.sub(r"[\s'’]", "", letters).lower().replace("ü", "v")


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"\s", "", normalise_name(text))
    return {plain[place : place + 2] for place in range(len(plain) - 1)}


def _token(ring: Keyring, kind: str, text: str) -> int:
    return _hashed(ring.secret("blind_index").material, kind, text)


def _hashed(material: bytes, kind: str, text: str) -> int:
    digest = hmac.digest(material, f"search:{kind}:{text}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)
