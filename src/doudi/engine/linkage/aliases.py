"""Aliases of person keys 人员标识别名: which key stands under which other one, since which run, and why.

The table only grows. When a row without a number finds its person, when people say "the same", and when they take that
back, a row is added; what held before stays readable. So the same person's facts, memberships and findings of earlier
nights keep meaning the same person, and parting two people again gives each his own history back.
"""

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from doudi.engine.tables import ALIASES, Table, table_from_columns

PARTED = "parted"


def carried_on(
    earlier: pa.Table | None,
    merged: pl.DataFrame,
    present: Sequence[pl.Series],
    run_id: str,
    *,
    table: Table = ALIASES,
) -> pa.Table:
    """The aliases of this run, of people or of households: all earlier rows, and what changed tonight.

    `merged` has old_key, new_key and reason of every key that stands under another one tonight. `present` has the
    keys that spoke tonight: of those, one that stood under another and does so no longer is parted from it. A key of
    which nothing was delivered keeps what was said of it.
    """
    before = _frame(table.schema.empty_table() if earlier is None else earlier)
    last = _last(before)
    now = merged.filter(pl.col("old_key") != pl.col("new_key")).unique("old_key").sort("old_key")
    added = now.join(last, on=["old_key", "new_key"], how="anti").select("old_key", "new_key", "reason")
    held = last.filter(pl.col("old_key") != pl.col("new_key")).join(now, on="old_key", how="anti")
    spoke = [held.filter(pl.col("old_key").is_in(keys.implode())) for keys in present if held.height]
    gone = pl.concat([held.clear(), *spoke]).unique()
    # Under whom others stand tonight stands under nobody: so no chain of keys ever leads back to its beginning.
    bearing = last.filter(pl.col("old_key") != pl.col("new_key")).join(
        now, left_on="old_key", right_on="new_key", how="semi"
    )
    gone = pl.concat([gone, bearing.join(now, on="old_key", how="anti")]).unique("old_key")
    parted = gone.select("old_key", pl.col("old_key").alias("new_key"), pl.lit(PARTED).alias("reason"))
    changes = pl.concat([added, parted]).sort("old_key").with_columns(pl.lit(run_id).alias("from_run"))
    # The earlier rows are numbered from 1 without a gap.
    changes = changes.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("number") + before.height)
    rows = pl.concat([before, changes.select(before.columns)]).to_arrow()
    return table_from_columns(table, {name: rows.column(name) for name in rows.column_names})


def resolved(table: pa.Table, aliases: pa.Table, column: str) -> pa.Table:
    """The table with each key in `column` replaced by the one under which it stands now."""
    now = standing(aliases)
    if now.is_empty():
        return table
    now = now.rename({"old_key": column, "new_key": "standing"})
    joined = _frame(table).join(now, on=column, how="left", maintain_order="left")
    answer = joined.with_columns(pl.coalesce("standing", column).alias(column)).drop("standing")
    return answer.to_arrow().cast(table.schema)


def resolved_office(tables: Mapping[str, pa.Table], aliases: pa.Table) -> Mapping[str, pa.Table]:
    """The office's members and facts under the keys that hold tonight.

    Where two members of the office turn out to be one person, he is a member once: where he stands under his own key,
    else where he comes first.
    """
    now = standing(aliases)
    if now.is_empty():
        return tables
    members = _frame(tables["office_members"]).with_columns(
        pl.col("person_key").is_in(now["old_key"].implode()).alias("is_old")
    )
    moved = _frame(resolved(tables["office_members"], aliases, "person_key")).with_columns(members.get_column("is_old"))
    once = moved.sort("is_old", maintain_order=True).unique("person_key", keep="first", maintain_order=True)
    kept = once.sort("household_key", "person_key").drop("is_old").to_arrow().cast(tables["office_members"].schema)
    facts = resolved(tables["office_facts"], aliases, "subject")
    return {**tables, "office_members": kept, "office_facts": facts}


def standing(aliases: pa.Table) -> pl.DataFrame:
    """Each old key and the key under which it stands now, at the end of every chain."""
    now = _last(_frame(aliases)).filter(pl.col("old_key") != pl.col("new_key"))
    while True:
        further = now.join(now, left_on="new_key", right_on="old_key", how="inner", suffix="_next")
        further = further.filter(pl.col("new_key_next") != pl.col("old_key"))
        if further.is_empty():
            return now
        now = (
            now.join(further.select("old_key", "new_key_next"), on="old_key", how="left", maintain_order="left")
            .with_columns(pl.coalesce("new_key_next", "new_key").alias("new_key"))
            .drop("new_key_next")
        )


def _last(aliases: pl.DataFrame) -> pl.DataFrame:
    last = aliases.sort("number").unique("old_key", keep="last", maintain_order=True)
    return last.select("old_key", "new_key")


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
