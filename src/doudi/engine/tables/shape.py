"""What a table is: its columns, and the one way in which a stage builds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pyarrow as pa

from doudi.engine.values.errors import DoudiError

TEXT, INT, DATE = pa.string(), pa.int64(), pa.date32()


class TableError(DoudiError):
    """A stage tried to write a table that differs from its description."""

    code: ClassVar[str] = "DD-TABLE-001"


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type, meaning, and whether it may be null."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One table between stages. `home`: in the lake, sealed beside it, or in the office snapshot."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    written_by: str
    read_by: tuple[str, ...]
    home: Literal["lake", "sealed", "snapshot"] = "lake"

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])


def _written_as(wanted: pa.Schema, given: pa.Schema) -> pa.Schema:
    """The table's types, but text that is given by its place in a dictionary may stay so: it is written alike."""
    encoded = pa.dictionary(pa.int32(), TEXT)
    return pa.schema(
        [field.with_type(encoded) if given.field(field.name).type == encoded else field for field in wanted]
    )


def table_from_columns(table: Table, columns: Mapping[str, Sequence[Any] | pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Build an Arrow table as `table` describes it.

    Raises TableError on a missing or unknown column, a value of another type, or a null where none may stand.
    """
    if set(columns) != {c.name for c in table.columns}:
        odd = sorted(set(columns) ^ {c.name for c in table.columns})
        raise TableError(
            f"table {table.name}: columns differ: {', '.join(odd)}",
            advice="Write exactly the columns of engine/tables.",
        )
    try:
        built = pa.table({c.name: columns[c.name] for c in table.columns})
        built = built.cast(_written_as(table.schema, built.schema))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
        # The Arrow message can quote a cell, and cells can be personal: only the kind of error is passed on.
        kind = type(error).__name__
        raise TableError(f"table {table.name}: a column has values of another type ({kind})") from None
    for column in table.columns:
        empty = built.column(column.name).null_count
        if empty and not column.nullable:
            raise TableError(f"table {table.name}: column {column.name} has {empty} empty values")
    return built
