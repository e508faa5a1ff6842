"""A person's data put right: name, number, birth date, sex; what stood there before stays in the change."""

import json
from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.actions import ELSEWHERE_ADVICE, RecordedElsewhere, make_findable
from doudi.office.registry.changes import changed_meanwhile, write_change
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.ground import Ground
from doudi.office.registry.identity import Identity, identity_of
from doudi.office.registry.models import Change, Household, Person
from doudi.office.registry.terms import id_index, id_tail_index


class NothingDiffers(Refused):
    """A correction that would correct nothing."""

    code: ClassVar[str] = "DD-REGISTRY-002"


@transaction.atomic
def correct_person(
    *,
    actor: User,
    at: datetime,
    household: Household,
    person: Person,
    right: Identity,
    ground: Ground,
    keyring: Keyring,
    undoes: Change | None = None,
) -> Change:
    """Put a person's data right. With another number the person is known to the lake under another pseudonym too."""
    before = identity_of(person)
    if before == right:
        raise NothingDiffers(_("Nothing differs from what is recorded."), advice=_("Change what is wrong."))
    kind = Change.Kind.UNDO if undoes else Change.Kind.CORRECT
    change = write_change(
        actor=actor,
        at=at,
        household=household,
        kind=kind,
        ground=ground,
        person=person,
        before=before.as_text() | {"key": person.key},
        after=right.as_text(),
        undoes=undoes,
    )
    person.name, person.birth_date, person.sex = right.name, right.birth_date, right.sex
    if right.id_number != before.id_number:
        person.id_number = right.id_number
        person.id_index = id_index(keyring, right.id_number) if right.id_number else None
        person.id_tail_index = id_tail_index(keyring, right.id_number) if right.id_number else ""
        if right.id_number:
            person.key = keyring.pseudonym("person", right.id_number)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        if broken_constraint(error).startswith("registry_person_"):
            raise RecordedElsewhere(
                _("This number is recorded for another person."), advice=str(ELSEWHERE_ADVICE)
            ) from None
        raise
    make_findable([person])
    return change


@transaction.atomic
def undo_correction(
    *, actor: User, at: datetime, change: Change, person: Person, ground: Ground, keyring: Keyring
) -> Change:
    """Put back what a correction had replaced. Refused once the data were changed again."""
    before, after = json.loads(change.before), json.loads(change.after)
    key = before.pop("key")
    if hasattr(change, "undone_by") or identity_of(person) != Identity.from_text(after):
        raise changed_meanwhile()
    undo = correct_person(
        actor=actor,
        at=at,
        household=change.household,
        person=person,
        right=Identity.from_text(before),
        ground=ground,
        keyring=keyring,
        undoes=change,
    )
    # A person without a number gets the pseudonym back that was made for want of one.
    Person.objects.filter(pk=person.pk).update(key=key)
    return undo
