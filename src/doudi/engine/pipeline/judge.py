"""The rules over all families of a night: what each programme says, and for whom each alert speaks."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import Vocabulary, load_vocabulary
from doudi.engine.pipeline.alert_book import CompiledAlert, load_alert_book
from doudi.engine.pipeline.columns import Families
from doudi.engine.pipeline.manifest import RunError
from doudi.engine.rules.assessment import OUTCOMES, AssessedColumns, assess_columns
from doudi.engine.rules.classification import load_classification
from doudi.engine.rules.columns import IntArray
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.screening import Hits
from doudi.engine.screening.alert import Entitled
from doudi.engine.tables import ASSESSMENTS, OFFICE_RECEIPTS, table_from_columns
from doudi.engine.values.period import Month

COMPILE_FROM_HOUSEHOLDS = 2_000
"""From so many households on compiling pays: a programme takes a tenth of a second to compile, and some 50
microseconds a family to interpret. The machine code is kept, but a pack that changes is compiled anew."""

THREADS = 2
"""So many slices of the households are assessed at a time."""


def nightly_programmes(pack: Pack) -> tuple[str, ...]:
    """The programmes that a night assesses: all of the pack's classification, in the order of the law."""
    order = load_classification(pack).order
    return tuple(name for tier in order for name in (tier.programme, *tier.together, *tier.instead))


def assess_all(families: Families, *, pack: Pack, as_of: date, kernels: Path) -> Iterator[pa.Table]:
    """Assess every household under every programme: a table for each, in the order of the law.

    On the register's household the outcome is a likelihood and has no amount: the column `basis` says so. `missing`
    names the facts that would decide where the outcome is undetermined, and is empty elsewhere.
    """
    for name in nightly_programmes(pack):
        yield _assessed(load_programme(pack, name), families, pack, as_of, kernels)


def find_hits(
    families: Families, *, assessments: pl.LazyFrame, receipts: pa.Table | None, pack: Pack, as_of: date, kernels: Path
) -> Sequence[Hits]:
    """Let every alert of the pack speak. Only a certain "speaks" makes a hit: unknown neither accuses nor helps.

    `receipts` are the office's; None when nobody knows who receives.
    """
    vocabulary = load_vocabulary(pack)
    return [
        _hits(compiled, families, assessments, receipts, pack=pack, vocabulary=vocabulary, as_of=as_of, kernels=kernels)
        for compiled in load_alert_book(pack)
    ]


def _hits(
    compiled: CompiledAlert,
    families: Families,
    assessments: pl.LazyFrame,
    receipts: pa.Table | None,
    *,
    pack: Pack,
    vocabulary: Vocabulary,
    as_of: date,
    kernels: Path,
) -> Hits:
    entitled = compiled.alert.rule.entitled
    assessed = None if entitled is None else _of_programme(assessments, entitled.programme, families)
    spoken = compiled.speaks_of_all(
        families.columns,
        pack=pack,
        as_of=as_of,
        outcomes=None if assessed is None else _codes(assessed.get_column("outcome")),
        receiving=None if entitled is None else _receiving(families, receipts, entitled, as_of),
        cache=kernels,
        compile_from=COMPILE_FROM_HOUSEHOLDS,
    )
    names = [name for name in compiled.alert.rule.formulas if name in spoken.values]
    frame = families.households.select("household_key").with_columns(
        pl.Series("speaks", spoken.speaks), *(pl.Series(name, spoken.values[name]) for name in names)
    )
    known = [pl.when(pl.col(name) != UNKNOWN).then(pl.col(name)).alias(name) for name in names]
    values = frame.filter(pl.col("speaks") == 1).drop("speaks").with_columns(known)
    if assessed is None:
        return Hits(compiled.alert, values.to_arrow())
    tellable = [
        name
        for names_of in (vocabulary.person, vocabulary.household)
        for name, definition in names_of.items()
        if {"family", "visit"} & set(definition.supplied_by)
    ]
    to_ask = assessed.join(values.select("household_key"), on="household_key", how="semi").select(
        "household_key", pl.col("missing").list.set_intersection(tellable).list.sort().alias("to_ask")
    )
    return Hits(compiled.alert, values.to_arrow(), to_ask.to_arrow())


def _of_programme(assessments: pl.LazyFrame, programme: str, families: Families) -> pl.DataFrame:
    """One programme's assessments: they were written in the order of the families' columns."""
    is_own = pl.col("programme") == programme
    own = assessments.filter(is_own).select("household_key", "outcome", "missing").collect()
    if not own.get_column("household_key").equals(families.households.get_column("household_key")):
        raise RunError(
            f"the assessments of {programme} are of other households.", advice="Take the work folder away, run again."
        )
    return own


def _receiving(families: Families, receipts: pa.Table | None, entitled: Entitled, as_of: date) -> IntArray:
    """1 where a household receives what leaves it alone, this month or from the next on; else 0, or UNKNOWN."""
    programmes, month = entitled.unless_receiving, Month.of(as_of)
    frame: pl.DataFrame = pl.DataFrame(
        pl.from_arrow(OFFICE_RECEIPTS.schema.empty_table() if receipts is None else receipts)
    )
    is_told = not entitled.only_if_told or (frame.get_column("programme") == entitled.programme).any()
    if receipts is None or not is_told:
        return np.full(families.households.height, UNKNOWN, dtype=np.int64)
    granted = frame.filter(
        pl.col("programme").is_in(list(programmes)), pl.col("month").is_in([str(month), str(month.next())])
    )
    keys = granted.get_column("household_key").unique()
    is_granted: IntArray = (
        families.households.get_column("household_key").is_in(keys.implode()).cast(pl.Int64).to_numpy()
    )
    return is_granted


def _codes(outcomes: pl.Series) -> IntArray:
    """Outcomes by their codes; every household of the columns was assessed."""
    codes: IntArray = outcomes.replace_strict(list(OUTCOMES), range(len(OUTCOMES)), return_dtype=pl.Int64).to_numpy()
    return codes


def _assessed(programme: Programme, families: Families, pack: Pack, as_of: date, kernels: Path) -> pa.Table:
    result = assess_columns(
        programme,
        families.columns,
        pack=pack,
        as_of=as_of,
        cache=kernels,
        threads=THREADS,
        compile_from=COMPILE_FROM_HOUSEHOLDS,
    )
    count = len(result.outcome)
    return table_from_columns(
        ASSESSMENTS,
        {
            "household_key": families.keys,
            "programme": pa.DictionaryArray.from_arrays(np.zeros(count, dtype=np.int32), pa.array([programme.id])),
            "as_of": pa.repeat(pa.scalar(as_of, pa.date32()), count),
            "outcome": pa.DictionaryArray.from_arrays(result.outcome.astype(np.int32), pa.array(OUTCOMES)),
            "amount_fen": pa.array(result.amount_fen, mask=result.amount_fen == UNKNOWN),
            "missing": _missing(result),
            "basis": families.basis,
        },
    )


def _missing(result: AssessedColumns) -> pa.Array:
    """The missing facts of each household. Few sets of them occur, so that each is written once and pointed to."""
    sets, places = np.unique(result.missing_bits, return_inverse=True)
    names = [[name for place, name in enumerate(result.fact_names) if bits >> place & 1] for bits in sets.tolist()]
    return pa.array(names, pa.list_(pa.string())).take(pa.array(places.astype(np.int32)))
