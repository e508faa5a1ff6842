"""Looking into the audit: the auditor's own looks are acts like any other, and leave their trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from doudi.engine.values.identity import mask_id, mask_name
from doudi.office.audit.actions import record, record_read
from doudi.office.casework.models import Case, Finding
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Household, Person


@dataclass(frozen=True)
class PersonShown:
    """Whom the looks were at, masked."""

    person_id: int
    name: str
    masked_id: str
    # Where a look at somebody is recorded: the person's own record, the families, their cases and findings.
    records: Mapping[str, tuple[int, ...]]


def note_look(*, actor: User, filters: Mapping[str, Any]) -> None:
    """Record that somebody reads the audit, and what for: which officer, kind and days."""
    require(actor, "audit.see")
    asked = {name: str(value) for name, value in filters.items() if value not in ("", None)}
    record(actor=actor, verb="audit.look", obj=None, area=actor.area_id, details={"filters": asked})


def person_shown(*, actor: User, person_id: int) -> PersonShown | None:
    """The person whose looks are asked for; None if there is none in the reader's area. This is a look too."""
    require(actor, "audit.see")
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        return None
    fields = ("name", "id_number")
    record_read(actor=actor, objects=[person], fields=fields, area=person.area, purpose="who looked at this person")
    families = tuple(person.memberships.values_list("household_id", flat=True))
    records = {model._meta.label_lower: _of_families(model, families) for model in (Case, Finding)}
    own = {Person._meta.label_lower: (person.pk,), Household._meta.label_lower: families}
    return PersonShown(person.pk, mask_name(person.name), mask_id(person.id_number), own | records)


def _of_families(model: type[Case] | type[Finding], families: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(model.objects.filter(household__in=families).values_list("pk", flat=True))
