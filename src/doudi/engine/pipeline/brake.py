"""The brake (刹车) on mass effects: a rule that suddenly speaks against very many families is held back (promise 26).

The run is sealed and shown all the same; the office loads the held rule's new findings only after two people have
released it. The first run of a rule counts as such a sudden one: there is nothing yet to compare it with.
"""

from collections.abc import Sequence
from statistics import median

import polars as pl
import pyarrow as pa

from doudi.engine.pipeline.manifest import Held
from doudi.engine.screening import Alert

FINDINGS_ALWAYS_ALLOWED = 20
RECIPIENTS_PER_FINDING = 100  # 1 % of those who receive
TIMES_THE_MEDIAN = 3
RUNS_LOOKED_BACK = 6


def held_rules(
    alerts: Sequence[Alert], findings: pa.Table, earlier: Sequence[pa.Table], recipients: int
) -> tuple[Held, ...]:
    """The adverse rules whose new findings exceed both limits: of size, and against the last six runs."""
    size_limit = max(FINDINGS_ALWAYS_ALLOWED, recipients // RECIPIENTS_PER_FINDING)
    held = []
    for alert in alerts:
        if not alert.is_adverse:
            continue
        now = _new(findings, alert.id)
        usual = median([_new(table, alert.id) for table in earlier[-RUNS_LOOKED_BACK:]] or [0])
        limit = max(size_limit, int(TIMES_THE_MEDIAN * usual))
        if now > limit:
            held.append(
                Held(
                    rule=alert.id,
                    new_findings=now,
                    limit=limit,
                    words=f"{now} new findings of {alert.id}; {limit} are usual at most. "
                    "Check the pack and the deliveries; two people release them before the office loads them.",
                )
            )
    return tuple(held)


def _new(findings: pa.Table, rule: str) -> int:
    frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(findings))
    return frame.filter((pl.col("rule") == rule) & (pl.col("status") == "new")).height
