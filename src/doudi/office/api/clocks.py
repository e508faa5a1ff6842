"""The clock of a case (期限): stopped, started again, extended; an application withdrawn."""

from datetime import date

from django.http import HttpRequest
from ninja import Router

from doudi.office import clock
from doudi.office.api.cases import Version
from doudi.office.flows import keep_time
from doudi.office.flows.outcome import StepDone
from doudi.office.org.presence import person_at

router = Router(tags=["clocks"])


class Stopped(Version):
    """A reason that the procedure names, and what the office waits for."""

    stop: str
    reason: str


class Extended(Version):
    """A reason that the procedure names, and why this case needs it."""

    extension: str
    reason: str


class Withdrawn(Version):
    """Who of the family signed, when, and what it said."""

    signed_by_id: int
    signed_on: date
    reason: str


@router.post("/{number}/clock/stop", response=StepDone, summary="Let the clock stand still")
def stop(request: HttpRequest, number: str, sent: Stopped) -> StepDone:
    """From today on."""
    return keep_time.stop_clock(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/clock/resume", response=StepDone, summary="Let the clock run again")
def resume(request: HttpRequest, number: str, sent: Version) -> StepDone:
    """Today was the last day on which it stood still."""
    return keep_time.resume_clock(actor=person_at(request), at=clock.now(), case_number=number, version=sent.version)


@router.post("/{number}/clock/extend", response=StepDone, summary="Extend a limit")
def extend(request: HttpRequest, number: str, sent: Extended) -> StepDone:
    """By the county, once for each reason."""
    return keep_time.extend_limit(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/withdraw", response=StepDone, summary="The family takes its application back")
def withdraw(request: HttpRequest, number: str, sent: Withdrawn) -> StepDone:
    """It may apply anew at any time."""
    return keep_time.withdraw(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())
