"""Many rows in one statement, under the same rules as one row: row security, constraints and triggers all look.

PostgreSQL refuses COPY into a table with row security. So the rows travel as JSON, a list for each column, bound as
parameters and never written into a statement's text, and one INSERT ... SELECT puts them side by side again: a hundred
thousand rows take a quarter of a second on our side and of the database's, a third of what a list for each row takes
it. Ids are drawn from the table's own sequence beforehand, so that rows of several tables can point at each other.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, ClassVar

import psycopg
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

from doudi.engine.values.errors import DoudiError

ROWS_AT_A_TIME = 20_000


class BulkError(DoudiError):
    """Many rows were to be written outside of a transaction, where half of them could stay."""

    code: ClassVar[str] = "DD-BULK-001"


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw so many new ids of a table."""
    query = sql.SQL("SELECT nextval(pg_get_serial_sequence({}, 'id')) FROM generate_series(1, %s)").format(
        sql.Literal(model._meta.db_table)
    )
    with _cursor() as cursor:
        return [int(number) for (number,) in cursor.execute(query, [count]).fetchall()]


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    leaving_taken: bool = False,
) -> None:
    """Write rows of the named columns; a column that is not named gets its field's default, or the database's.

    With `leaving_taken`, a row that a unique constraint refuses is left out instead of ending the transaction. Who asks
    for that looks afterwards which ids are there.
    """
    fields = [_field(model, name) for name in columns]
    usual = [field for field in model._meta.concrete_fields if field.has_default() and field not in fields]
    defaults = [field.get_default() for field in usual]
    fields += usual
    query = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {cells} FROM ROWS FROM ({lists}) AS given ({names})"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join([sql.Identifier(field.column or field.attname) for field in fields]),
        cells=sql.SQL(", ").join([_cell(place, field) for place, field in enumerate(fields)]),
        lists=sql.SQL(", ").join([_list(field) for field in fields]),
        names=sql.SQL(", ").join([_name(place) for place in range(len(fields))]),
    )
    if leaving_taken:
        query += sql.SQL(" ON CONFLICT DO NOTHING")
    # Of most columns JSON says a value as it is: a whole night's cells are millions, and a call for each takes seconds.
    prepared = [None if _is_plain(field) else _preparation(field) for field in fields]
    with _cursor() as cursor:
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            part = rows[start : start + ROWS_AT_A_TIME]
            if any(len(row) != len(columns) for row in part):
                raise ValueError("a row has another number of cells than there are columns")
            lists = [*zip(*part, strict=True), *([default] * len(part) for default in defaults)]
            cursor.execute(query, [_as_json(*each) for each in zip(lists, prepared, strict=True)])


def update_rows(statement: str, parameters: Sequence[Any]) -> int:
    """Run one UPDATE over arrays bound as parameters. Returns how many rows it changed."""
    with _cursor() as cursor:
        return int(cursor.execute(statement.encode(), parameters).rowcount)


class _Among(models.Func):
    """`column = ANY(array)`: hashed by the database, whatever it believes of a table that is just being filled."""

    template = "%(expressions)s::%(kind)s[])"
    arg_joiner = " = ANY("
    output_field: "models.Field[Any, Any]" = models.BooleanField()


def among(column: str, ids: Collection[int]) -> models.Func:
    """A condition for `filter`: tens of thousands of single parameters would take seconds to bind."""
    return _Among(models.F(column), models.Value(list(ids)), kind="bigint")


def among_texts(column: str, texts: Collection[str]) -> models.Func:
    """The same for a column of text."""
    return _Among(models.F(column), models.Value(list(texts)), kind="text")


@contextmanager
def _cursor() -> "Iterator[psycopg.Cursor[Any]]":
    """A cursor that binds on the server's side: Django's own would write every value into the statement's text."""
    if not connection.in_atomic_block:
        raise BulkError("many rows are written in one transaction.", advice="Call it inside transaction.atomic().")
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if name in (field.name, field.attname))


def _name(place: int) -> sql.Identifier:
    return sql.Identifier(f"c{place}")


def _list(field: "models.Field[Any, Any]") -> sql.Composable:
    """How a column's list is unpacked. A cell of JSON stays JSON: null inside it is a value of its own."""
    if field.db_type(connection) == "jsonb":
        return sql.SQL("json_array_elements(%s::json)")
    return sql.SQL("json_array_elements_text(%s::json)")


def _cell(place: int, field: "models.Field[Any, Any]") -> sql.Composable:
    """How a cell is read. Text is not cast: a cast to a shorter column would cut it in silence."""
    kind = field.db_type(connection) or "text"
    if kind == "text" or kind.startswith("varchar"):
        return _name(place)
    return sql.SQL("{}::{}").format(_name(place), sql.SQL(kind))


def _as_json(cells: Sequence[Any], prepare: Callable[[Any], Any] | None) -> str:
    if prepare is not None:
        cells = [None if cell is None else prepare(cell) for cell in cells]
    return json.dumps(cells, ensure_ascii=False, cls=DjangoJSONEncoder)


def _is_plain(field: "models.Field[Any, Any]") -> bool:
    """Is a value of this field the same in Python, in JSON and on its way to the database?"""
    return type(field) in (models.CharField, models.TextField, models.BooleanField) or isinstance(
        field, models.IntegerField | models.ForeignKey | models.JSONField
    )


def _preparation(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """What the field does to a value on its way to the database; an encrypted one encrypts."""
    if isinstance(field, models.DateField):
        return _iso
    prepare: Callable[[Any], Any] = field.get_prep_value
    return prepare


def _iso(moment: date) -> str:
    return moment.isoformat()
