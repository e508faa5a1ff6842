"""The invented people: who they are, and what nobody's file says of them."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from doudi.engine.values.identity import check_digit
from doudi.engine.values.money import Fen
from doudi.engine.values.period import full_years

AS_OF = date(2026, 11, 20)
"""The day on which the demonstration city is described."""

Sex = Literal["1", "2"]
Pay = Literal["wage", "pension", "unemployment"]


@dataclass(frozen=True)
class Income:
    """A monthly payment that a department knows, from one month to another (both included, as `2026-10`)."""

    kind: Pay
    gross_fen: Fen
    employer: str = ""
    first_month: str = "2000-01"
    last_month: str = "9999-12"


@dataclass(frozen=True)
class Stay:
    """A stay in hospital, or a part of one, that the insurance settled."""

    hospital: str
    admitted_on: date
    discharged_on: date | None
    settled_on: date
    total_fen: Fen
    fund_paid_fen: Fen

    @property
    def self_paid_fen(self) -> Fen:
        """What the person paid."""
        return self.total_fen - self.fund_paid_fen


@dataclass(frozen=True)
class Record:
    """What one more department holds of a person: the cells of a row, under the headers of that department's file.

    It is in the files from the month of `since` on. A doubtful one has this person's number and another's name.
    """

    source: str
    since: date
    cells: dict[str, str]
    is_doubtful: bool = False


@dataclass
class Person:
    """One person. `truth` holds facts by their names in the vocabulary that no department's file holds."""

    name: str
    sex: Sex
    birth_date: date
    id_number: str
    relation: str
    phone: str = ""
    role: str = ""
    incomes: list[Income] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    registered_in: str = ""
    """Number of another household book, for somebody who lives here and is registered elsewhere."""
    is_known_by_name: bool = True
    """Does the household registry say under which name the number is known? Not where its row can't be read."""
    truth: dict[str, int | str] = field(default_factory=dict)

    @property
    def age(self) -> int:
        """Age in full years on the day of the description."""
        return full_years(self.birth_date, AS_OF)


@dataclass
class Household:
    """The people of one household book 户口簿, who here also live together."""

    number: str
    area_code: str
    address: str
    is_urban: bool
    members: list[Person]
    story: str = ""
    truth: dict[str, int | str] = field(default_factory=dict)
    may_be_spoiled: bool = False
    """May its rows be spoiled like any other's, though something was planted here?"""
    receives_fen: Fen = 0
    """Dibao that the office pays a month; 0 for nothing."""
    recognised_as: str = ""
    """The programme beside dibao under which the office knows the family, though it pays it nothing every month."""

    @property
    def is_spared(self) -> bool:
        """Are its rows left as they should be, because what was planted here must be findable?"""
        return bool(self.story) and not self.may_be_spoiled


LAST_SEQUENCE = 497
"""Of the sequence numbers of one sex on one day. 996 to 999 are left out: in the old form they mark the very old."""


class IdMaker:
    """Gives identity numbers with the invented prefix and a right check digit, none twice.

    `sequences` are those that it may use of the 497 that a day has for each sex: two makers never give one number.
    """

    def __init__(self, rng: random.Random, sequences: range = range(1, LAST_SEQUENCE + 1)) -> None:
        self._rng = rng
        self._sequences = sequences
        self._taken: set[str] = set()

    def number(self, birth_date: date, sex: Sex) -> str:
        """A new number."""
        while True:
            area = self._rng.choices(("419901", "419902", "419903"), (90, 6, 4))[0]
            drawn = self._rng.randrange(self._sequences.start, self._sequences.stop)
            sequence = drawn * 2 - (1 if sex == "1" else 0)
            head = f"{area}{birth_date:%Y%m%d}{sequence:03d}"
            if head not in self._taken:
                self._taken.add(head)
                return head + check_digit(head)


def born_at_age(rng: random.Random, age: int) -> date:
    """A birth date of someone of that age on the day of the description."""
    latest = date(AS_OF.year - age, AS_OF.month, AS_OF.day)
    return latest - timedelta(days=rng.randrange(0, 365))


def phone(rng: random.Random) -> str:
    """A telephone number that nobody has: 1990000 and four digits."""
    return f"1990000{rng.randrange(10_000):04d}"
