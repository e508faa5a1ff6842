"""What a change rests on: its day, its reason, its paper; and where a household lives."""

from dataclasses import dataclass
from datetime import date

HEAD = "02"


@dataclass(frozen=True)
class Ground:
    """From which day a change holds, why, and by which paper."""

    on: date
    reason: str
    paper: str = ""


@dataclass(frozen=True)
class Place:
    """Where a household lives: its division (12 digits) and the address behind it."""

    area: str
    address: str
