"""This week's visits (走访清单): so many households of each county or township, each with the reasons for its place.

The list of the run ranks every household with a finding. Of the visits that are possible, most go to the first places;
a small share is drawn by lot among those that were left out, seeded by the run, and marked. So the places stay honest:
if the drawn ones need help as often as the chosen ones, the ranking is worth nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar, Literal

import pyarrow as pa

from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.brake import held_back
from doudi.engine.pipeline.listing import FAMILIES, FindingLine, area_name, language_of, list_findings
from doudi.engine.pipeline.manifest import Run, SwitchedOff, read_table
from doudi.engine.screening.quality import rules_of
from doudi.engine.screening.ranking import Ranking, load_ranking, lot, rank, visits_by_lot
from doudi.engine.values.errors import DoudiError

Per = Literal["county", "township"]
_DIGITS: Mapping[Per, int] = {"county": 6, "township": 9}
VISITING_LIST = "visiting_list"

_WORDS = {
    "zh": {
        "family": "{family} {points}分",
        "urgency": "紧急程度 {points}分",
        "waiting": "已列入 {days} 天 {points}分",
        "further": "另有 {count} 条线索 {points}分",
        "visited": "{on} 已有人走访 {points}分",
        "quality": "该规则常有误 {points}分",
        "by_lot": "随机抽取，检验排序是否公允",
    },
    "en": {
        "family": "{family}: {points}",
        "urgency": "urgency: {points}",
        "waiting": "listed for {days} days: {points}",
        "further": "{count} further findings: {points}",
        "visited": "people were there on {on}: {points}",
        "quality": "the rule is often wrong: {points}",
        "by_lot": "drawn by lot, to keep the ranking honest",
    },
}


class VisitsError(DoudiError):
    """The list of visits can't be made as asked."""

    code: ClassVar[str] = "DD-VISITS-001"


@dataclass(frozen=True)
class Visit:
    """One household to visit. `place` is that in the whole list, `turn` that among this week's visits of its area."""

    turn: int
    place: int
    household_key: str
    area: str
    area_name: str
    points: int
    because: tuple[str, ...]
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    findings: tuple[str, ...]
    waiting_since: date
    visited_on: date | None
    is_by_lot: bool

    def to_dict(self) -> dict[str, Any]:
        """The visit as JSON-able data."""
        days = {
            name: day.isoformat() if (day := getattr(self, name)) else None for name in ("waiting_since", "visited_on")
        }
        return {**asdict(self), **days}


def choose_visits(run: Run, pack: Pack, *, lang: str, visits: int | None = None, per: Per = "county") -> list[Visit]:
    """The visits of each county or township, `visits` of them in each, by place; without a number, the whole list."""
    if visits is not None and visits < 1:
        raise VisitsError("fewer than one visit makes no list.", advice="Say how many visits are possible this week.")
    ranking = load_ranking(pack)
    rows = [] if (table := visiting_list_of(run)) is None else table.to_pylist()
    by_area: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_area[row["area"][: _DIGITS[per]] if visits is not None else ""].append(row)
    lines: defaultdict[str, list[FindingLine]] = defaultdict(list)
    for line in list_findings(run, pack, lang=lang):
        lines[line.household_key].append(line)
    found = []
    for area in sorted(by_area):
        chosen = _chosen(by_area[area], visits, ranking, run.run_id)
        for turn, (row, is_by_lot) in enumerate(chosen, start=1):
            found.append(_visit(turn, row, is_by_lot, lines[row["household_key"]], run=run, pack=pack, lang=lang))
    return found


def visiting_list_of(run: Run) -> pa.Table | None:
    """The run's whole list; None in a run of an engine that made none."""
    return read_table(run, VISITING_LIST) if VISITING_LIST in run.manifest.tables else None


def released_list(run: Run, pack: Pack) -> pa.Table:
    """The list as it is once people have released what the brake holds, as if nobody had been visited yet."""
    return rank(
        read_table(run, "findings"),
        ranking=load_ranking(pack),
        office_findings=None,
        earlier_list=None,
        held=(),
        often_wrong=rules_of(read_table(run, "rule_quality"), "below_floor"),
        as_of=run.manifest.as_of,
    )


def held_back_of(run: Run) -> frozenset[str]:
    """The findings of a run that wait for two people."""
    return held_back(read_table(run, "findings"), run.manifest.held)


def switched_off(quality: pa.Table) -> tuple[SwitchedOff, ...]:
    """The rules that were wrong too often, for the manifest."""
    return tuple(
        SwitchedOff(
            rule=row["rule"],
            confirmed=row["confirmed"],
            checked=(checked := row["confirmed"] + row["cleared"]),
            floor_percent=row["floor_percent"],
            silenced=row["silenced"],
            words=f"{row['rule']} was right in {row['confirmed']} of {checked} checked findings, below its floor of "
            f"{row['floor_percent']} %. It would have spoken of {row['silenced']} households and made no finding.",
        )
        for row in quality.to_pylist()
        if row["verdict"] == "switched_off"
    )


def _chosen(
    rows: Sequence[dict[str, Any]], visits: int | None, ranking: Ranking, run_id: str
) -> list[tuple[dict[str, Any], bool]]:
    """The first places, then those drawn among the rest; each with whether it was drawn."""
    if visits is None or len(rows) <= visits:
        return [(row, False) for row in rows]
    by_lot = visits_by_lot(visits, ranking)
    first, rest = rows[: visits - by_lot], rows[visits - by_lot :]
    drawn = sorted(rest, key=lambda row: lot(run_id, row["household_key"]))[:by_lot]
    return [(row, False) for row in first] + [(row, True) for row in sorted(drawn, key=lambda row: int(row["place"]))]


def _visit(
    turn: int, row: dict[str, Any], is_by_lot: bool, lines: Iterable[FindingLine], *, run: Run, pack: Pack, lang: str
) -> Visit:
    listed = {line.finding_id: line for line in lines}
    findings = [listed[finding] for finding in row["findings"]]
    return Visit(
        turn=turn,
        place=row["place"],
        household_key=row["household_key"],
        area=row["area"],
        area_name=area_name(pack, row["area"], lang),
        points=row["points"],
        because=tuple(_because(row, findings[0], run.manifest.as_of, is_by_lot=is_by_lot, lang=lang)),
        reasons=tuple(line.reason for line in findings),
        rules=tuple(line.rule for line in findings),
        findings=tuple(row["findings"]),
        waiting_since=row["waiting_since"],
        visited_on=row["visited_on"],
        is_by_lot=is_by_lot,
    )


def _because(row: Mapping[str, Any], leading: FindingLine, as_of: date, *, is_by_lot: bool, lang: str) -> Iterable[str]:
    words = _WORDS[language_of(lang)]
    if is_by_lot:
        yield words["by_lot"]
    given = {
        "family": FAMILIES[language_of(lang)][leading.family],
        "days": (as_of - row["waiting_since"]).days,
        "count": len(row["findings"]) - 1,
        "on": row["visited_on"],
    }
    for part in ("family", "urgency", "waiting", "further", "visited", "quality"):
        points = row[f"{part}_points"]
        if points:
            yield words[part].format(points=f"{points:+d}", **given)
