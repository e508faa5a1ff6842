"""What people of the office decided of pairs (比对核实), as far as the night is bound by it.

*same*: the claim, or the other key, stands under the person from tonight on. *different*: the pair is never proposed
again. A decision that was withdrawn is not in the snapshot any more, and tonight everything is as if it had never been:
linkage keeps nothing of the nights before but the aliases.
"""

import polars as pl
import pyarrow as pa

from doudi.engine.tables import OFFICE_PAIR_DECISIONS
from doudi.engine.values.errors import DoudiError


class PairDecisionError(DoudiError):
    """The office's decisions on pairs contradict each other."""

    code = "DD-LINK-002"


def read_decisions(table: pa.Table | None) -> pl.DataFrame:
    """claim_key, person_key, verdict. None is an office that has decided nothing that reached the engine."""
    wanted = ["claim_key", "person_key", "verdict"]
    empty = OFFICE_PAIR_DECISIONS.schema.empty_table()
    return pl.DataFrame(pl.from_arrow(empty if table is None else table)).select(wanted)


def standing_keys(decisions: pl.DataFrame) -> pl.DataFrame:
    """Each key that people put under another one, and the key at the end: old_key, new_key.

    Raises PairDecisionError where two keys that are the same by some decisions are different by another one.
    """
    under: dict[str, str] = {}

    def end(key: str) -> str:
        while key in under:
            key = under[key]
        return key

    same = decisions.filter(pl.col("verdict") == "same").sort("claim_key", "person_key")
    for claim_key, person_key in same.select("claim_key", "person_key").iter_rows():
        lower, upper = end(claim_key), end(person_key)
        if lower != upper:
            under[lower] = upper
    different = decisions.filter(pl.col("verdict") == "different").select("claim_key", "person_key")
    clashes = sum(end(one) == end(other) for one, other in different.iter_rows())
    if clashes:
        raise PairDecisionError(
            f"{clashes} pairs are different people by one decision and the same by others.",
            advice="Withdraw one of the decisions in the office, export the snapshot again, and run the night.",
        )
    pairs = {key: end(key) for key in under}
    return pl.DataFrame(
        {"old_key": list(pairs), "new_key": list(pairs.values())}, schema={"old_key": pl.String, "new_key": pl.String}
    )
