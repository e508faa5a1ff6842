"""Building the synthetic city: its people, their departments' files, and apart from them the truth."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from doudi.demo import extracts as made
from doudi.demo.files import write_csv, write_xlsx
from doudi.demo.landscape import write_map
from doudi.demo.livelihoods import give_livelihoods
from doudi.demo.mess import spoil_hospital, spoil_registry, spoil_wages
from doudi.demo.people import AS_OF, Household, IdMaker
from doudi.demo.planted import Planted, plant_families
from doudi.demo.shapes import RURAL_AREAS, TOWNSHIPS, URBAN_AREAS, Maker, ordinary_household
from doudi.demo.truth import write_truth
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.period import Month

HOUSEHOLDS: Mapping[str, int] = {"small": 300}
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


def build_city(size: str, out: Path, seed: int, later: bool = False) -> CitySummary:
    """Write `extracts/`, `truth/` and `map.geojson` below `out`; with `later`, also the next month's `extracts-later/`.

    The same size and seed give the same bytes. A folder that holds another city is refused, for its files would mix.
    """
    if size not in HOUSEHOLDS:
        raise DemoError(f"there is no size {size}.", advice=f"Known sizes: {', '.join(HOUSEHOLDS)}.")
    _refuse_another_city(out, size, seed)
    pack = load_pack()
    households, planted = _people(size, seed, pack)
    about = {"size": size, "seed": seed, "as_of": AS_OF.isoformat(), "households": len(households)}
    deliveries = [(FIRST_MONTH, out / "extracts")] + ([(LATER_MONTH, out / "extracts-later")] if later else [])
    written: list[made.Extract] = []
    for month, folder in deliveries:
        written += _deliver(households, month, folder, seed)
    write_truth(out / "truth", about, households, planted, written)
    write_map(out / "map.geojson", _names(pack), seed)
    return CitySummary(
        size=size,
        seed=seed,
        households=len(households),
        people=sum(len(household.members) for household in households),
        planted=len(planted),
        rows={extract.file_name: len(extract.rows) for extract in written},
        extracts=out / "extracts",
        truth=out / "truth",
        map=out / "map.geojson",
        extracts_later=out / "extracts-later" if later else None,
    )


def _refuse_another_city(out: Path, size: str, seed: int) -> None:
    about = out / "truth" / "city.json"
    if not about.exists():
        return
    found = json.loads(about.read_text(encoding="utf-8"))
    if (found.get("size"), found.get("seed")) != (size, seed):
        raise DemoError(
            f"the folder holds another city (size {found.get('size')}, seed {found.get('seed')}).",
            advice="Name an empty folder, or use the same size and seed.",
        )


def _people(size: str, seed: int, pack: Pack) -> tuple[list[Household], list[Planted]]:
    rng = random.Random(f"{seed}:people")
    area_names = {code: pack.region_name(code, "zh") for code in (*TOWNSHIPS, *URBAN_AREAS, *RURAL_AREAS)}
    maker = Maker(rng, IdMaker(rng), area_names, books={})
    planted = plant_families(maker)
    ordinary = [ordinary_household(maker) for _ in range(HOUSEHOLDS[size] - len(planted))]
    give_livelihoods(random.Random(f"{seed}:livelihoods"), ordinary)
    households = sorted(
        [*(item.household for item in planted), *ordinary], key=lambda found: (found.area_code, found.number)
    )
    return households, planted


def _deliver(households: list[Household], month: Month, folder: Path, seed: int) -> list[made.Extract]:
    folder.mkdir(parents=True, exist_ok=True)
    registry = made.registry(households, month)
    wages = made.wages(households, month, seed)
    hospital = made.hospital(households, month)
    spoil_registry(registry, random.Random(f"{seed}:registry:{month}"))
    spoil_wages(wages, random.Random(f"{seed}:wages:{month}"))
    spoil_hospital(hospital, random.Random(f"{seed}:hospital:{month}"))
    write_csv(registry, folder)
    write_csv(wages, folder)
    first = month.plus(1 - made.MONTHS_COVERED)
    write_xlsx(hospital, folder, period=f"{first.year}年{first.month}月—{month.year}年{month.month}月")
    return [registry, wages, hospital]


def _names(pack: Pack) -> dict[str, tuple[str, str]]:
    codes = (*TOWNSHIPS, *URBAN_AREAS, *RURAL_AREAS)
    return {code: (pack.region_name(code, "zh"), pack.region_name(code, "en")) for code in codes}
