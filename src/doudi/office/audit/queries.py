"""Reads of the audit itself. Row security shows each reader the entries of their own area; these only narrow down."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from doudi.office.audit.models import Entry
from doudi.office.clock import SHANGHAI

PERSON = "registry.person"

KINDS: dict[str, Q] = {
    "read": Q(verb="read"),
    "export": Q(verb="list.export") | Q(verb="run.download"),
    "alert": Q(verb__startswith="alert."),
    "user": Q(verb__startswith="user."),
    "audit": Q(verb__startswith="audit."),
}
KINDS["act"] = ~(KINDS["read"] | KINDS["export"] | KINDS["alert"] | KINDS["user"] | KINDS["audit"])


def entries(
    *, officer_id: int | None = None, kind: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[Entry]:
    """Entries, newest first; days are the office's own, both included."""
    found = Entry.objects.order_by("-id")
    if officer_id is not None:
        found = found.filter(actor_id=officer_id)
    if kind in KINDS:
        found = found.filter(KINDS[kind])
    if first is not None:
        found = found.filter(at__gte=datetime.combine(first, time(), SHANGHAI))
    if last is not None:
        found = found.filter(at__lt=datetime.combine(last + timedelta(days=1), time(), SHANGHAI))
    return found


def entries_about(person_id: int) -> QuerySet[Entry]:
    """Every look at a person and every act on the person's own record, newest first."""
    in_a_list = Q(details__contains={"type": PERSON, "ids": [str(person_id)]})
    return Entry.objects.filter(Q(object_type=PERSON, object_id=str(person_id)) | in_a_list).order_by("-id")
