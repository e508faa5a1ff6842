"""Divisions 区划: province 2, city 4, county 6, township 9, village 12 digits; each code begins with its parent's."""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from doudi.engine.values.errors import DoudiError

Level = Literal["province", "city", "county", "township", "village"]
_LENGTHS: dict[Level, int] = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
_LEVELS: dict[int, Level] = {length: level for level, length in _LENGTHS.items()}
_CODE = re.compile(r"[1-9][0-9](?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{3})?)?)?)?")


class RegionError(DoudiError):
    """A text is no division code, or the code is of a higher level than was asked for."""

    code: ClassVar[str] = "DD-REGION-001"


@dataclass(frozen=True, order=True)
class Region:
    """A division by its code, without trailing zeros: `41`, `4199`, `419901`, `419901101`, `419901101001`."""

    code: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise RegionError(
                "the text is no division code.",
                advice="Codes have 2, 4, 6, 9 or 12 digits (province, city, county, township, village).",
            )

    def __str__(self) -> str:
        return self.code

    @property
    def level(self) -> Level:
        """Which kind of division it is."""
        return _LEVELS[len(self.code)]

    @property
    def city(self) -> str:
        """Code of the city it belongs to."""
        return self._cut("city")

    @property
    def county(self) -> str:
        """Code of the county it belongs to."""
        return self._cut("county")

    @property
    def township(self) -> str:
        """Code of the township or street it belongs to."""
        return self._cut("township")

    @property
    def village(self) -> str:
        """Code of the village or community it is."""
        return self._cut("village")

    def contains(self, other: "Region | str") -> bool:
        """Does the other division lie in this one? A division contains itself."""
        return str(other).startswith(self.code)

    def ancestors(self) -> list[str]:
        """Codes from the province down to this division itself."""
        return [self.code[:length] for length in _LEVELS if length <= len(self.code)]

    def _cut(self, level: Level) -> str:
        if len(self.code) < _LENGTHS[level]:
            raise RegionError(
                f"division {self.code} is a {self.level} and lies in no single {level}.",
                advice=f"Give the code of a {level} or of a division within it.",
            )
        return self.code[: _LENGTHS[level]]
