"""A whole identity number on the screen: a reasoned act of its own, kept in the audit (promise P30)."""

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.errors import NotYours, Unacceptable
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Household, Membership

# Fixed words; nobody types about a person into the audit.
REASONS = frozenset({"compare the paper", "answer the family", "letter to a department", "bank asks"})


@transaction.atomic
def unmask(*, actor: User, household_id: int, person_id: int, reason: str) -> str:
    """The whole number of a member, for one of the reasons that the office has."""
    require(actor, "household.unmask")
    household = Household.objects.filter(pk=household_id).first()
    row = Membership.objects.filter(household=household_id, person=person_id, to_date__isnull=True).first()
    if household is None or row is None:
        raise NotYours(_("There is no such member."))
    refuse_near_relatives(household, actor)
    if reason not in REASONS:
        raise Unacceptable(_("What the number is needed for is not said."), advice=_("Choose one of the list."))
    record(
        actor=actor,
        verb="person.unmask",
        obj=row.person,
        area=row.person.area,
        details={"fields": ["id_number"]},
        purpose=reason,
    )
    return str(row.person.id_number)
