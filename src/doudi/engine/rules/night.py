"""The quick executor, compiled: all households of a night as machine code, without holding Python's lock.

Parameters are arrays, so a new standard never recompiles. Columns are read where they lie, also those of Arrow.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import EPOCH
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.errors import FormulaNameError
from doudi.engine.rules.family import UNKNOWN, Family
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.kernel import family_numbers, interpreted
from doudi.engine.rules.native import native_kernel
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.source import generate


@dataclass(frozen=True)
class Way:
    """How a night is computed; the results are the same in every way.

    `cache` is a private folder in which machine code is kept between processes; without it the formulas are compiled
    anew in each (a programme takes a tenth of a second). `threads` share the households between them. With fewer
    households than `compile_from` the same text is interpreted, some ten microseconds a family and formula.
    """

    cache: Path | None = None
    threads: int = 1
    compile_from: int = 0


def run_columns(
    formulas: FormulaSet,
    columns: FamilyColumns,
    *,
    pack: Pack,
    as_of: date,
    way: Way,
    only: Sequence[str] | None = None,
) -> dict[str, IntArray]:
    """Values of the household's formulas (or `only` of those named), with UNKNOWN for what is not known."""
    written = _written(formulas, only)
    out = _run(formulas, columns, pack, as_of, way, generate(formulas, only=written), len(written))
    return dict(zip(written, out, strict=True))


def run_columns_and_missing(
    formulas: FormulaSet,
    columns: FamilyColumns,
    *,
    pack: Pack,
    as_of: date,
    way: Way,
    only: Sequence[str],
    missing_of: Sequence[str],
) -> tuple[dict[str, IntArray], dict[str, IntArray]]:
    """As `run_columns`, and for each formula in `missing_of` the set of facts for whose absence it is unknown, as bits.

    Bits stand in the order of `formulas.household_facts`, then `formulas.member_facts`.
    """
    written = _written(formulas, only)
    text = generate(formulas, only=written, missing_of=missing_of)
    out = _run(formulas, columns, pack, as_of, way, text, len(written) + len(missing_of))
    return dict(zip(written, out, strict=False)), dict(zip(missing_of, out[len(written) :], strict=True))


def columns_of_families(formulas: FormulaSet, families: Sequence[Family]) -> FamilyColumns:
    """A few families as a night's columns: for cases and tests. A night builds its columns from tables."""
    rows = [family_numbers(formulas, family) for family in families]
    return FamilyColumns(
        offsets=np.concatenate([[0], np.cumsum([count for _, _, count in rows])]).astype(np.int64),
        regions=[family.region for family in families],
        basis=[family.basis for family in families],
        household={
            name: np.array([own[place][0] for own, _, _ in rows], dtype=np.int64)
            for place, name in enumerate(formulas.household_facts)
        },
        member={
            name: np.array([number for _, people, _ in rows for number in people[place]], dtype=np.int64)
            for place, name in enumerate(formulas.member_facts)
        },
    )


def _written(formulas: FormulaSet, only: Sequence[str] | None) -> tuple[str, ...]:
    known = [formula.name for formula in formulas.of_household]
    strangers = sorted(set(only or ()) - set(known))
    if strangers:
        raise FormulaNameError(
            f"the household has no computed formula {', '.join(strangers)}.",
            advice="Name it as a condition, in a sentence, or under also_computed.",
        )
    return tuple(known if only is None else dict.fromkeys(only))


def _run(
    formulas: FormulaSet, columns: FamilyColumns, pack: Pack, as_of: date, way: Way, text: str, width: int
) -> tuple[IntArray, ...]:
    places, parameters = _parameters_by_region(formulas, columns, pack, as_of)
    count, members = len(columns), int(columns.offsets[-1])
    household = tuple(_column(columns.household.get(name), count) for name in formulas.household_facts)
    member = tuple(_column(columns.member.get(name), members) for name in formulas.member_facts)
    offsets, day = _column(columns.offsets, count + 1), (as_of - EPOCH).days
    if count < way.compile_from:
        return _run_interpreted(text, (offsets, household, member, parameters, places), day, width)
    kernel = native_kernel(text, way.cache)
    out = tuple(np.empty(count, dtype=np.int64) for _ in range(width))

    def run(first: int, last: int) -> None:
        kernel(first, last, offsets, household, member, parameters, places, day, out)

    edges = np.linspace(0, count, max(1, way.threads) + 1).astype(int).tolist()
    if way.threads <= 1:
        run(0, count)
    else:
        with ThreadPoolExecutor(way.threads) as pool:
            list(pool.map(run, edges[:-1], edges[1:]))
    return out


_Inputs = tuple[IntArray, Sequence[IntArray], Sequence[IntArray], Sequence[IntArray], IntArray]


def _run_interpreted(text: str, inputs: _Inputs, day: int, width: int) -> tuple[IntArray, ...]:
    """The same on plain Python's whole numbers, which can't wrap around either."""
    offsets, household, member, parameters, places = inputs
    count = len(offsets) - 1
    out = [[0] * count for _ in range(width)]
    tables = [[column.tolist() for column in table] for table in (household, member, parameters)]
    kernel: Callable[..., None] = interpreted(text)
    kernel(0, count, offsets.tolist(), *tables, places.tolist(), day, out)
    return tuple(np.array(column, dtype=np.int64) for column in out)


def _column(values: IntArray | None, length: int) -> IntArray:
    if values is None:
        return np.full(length, UNKNOWN, dtype=np.int64)
    return np.ascontiguousarray(values, dtype=np.int64)


def _parameters_by_region(
    formulas: FormulaSet, columns: FamilyColumns, pack: Pack, as_of: date
) -> tuple[IntArray, tuple[IntArray, ...]]:
    """Place of each household's numbers of the law, and one array per parameter over these places."""
    codes, of_household = columns.region_places
    deciding = [pack.parameters.deciding(code) for code in codes]
    place_of = {code: place for place, code in enumerate(dict.fromkeys(deciding))}
    rows = [numbers(formulas, look_up(formulas, pack=pack, region=code, as_of=as_of)) for code in place_of]
    table = np.array(rows, dtype=np.int64).reshape(len(place_of), len(formulas.parameters))
    places = np.array([place_of[code] for code in deciding], dtype=np.int64)[of_household]
    return places, tuple(np.ascontiguousarray(table[:, column]) for column in range(table.shape[1]))
