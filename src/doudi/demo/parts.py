"""One part of the city: its people, their rows in the departments' files, and what is true of them.

A large city is made part by part, so that never more than a few parts' people are in memory. Each part draws from
generators of its own and has villages and identity numbers of its own; so it doesn't matter which is made first.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from doudi.demo import extracts as made
from doudi.demo.belongings import give_belongings
from doudi.demo.departments import DEPARTMENTS, deliver
from doudi.demo.events import families_of, plant_events, random_outsiders
from doudi.demo.files import SheetRow, sheet_rows, write_csv
from doudi.demo.livelihoods import give_livelihoods
from doudi.demo.mess import spoil_hospital, spoil_other, spoil_registry, spoil_wages
from doudi.demo.office_snapshot import SnapshotRows, snapshot_rows
from doudi.demo.people import LAST_SEQUENCE, Household, IdMaker, Person
from doudi.demo.places import Places
from doudi.demo.planted import Planted, plant_families
from doudi.demo.recipients import Caseload, choose_recipients
from doudi.demo.roll import RollRows, roll_rows
from doudi.demo.shapes import Maker, ordinary_household
from doudi.demo.truth import Truth, truth_of
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

_SMALL = 300  # households: the mess is told for a city of this size
_RECORDS_OF_A_PART = 1_000_000  # the office's ids of its records are apart from part to part


@dataclass(frozen=True)
class PartPlan:
    """Which part of which city: so many households, these places, so many families of each kind of event."""

    seed: int
    number: int
    of: int
    households: int
    places: Places
    mix: Mapping[str, int]
    caseload: Caseload | None
    months: tuple[Month, ...]
    keyring: Keyring | None

    def generator(self, stream: str) -> random.Random:
        """The generator of this part for one stream of draws."""
        return random.Random(f"{self.seed}:{stream}" if self.number == 0 else f"{self.seed}.{self.number}:{stream}")

    @property
    def mark(self) -> str:
        """What stands in the numbers that departments give rows of this part; nothing where it is the only one."""
        return f"{self.number:02d}" if self.of > 1 else ""

    @property
    def scale(self) -> float:
        """How many times the small city this part is."""
        return self.households / _SMALL


@dataclass(frozen=True)
class PartFile:
    """Rows of one department's file: a piece of text in a file of its own, or the rows of a workbook."""

    month: Month
    file_name: str
    count: int
    text: Path | None = None
    rows: Sequence[SheetRow] = ()


@dataclass(frozen=True)
class MadePart:
    """What one part hands over to the city."""

    households: int
    people: int
    files: Sequence[PartFile]
    truth: Truth
    snapshot: SnapshotRows
    roll: RollRows


@dataclass
class _People:
    """Everyone: households, those to whom something was planted, and people of other counties on their rolls."""

    households: list[Household]
    planted: list[Planted]
    outsiders: list[Person] = field(default_factory=list)


def make_part(plan: PartPlan, folder: Path) -> MadePart:
    """Make a part; its pieces of text files lie in `folder` afterwards."""
    folder.mkdir(parents=True)
    people = _people(plan)
    extracts, files = [], []
    for month in plan.months:
        for extract in _extracts(plan, people, month):
            extracts.append(extract)
            files.append(_file(extract, month, folder, with_header=plan.number == 0))
    first_id, rows = plan.number * _RECORDS_OF_A_PART + 1, SnapshotRows()
    if plan.keyring is not None:
        rows = snapshot_rows(people.households, plan.keyring, first_id=first_id)
    return MadePart(
        households=len(people.households),
        people=sum(len(household.members) for household in people.households),
        files=files,
        truth=truth_of(people.households, people.planted, extracts, lists_all=plan.of == 1),
        snapshot=rows,
        roll=roll_rows(people.households, first_id=first_id),
    )


def _people(plan: PartPlan) -> _People:
    rng = plan.generator("people")
    own = LAST_SEQUENCE // plan.of
    ids = IdMaker(rng, range(plan.number * own + 1, (plan.number + 1) * own + 1))
    maker = Maker(rng, ids, plan.places, books={})
    planted = plant_families(maker) if plan.number == 0 else []
    count = plan.households - len(planted) - families_of(plan.mix)
    ordinary = [ordinary_household(maker) for _ in range(count)]
    drawn = plan.generator("events")
    later_maker = Maker(drawn, maker.ids, plan.places, books=maker.books)
    planted += plant_events(later_maker, plan.mix)
    give_livelihoods(plan.generator("livelihoods"), ordinary)
    everyone = [*(item.household for item in planted), *ordinary]
    choose_recipients(plan.generator("recipients"), everyone if plan.caseload else ordinary, caseload=plan.caseload)
    give_belongings(plan.generator("belongings"), ordinary)
    outsiders = random_outsiders(drawn, later_maker, max(20, count // 40))
    return _People(sorted(everyone, key=lambda found: (found.area_code, found.number)), planted, outsiders)


def _extracts(plan: PartPlan, city: _People, month: Month) -> list[made.Extract]:
    """The departments' rows of that month, with what went wrong in them."""
    registry = made.registry(city.households, month, plan.mark)
    wages = made.wages(city.households, month, plan.seed, plan.mark)
    hospital = made.hospital(city.households, month, plan.mark)
    spoil_registry(registry, plan.generator(f"registry:{month}"), plan.scale)
    spoil_wages(wages, plan.generator(f"wages:{month}"), plan.scale)
    spoil_hospital(hospital, plan.generator(f"hospital:{month}"), plan.scale)
    everyone = [(person, home.is_spared) for home in city.households for person in home.members]
    everyone += [(person, False) for person in city.outsiders]
    others = [deliver(department, everyone, month, plan.mark) for department in DEPARTMENTS]
    for extract in others:
        spoil_other(extract, plan.generator(f"{extract.source}:{month}"), plan.scale)
    return [registry, wages, hospital, *others]


def _file(extract: made.Extract, month: Month, folder: Path, *, with_header: bool) -> PartFile:
    if extract.file_name.endswith(".xlsx"):
        return PartFile(month, extract.file_name, len(extract.rows), rows=sheet_rows(extract))
    text = folder / extract.file_name
    write_csv(extract, text, with_header=with_header)
    return PartFile(month, extract.file_name, len(extract.rows), text=text)
