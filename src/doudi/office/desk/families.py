"""A family as the pages show it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from doudi.office.casework.consents import ConsentView
from doudi.office.desk.labels import BASES, CONSENT_SCOPES, CONSENT_STATES, RELATIONS, RESIDENCES
from doudi.office.registry.queries import MemberView


def family_card(
    *,
    household_id: int,
    number: str,
    members: Sequence[MemberView],
    address: str = "",
    residence: str = "",
    basis: str = "",
    has_link: bool = True,
) -> dict[str, Any]:
    """What the card beside a finding, a visit or a case says of the family."""
    return {
        "href": reverse("household", args=[household_id]) if has_link else "",
        "number": number,
        "address": address,
        "residence": RESIDENCES[residence] if residence else "",
        "basis": BASES.get(basis, ""),
        "members": [member_row(member) for member in members],
    }


def member_row(member: MemberView) -> dict[str, Any]:
    """One member, masked."""
    return {**vars(member), "relation": RELATIONS[member.relation], "id_masked": member.masked_id}


def member_choices(members: Sequence[MemberView], *, only_adults: bool = False) -> list[tuple[int, str]]:
    """Members to choose from, by name and relation."""
    return [
        (member.person_id, f"{member.name}（{RELATIONS[member.relation]}）")
        for member in members
        if not (only_adults and member.is_minor)
    ]


def consent_row(consent: ConsentView) -> dict[str, Any]:
    """One adult's authorisation in words."""
    return {
        **vars(consent),
        "mark": CONSENT_STATES[consent.state],
        "scope": CONSENT_SCOPES[consent.scope] if consent.scope else "",
    }
