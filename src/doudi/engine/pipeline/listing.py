"""The findings of a run as a list for people: ranked, each with its reason in one sentence, without any name.

They stand in the order of the visiting list: by household, its leading finding first. What is not on that list (held by
the brake, confirmed by a visit, closed) comes after it and has no place.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from doudi.engine.pack.document import PackError
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.brake import rules_held
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.screening import load_alerts, reason

_ORDER = ("in_need", "entitled_not_receiving", "receiving_changed")
_HEADERS = {
    "zh": ("序号", "户编号", "区划", "预警规则", "类别", "状态", "起始日", "优先级", "理由"),
    "en": ("no.", "household", "division", "rule", "family", "status", "since", "priority", "reason"),
}
FAMILIES = {
    "zh": {"in_need": "可能需要帮助", "entitled_not_receiving": "可能应保未保", "receiving_changed": "在保变化待核实"},
    "en": {"in_need": "in need", "entitled_not_receiving": "entitled, not receiving", "receiving_changed": "to verify"},
}
_STATES = {
    "zh": {"new": "新增", "continuing": "延续", "closed": "已消除"},
    "en": {"new": "new", "continuing": "continuing", "closed": "closed"},
}


@dataclass(frozen=True)
class FindingLine:
    """One finding as shown: its household's place in the visiting list and pseudonym, and why somebody should look."""

    place: int | None
    finding_id: str
    household_key: str
    area: str
    area_name: str
    rule: str
    rule_label: str
    family: str
    family_label: str
    status: str
    status_label: str
    episode_start: date
    priority: int
    reason: str
    is_held: bool

    def cells(self) -> tuple[str, ...]:
        """The texts of one row, in the order of the headers."""
        return (
            "" if self.place is None else str(self.place),
            self.household_key,
            self.area_name,
            self.rule_label,
            self.family_label,
            self.status_label,
            self.episode_start.isoformat(),
            str(self.priority),
            self.reason,
        )

    def to_dict(self) -> dict[str, Any]:
        """The line as JSON-able data."""
        return {**asdict(self), "episode_start": self.episode_start.isoformat()}


def headers(lang: str) -> tuple[str, ...]:
    """The headers of the list."""
    return _HEADERS[language_of(lang)]


def list_findings(run: Run, pack: Pack, *, lang: str, with_closed: bool = False) -> list[FindingLine]:
    """The findings of a run, ranked."""
    language = language_of(lang)
    vocabulary = load_vocabulary(pack)
    alerts = {alert.id: alert for alert, _ in load_alerts(pack)}
    held = rules_held(list(alerts.values()), run.manifest.held)
    places = _places(run)
    facts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in read_table(run, "finding_facts").to_pylist():
        facts[fact["finding_id"]].append(fact)
    rows = [row for row in read_table(run, "findings").to_pylist() if with_closed or row["status"] != "closed"]
    last = (len(places) + 1, 0)
    rows.sort(
        key=lambda row: (
            row["status"] == "closed",
            places.get(row["finding_id"], last),
            _ORDER.index(row["family"]),
            -row["priority"],
            row["finding_id"],
        )
    )
    return [
        FindingLine(
            place=places[row["finding_id"]][0] if row["finding_id"] in places else None,
            finding_id=row["finding_id"],
            household_key=row["household_key"],
            area=row["area"],
            area_name=area_name(pack, row["area"], lang),
            rule=row["rule"],
            rule_label=alerts[row["rule"]].rule.label.in_language(lang) if row["rule"] in alerts else row["rule"],
            family=row["family"],
            family_label=FAMILIES[language][row["family"]],
            status=row["status"],
            status_label=_STATES[language][row["status"]],
            episode_start=row["episode_start"],
            priority=row["priority"],
            # A closed finding rests on nothing any more; a rule that the pack dropped has no words.
            reason=reason(alerts[row["rule"]], facts[row["finding_id"]], vocabulary, lang)
            if row["rule"] in alerts and row["status"] != "closed"
            else "",
            is_held=row["rule"] in held and row["status"] == "new",
        )
        for row in rows
    ]


def _places(run: Run) -> dict[str, tuple[int, int]]:
    """For each finding on the visiting list its household's place there, and its own among the household's findings."""
    if "visiting_list" not in run.manifest.tables:
        return {}
    return {
        finding: (row["place"], turn)
        for row in read_table(run, "visiting_list").to_pylist()
        for turn, finding in enumerate(row["findings"])
    }


def area_name(pack: Pack, area: str, lang: str) -> str:
    """The division's name; its code where the pack has no name for it."""
    try:
        return pack.region_name(area, lang)
    except PackError:
        return area


def language_of(lang: str) -> str:
    """`en` for English, `zh` for all else."""
    return "en" if lang.lower().startswith("en") else "zh"
