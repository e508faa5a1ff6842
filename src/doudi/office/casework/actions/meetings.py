"""Meetings on single cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Meeting, MeetingMember
from doudi.office.org.models import User


@dataclass(frozen=True)
class Seat:
    """Somebody called to a meeting, how he or she voted, and why somebody stepped aside."""

    user: User
    vote: str
    recusal_reason: str = ""


@transaction.atomic
def write_meeting(
    *,
    actor: User,
    at: datetime,
    case: Case,
    held_on: date,
    agenda: str,
    minutes: str,
    amount_fen: int,
    outcome: Meeting.Outcome,
    votes: Mapping[str, int],
    seats: Sequence[Seat],
) -> Meeting:
    """Write a meeting down with everybody's vote."""
    meeting = Meeting.objects.create(
        case=case,
        held_on=held_on,
        agenda=agenda,
        minutes=minutes,
        amount_fen=amount_fen,
        outcome=outcome,
        votes_for=votes[MeetingMember.Vote.FOR],
        votes_against=votes[MeetingMember.Vote.AGAINST],
        abstained=votes[MeetingMember.Vote.ABSTAINED],
        recorded_at=at,
        recorded_by=actor,
        area=case.area,
    )
    MeetingMember.objects.bulk_create(
        [
            MeetingMember(
                meeting=meeting, user=seat.user, vote=seat.vote, recusal_reason=seat.recusal_reason, area=case.area
            )
            for seat in seats
        ]
    )
    record(
        actor=actor,
        verb="meeting.record",
        obj=meeting,
        area=case.area,
        details={"case": case.pk, "outcome": outcome.value, "amount_fen": amount_fen, "members": len(seats)},
    )
    return meeting


@transaction.atomic
def set_meetings_aside(*, actor: User, at: datetime, case: Case) -> None:
    """A founded objection overturns what a meeting agreed to; it stays in the file."""
    for meeting in Meeting.objects.filter(case=case, set_aside_at__isnull=True):
        Meeting.objects.filter(pk=meeting.pk).update(set_aside_at=at)
        record(actor=actor, verb="meeting.set_aside", obj=meeting, area=case.area, details={"case": case.pk})
