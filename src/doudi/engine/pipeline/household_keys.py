"""Under which key a household (家庭) goes on when its old one is gone.

A family is first known by the register's household; once people have met it, the office's household takes its place. A
household book can get another number, and a household can move in with another one. In each case the old key is gone
and all of its members are in one household tonight: under that one's key it stands from now on, so that a finding that
was open before is continued and not told as news, and one that people cleared stays cleared.
"""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from doudi.engine.linkage import carried_on, resolved, standing
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.work import Staged
from doudi.engine.tables import HOUSEHOLD_ALIASES

_REASON = "together"


def household_aliases(
    earlier: Run | None, *, households: pa.Table, memberships: pa.Table, people: pa.Table, run_id: str
) -> pa.Table:
    """The aliases of households of this run. `people` are the aliases of people that hold tonight."""
    if earlier is None:
        return HOUSEHOLD_ALIASES.schema.empty_table()
    now = _frame(households.select(["household_key"])).to_series()
    gone = _frame(read_table(earlier, "households").select(["household_key"])).filter(
        ~pl.col("household_key").is_in(now.implode())
    )
    before = earlier_aliases(earlier)
    if gone.is_empty() and (before is None or not before.num_rows):
        return HOUSEHOLD_ALIASES.schema.empty_table()
    then = _frame(read_table(earlier, "memberships").select(["household_key", "person_key"]))
    then = then.join(gone, on="household_key", how="semi").rename({"household_key": "old_key"})
    then = _frame(resolved(then.to_arrow(), people, "person_key"))
    tonight = _frame(memberships.select(["household_key", "person_key"]))
    homes = then.join(tonight, on="person_key", how="inner").group_by("old_key")
    together = homes.agg(pl.col("household_key").unique().alias("homes")).filter(pl.col("homes").list.len() == 1)
    merged = together.select("old_key", pl.col("homes").list.first().alias("new_key"), pl.lit(_REASON).alias("reason"))
    return carried_on(before, merged, [now], run_id, table=HOUSEHOLD_ALIASES)


def earlier_aliases(run: Run) -> pa.Table | None:
    """The last run's; one of before there were any has none."""
    return read_table(run, HOUSEHOLD_ALIASES.name) if HOUSEHOLD_ALIASES.name in run.manifest.tables else None


@dataclass(frozen=True)
class StandingHouseholds:
    """The keys of households as they stand tonight."""

    aliases: pa.Table

    @classmethod
    def of(cls, gathered: Staged) -> "StandingHouseholds":
        """As this night's gathering found them."""
        return cls(gathered.read(HOUSEHOLD_ALIASES.name))

    def put(self, table: pa.Table | None) -> pa.Table | None:
        """A table of earlier nights or of the office under the keys of tonight."""
        return None if table is None else resolved(table, self.aliases, "household_key")

    @property
    def former(self) -> dict[str, list[str]]:
        """For each key the older ones that stand under it."""
        found: dict[str, list[str]] = {}
        for old, new in standing(self.aliases).sort("old_key").select("old_key", "new_key").iter_rows():
            found.setdefault(new, []).append(old)
        return found


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
