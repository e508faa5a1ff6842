"""From a file of households and a file of their members to a file of results: slice by slice, in little memory.

For whole counties and provinces at once, and for asking what another standard would cost. While one slice is computed
the next is read and the last one written, each without holding Python's lock.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.assessment import AssessedColumns, assess_columns, known_column
from doudi.engine.rules.columns import FamilyColumns, IntArray, encode_column
from doudi.engine.rules.errors import FamilyShapeError
from doudi.engine.rules.programme import Programme

KEY, AREA, BASIS = "household_key", "area", "basis"


@dataclass(frozen=True)
class Counted:
    """How many households and members were read, and how many households stand under each outcome."""

    households: int
    members: int


def assess_files(
    programme: Programme,
    *,
    households: Path,
    members: Path,
    out: Path,
    pack: Pack,
    as_of: date,
    cache: Path | None = None,
    keep: Sequence[str] = (),
) -> Counted:
    """Assess every household of a Parquet file and write the results to another.

    `households` has household_key, area, basis and facts of households; `members` has household_key and facts of
    persons. Both are sorted by household_key, ascending. A fact without a column is unknown for everyone. The result
    has household_key, outcome, amount_fen, missing, and the formulas of the household named in `keep`.
    """
    part = out.with_name(f"{out.name}.part")
    counted = Counted(0, 0)
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        slices = _slices(programme, households, members)
        following: Future[tuple[pa.Table, pa.Table] | None] = reader.submit(next, slices, None)
        file: pq.ParquetWriter | None = None
        written: Future[None] | None = None
        while (piece := following.result()) is not None:
            following = reader.submit(next, slices, None)
            columns = family_columns(programme, *piece)
            result = assess_columns(programme, columns, pack=pack, as_of=as_of, cache=cache, keep=keep)
            table = _table(programme, piece[0].column(KEY), result, keep)
            counted = Counted(counted.households + table.num_rows, counted.members + piece[1].num_rows)
            if written is not None:
                written.result()
            if file is None:
                texts = ["outcome", "missing.list.element"]
                file = pq.ParquetWriter(part, table.schema, compression="lz4", use_dictionary=texts)
            written = writer.submit(file.write_table, table)
        if written is not None:
            written.result()
        if file is not None:
            file.close()
            part.replace(out)
    return counted


def _slices(programme: Programme, households: Path, members: Path) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Row groups of households, each with all its members."""
    of_household, of_member = pq.ParquetFile(households), pq.ParquetFile(members)
    facts = programme.formulas
    wanted = [name for name in of_household.schema_arrow.names if name in {KEY, AREA, BASIS, *facts.household_facts}]
    asked = [name for name in of_member.schema_arrow.names if name in {KEY, *facts.member_facts}]
    waiting = of_member.schema_arrow.empty_table().select(asked)
    groups = iter(range(of_member.num_row_groups))
    for group in range(of_household.num_row_groups):
        own = of_household.read_row_group(group, columns=wanted)
        if not own.num_rows:
            continue
        last = own.column(KEY)[-1]
        while not waiting.num_rows or waiting.column(KEY)[-1].as_py() <= last.as_py():
            following = next(groups, None)
            if following is None:
                break
            waiting = pa.concat_tables([waiting, of_member.read_row_group(following, columns=asked)])
        here = pc.sum(pc.less_equal(waiting.column(KEY), last)).as_py() or 0
        yield own, waiting.slice(0, here)
        waiting = waiting.slice(here)
    if waiting.num_rows or next(groups, None) is not None:
        raise FamilyShapeError("there are members after the last household.", advice="Sort both files by household.")


def family_columns(programme: Programme, households: pa.Table, members: pa.Table) -> FamilyColumns:
    """The columns that a programme reads, from a table of households and one of their members, sorted alike."""
    facts = programme.formulas
    offsets = _offsets(households.column(KEY), members.column(KEY))
    regions, basis = households.column(AREA), households.column(BASIS)
    of_household: dict[str, IntArray] = {}
    of_member: dict[str, IntArray] = {}
    # A column that is encoded is let go, so that a whole city is not held twice.
    for name, definition in facts.household_facts.items():
        if name in households.column_names:
            of_household[name] = encode_column(name, definition, households.column(name))
            households = households.drop_columns([name])
    for name, definition in facts.member_facts.items():
        if name in members.column_names:
            of_member[name] = encode_column(name, definition, members.column(name))
            members = members.drop_columns([name])
    return FamilyColumns(offsets, regions, basis, of_household, of_member)


def _offsets(households: pa.ChunkedArray, members: pa.ChunkedArray) -> IntArray:
    """Where each household's members begin, or a refusal if the two are not sorted alike."""
    keys, owners = households.combine_chunks(), members.combine_chunks()
    is_sorted = pc.all(pc.less(keys[:-1], keys[1:])).as_py() if len(keys) > 1 else True
    runs = pc.run_end_encode(owners, run_end_type=pa.int64())
    if runs.values.equals(keys):  # As a rule nobody lives in no household and no household is empty.
        found = np.arange(len(keys))
    else:
        places = pc.index_in(runs.values, value_set=keys)
        found = places.fill_null(-1).to_numpy(zero_copy_only=False)
    if not is_sorted or (found < 0).any() or (np.diff(found) <= 0).any():
        raise FamilyShapeError(
            "households and members are not sorted alike, or a member has no household.",
            advice="Sort both files by household_key, ascending, and name each household once.",
        )
    ends = runs.run_ends.to_numpy()
    offsets = np.zeros(len(keys) + 1, dtype=np.int64)
    offsets[found + 1] = np.diff(ends, prepend=0)
    return np.cumsum(offsets)


def _table(programme: Programme, keys: pa.ChunkedArray, result: AssessedColumns, keep: Sequence[str]) -> pa.Table:
    kinds = {name: programme.formulas.kind(name) for name in keep}
    kept = {name: known_column(result.values[name]) for name in keep}
    told = {n: column.cast(pa.bool_()) if kinds[n].type == "bool" else column for n, column in kept.items()}
    columns = {
        KEY: keys,
        "outcome": result.outcome_column(),
        "amount_fen": result.amount_column(),
        "missing": result.missing_column(),
        **told,
    }
    return pa.table(columns)
