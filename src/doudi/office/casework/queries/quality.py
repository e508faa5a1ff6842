"""How often each rule is right (P23): the engine's own measure, now, on the rows that the next night is told."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.utils.timezone import localdate

from doudi.engine.pack.citation import Label
from doudi.engine.screening.alert import load_alerts
from doudi.engine.screening.quality import measure, verdict
from doudi.engine.tables import OFFICE_FINDINGS, table_from_columns
from doudi.office.casework.models import Finding
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import require


@dataclass(frozen=True)
class RuleQuality:
    """One rule: outcomes that count, Wilson's 95 % interval in ten-thousandths, and what the next night does with it.

    `verdict`: too_few_checked | above_floor | below_floor (ranked lower) | switched_off (makes no finding).
    """

    rule: str
    label: Label
    family: str
    open: int
    confirmed: int
    cleared: int
    unknown: int
    low: int | None
    high: int | None
    floor_percent: int
    verdict: str


def rule_quality(user: User) -> list[RuleQuality]:
    """Every rule of the pack, by the reader's area. Those of which something was checked stand first."""
    require(user, "finding.see")
    rows = outcome_rows(user.area_id)
    table = outcomes_table(rows)
    waiting: dict[str, int] = {}
    for row in rows:
        waiting[row["rule"]] = waiting.get(row["rule"], 0) + (row["state"] == Finding.State.OPEN)
    found = []
    for alert, _document in load_alerts(current_pack()):
        outcomes = measure(alert, table)
        low, high = outcomes.interval or (None, None)
        found.append(
            RuleQuality(
                rule=alert.id,
                label=alert.rule.label,
                family=alert.rule.family,
                open=waiting.get(alert.id, 0),
                confirmed=outcomes.confirmed,
                cleared=outcomes.cleared,
                unknown=outcomes.unknown,
                low=low,
                high=high,
                floor_percent=alert.rule.quality.floor_percent,
                verdict=verdict(alert, outcomes),
            )
        )
    return sorted(found, key=lambda row: (-(row.confirmed + row.cleared), -row.open, row.rule))


def outcome_rows(area: str) -> list[dict[str, Any]]:
    """What became of findings, as the next night is told. That a reason has gone is the night's own word: left out."""
    found = (
        Finding.objects.exclude(state=Finding.State.ENDED)
        .filter(area__gte=area, area__lt=f"{area}:")
        .order_by("pk")
        .values_list("finding_id", "rule", "household__key", "state", "closed_at")
    )
    return [
        {
            "finding_id": finding_id,
            "rule": rule,
            "household_key": household,
            "state": state,
            "closed_on": localdate(closed_at) if closed_at else None,
        }
        for finding_id, rule, household, state, closed_at in found
    ]


def outcomes_table(rows: list[dict[str, Any]]) -> pa.Table:
    """The rows in the shape in which the engine reads them."""
    return table_from_columns(
        OFFICE_FINDINGS, {c.name: pa.array([row[c.name] for row in rows], c.type) for c in OFFICE_FINDINGS.columns}
    )
