"""Whose case it is: the family as it was applied for, whatever the registry has learned since."""

from datetime import date

from doudi.office.casework.models import Case
from doudi.office.evidence.family import current_members
from doudi.office.registry.models import Membership


def family_of(case: Case, on: date) -> list[Membership]:
    """The members of a case's family, head first: those of a day, or those kept when the registry changed under it."""
    kept = list(case.kept_members.values_list("membership_id", flat=True))
    if not kept:
        return current_members(case.household, on)
    rows = Membership.ever.filter(pk__in=kept).select_related("person")
    return sorted(rows, key=lambda row: (row.relation, row.pk))


def is_kept(case: Case) -> bool:
    """Has the registry changed since this family applied?"""
    return case.kept_members.exists()
