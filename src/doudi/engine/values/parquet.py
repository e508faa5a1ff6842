"""Reading Parquet: the one way, without Arrow's thread pool.

Arrow's threads can abort the interpreter at its end ("terminate called without an active exception") when polars is
loaded beside it. A night that has done its work must not end with exit code 134.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


def read_parquet(
    source: Path | BinaryIO,
    *,
    schema: pa.Schema | None = None,
    columns: Sequence[str] | None = None,
    filters: Sequence[tuple[str, str, Any]] | None = None,
    dictionaries: Sequence[str] = (),
) -> pa.Table:
    """Read a file or an open buffer whole, or only some columns and the rows that pass `filters`.

    Text columns named in `dictionaries` come as dictionaries: where few texts repeat, a tenth of the memory.
    """
    return pq.read_table(
        source,
        schema=schema,
        columns=list(columns) if columns is not None else None,
        filters=list(filters) if filters is not None else None,
        read_dictionary=list(dictionaries) or None,
        use_threads=False,
        pre_buffer=False,
    )
