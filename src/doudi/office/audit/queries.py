"""Reads of the audit itself. Row security shows each reader the entries of their own area; these only narrow down."""

from collections.abc import Iterable, Mapping
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


def entries_about(records: Mapping[str, Iterable[int]]) -> QuerySet[Entry]:
    """Every look at these records, by kind such as `registry.person`, and every act on a person's own; newest first."""
    wanted = Q(pk__in=[])
    for kind, numbers in records.items():
        for number in numbers:
            here = Q(object_type=kind, object_id=str(number))
            in_a_list = Q(details__contains={"type": kind, "ids": [str(number)]})
            wanted |= here | in_a_list if kind == PERSON else (here | in_a_list) & Q(verb="read")
    return Entry.objects.filter(wanted).order_by("-id")
