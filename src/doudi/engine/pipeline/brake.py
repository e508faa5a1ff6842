"""The brake (刹车) on mass effects: what suddenly speaks against very many families is held back (promise 26).

The run is sealed and shown all the same; the office loads what is held only after two people have released it. A first
run counts as such a sudden one: there is nothing yet to compare it with. What is held stays held on the next nights
until the office has it: nobody gets used to it.
"""

from collections.abc import Sequence
from statistics import median
from typing import Annotated

import polars as pl
import pyarrow as pa
from pydantic import Field

from doudi.engine.pack.citation import Strict
from doudi.engine.pack.document import validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.manifest import Held
from doudi.engine.screening import Alert

BRAKE = "alerts/brake.yaml"
ALL_ADVERSE = "all_adverse"
"""Held under this name: everything that a night says against families, new findings and closed ones."""

_ADVERSE = "receiving_changed"
_ADVICE = "Check the pack and the deliveries; two people release them before the office loads them."


class BrakeLimits(Strict):
    """The pack's `alerts/brake.yaml`."""

    findings_always_allowed: Annotated[int, Field(ge=0)]
    percent_of_recipients: Annotated[int, Field(ge=0, le=100)]
    times_the_median: Annotated[int, Field(ge=1, le=100)]
    runs_looked_back: Annotated[int, Field(ge=1, le=60)]
    total_change_percent: Annotated[int, Field(ge=1, le=1000)]


def load_brake(pack: Pack) -> BrakeLimits:
    """Read the limits."""
    return validate(pack.document(BRAKE), BrakeLimits)


def held_rules(
    alerts: Sequence[Alert], findings: pa.Table, earlier: Sequence[pa.Table], recipients: int, limits: BrakeLimits
) -> tuple[Held, ...]:
    """What is held: adverse rules, each for itself, and all together under the name `all_adverse`.

    `earlier` are the findings of earlier runs, oldest first. `recipients` is how many households receive.
    """
    nights = [_adverse(table) for table in (*earlier[-limits.runs_looked_back - 1 :], findings)]
    fresh = [_fresh(night, before) for before, night in zip([None, *nights[:-1]], nights, strict=True)]
    usual_nights = fresh[:-1][-limits.runs_looked_back :]
    size = max(limits.findings_always_allowed, recipients * limits.percent_of_recipients // 100)
    waiting = _still_held(nights)
    held = []
    for rule in sorted(alert.id for alert in alerts if alert.is_adverse):
        usual = median([_of(night, rule) for night in usual_nights] or [0])
        limit = max(size, int(limits.times_the_median * usual))
        now, still = _of(fresh[-1], rule), _of(waiting, rule)
        if now > limit or still:
            words = f"{now} new findings of {rule}; {limit} are usual at most."
            if still:
                words = f"{still} findings of {rule} wait since an earlier night, {now} are new."
            held.append(Held(rule=rule, new_findings=now + still, limit=limit, words=f"{words} {_ADVICE}"))
    total = _total(nights, fresh, usual_nights, size, limits)
    return tuple(held) if total is None else (total, *held)


def held_back(findings: pa.Table, held: Sequence[Held]) -> frozenset[str]:
    """The ids of a run's findings that wait for their release."""
    rules = {hold.rule for hold in held}
    new = _adverse(findings).filter(pl.col("status") == "new")
    if ALL_ADVERSE not in rules:
        new = new.filter(pl.col("rule").is_in(sorted(rules)))
    return frozenset(new.get_column("finding_id"))


def rules_held(alerts: Sequence[Alert], held: Sequence[Held]) -> frozenset[str]:
    """The rules whose new findings wait."""
    names = {hold.rule for hold in held}
    return frozenset(alert.id for alert in alerts if alert.id in names or (alert.is_adverse and ALL_ADVERSE in names))


def _total(
    nights: Sequence[pl.DataFrame],
    fresh: Sequence[pl.DataFrame],
    usual_nights: Sequence[pl.DataFrame],
    size: int,
    limits: BrakeLimits,
) -> Held | None:
    """All adverse rules together: too many new ones at once, or a number that leapt or fell against the last run."""
    now = fresh[-1].height
    limit = max(size, int(limits.times_the_median * median([night.height for night in usual_nights] or [0])))
    if now > limit:
        words = f"{now} new findings against families in all; {limit} are usual at most."
        return Held(rule=ALL_ADVERSE, new_findings=now, limit=limit, words=f"{words} {_ADVICE}")
    if len(nights) < 2:
        return None
    before, after = (_open(night) for night in nights[-2:])
    change = abs(after - before)
    allowed = max(size, before * limits.total_change_percent // 100)
    if change <= allowed:
        return None
    words = f"open findings against families went from {before} to {after}; a change of {allowed} is usual at most."
    return Held(rule=ALL_ADVERSE, new_findings=now, limit=allowed, words=f"{words} {_ADVICE}")


def _adverse(findings: pa.Table) -> pl.DataFrame:
    frame: pl.DataFrame = pl.DataFrame(pl.from_arrow(findings))
    return frame.filter(pl.col("family") == _ADVERSE).select("finding_id", "rule", "status")


def _fresh(night: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """New findings that were not new on the night before as well: those that were held are new again each night."""
    new = night.filter(pl.col("status") == "new")
    return new if before is None else new.join(before, on="finding_id", how="anti")


def _still_held(nights: Sequence[pl.DataFrame]) -> pl.DataFrame:
    new = nights[-1].filter(pl.col("status") == "new")
    if len(nights) < 2:
        return new.clear()
    return new.join(nights[-2].filter(pl.col("status") == "new"), on="finding_id", how="semi")


def _of(night: pl.DataFrame, rule: str) -> int:
    return night.filter(pl.col("rule") == rule).height


def _open(night: pl.DataFrame) -> int:
    return night.filter(pl.col("status") != "closed").height
