"""What the form of a visit says, checked: day, outcome, who signed or why nobody did, place, neighbours' words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions.visits import Circumstances, Interview
from doudi.office.casework.models import Visit
from doudi.office.errors import Unacceptable
from doudi.office.registry.models import Membership, Person

WORDS_MAX = 4000
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,8})?")


def check_form(
    at: datetime,
    visited_on: date,
    outcome: str,
    reason: str,
    signed_by_id: int | None,
    unsigned_reason: str,
    members: Sequence[Membership],
) -> Person | None:
    if visited_on > localdate(at):
        raise Unacceptable(_("The day of the visit lies in the future."), advice=_("Correct the date."))
    if outcome not in Visit.Outcome.values:
        raise Unacceptable(_("The outcome is not one of the list."), advice=_("Choose what the visit found."))
    if not reason.strip():
        raise Unacceptable(_("A reason is needed, whatever the outcome."), advice=_("Say what you saw and were told."))
    signers = {row.person_id: row.person for row in members}
    if signed_by_id is not None and signed_by_id not in signers:
        raise Unacceptable(_("Who signed is no member of the household."), advice=_("Choose one of the members."))
    if (signed_by_id is None) != bool(unsigned_reason.strip()):
        raise Unacceptable(_("Either a member signed, or it says why nobody did."), advice=_("Fill in one of the two."))
    return signers[signed_by_id] if signed_by_id is not None else None


def checked(told: Circumstances, signed_by: Person | None) -> Circumstances:
    position = told.position.strip()
    if position and not is_position(position):
        raise Unacceptable(
            _("The position is not one in degrees."), advice=_("Write it like 34.75120, 113.62541, or leave it empty.")
        )
    if told.unsigned_kind and (told.unsigned_kind not in Visit.Unsigned.values or signed_by is not None):
        raise Unacceptable(_("Either a member signed, or it says why nobody did."), advice=_("Fill in one of the two."))
    return replace(told, position=position, place=told.place.strip())


def said(interviews: Sequence[Interview]) -> list[Interview]:
    told = [Interview(each.said.strip(), each.neighbour.strip(), each.lives.strip()) for each in interviews]
    if any(not each.said or len(each.said) > WORDS_MAX for each in told):
        raise Unacceptable(
            _("An interview has no words."), advice=_("Write down what the neighbour said, or leave the interview out.")
        )
    return told


def is_position(text: str) -> bool:
    """Is it a latitude and a longitude in degrees?"""
    parts = text.replace("，", ",").split(",")
    if len(parts) != 2 or not all(_DEGREES.fullmatch(part.strip()) for part in parts):
        return False
    latitude, longitude = (float(part) for part in parts)
    return abs(latitude) <= 90 and abs(longitude) <= 180
