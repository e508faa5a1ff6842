"""Building the synthetic city: its people, their departments' files, and apart from them the truth."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from doudi.demo import extracts as made
from doudi.demo.belongings import give_belongings
from doudi.demo.departments import DEPARTMENTS, deliver
from doudi.demo.events import plant_events, random_outsiders, usual_mix
from doudi.demo.files import write_csv, write_sheet, write_xlsx
from doudi.demo.landscape import write_map
from doudi.demo.livelihoods import give_livelihoods
from doudi.demo.mess import spoil_hospital, spoil_other, spoil_registry, spoil_wages
from doudi.demo.office_snapshot import write_snapshot
from doudi.demo.people import AS_OF, Household, IdMaker, Person
from doudi.demo.places import Places, places_of, write_divisions
from doudi.demo.planted import Planted, plant_families
from doudi.demo.recipients import choose_recipients
from doudi.demo.shapes import Maker, ordinary_household
from doudi.demo.truth import write_truth
from doudi.engine.pack.pack import load_pack
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

HOUSEHOLDS: Mapping[str, int] = {"small": 300, "county": 20_000}
FIRST_MONTH, LATER_MONTH = Month(2026, 10), Month(2026, 11)


class DemoError(DoudiError):
    """The demonstration city can't be built as asked."""

    code: ClassVar[str] = "DD-DEMO-001"


@dataclass(frozen=True)
class CitySummary:
    """What was built, and where it lies."""

    size: str
    seed: int
    households: int
    people: int
    planted: int
    rows: Mapping[str, int]
    extracts: Path
    truth: Path
    map: Path
    extracts_later: Path | None
    snapshot: Path | None


def build_city(
    size: str,
    out: Path,
    seed: int,
    later: bool = False,
    *,
    keyring: Keyring | None = None,
    events: Mapping[str, int] | None = None,
) -> CitySummary:
    """Write `extracts/`, `truth/` and `map.geojson` below `out`; with `later`, also the next month's `extracts-later/`.

    With a keyring also `snapshot/`: whom the office pays already, under the pseudonyms that the same keys give the
    night. `events` says how many families of each kind of event are planted, beside the usual number of the others.
    The same arguments give the same bytes. A folder that holds another city is refused, for its files would mix.
    """
    if size not in HOUSEHOLDS:
        raise DemoError(f"there is no size {size}.", advice=f"Known sizes: {', '.join(HOUSEHOLDS)}.")
    mix = _mix(size, events or {})
    about = {"size": size, "seed": seed, "as_of": AS_OF.isoformat(), "events": mix}
    _refuse_another_city(out, about)
    pack = load_pack()
    places = places_of(size, pack)
    city = _people(size, seed, places, mix)
    about["households"] = len(city.households)
    deliveries = [(FIRST_MONTH, out / "extracts")] + ([(LATER_MONTH, out / "extracts-later")] if later else [])
    written: list[made.Extract] = []
    for month, folder in deliveries:
        written += _deliver(city, month, folder, seed)
    write_truth(out / "truth", about, city.households, city.planted, written)
    write_map(out / "map.geojson", places, seed)
    if len(places.names) > len(set(places.names) & set(pack.divisions())):
        write_divisions(out / "region" / "divisions.yaml", places, pack)
    if keyring is not None:
        write_snapshot(out / "snapshot", city.households, keyring)
    return CitySummary(
        size=size,
        seed=seed,
        households=len(city.households),
        people=sum(len(household.members) for household in city.households),
        planted=len(city.planted),
        rows={extract.file_name: len(extract.rows) for extract in written},
        extracts=out / "extracts",
        truth=out / "truth",
        map=out / "map.geojson",
        extracts_later=out / "extracts-later" if later else None,
        snapshot=out / "snapshot" if keyring is not None else None,
    )


def read_mix(texts: Sequence[str]) -> dict[str, int]:
    """How often which event is planted, from texts such as `double_grant=5`."""
    mix = {}
    for text in texts:
        kind, _, number = text.partition("=")
        if not (number.isascii() and number.isdigit() and len(number) <= 6):
            raise DemoError(f"{text} does not say how often.", advice="Write it as double_grant=5.")
        mix[kind] = int(number)
    return mix


@dataclass(frozen=True)
class _City:
    """Everyone: households with those to whom something was planted, and people of other counties on their rolls."""

    households: list[Household]
    planted: list[Planted]
    outsiders: list[Person]

    @property
    def scale(self) -> float:
        """How many times the small city this one is."""
        return len(self.households) / HOUSEHOLDS["small"]


def _mix(size: str, events: Mapping[str, int]) -> dict[str, int]:
    usual = usual_mix(size)
    strange = sorted(set(events) - set(usual))
    if strange or any(number < 0 for number in events.values()):
        raise DemoError(
            f"these events can't be planted: {', '.join(strange) or 'fewer than none'}.",
            advice=f"Known events: {', '.join(usual)}.",
        )
    mix = {**usual, **events}
    if sum(mix.values()) > HOUSEHOLDS[size] // 2:
        raise DemoError(
            f"{sum(mix.values())} families with events are too many for {HOUSEHOLDS[size]} households.",
            advice="At most half of the families may have one; choose a larger city or fewer events.",
        )
    return mix


def _refuse_another_city(out: Path, about: Mapping[str, Any]) -> None:
    path = out / "truth" / "city.json"
    if not path.exists():
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    if any(found.get(key) != value for key, value in about.items()):
        raise DemoError(
            f"the folder holds another city (size {found.get('size')}, seed {found.get('seed')}).",
            advice="Name an empty folder, or use the same size, seed and events.",
        )


def _people(size: str, seed: int, places: Places, mix: Mapping[str, int]) -> _City:
    rng = random.Random(f"{seed}:people")
    maker = Maker(rng, IdMaker(rng), places, books={})
    planted = plant_families(maker)
    count = HOUSEHOLDS[size] - len(planted) - sum(mix.values())
    ordinary = [ordinary_household(maker) for _ in range(count)]
    give_livelihoods(random.Random(f"{seed}:livelihoods"), ordinary)
    choose_recipients(random.Random(f"{seed}:recipients"), ordinary)
    give_belongings(random.Random(f"{seed}:belongings"), ordinary)
    drawn = random.Random(f"{seed}:events")
    later_maker = Maker(drawn, maker.ids, places, books=maker.books)
    planted += plant_events(later_maker, mix)
    outsiders = random_outsiders(drawn, later_maker, max(20, count // 40))
    households = sorted(
        [*(item.household for item in planted), *ordinary], key=lambda found: (found.area_code, found.number)
    )
    return _City(households, planted, outsiders)


def _deliver(city: _City, month: Month, folder: Path, seed: int) -> list[made.Extract]:
    folder.mkdir(parents=True, exist_ok=True)
    registry = made.registry(city.households, month)
    wages = made.wages(city.households, month, seed)
    hospital = made.hospital(city.households, month)
    spoil_registry(registry, random.Random(f"{seed}:registry:{month}"), city.scale)
    spoil_wages(wages, random.Random(f"{seed}:wages:{month}"), city.scale)
    spoil_hospital(hospital, random.Random(f"{seed}:hospital:{month}"), city.scale)
    write_csv(registry, folder)
    write_csv(wages, folder)
    first = month.plus(1 - made.MONTHS_COVERED)
    write_xlsx(hospital, folder, period=f"{first.year}年{first.month}月—{month.year}年{month.month}月")
    everyone = [(person, home.is_spared) for home in city.households for person in home.members]
    everyone += [(person, False) for person in city.outsiders]
    others = []
    for department in DEPARTMENTS:
        extract = deliver(department, everyone, month)
        spoil_other(extract, random.Random(f"{seed}:{department.source}:{month}"), city.scale)
        if department.is_workbook:
            write_sheet(extract, folder, department)
        else:
            write_csv(extract, folder)
        others.append(extract)
    return [registry, wages, hospital, *others]
