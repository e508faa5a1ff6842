"""The findings of a run as a list for people: ranked, each with its reason in one sentence, without any name.

Families that may need help come first, then those that may be entitled, then changes to verify; inside a family of
rules the higher priority comes first.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from doudi.engine.pack.document import PackError
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.screening import load_alerts, reason

_ORDER = ("in_need", "entitled_not_receiving", "receiving_changed")
_HEADERS = {
    "zh": ("序号", "户编号", "区划", "预警规则", "类别", "状态", "起始日", "优先级", "理由"),
    "en": ("no.", "household", "division", "rule", "family", "status", "since", "priority", "reason"),
}
_FAMILIES = {
    "zh": {"in_need": "可能需要帮助", "entitled_not_receiving": "可能应保未保", "receiving_changed": "在保变化待核实"},
    "en": {"in_need": "in need", "entitled_not_receiving": "entitled, not receiving", "receiving_changed": "to verify"},
}
_STATES = {
    "zh": {"new": "新增", "continuing": "延续", "closed": "已消除"},
    "en": {"new": "new", "continuing": "continuing", "closed": "closed"},
}


@dataclass(frozen=True)
class FindingLine:
    """One finding as shown: its place in the list, the household's pseudonym, and why somebody should look."""

    place: int
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
            str(self.place),
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
    return _HEADERS[_language(lang)]


def list_findings(run: Run, pack: Pack, *, lang: str, with_closed: bool = False) -> list[FindingLine]:
    """The findings of a run, ranked."""
    language = _language(lang)
    vocabulary = load_vocabulary(pack)
    alerts = {alert.id: alert for alert, _ in load_alerts(pack)}
    held = {hold.rule for hold in run.manifest.held}
    facts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in read_table(run, "finding_facts").to_pylist():
        facts[fact["finding_id"]].append(fact)
    rows = [row for row in read_table(run, "findings").to_pylist() if with_closed or row["status"] != "closed"]
    rows.sort(
        key=lambda row: (row["status"] == "closed", _ORDER.index(row["family"]), -row["priority"], row["finding_id"])
    )
    return [
        FindingLine(
            place=place,
            finding_id=row["finding_id"],
            household_key=row["household_key"],
            area=row["area"],
            area_name=_area_name(pack, row["area"], lang),
            rule=row["rule"],
            rule_label=alerts[row["rule"]].rule.label.in_language(lang) if row["rule"] in alerts else row["rule"],
            family=row["family"],
            family_label=_FAMILIES[language][row["family"]],
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
        for place, row in enumerate(rows, start=1)
    ]


def write_workbook(lines: list[FindingLine], path: Path, *, run: Run, lang: str) -> None:
    """Write the list as a workbook. Every cell is text, so that nothing in it is ever taken for a formula."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("预警线索" if _language(lang) == "zh" else "findings")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, f"{run.run_id}  {run.manifest.as_of.isoformat()}  {run.manifest.pack.release}")
        for column, header in enumerate(headers(lang)):
            sheet.write_string(2, column, header, bold)
        for number, line in enumerate(lines, start=3):
            for column, cell in enumerate(line.cells()):
                sheet.write_string(number, column, cell, wrapped)
        sheet.set_column(0, 0, 6)
        sheet.set_column(1, 1, 38)
        sheet.set_column(2, 7, 16)
        sheet.set_column(8, 8, 80)
        sheet.freeze_panes(3, 0)


def _area_name(pack: Pack, area: str, lang: str) -> str:
    """The division's name; its code where the pack has no name for it."""
    try:
        return pack.region_name(area, lang)
    except PackError:
        return area


def _language(lang: str) -> str:
    return "en" if lang.lower().startswith("en") else "zh"
