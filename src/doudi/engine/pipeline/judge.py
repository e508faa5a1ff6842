"""The rules over all families of a night: what each programme says, and for whom each alert speaks."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.columns import Families
from doudi.engine.rules.assessment import assess_columns
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.predicate import compile_predicate
from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.screening import Hits, load_alerts
from doudi.engine.tables import ASSESSMENTS, table_from_columns

PROGRAMMES = ("dibao",)
"""The programmes that a night assesses, in the order of the law."""

COMPILE_FROM_HOUSEHOLDS = 2_000
"""From so many households on compiling pays: a programme takes a tenth of a second to compile, and some 50
microseconds a family to interpret. The machine code is kept, but a pack that changes is compiled anew."""


def assess_all(families: Families, *, pack: Pack, as_of: date, kernels: Path) -> pa.Table:
    """Assess every household under every programme.

    On the register's household the outcome is a likelihood and has no amount: the column `basis` says so. `missing`
    names the facts that would decide where the outcome is undetermined, and is empty elsewhere.
    """
    return pa.concat_tables(
        [_assessed(load_programme(pack, name), families, pack, as_of, kernels) for name in PROGRAMMES]
    )


def find_hits(families: Families, *, pack: Pack, as_of: date, kernels: Path) -> Sequence[Hits]:
    """Evaluate every alert of the pack. Only `when` = yes makes a hit: unknown neither accuses nor helps."""
    hits = []
    for alert, document in load_alerts(pack):
        result = compile_predicate(pack, document).evaluate_columns(
            families.columns, pack=pack, as_of=as_of, cache=kernels, compile_from=COMPILE_FROM_HOUSEHOLDS
        )
        names = [name for name in alert.rule.formulas if name in result.values]
        frame = families.households.select("household_key").with_columns(
            pl.Series("when", result.when), *(pl.Series(name, result.values[name]) for name in names)
        )
        known = [pl.when(pl.col(name) != UNKNOWN).then(pl.col(name)).alias(name) for name in names]
        hits.append(Hits(alert, frame.filter(pl.col("when") == 1).drop("when").with_columns(known).to_arrow()))
    return hits


def _assessed(programme: Programme, families: Families, pack: Pack, as_of: date, kernels: Path) -> pa.Table:
    result = assess_columns(
        programme,
        families.columns,
        pack=pack,
        as_of=as_of,
        cache=kernels,
        compile_from=COMPILE_FROM_HOUSEHOLDS,
    )
    outcome = pl.Series("outcome", list(result.outcomes()), dtype=pl.String)
    amount = pl.Series("amount_fen", result.amount_fen)
    frame = families.households.with_columns(
        outcome,
        pl.when(amount != UNKNOWN).then(amount).alias("amount_fen"),
        pl.Series("missing", result.missing(), dtype=pl.List(pl.String)),
    )
    arrow = frame.to_arrow()
    count = frame.height
    return table_from_columns(
        ASSESSMENTS,
        {
            "household_key": arrow.column("household_key"),
            "programme": pa.array([programme.id] * count, pa.string()),
            "as_of": pa.array([as_of] * count, pa.date32()),
            "outcome": arrow.column("outcome"),
            "amount_fen": arrow.column("amount_fen"),
            "missing": arrow.column("missing"),
            "basis": arrow.column("basis"),
        },
    )
