"""Reading the facts of a few people out of a night's lake, for the counter.

The facts table is sorted by subject and written in small row groups, so that asking for one family reads a few
kilobytes of it, not the city's.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from doudi.engine.tables import FACTS
from doudi.engine.values.parquet import read_parquet


def read_person_facts(
    lake: Path, run_id: str, person_keys: Sequence[str], household_keys: Sequence[str] = ()
) -> pa.Table:
    """All facts of these people and households in one run, overruled ones included (they have a `valid_to`)."""
    subjects = sorted({*person_keys, *household_keys})
    if not subjects:
        return FACTS.schema.empty_table()
    path = lake / "runs" / run_id / f"{FACTS.name}.parquet"
    return read_parquet(path, schema=FACTS.schema, filters=[("subject", "in", subjects)])
