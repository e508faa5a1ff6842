"""The visiting list (走访清单): findings merged per household and ranked by points that the pack sets and explains.

A household stands once, whatever number of rules speaks of it. What the brake holds is not listed until two people have
released it; what a visit has confirmed is not listed again. A place never depends on who the people are.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated

import polars as pl
import pyarrow as pa
from pydantic import Field

from doudi.engine.pack.citation import Label, Strict
from doudi.engine.pack.document import validate
from doudi.engine.pack.pack import Pack
from doudi.engine.screening.alert import Family
from doudi.engine.tables import OFFICE_FINDINGS, VISITING_LIST, table_from_columns

RANKING = "alerts/ranking.yaml"
Points = Annotated[int, Field(ge=0, le=1000)]
_PARTS = ("family_points", "urgency_points", "waiting_points", "further_points", "visited_points", "quality_points")


class Steps(Strict):
    """So many points for each step, and never more than so many."""

    points_each: Points
    most: Points


class Visited(Strict):
    """So many points less when people were there within so many days."""

    within_days: Annotated[int, Field(ge=0, le=730)]
    points: Points


class PoorQuality(Strict):
    """So many points less when the rule was often wrong."""

    points: Points


class Ranking(Strict):
    """The pack's `alerts/ranking.yaml`."""

    because: Label
    families: Mapping[Family, Points]
    urgency: Steps
    waiting: Steps
    further: Steps
    visited: Visited
    poor_quality: PoorQuality
    random_percent: Annotated[int, Field(ge=0, le=50)]


def load_ranking(pack: Pack) -> Ranking:
    """Read the weights."""
    return validate(pack.document(RANKING), Ranking)


def rank(
    findings: pa.Table,
    *,
    ranking: Ranking,
    office_findings: pa.Table | None,
    earlier_list: pa.Table | None,
    held: Collection[str],
    often_wrong: Collection[str],
    as_of: date,
) -> pa.Table:
    """The list of a run. `held` are rules whose new findings wait; `often_wrong` lie below their floor."""
    office = _frame(OFFICE_FINDINGS.schema.empty_table() if office_findings is None else office_findings)
    confirmed = office.filter(pl.col("state") == "confirmed").select("finding_id")
    listed = _frame(findings).filter(pl.col("status") != "closed")
    listed = listed.filter(~(pl.col("rule").is_in(sorted(held)) & (pl.col("status") == "new")))
    listed = listed.join(confirmed, on="finding_id", how="anti")
    scored = listed.with_columns(
        pl.col("family").replace_strict(dict(ranking.families), return_dtype=pl.Int64).alias("family_points"),
        _steps(pl.col("priority").clip(lower_bound=0), ranking.urgency).alias("urgency_points"),
        pl.when(pl.col("rule").is_in(sorted(often_wrong)))
        .then(-ranking.poor_quality.points)
        .otherwise(0)
        .cast(pl.Int64)
        .alias("quality_points"),
    )
    of_finding = pl.sum_horizontal("family_points", "urgency_points", "quality_points")
    ordered = scored.with_columns(of_finding.alias("own")).sort(
        "household_key", "own", "priority", "finding_id", descending=[False, True, True, False]
    )
    homes = ordered.group_by("household_key", maintain_order=True).agg(
        pl.col("area").first(),
        pl.col("finding_id").alias("findings"),
        pl.col("family_points", "urgency_points", "quality_points", "priority").first(),
        _steps(pl.len().cast(pl.Int64) - 1, ranking.further).alias("further_points"),
    )
    homes = _with_waiting(homes, earlier_list, ranking, as_of)
    homes = _with_visits(homes, office, ranking, as_of)
    homes = homes.with_columns(pl.sum_horizontal(*_PARTS).alias("points"))
    homes = homes.sort(
        "points", "priority", "waiting_since", "household_key", descending=[True, True, False, False]
    ).with_row_index("place", offset=1)
    arrow = homes.with_columns(pl.col("place").cast(pl.Int64)).to_arrow()
    return table_from_columns(VISITING_LIST, {c.name: arrow.column(c.name) for c in VISITING_LIST.columns})


def lot(run_id: str, household_key: str) -> bytes:
    """The lot of a household in a run: the same whenever it is drawn, and known to nobody before the run."""
    return hashlib.sha256(f"{run_id}\0{household_key}".encode()).digest()


def visits_by_lot(visits: int, ranking: Ranking) -> int:
    """How many of so many visits are drawn by lot, rounded half up."""
    return (visits * ranking.random_percent + 50) // 100


def _steps(steps: pl.Expr, weight: Steps) -> pl.Expr:
    # Cut before multiplying: a priority may be any number.
    most_steps = -(-weight.most // weight.points_each) if weight.points_each else 0
    return (steps.clip(upper_bound=most_steps) * weight.points_each).clip(upper_bound=weight.most).cast(pl.Int64)


def _with_waiting(homes: pl.DataFrame, earlier: pa.Table | None, ranking: Ranking, as_of: date) -> pl.DataFrame:
    """Since when the household is listed for one of these findings; another reason begins a new wait."""
    before = _frame(VISITING_LIST.schema.empty_table() if earlier is None else earlier)
    known = before.select("household_key", pl.col("findings").alias("before"), pl.col("waiting_since").alias("since"))
    joined = homes.join(known, on="household_key", how="left", maintain_order="left")
    is_same = pl.col("findings").list.set_intersection(pl.col("before").fill_null([])).list.len() > 0
    since = pl.when(is_same).then(pl.col("since")).otherwise(pl.lit(as_of))
    weeks = (pl.lit(as_of) - since).dt.total_days().clip(lower_bound=0) // 7
    return joined.with_columns(
        since.alias("waiting_since"), _steps(weeks, ranking.waiting).alias("waiting_points")
    ).drop("before", "since")


def _with_visits(homes: pl.DataFrame, office: pl.DataFrame, ranking: Ranking, as_of: date) -> pl.DataFrame:
    last = (
        office.filter(pl.col("closed_on").is_not_null())
        .group_by("household_key")
        .agg(pl.col("closed_on").max().alias("visited_on"))
    )
    joined = homes.join(last, on="household_key", how="left", maintain_order="left")
    is_recent = pl.col("visited_on") + pl.duration(days=ranking.visited.within_days) > as_of
    return joined.with_columns(
        pl.when(is_recent.fill_null(False))
        .then(-ranking.visited.points)
        .otherwise(0)
        .cast(pl.Int64)
        .alias("visited_points")
    )


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
