"""The rules over all families of a night: what each programme says, and for whom each alert speaks."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.columns import Families
from doudi.engine.rules.assessment import assess_columns
from doudi.engine.rules.columns import FamilyColumns
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.predicate import compile_predicate
from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.screening import Hits, load_alerts
from doudi.engine.tables import ASSESSMENTS, table_from_columns

PROGRAMMES = ("dibao",)
"""The programmes that a night assesses, in the order of the law."""

COMPILE_FROM_HOUSEHOLDS = 100_000
"""From so many households on compiling pays. Compiling the alerts took 9 s, interpreting them 50 microseconds a family,
measured on a county; the compiled code is kept, but a pack that changes is compiled anew."""

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def assess_all(families: Families, *, pack: Pack, as_of: date, kernels: Path) -> pa.Table:
    """Assess every household under every programme.

    On the register's household the outcome is a likelihood and has no amount: the column `basis` says so. `missing` is
    only filled where the outcome is undetermined.
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
        pl.when(outcome == "undetermined").then(_missing(programme, families.columns)).otherwise([]).alias("missing"),
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


def _missing(programme: Programme, columns: FamilyColumns) -> pl.Series:
    """For each household the facts that the programme reads and of which something is unknown.

    It is the list for planning; which of them really decides, and which one to ask first, the counter path works out.
    """
    unknown: dict[str, BoolArray] = {}
    for name in programme.formulas.household_facts:
        unknown[name] = _is_unknown(columns.household, name, len(columns))
    for name in programme.formulas.member_facts:
        of_members = _is_unknown(columns.member, name, int(columns.offsets[-1]))
        unknown[name] = np.logical_or.reduceat(of_members, columns.offsets[:-1]) if len(columns) else of_members
    flags = pl.DataFrame({name: pl.Series(flag, dtype=pl.Boolean) for name, flag in unknown.items()})
    lists = [pl.when(pl.col(name)).then(pl.lit(name)) for name in flags.columns]
    return flags.select(missing=pl.concat_list(lists).list.drop_nulls()).get_column("missing")


def _is_unknown(
    columns: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]], name: str, count: int
) -> BoolArray:
    values = columns.get(name)
    return np.ones(count, dtype=bool) if values is None else values == UNKNOWN
