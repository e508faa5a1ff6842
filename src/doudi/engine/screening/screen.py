"""Screen: the households for which an alert's formula holds become findings, set against the last run.

A finding is (rule, household, start of the episode), so that new, continuing and closed mean something; a household
that goes on under another key keeps its findings. What people have cleared is not reported again inside the rule's
cool-off unless the episode is another one. Only what is known makes a finding: a formula whose value is unknown neither
accuses nor helps.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import polars as pl
import pyarrow as pa

from doudi.engine.screening.alert import TO_ASK, Alert
from doudi.engine.tables import FINDING_FACTS, FINDINGS, Table, table_from_columns

CLOSED = "closed"


@dataclass(frozen=True)
class Hits:
    """One alert's verdict: the households for which `when` holds, and the values of the alert's formulas there.

    `values` has household_key and one int64 column per formula of the alert, null where unknown. `to_ask` has
    household_key and the names of the facts that people would have to ask for, where the alert is about entitlement.
    """

    alert: Alert
    values: pa.Table
    to_ask: pa.Table | None = None


@dataclass(frozen=True)
class Screened:
    """What this stage writes, and how many cleared findings it left in peace."""

    findings: pa.Table
    finding_facts: pa.Table
    left_in_peace: int


def screen(
    hits: Sequence[Hits],
    *,
    households: pa.Table,
    memberships: pa.Table,
    facts: pa.Table,
    earlier_findings: pa.Table | None,
    office_findings: pa.Table | None,
    as_of: date,
    held_back: Collection[str] = (),
    former_keys: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Screened:
    """Turn hits into findings with the facts that they rest on.

    All tables have the keys of tonight; `former_keys` gives for a household those under which it was known before.
    `held_back` are earlier findings that the brake held: until the office has them they are new on every night.
    """
    earlier = _frame(FINDINGS.schema.empty_table() if earlier_findings is None else earlier_findings)
    earlier = earlier.filter(pl.col("status") != CLOSED)
    office = _office(office_findings)
    areas = _frame(households).select("household_key", "area")
    present = _frame(facts).filter(pl.col("valid_to").is_null() | (pl.col("valid_to") > as_of))
    present = present.filter(pl.col("unknown_since").is_null())
    subjects = _subjects(areas, memberships)
    told_before = {*earlier.get_column("finding_id"), *office.get_column("finding_id")}
    names = _Names(former_keys, told_before)
    parts, reasons, in_peace = [_nothing()], [_no_reasons()], 0
    for hit in hits:
        starts = _episodes(hit, subjects, present, earlier, office, as_of)
        rows, cleared = _left_after_cool_off(names.given(hit.alert, starts), names, hit.alert, office, as_of)
        in_peace += cleared
        parts.append(_findings(hit.alert, rows, areas))
        reasons.append(_reasons(hit, rows, subjects, present, as_of))
    findings = pl.concat(parts)
    reported = earlier.filter(~pl.col("finding_id").is_in(sorted(held_back))).get_column("finding_id")
    open_before = pl.concat([reported, office.get_column("finding_id")]).unique()
    is_continuing = pl.col("finding_id").is_in(open_before.implode())
    findings = findings.with_columns(
        pl.when(is_continuing).then(pl.lit("continuing")).otherwise(pl.lit("new")).alias("status")
    )
    closed = earlier.join(findings, on="finding_id", how="anti").with_columns(pl.lit(CLOSED).alias("status"))
    findings = pl.concat([findings, closed.select(findings.columns)])
    return Screened(
        findings=_written(FINDINGS, findings.sort("status", "priority", "finding_id", descending=[True, True, False])),
        finding_facts=_written(FINDING_FACTS, pl.concat(reasons).sort("finding_id", "subject", "name")),
        left_in_peace=in_peace,
    )


def finding_id(rule: str, household_key: str, start: date) -> str:
    """The name of a finding, the same on every night of its episode."""
    return hashlib.sha256(f"{rule}\0{household_key}\0{start.isoformat()}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Names:
    """Naming findings. Told under a household's former key, a finding keeps that name."""

    former: Mapping[str, Sequence[str]]
    told: Collection[str]

    def given(self, alert: Alert, episodes: pl.DataFrame) -> pl.DataFrame:
        """The episodes with their names."""
        pairs = zip(episodes.get_column("household_key"), episodes.get_column("episode_start"), strict=True)
        ids = pl.Series("finding_id", [self._of(alert.id, key, start) for key, start in pairs], dtype=pl.String)
        return episodes.with_columns(ids)

    def _of(self, rule: str, household_key: str, start: date) -> str:
        own = finding_id(rule, household_key, start)
        if own in self.told:
            return own
        before = (finding_id(rule, key, start) for key in self.former.get(household_key, ()))
        return next((name for name in before if name in self.told), own)


def _episodes(
    hit: Hits, subjects: pl.DataFrame, present: pl.DataFrame, earlier: pl.DataFrame, office: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Household, start of its episode, priority.

    An episode that the last run reported, and that people have not cleared since, goes on under its own start. After a
    cool-off the episode begins anew on the day on which the cool-off ended.
    """
    rule = hit.alert.rule
    values = _frame(hit.values).select("household_key", pl.col(rule.priority).fill_null(0).alias("priority"))
    cleared = office.filter(pl.col("state") == "cleared")
    running = (
        earlier.filter(pl.col("rule") == rule.id)
        .join(cleared, on="finding_id", how="anti")
        .group_by("household_key")
        .agg(pl.col("episode_start").max().alias("running_since"))
    )
    rested = (
        cleared.filter(pl.col("rule") == rule.id)
        .group_by("household_key")
        .agg((pl.col("closed_on").max() + pl.duration(days=rule.cool_off_days)).alias("rested_until"))
    )
    joined = values.join(running, on="household_key", how="left").join(rested, on="household_key", how="left")
    if rule.episode.fact is None:
        fresh = pl.when(pl.col("rested_until") <= as_of).then(pl.col("rested_until")).otherwise(pl.lit(as_of))
        return joined.with_columns(pl.coalesce("running_since", fresh).cast(pl.Date).alias("episode_start"))
    days = (
        present.filter((pl.col("name") == rule.episode.fact) & (pl.col("value_int") != 0))
        .join(subjects, on="subject", how="inner")
        .group_by("household_key")
        .agg(pl.col("valid_from").max().alias("fact_day"))
    )
    joined = joined.join(days, on="household_key", how="left")
    return joined.with_columns(pl.coalesce("running_since", "fact_day", pl.lit(as_of)).alias("episode_start"))


def _left_after_cool_off(
    rows: pl.DataFrame, names: "_Names", alert: Alert, office: pl.DataFrame, as_of: date
) -> tuple[pl.DataFrame, int]:
    """Leave out what people cleared: the same episode, or, where episodes have no day of their own, the same family."""
    same = ["finding_id"] if alert.rule.episode.fact is not None else ["household_key"]
    cleared = office.filter((pl.col("state") == "cleared") & (pl.col("rule") == alert.id))
    resting = cleared.filter(pl.col("closed_on") + pl.duration(days=alert.rule.cool_off_days) > as_of)
    kept = rows.join(resting, on=same, how="anti")
    if alert.rule.episode.fact is None:
        return kept, rows.height - kept.height
    # The cool-off is over and the same facts still hold: a new episode, from the day on which it ended.
    is_old = pl.col("finding_id").is_in(cleared.get_column("finding_id").implode())
    again = kept.filter(is_old).with_columns(pl.col("rested_until").cast(pl.Date).alias("episode_start"))
    renewed = names.given(alert, again.drop("finding_id")).select(kept.columns)
    return pl.concat([kept.filter(~is_old), renewed]), rows.height - kept.height


def _findings(alert: Alert, rows: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    return rows.join(areas, on="household_key", how="inner").select(
        "finding_id",
        pl.lit(alert.id).alias("rule"),
        pl.lit(alert.rule.family).alias("family"),
        "household_key",
        "area",
        "episode_start",
        pl.lit("new").alias("status"),
        pl.col("priority").cast(pl.Int64),
    )


def _reasons(hit: Hits, rows: pl.DataFrame, subjects: pl.DataFrame, present: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The facts named by the alert, each with its row, and the values of the alert's formulas."""
    ids = rows.select("finding_id", "household_key")
    of_facts = (
        present.filter(pl.col("name").is_in(list(hit.alert.rule.reason_facts)))
        .join(subjects, on="subject", how="inner")
        .join(ids, on="household_key", how="inner")
        .select(
            "finding_id",
            "subject",
            "name",
            "value_int",
            "value_text",
            pl.col("valid_from").alias("as_of"),
            "source",
            "batch",
            "row",
        )
    )
    formulas = [name for name in hit.values.column_names if name != "household_key"]
    of_rules = (
        _frame(hit.values)
        .join(ids, on="household_key", how="inner")
        .unpivot(formulas, index=["finding_id", "household_key"], variable_name="name", value_name="value_int")
        .select(
            "finding_id",
            pl.col("household_key").alias("subject"),
            "name",
            pl.col("value_int").cast(pl.Int64),
            pl.lit(None, dtype=pl.String).alias("value_text"),
            pl.lit(as_of).alias("as_of"),
            pl.lit("rule").alias("source"),
            pl.lit("").alias("batch"),
            pl.lit(0, dtype=pl.Int64).alias("row"),
        )
    )
    return pl.concat([of_facts, of_rules, _to_ask(hit, ids)])


def _to_ask(hit: Hits, ids: pl.DataFrame) -> pl.DataFrame:
    """What nobody has told yet, one line per fact, without a value."""
    if hit.to_ask is None:
        return _no_reasons()
    asked = _frame(hit.to_ask).join(ids, on="household_key", how="inner").explode("to_ask").drop_nulls("to_ask")
    return asked.select(
        "finding_id",
        pl.col("household_key").alias("subject"),
        pl.col("to_ask").alias("name"),
        pl.lit(None, dtype=pl.Int64).alias("value_int"),
        pl.lit(None, dtype=pl.String).alias("value_text"),
        pl.lit(None, dtype=pl.Date).alias("as_of"),
        pl.lit(TO_ASK).alias("source"),
        pl.lit("").alias("batch"),
        pl.lit(0, dtype=pl.Int64).alias("row"),
    )


def _subjects(areas: pl.DataFrame, memberships: pa.Table) -> pl.DataFrame:
    """Every subject of a household: its members and itself."""
    members = _frame(memberships).select(pl.col("person_key").alias("subject"), "household_key")
    return pl.concat([members, areas.select(pl.col("household_key").alias("subject"), "household_key")])


def _office(findings: pa.Table | None) -> pl.DataFrame:
    schema = {"finding_id": pl.String, "rule": pl.String, "household_key": pl.String, "state": pl.String}
    if findings is None:
        return pl.DataFrame(schema={**schema, "closed_on": pl.Date})
    return _frame(findings).select(*schema, "closed_on")


def _nothing() -> pl.DataFrame:
    return _frame(FINDINGS.schema.empty_table())


def _no_reasons() -> pl.DataFrame:
    return _frame(FINDING_FACTS.schema.empty_table())


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))


def _written(table: Table, frame: pl.DataFrame) -> pa.Table:
    arrow = frame.to_arrow()
    return table_from_columns(table, {name: arrow.column(name) for name in arrow.column_names})


def counts(findings: pa.Table) -> Mapping[str, int]:
    """How many findings are new, continuing and closed."""
    states = _frame(findings).get_column("status").value_counts()
    return {str(state): int(number) for state, number in states.iter_rows()}
