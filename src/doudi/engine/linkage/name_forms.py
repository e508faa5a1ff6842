"""The forms in which two spellings of a Chinese name are held against each other.

A name is misread in few ways: another character of the same sound (同音字), a variant or old form of the same
character (异体字), two given-name characters in the other order, a sound that the local tongue does not tell apart
(zh and z, n and ng), one character that looks alike. Each form below makes one of them a plain equality.

These forms only say how alike two names are. A homophone or a variant is still another name until a person says
otherwise (`docs/decisions/0004`).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice, product

import polars as pl
from pypinyin import Style, pinyin

_READINGS_MAX = 24
_BAR = "|"
_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


class NameReader:
    """Reads names aloud and folds their variant characters; `variants` leads from a variant to the usual form."""

    def __init__(self, variants: Mapping[str, str]) -> None:
        self._fold = str.maketrans(dict(variants))

    def sounds(self, spelling: str) -> list[str]:
        """Every way to read the name, without tones, such as `zeng'le` and `ceng'yue` for 曾乐."""
        return _sounds(tuple(map(_readings, spelling)))

    def folded(self, spelling: str) -> str:
        """The name with the usual form of each variant character."""
        return spelling.translate(self._fold)

    def forms(self, spellings: Sequence[str]) -> pl.DataFrame:
        """All forms of distinct spellings, one row each."""
        texts = pl.DataFrame(
            {
                "spelling": spellings,
                "folded": [self.folded(s) for s in spellings],
                "turned": [s[:1] + "".join(sorted(s[1:])) for s in spellings],
                "sounds": [_BAR.join(self.sounds(s)) for s in spellings],
                "near_sounds": [_BAR.join(_sounds(tuple(map(_near_readings, s)))) for s in spellings],
                "one_off": [_BAR.join(_one_off(s)) for s in spellings],
            },
            schema=dict.fromkeys(("spelling", "folded", "turned", "sounds", "near_sounds", "one_off"), pl.String),
        )
        return texts.with_columns(
            pl.col("spelling").str.slice(0, 1).alias("surname"),
            pl.col("sounds", "near_sounds", "one_off").str.split(_BAR),
        )


def syllables(sounds: Sequence[str]) -> list[str]:
    """The distinct syllables of a name's readings: two spellings without any in common are hardly one name."""
    return sorted({syllable for sound in sounds for syllable in sound.split("'")})


@cache
def _readings(character: str) -> tuple[str, ...]:
    """Every reading of a character without tones; what has none is its own sound."""
    return tuple(sorted(set(pinyin(character, style=Style.NORMAL, heteronym=True)[0])))


@cache
def _near_readings(character: str) -> tuple[str, ...]:
    return tuple(sorted({_near(reading) for reading in _readings(character)}))


def _near(syllable: str) -> str:
    for careful, careless in _NEAR:
        if syllable.startswith(careful):
            syllable = careless + syllable[len(careful) :]
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


def _sounds(readings: tuple[tuple[str, ...], ...]) -> list[str]:
    return ["'".join(sound) for sound in islice(product(*readings), _READINGS_MAX)]


def _one_off(spelling: str) -> list[str]:
    """The name with one character hidden, for each place: equal in two names that differ in that character alone."""
    return [f"{spelling[:i]}_{spelling[i + 1 :]}" for i in range(len(spelling))]
