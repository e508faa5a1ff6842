"""Row rights as migration operations: rows by area, and tables that only grow.

Convention for every app: `0001_initial` makes the tables; `0002_...` depends on ("org", "0002_row_security") and
carries `ProtectByArea("<table>")` for each table of a model with `personal = True`, and `AppendOnly("<table>")` for
each record that is never changed. The table's `area` column holds a division code; a row is seen, added and changed
only by a session whose scope contains that area. FORCE binds the owner of the tables too: migrations themselves see
zero rows of such tables.

Division codes are digits only, so "begins with the scope's area" is the range [area, area || ':'), which an index can
serve; LIKE and starts_with could not be used below a policy.
"""

import re
from typing import Any

from django.db.migrations.operations import RunSQL

_NAME = re.compile(r"[a-z][a-z0-9_]{1,58}")

_IN_SCOPE = "{column} >= (SELECT public.org_scope_area()) AND {column} < (SELECT public.org_scope_area() || ':')"

_PROTECT = """
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_is_a_division CHECK ({column} ~ '^[0-9]{{2,12}}$');
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY {table}_by_area ON {table} USING ({in_scope}) WITH CHECK ({in_scope});
"""
_UNPROTECT = """
DROP POLICY {table}_by_area ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_is_a_division;
"""

# Audit rows are written before anybody has a scope (a failed log-in), but are read by area like everything else.
_PROTECT_READS = """
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_is_a_division CHECK ({column} ~ '^([0-9]{{2,12}})?$');
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY {table}_by_area ON {table} FOR SELECT USING ({in_scope});
CREATE POLICY {table}_anybody_adds ON {table} FOR INSERT WITH CHECK (true);
"""
_UNPROTECT_READS = "DROP POLICY {table}_anybody_adds ON {table};" + _UNPROTECT

_PROTECT_BY_TWO = """
ALTER TABLE {table} ADD CONSTRAINT {table}_areas_are_divisions
  CHECK ({writer} ~ '^[0-9]{{2,12}}$' AND {reader} ~ '^[0-9]{{2,12}}$');
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY {table}_read_by_both ON {table} FOR SELECT USING (({own}) OR ({other}));
CREATE POLICY {table}_added_by_its_writer ON {table} FOR INSERT WITH CHECK ({own});
"""
_UNPROTECT_BY_TWO = """
DROP POLICY {table}_added_by_its_writer ON {table};
DROP POLICY {table}_read_by_both ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
ALTER TABLE {table} DROP CONSTRAINT {table}_areas_are_divisions;
"""

_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION public.doudi_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % only grows: correct by a further row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM doudi_app, doudi_worker;
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION public.doudi_refuse_change();
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION public.doudi_refuse_change();
"""
_MAY_CHANGE = """
DROP TRIGGER {table}_is_not_emptied ON {table};
DROP TRIGGER {table}_only_grows ON {table};
GRANT UPDATE ON {table} TO doudi_app, doudi_worker;
"""


class ProtectByArea(RunSQL):
    """Show a table's rows only to sessions whose scope contains the row's area, and bind the owner too."""

    def __init__(self, table: str, *, area_column: str = "area", reads_only: bool = False) -> None:
        names = {"table": _checked(table), "column": _checked(area_column)}
        names["in_scope"] = _IN_SCOPE.format(column=area_column)
        self._kwargs: dict[str, Any] = {"table": table, "area_column": area_column, "reads_only": reads_only}
        there, back = (_PROTECT_READS, _UNPROTECT_READS) if reads_only else (_PROTECT, _UNPROTECT)
        super().__init__(there.format(**names), back.format(**names))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], self._kwargs)

    def describe(self) -> str:
        return f"Row-level security by area on {self._kwargs['table']}"


class ProtectByTwoAreas(RunSQL):
    """Show a table's rows to the two divisions that each row names, and let only one of them add rows.

    For what one county writes to another: both read it, and neither can write in the other's name.
    """

    def __init__(self, table: str, *, writer: str, reader: str) -> None:
        self._kwargs: dict[str, Any] = {"table": table, "writer": writer, "reader": reader}
        own, other = _IN_SCOPE.format(column=writer), _IN_SCOPE.format(column=reader)
        names = {"table": _checked(table), "writer": _checked(writer), "reader": _checked(reader)}
        names |= {"own": own, "other": other}
        super().__init__(_PROTECT_BY_TWO.format(**names), _UNPROTECT_BY_TWO.format(**names))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], self._kwargs)

    def describe(self) -> str:
        return f"Row-level security by two areas on {self._kwargs['table']}"


class AppendOnly(RunSQL):
    """Let a table only grow: neither the web, nor the worker, nor the owner can change or delete its rows."""

    def __init__(self, table: str) -> None:
        self._kwargs: dict[str, Any] = {"table": table}
        super().__init__(_APPEND_ONLY.format(table=_checked(table)), _MAY_CHANGE.format(table=table))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], self._kwargs)

    def describe(self) -> str:
        return f"Append-only rows in {self._kwargs['table']}"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a table or column name of ours has small letters, digits and underscores only")
    return name
