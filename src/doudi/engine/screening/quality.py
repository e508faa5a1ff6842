"""How often an alert is right (promise 23): what people found on the spot, with its 95 % interval, against a floor.

Precision is confirmed of checked; checked is confirmed or cleared. What nobody could find out counts neither way and is
published beside it. The last 200 checked count. An adverse rule whose interval lies below its floor as a whole, with
at least 50 checked, is switched off in the very run that reads these outcomes: it makes no finding. Any other such
rule is ranked lower. A rule that people corrected begins anew with the day that it names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

import polars as pl
import pyarrow as pa

from doudi.engine.screening.alert import Alert
from doudi.engine.tables import OFFICE_FINDINGS, RULE_QUALITY, table_from_columns

WINDOW = 200
CHECKED_AT_LEAST = 50
Z_HUNDREDTHS = 196
"""The two-sided 95 % point of the normal distribution, 1.96, in hundredths."""


@dataclass(frozen=True)
class Outcomes:
    """How many of the last checked findings were confirmed and cleared, and how many stayed unknown meanwhile."""

    confirmed: int
    cleared: int
    unknown: int

    @property
    def checked(self) -> int:
        return self.confirmed + self.cleared

    @property
    def interval(self) -> tuple[int, int] | None:
        """Wilson's 95 % interval of the precision in ten-thousandths, rounded; None where nothing was checked."""
        n = self.checked
        if n == 0:
            return None
        z, share = Z_HUNDREDTHS / 100, self.confirmed / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return round(max(0.0, middle - half) * 10_000), round(min(1.0, middle + half) * 10_000)

    def is_below(self, floor_percent: int) -> bool:
        """Does the upper end of the interval lie below the floor, with enough checked?

        In whole numbers: the upper end is below the floor f just when the precision p is, and
        (p - f)² > z² f (1 - f) / n.
        """
        n, floor = self.checked, floor_percent
        if n < CHECKED_AT_LEAST or 100 * self.confirmed >= floor * n:
            return False
        distance = floor * n - 100 * self.confirmed
        return distance * distance * 10_000 > Z_HUNDREDTHS * Z_HUNDREDTHS * floor * (100 - floor) * n


def measure(alert: Alert, office_findings: pa.Table | None) -> Outcomes:
    """The outcomes of one rule that count: the last 200 checked, and the unknown ones of the same time."""
    table = OFFICE_FINDINGS.schema.empty_table() if office_findings is None else office_findings
    frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(table))
    own = frame.filter((pl.col("rule") == alert.id) & (pl.col("state") != "open")).sort(
        "closed_on", "finding_id", descending=True
    )
    since = alert.rule.quality.outcomes_from
    if since is not None:
        own = own.filter(pl.col("closed_on") >= since)
    checked = own.filter(pl.col("state").is_in(["confirmed", "cleared"])).head(WINDOW)
    unknown = own.filter(pl.col("state") == "unknown")
    if checked.height == WINDOW:
        unknown = unknown.filter(pl.col("closed_on") >= checked.get_column("closed_on").min())
    confirmed = checked.filter(pl.col("state") == "confirmed").height
    return Outcomes(confirmed, checked.height - confirmed, unknown.height)


def verdict(alert: Alert, outcomes: Outcomes) -> str:
    """What follows from the outcomes: too_few_checked, above_floor, below_floor or switched_off."""
    if outcomes.checked < CHECKED_AT_LEAST:
        return "too_few_checked"
    if not outcomes.is_below(alert.rule.quality.floor_percent):
        return "above_floor"
    return "switched_off" if alert.is_adverse else "below_floor"


def rule_quality(alerts: Iterable[Alert], office_findings: pa.Table | None, *, hits: Mapping[str, int]) -> pa.Table:
    """The table of all rules. `hits` says of how many households each would speak tonight."""
    rows = []
    for alert in alerts:
        outcomes = measure(alert, office_findings)
        said = verdict(alert, outcomes)
        low, high = outcomes.interval or (None, None)
        rows.append(
            {
                "rule": alert.id,
                "family": alert.rule.family,
                "confirmed": outcomes.confirmed,
                "cleared": outcomes.cleared,
                "unknown": outcomes.unknown,
                "precision_low": low,
                "precision_high": high,
                "floor_percent": alert.rule.quality.floor_percent,
                "verdict": said,
                "silenced": hits.get(alert.id, 0) if said == "switched_off" else 0,
            }
        )
    return table_from_columns(
        RULE_QUALITY, {c.name: pa.array([row[c.name] for row in rows], c.type) for c in RULE_QUALITY.columns}
    )


def rules_of(quality: pa.Table, wanted: str) -> frozenset[str]:
    """The rules with this verdict."""
    return frozenset(row["rule"] for row in quality.to_pylist() if row["verdict"] == wanted)
