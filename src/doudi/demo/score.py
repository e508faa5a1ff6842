"""How good was the night? Its findings against the truth of the city, event by event and rule by rule.

A finding is *right* at a family to which that event was planted. In-need and entitled rules are also right at a family
that truly lives below its line, planted or not, and rules about one disabled adult where that adult has no means; a
visit to any other is *in vain*. A rule that speaks against a family
of which its reason is not true has *accused wrongly*. Places are those of the visiting list, in which a household
stands once; what the brake holds is given the place that it takes once two people have released it.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from doudi.demo.office_snapshot import household_key
from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.listing import FindingLine, list_findings
from doudi.engine.pipeline.manifest import Run
from doudi.engine.pipeline.visiting import released_list
from doudi.engine.screening import load_alerts
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring

ADVERSE = "receiving_changed"
FOR_ONE_ADULT = ("dibao_single_not_received", "dibao_as_single_not_received")
"""Rules about one severely disabled adult: right where that adult has no means, whatever the family earns."""


class ScoreError(DoudiError):
    """The night and the city don't belong together."""

    code: ClassVar[str] = "DD-DEMO-002"


@dataclass(frozen=True)
class EventScore:
    """One kind of planted event: found by its rule, missed (of these so many that no file shows), and their places."""

    kind: str
    meaning: str
    rule: str
    planted: int
    found: int
    missed: int
    missed_in_no_file: int
    place_first: int | None
    place_median: int | None
    place_last: int | None


@dataclass(frozen=True)
class RuleScore:
    """One rule: its findings at families of the event, at other families in need, and at families with neither."""

    rule: str
    label: str
    is_adverse: bool
    findings: int
    of_the_event: int
    otherwise_right: int
    wrong: int


@dataclass(frozen=True)
class LookAlikeScore:
    """One kind of family of which nothing should be said: how many were named all the same."""

    kind: str
    meaning: str
    planted: int
    named: int


@dataclass(frozen=True)
class Score:
    """The whole table. `visits` is the length of the visiting list."""

    run_id: str
    size: str
    seed: int
    visits: int
    events: tuple[EventScore, ...]
    rules: tuple[RuleScore, ...]
    look_alikes: tuple[LookAlikeScore, ...]

    def to_dict(self) -> dict[str, Any]:
        """The table as JSON-able data."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The three tables in Markdown, as they stand in the README."""
        events = [
            (e.kind, e.rule, e.planted, e.found, e.missed, e.missed_in_no_file, _places(e, self.visits))
            for e in self.events
        ]
        rules = [
            (r.rule, "to verify" if r.is_adverse else "to help", r.findings, r.of_the_event, r.otherwise_right, r.wrong)
            for r in self.rules
        ]
        look_alikes = [(part.kind, part.planted, part.named) for part in self.look_alikes]
        return [
            *_table(
                (
                    "planted event",
                    "rule",
                    "planted",
                    "found",
                    "missed",
                    "of these in no file",
                    "place: first, median, last",
                ),
                events,
            ),
            "",
            *_table(("rule", "asks", "findings", "of the event", "otherwise right", "in vain or wrong"), rules),
            "",
            *_table(("look-alike", "planted", "named wrongly or in vain"), look_alikes),
        ]


@dataclass(frozen=True)
class _Truth:
    """What the city knows of itself."""

    about: Mapping[str, Any]
    families: Sequence[Mapping[str, Any]]
    poor: frozenset[str]
    with_adult_without_means: frozenset[str]


def score_night(run: Run, city: Path, *, pack: Pack, keyring: Keyring) -> Score:
    """Compare a run's findings with the truth of the city whose files it read. `keyring` made the run's pseudonyms."""
    truth = _read_truth(city)
    lines = list_findings(run, pack, lang="zh")
    found: dict[tuple[str, str], FindingLine] = {(line.household_key, line.rule): line for line in lines}
    places = {row["household_key"]: int(row["place"]) for row in released_list(run, pack).to_pylist()}
    keys = {family["household_no"]: household_key(keyring, family["household_no"]) for family in truth.families}
    by_kind: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for family in truth.families:
        by_kind[family["kind"]].append(family)
    poor = {household_key(keyring, number) for number in truth.poor}
    alone = {household_key(keyring, number) for number in truth.with_adult_without_means}
    if lines and not poor & {line.household_key for line in lines}:
        raise ScoreError(
            "none of the run's families is of this city.",
            advice="Give the city whose extracts the night read, and the file of keys that it used.",
            where=str(city),
        )
    events = [
        _event(kind, families, [found.get((keys[f["household_no"]], f["expected_rule"])) for f in families], places)
        for kind, families in by_kind.items()
        if _is_true(families[0])
    ]
    look_alikes = [
        LookAlikeScore(
            kind,
            families[0]["meaning"],
            len(families),
            sum(_is_named(keys[family["household_no"]], family["expected_rule"], lines) for family in families),
        )
        for kind, families in by_kind.items()
        if _is_look_alike(families[0])
    ]
    planted: defaultdict[str, set[str]] = defaultdict(set)
    for family in truth.families:
        if _is_true(family):
            planted[family["expected_rule"]].add(keys[family["household_no"]])
    return Score(
        run_id=run.run_id,
        size=truth.about["size"],
        seed=truth.about["seed"],
        visits=len(places),
        events=tuple(events),
        rules=tuple(_rules(lines, planted, poor, alone, pack)),
        look_alikes=tuple(look_alikes),
    )


def _is_true(family: Mapping[str, Any]) -> bool:
    """Did something befall this family that a rule should find?"""
    if family["is_look_alike"] or family["expected_rule"] is None:
        return False
    return bool(family["is_in_need"]) or family["receives_fen"] > 0


def _is_look_alike(family: Mapping[str, Any]) -> bool:
    """Does a file tell something of this family that is not true, or that is no reason to help?"""
    return bool(family["is_look_alike"]) or (family["expected_rule"] is not None and not _is_true(family))


def _is_named(key: str, rule: str | None, lines: Sequence[FindingLine]) -> bool:
    """Was the look-alike named by the rule that it misleads, or, where none should speak, by any adverse one?"""
    return any(
        line.household_key == key and (line.rule == rule if rule is not None else line.family == ADVERSE)
        for line in lines
    )


def _event(
    kind: str,
    families: Sequence[Mapping[str, Any]],
    lines: Sequence[FindingLine | None],
    place_of: Mapping[str, int],
) -> EventScore:
    places = sorted(place_of[line.household_key] for line in lines if line is not None)
    return EventScore(
        kind=kind,
        meaning=families[0]["meaning"],
        rule=families[0]["expected_rule"],
        planted=len(families),
        found=len(places),
        missed=len(families) - len(places),
        missed_in_no_file=sum(
            line is None and family["is_hidden"] for family, line in zip(families, lines, strict=True)
        ),
        place_first=places[0] if places else None,
        place_median=round(median(places)) if places else None,
        place_last=places[-1] if places else None,
    )


def _rules(
    lines: Sequence[FindingLine], planted: Mapping[str, set[str]], poor: set[str], alone: set[str], pack: Pack
) -> list[RuleScore]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if line.household_key in planted.get(line.rule, ()):
            counts[line.rule]["event"] += 1
        elif (line.rule in FOR_ONE_ADULT and line.household_key in alone) or (
            line.family != ADVERSE and line.household_key in poor
        ):
            counts[line.rule]["right"] += 1
        else:
            counts[line.rule]["wrong"] += 1
    return [
        RuleScore(
            rule=alert.id,
            label=alert.rule.label.in_language("zh"),
            is_adverse=alert.is_adverse,
            findings=counts[alert.id].total(),
            of_the_event=counts[alert.id]["event"],
            otherwise_right=counts[alert.id]["right"],
            wrong=counts[alert.id]["wrong"],
        )
        for alert, _ in load_alerts(pack)
    ]


def _read_truth(city: Path) -> _Truth:
    folder = city / "truth"
    try:
        about = json.loads((folder / "city.json").read_text(encoding="utf-8"))
        families = json.loads((folder / "families.json").read_text(encoding="utf-8"))
        with (folder / "needs.csv").open(encoding="utf-8", newline="") as file:
            needs = list(csv.DictReader(file))
    except FileNotFoundError:
        raise ScoreError(
            "the city's truth is not there.",
            advice="Give the folder that `doudi demo build --out` wrote.",
            where=str(city),
        ) from None
    poor, alone = (
        frozenset(row["household_no"] for row in needs if row[name] == "1")
        for name in ("is_poor", "adult_without_means")
    )
    return _Truth(about, families, poor, alone)


def _places(event: EventScore, visits: int) -> str:
    if event.place_first is None:
        return "-"
    return f"{event.place_first}, {event.place_median}, {event.place_last} of {visits}"


def _table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    marks = ["---:" if rows and isinstance(rows[0][column], int) else "---" for column in range(len(headers))]
    return [f"| {' | '.join(map(str, line))} |" for line in (headers, marks, *rows)]
