"""Who of a household may hold its payee account: the one thing that finance has to know of a family's members."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record_read
from doudi.office.errors import NotYours
from doudi.office.evidence.family import current_members
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Household


@dataclass(frozen=True)
class Holders:
    """A household's number, and its members by id and name; nothing else of them."""

    household_number: str
    members: tuple[tuple[int, str], ...]


@transaction.atomic
def account_holders(*, actor: User, household_id: int, on: date) -> Holders:
    """The members among whom the holder of a new account is chosen. The look leaves an audit row."""
    require(actor, "money.repay")
    household = Household.objects.filter(pk=household_id).first()
    if household is None:
        raise NotYours(_("There is no such record in your area."))
    people = [row.person for row in current_members(household, on)]
    record_read(actor=actor, objects=people, fields=("name",), area=household.area, purpose="new payee account")
    return Holders(household.number, tuple((person.pk, person.name) for person in people))
