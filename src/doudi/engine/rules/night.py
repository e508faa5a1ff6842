"""The quick executor, compiled: all households of a night, by numba, without holding Python's lock.

Parameters are arrays, so a new standard never recompiles. Compiled code is kept in a cache folder under the digest of
the generated text; the folder must belong to us alone, because what lies in it is run.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import FunctionType

import numba
import numpy as np

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import EPOCH
from doudi.engine.rules import days
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.errors import KernelCacheError
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.kernel import build_kernel, interpreted
from doudi.engine.rules.parameter_values import look_up, numbers
from doudi.engine.rules.source import generate

_HELPERS = Path(days.__file__).read_text("utf-8")


def run_columns(
    formulas: FormulaSet,
    columns: FamilyColumns,
    *,
    pack: Pack,
    as_of: date,
    cache: Path | None = None,
    threads: int = 1,
    compile_from: int = 0,
) -> dict[str, IntArray]:
    """Values of the household's formulas for every household, with UNKNOWN for what is not known.

    With fewer households than `compile_from` the same text is interpreted: compiling it takes seconds, interpreting it
    some ten microseconds a family.
    """
    width = len(formulas.of_household)
    if len(columns) < compile_from:
        out = _run_interpreted(formulas, columns, pack, as_of, interpreted(formulas), width)
    else:
        out = _run(formulas, columns, pack, as_of, compiled(formulas, cache), width, threads)
    return {formula.name: column for formula, column in zip(formulas.of_household, out, strict=True)}


def run_columns_and_missing(
    formulas: FormulaSet,
    columns: FamilyColumns,
    *,
    pack: Pack,
    as_of: date,
    cache: Path | None = None,
    threads: int = 1,
    compile_from: int = 0,
) -> tuple[dict[str, IntArray], dict[str, IntArray]]:
    """As `run_columns`, and for each formula the set of facts, as bits, for whose absence it is unknown.

    Bits stand in the order of `formulas.household_facts`, then `formulas.member_facts`.
    """
    count = len(formulas.of_household)
    if len(columns) < compile_from:
        out = _run_interpreted(formulas, columns, pack, as_of, interpreted(formulas, tracks_missing=True), 2 * count)
    else:
        kernel = compiled(formulas, cache, tracks_missing=True)
        out = _run(formulas, columns, pack, as_of, kernel, 2 * count, threads)
    names = [formula.name for formula in formulas.of_household]
    return dict(zip(names, out[:count], strict=True)), dict(zip(names, out[count:], strict=True))


def _run(
    formulas: FormulaSet,
    columns: FamilyColumns,
    pack: Pack,
    as_of: date,
    kernel: Callable[..., object],
    width: int,
    threads: int,
) -> tuple[IntArray, ...]:
    places, parameters = _parameters_by_region(formulas, columns, pack, as_of)
    count = len(columns)
    out = tuple(np.empty(count, dtype=np.int64) for _ in range(width))
    household = tuple(_column(columns.household.get(name), count) for name in formulas.household_facts)
    member = tuple(_column(columns.member.get(name), int(columns.offsets[-1])) for name in formulas.member_facts)
    offsets = _column(columns.offsets, count + 1)

    def run(first: int, last: int) -> None:
        kernel(first, last, offsets, household, member, parameters, places, (as_of - EPOCH).days, out)

    edges = np.linspace(0, count, max(1, threads) + 1).astype(int).tolist()
    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(run, edges[:-1], edges[1:]))
    return out


def _run_interpreted(
    formulas: FormulaSet, columns: FamilyColumns, pack: Pack, as_of: date, kernel: Callable[..., object], width: int
) -> tuple[IntArray, ...]:
    """The same on plain Python's whole numbers, which can't wrap around either."""
    places, parameters = _parameters_by_region(formulas, columns, pack, as_of)
    count, members = len(columns), int(columns.offsets[-1])
    out = [[0] * count for _ in range(width)]
    kernel(
        0,
        count,
        columns.offsets.tolist(),
        [_column(columns.household.get(name), count).tolist() for name in formulas.household_facts],
        [_column(columns.member.get(name), members).tolist() for name in formulas.member_facts],
        [column.tolist() for column in parameters],
        places.tolist(),
        (as_of - EPOCH).days,
        out,
    )
    return tuple(np.array(column, dtype=np.int64) for column in out)


def _column(values: IntArray | None, length: int) -> IntArray:
    if values is None:
        return np.full(length, UNKNOWN, dtype=np.int64)
    # A read-only or strided array would be another type to numba, and compile once more.
    return np.require(values, dtype=np.int64, requirements=["C", "W"])


def _parameters_by_region(
    formulas: FormulaSet, columns: FamilyColumns, pack: Pack, as_of: date
) -> tuple[IntArray, tuple[IntArray, ...]]:
    """Place of each household's region, and one array per parameter over the regions."""
    codes, places = columns.region_places
    rows = [numbers(formulas, look_up(formulas, pack=pack, region=code, as_of=as_of)) for code in codes]
    table = np.array(rows, dtype=np.int64).reshape(len(codes), len(formulas.parameters))
    return places, tuple(np.ascontiguousarray(table[:, column]) for column in range(table.shape[1]))


@lru_cache(maxsize=64)
def compiled(formulas: FormulaSet, cache: Path | None = None, *, tracks_missing: bool = False) -> Callable[..., object]:
    """The compiled function of these formulas; with a cache folder, compiled once for all processes."""
    source = generate(formulas, tracks_missing=tracks_missing)
    if cache is None:
        return _jit(build_kernel(source, "<kernel>", {"full_years": _full_years()}), None)
    _trust(cache)
    digest = hashlib.sha256("\0".join((source, _HELPERS, numba.__version__)).encode()).hexdigest()
    path = cache / f"kernel_{digest[:32]}.py"
    if not path.is_file() or path.read_text("utf-8") != source:
        # Numba asks for a real file beside which to keep compiled code; a half-written one must never be seen.
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(source, "utf-8")
        part.replace(path)
    return _jit(build_kernel(source, str(path), {"full_years": _full_years()}), cache)


def _jit(function: Callable[..., object], cache: Path | None) -> Callable[..., object]:
    jitted: Callable[..., object] = numba.njit(function, cache=cache is not None, nogil=True, error_model="numpy")
    return jitted


def _full_years() -> Callable[..., object]:
    """The compiled twin of `days.full_years`, made of its very code."""
    march_year = _jit(days._march_year, None)
    names = {"U": UNKNOWN, "_march_year": march_year}
    return _jit(FunctionType(days.full_years.__code__, names, "full_years"), None)


def _trust(cache: Path) -> None:
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = cache.stat()
    if about.st_uid != os.geteuid() or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise KernelCacheError(
            "the folder for compiled rules can be written by others.",
            advice="Give it to the account that runs the night, with mode 0700: what lies in it is run.",
            where=str(cache.name),
        )
