"""Building the synthetic city: its people, their departments' files, and apart from them the truth."""

import json
import multiprocessing
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from doudi.demo.departments import DEPARTMENTS
from doudi.demo.events import families_of, usual_mix
from doudi.demo.extracts import MONTHS_COVERED
from doudi.demo.files import SheetRow, write_settlements, write_sheet
from doudi.demo.landscape import write_map
from doudi.demo.office_snapshot import SnapshotRows, write_snapshot
from doudi.demo.parts import MadePart, PartPlan, make_part
from doudi.demo.people import AS_OF
from doudi.demo.places import all_places, places_of, write_divisions
from doudi.demo.recipients import CITY_CASELOAD
from doudi.demo.roll import RollRows, write_roll
from doudi.demo.truth import Truth, write_truth
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

HOUSEHOLDS: Mapping[str, int] = {"small": 300, "county": 20_000, "city": 600_000}
PARTS: Mapping[str, int] = {"small": 1, "county": 1, "city": 30}
FIRST_MONTH, LATER_MONTH = Month(2026, 10), Month(2026, 11)
_MAKERS_AT_A_TIME = 2


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
    """Write `extracts/`, `roll/`, `truth/` and `map.geojson` below `out`; with `later`, also `extracts-later/`.

    `roll/` is the old system's list of whom it pays, for the take-over; `extracts-later/` the next month's files. With
    a keyring also `snapshot/`: whom the office pays already, under the pseudonyms that the same keys give the
    night. `events` says how many families of each kind of event are planted, beside the usual number of the others.
    The same arguments give the same bytes. A folder that holds another city is refused, for its files would mix. Of the
    size `city` the truth has neither `households.json` nor `rows.csv`, which would be larger than the files themselves.
    """
    if size not in HOUSEHOLDS:
        raise DemoError(f"there is no size {size}.", advice=f"Known sizes: {', '.join(HOUSEHOLDS)}.")
    mix = _mix(size, events or {})
    about: dict[str, Any] = {"size": size, "seed": seed, "as_of": AS_OF.isoformat(), "events": mix}
    _refuse_another_city(out, about)
    pack = load_pack()
    folders = {FIRST_MONTH: out / "extracts"} | ({LATER_MONTH: out / "extracts-later"} if later else {})
    plans = _plans(size, seed, mix, pack, tuple(folders), keyring)
    city = _Collected(out, folders)
    try:
        for part in _made(plans, city.pieces):
            city.take(part)
    finally:
        shutil.rmtree(city.pieces, ignore_errors=True)
    city.write_workbooks()
    about["households"] = city.households
    write_truth(out / "truth", about, city.truth)
    places = all_places([plan.places for plan in plans])
    write_map(out / "map.geojson", places, seed)
    if set(places.names) - set(pack.divisions()):
        write_divisions(out / "region" / "divisions.yaml", places, pack)
    write_roll(out / "roll", city.roll)
    if keyring is not None:
        write_snapshot(out / "snapshot", city.snapshot)
    return CitySummary(
        size=size,
        seed=seed,
        households=city.households,
        people=city.people,
        planted=len(city.truth.families),
        rows=dict(city.rows),
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


class _Collected:
    """The city's files while part after part comes in."""

    def __init__(self, out: Path, folders: Mapping[Month, Path]) -> None:
        self.pieces = out / ".pieces"
        self._folders = folders
        self.households = self.people = 0
        self.rows: Counter[str] = Counter()
        self.truth = Truth([], [], [], None, None)
        self.snapshot = SnapshotRows()
        self.roll = RollRows()
        self._sheets: dict[tuple[Month, str], list[SheetRow]] = defaultdict(list)
        shutil.rmtree(self.pieces, ignore_errors=True)  # left by a building that was stopped
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)

    def take(self, part: MadePart) -> None:
        """Put the part's rows behind those of the parts before it."""
        self.households += part.households
        self.people += part.people
        self.snapshot.add(part.snapshot)
        self.roll.add(part.roll)
        self.truth.add(part.truth, self.rows)
        for file in part.files:
            mode = "ab" if file.file_name in self.rows else "wb"
            self.rows[file.file_name] += file.count
            if file.text is None:
                self._sheets[file.month, file.file_name] += file.rows
                continue
            with (self._folders[file.month] / file.file_name).open(mode) as whole, file.text.open("rb") as piece:
                shutil.copyfileobj(piece, whole)
            file.text.unlink()

    def write_workbooks(self) -> None:
        """Write the departments' workbooks, each with one sheet."""
        by_name = {d.file_name(month): d for month in self._folders for d in DEPARTMENTS}
        for (month, name), rows in self._sheets.items():
            path = self._folders[month] / name
            if name in by_name:
                write_sheet(path, rows, by_name[name])
            else:
                first = month.plus(1 - MONTHS_COVERED)
                period = f"{first.year}年{first.month}月—{month.year}年{month.month}月"
                write_settlements(path, rows, period=period)


def _plans(
    size: str, seed: int, mix: Mapping[str, int], pack: Pack, months: tuple[Month, ...], keyring: Keyring | None
) -> list[PartPlan]:
    of = PARTS[size]
    return [
        PartPlan(
            seed=seed,
            number=number,
            of=of,
            households=HOUSEHOLDS[size] // of,
            places=places_of(size, pack, number),
            mix={kind: _share(count, number, of) for kind, count in mix.items()},
            caseload=CITY_CASELOAD.of_part(number, of) if size == "city" else None,
            months=months,
            keyring=keyring,
        )
        for number in range(of)
    ]


def _share(whole: int, number: int, of: int) -> int:
    """The share of one of several parts; all shares together give the whole."""
    return whole * (number + 1) // of - whole * number // of


def _made(plans: Sequence[PartPlan], pieces: Path) -> Iterator[MadePart]:
    """The parts in their order. Of a large city two are made at a time, by processes of their own."""
    folders = [pieces / str(plan.number) for plan in plans]
    if len(plans) == 1:
        yield make_part(plans[0], folders[0])
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_MAKERS_AT_A_TIME, mp_context=context) as makers:
        yield from makers.map(make_part, plans, folders)


def _mix(size: str, events: Mapping[str, int]) -> dict[str, int]:
    usual = usual_mix(size)
    strange = sorted(set(events) - set(usual))
    if strange or any(number < 0 for number in events.values()):
        raise DemoError(
            f"these events can't be planted: {', '.join(strange) or 'fewer than none'}.",
            advice=f"Known events: {', '.join(usual)}.",
        )
    mix = {**usual, **events}
    if families_of(mix) > HOUSEHOLDS[size] // 2:
        raise DemoError(
            f"{families_of(mix)} families with events are too many for {HOUSEHOLDS[size]} households.",
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
