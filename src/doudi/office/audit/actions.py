"""Writing the audit, inside the transaction of what it tells of: both happen, or neither."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.db import connection, models

from doudi.engine.values.errors import DoudiError
from doudi.office import clock
from doudi.office.audit.alerts import BULK_READ, is_bulk_read
from doudi.office.audit.models import Entry
from doudi.office.audit.requests import current_request_id
from doudi.office.bulk import insert_rows


class AuditError(DoudiError):
    """An audit entry was asked for outside of a transaction, where it could stand without its effect."""

    code: ClassVar[str] = "DD-AUDIT-001"


class Actor(Protocol):
    """Who acts: a user, or a service account of the office's own."""

    @property
    def pk(self) -> Any: ...
    @property
    def display_name(self) -> str: ...
    @property
    def role(self) -> str: ...


def record(
    *,
    actor: Actor | None,
    verb: str,
    obj: models.Model | None,
    area: str,
    details: Mapping[str, Any] | None = None,
    purpose: str = "",
) -> None:
    """Add one entry. `verb` reads like "case.accept"; `details` name fields and numbers, never people's data.

    `actor` is None only where nobody is known yet, as in a failed log-in.
    """
    if not connection.in_atomic_block:
        raise AuditError("an audit entry needs the transaction of its effect.", advice="Call it inside the action.")
    # Plain INSERT: Django's own asks the row back, which the reader's scope may not allow.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (at, actor_id, actor_name, role, verb, object_type, object_id, area, purpose,"
            " details, request_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                clock.now(),
                actor.pk if actor else None,
                actor.display_name if actor else "",
                actor.role if actor else "",
                verb,
                obj._meta.label_lower if obj else "",
                str(obj.pk) if obj else "",
                area,
                purpose,
                json.dumps(dict(details or {}) | _for_whom(actor), ensure_ascii=False),
                current_request_id.get(),
            ],
        )


def _for_whom(actor: Actor | None) -> dict[str, int]:
    """Whose role it was, where somebody acts for a colleague who is away."""
    acts_for_id: int | None = getattr(actor, "acts_for_id", None)
    return {} if acts_for_id is None else {"acts_for": acts_for_id}


@dataclass(frozen=True)
class Note:
    """What one of many entries says: which record, where it lies, and a few numbers."""

    object_id: int
    area: str
    details: Mapping[str, Any]


def record_many(
    *, actor: Actor, verb: str, model: type[models.Model], notes: Sequence[Note], purpose: str = ""
) -> None:
    """Add one entry for each of many records of one kind to which the same was done, as `record` would."""
    at, request_id, kind = clock.now(), current_request_id.get(), model._meta.label_lower
    insert_rows(
        Entry,
        ("at", "actor_id", "actor_name", "role", "verb", "object_type", "object_id", "area", "purpose", "details",
         "request_id"),
        [
            (at, actor.pk, actor.display_name, actor.role, verb, kind, str(note.object_id), note.area, purpose,
             dict(note.details) | _for_whom(actor), request_id)
            for note in notes
        ],
    )  # fmt: skip


def record_read(
    *, actor: Actor, objects: Iterable[models.Model], fields: Sequence[str], area: str, purpose: str
) -> None:
    """Add one entry for one look at personal records: which ones, which fields, and why. A list page writes one row."""
    shown = list(objects)
    if not shown:
        return
    only = shown[0] if len(shown) == 1 else None
    details = {"fields": list(fields), "type": shown[0]._meta.label_lower, "ids": [str(o.pk) for o in shown]}
    _tell_of_bulk(actor, taking=len(shown), area=area)
    record(actor=actor, verb="read", obj=only, area=area, details=details, purpose=purpose)


def record_export(*, actor: Actor, list_name: str, row_count: int, area: str) -> None:
    """Add one entry for a list that leaves the office as a workbook, before a single row leaves."""
    _tell_of_bulk(actor, taking=row_count, area=area)
    record(actor=actor, verb="list.export", obj=None, area=area, details={"list": list_name, "rows": row_count})


def _tell_of_bulk(actor: Actor, *, taking: int, area: str) -> None:
    """Add an alert for the auditor when somebody reads very many records within an hour; jobs do so by their nature."""
    if actor.role != "service" and is_bulk_read(actor.pk, now_taking=taking):
        record(actor=actor, verb=BULK_READ, obj=None, area=area, details={"rows": taking})
