"""What a stage reads of a night's or of an earlier night's tables when it needs only a part of them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from doudi.engine.facts import EarlierFacts, with_common_facts
from doudi.engine.linkage import standing
from doudi.engine.pipeline.manifest import Run, read_table, sealed_table
from doudi.engine.pipeline.work import Staged
from doudi.engine.tables import COMMON_FACTS, FACT_DIGESTS, FACTS, HOUSEHOLDS, MEMBERSHIPS
from doudi.engine.values.ahead import worked_ahead

_LINES_AT_A_TIME = 500_000
_REPEATED = ["entity", "name", "value_text", "known_from_run", "source", "batch"]


@dataclass(frozen=True)
class About:
    """What is known about some households: some of their facts."""

    households: pa.Table
    memberships: pa.Table
    facts: pa.Table


def read_about(gathered: Staged, household_keys: Collection[str], names: Collection[str]) -> About:
    """Read these households, their members and their facts of these names: a night finds a few families in a city."""
    wanted = pl.LazyFrame({"household_key": sorted(household_keys)}, schema={"household_key": pl.String})
    households = gathered.scan("households").join(wanted, on="household_key", how="semi").collect()
    memberships = gathered.scan("memberships").join(wanted, on="household_key", how="semi").collect()
    people, homes = memberships.get_column("person_key"), households.get_column("household_key")
    subjects = pl.LazyFrame({"subject": pl.concat([people, homes])})
    of_names = pl.col("name").is_in(sorted(names))
    facts = gathered.scan("facts").filter(of_names).join(subjects, on="subject", how="semi").collect()
    common = gathered.scan("common_facts").filter(of_names).collect()
    return About(
        households=households.to_arrow().cast(HOUSEHOLDS.schema),
        memberships=memberships.to_arrow().cast(MEMBERSHIPS.schema),
        facts=with_common_facts(
            facts.to_arrow().cast(FACTS.schema),
            common.to_arrow().cast(COMMON_FACTS.schema),
            people=people.to_list(),
            households=homes.to_list(),
        ),
    )


def earlier_facts(run: Run, aliases: pa.Table) -> EarlierFacts:
    """The facts of an earlier run, some at a time, under the keys that hold tonight."""
    path = sealed_table(run, FACTS.name)

    def pieces() -> Iterator[pa.Table]:
        with pq.ParquetFile(path, pre_buffer=False, read_dictionary=_REPEATED) as file:
            for batch in file.iter_batches(_LINES_AT_A_TIME, use_threads=False):
                yield pa.Table.from_batches([batch])

    now = standing(aliases)

    def standing_tonight(keys: pl.Series) -> pl.Series:
        if now.is_empty():
            return keys
        joined = pl.DataFrame({"old_key": keys}).join(now, on="old_key", how="left", maintain_order="left")
        return joined.select(pl.coalesce("new_key", "old_key")).to_series()

    has_common = COMMON_FACTS.name in run.manifest.tables  # a run of an earlier release has a line for each subject
    common = read_table(run, COMMON_FACTS.name) if has_common else COMMON_FACTS.schema.empty_table()
    has_digests = FACT_DIGESTS.name in run.manifest.tables
    digests = read_table(run, FACT_DIGESTS.name).to_pylist() if has_digests else []
    made_of = {line["name"]: line["digest"] for line in digests}
    return EarlierFacts(lambda: worked_ahead(pieces()), common, standing_tonight, made_of)
