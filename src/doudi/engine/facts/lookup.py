"""Reading the facts of a few people out of a night's lake, for the counter.

The facts table is sorted by subject and written in small row groups, so that asking for one family reads a few
kilobytes of it, not the city's. What holds of everyone without a line of their own is said for each of them again.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from doudi.engine.tables import COMMON_FACTS, FACTS, HOUSEHOLDS, MEMBERSHIPS, Table
from doudi.engine.values.parquet import read_parquet


def read_person_facts(
    lake: Path, run_id: str, person_keys: Sequence[str], household_keys: Sequence[str] = ()
) -> pa.Table:
    """All facts of these people and households in one run, overruled ones included (they have a `valid_to`)."""
    subjects = sorted({*person_keys, *household_keys})
    if not subjects:
        return FACTS.schema.empty_table()
    folder = lake / "runs" / run_id
    facts = read_parquet(_path(folder, FACTS), schema=FACTS.schema, filters=[("subject", "in", subjects)])
    if not _path(folder, COMMON_FACTS).exists():
        return facts  # a run sealed by an earlier release: all its facts have lines of their own
    common = read_parquet(_path(folder, COMMON_FACTS), schema=COMMON_FACTS.schema)
    people = _present(folder, MEMBERSHIPS, "person_key", person_keys)
    households = _present(folder, HOUSEHOLDS, "household_key", household_keys)
    return with_common_facts(facts, common, people=people, households=households)


def with_common_facts(
    facts: pa.Table, common: pa.Table, *, people: Collection[str], households: Collection[str]
) -> pa.Table:
    """The facts of single subjects, and for these people and households what else holds of everyone."""
    own, rest = pl.DataFrame(pl.from_arrow(facts)), pl.DataFrame(pl.from_arrow(common))
    everyone = pl.concat(
        [
            pl.DataFrame(
                {"subject": sorted(keys), "entity": entity}, schema={"subject": pl.String, "entity": pl.String}
            )
            for entity, keys in (("person", people), ("household", households))
        ]
    )
    said = everyone.join(rest, on="entity", how="inner").join(own, on=["subject", "name"], how="anti")
    said = said.with_columns(pl.lit(None, dtype=pl.Date).alias("valid_to")).select(own.columns)
    both = pl.concat([own, said]).sort("subject", "name", "valid_from", "source", "batch", "row")
    return both.to_arrow().cast(FACTS.schema)


def _present(folder: Path, table: Table, column: str, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are members, or households, of the run."""
    if not keys:
        return set()
    found = read_parquet(_path(folder, table), columns=[column], filters=[(column, "in", list(keys))])
    return set(found.column(column).to_pylist())


def _path(folder: Path, table: Table) -> Path:
    return folder / f"{table.name}.parquet"
