"""`roll`: take over whoever receives already. One person of the county prepares a roll, another confirms it."""

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.money import format_yuan
from doudi.engine.values.period import Month
from doudi.office import clock
from doudi.office.console.database import database_running
from doudi.office.crypto import keyring
from doudi.office.flows.roll_files import Refusal, in_words
from doudi.office.flows.take_over import confirm_roll, prepare_roll
from doudi.office.org.models import User
from doudi.office.org.scope import job_scope

ROWS_SHOWN = 20


class NoSuchPersonError(DoudiError):
    """The named person does not work here."""

    code: ClassVar[str] = "DD-JOB-002"


class AtTheDeskError(DoudiError):
    """In production a roll is confirmed by somebody who has logged in, never by a name in a command."""

    code: ClassVar[str] = "DD-JOB-003"


def prepare(roll: Path, *, review: Path | None = None, as_of: date, paid_through: str, by: str) -> int:
    """Read a roll, check it whole, and keep it for the second person. Nothing of it is paid or recorded yet.

    Parameters
    ----------
    roll
        The families that receive, one row for each member (CSV in UTF-8 or GB18030, or XLSX).
    review
        What the old system's last review found out, one fact a row.
    as_of
        The day on which the roll was written.
    paid_through
        The last month that the old system pays, as 2026-11; this office pays from the next one on.
    by
        User name of the county reviewer who prepares it.
    """
    month = Month.parse(paid_through)
    with database_running():
        person = _person(by)
        with job_scope(person.area_id, f"preparing a roll for {by}"):
            done = prepare_roll(
                actor=person,
                at=clock.now(),
                roll=roll,
                review=review,
                as_of=as_of,
                paid_through=month,
                keyring=keyring(),
            )
    read, roll_kept = done.read, done.roll
    sys.stdout.write(
        f"roll {roll_kept.pk}: received {read.roll.received:,} = accepted {read.roll.accepted:,}"
        f" + quarantined {read.roll.quarantined:,} + duplicate {read.roll.duplicate:,} rows;"
        f" {roll_kept.families:,} families, {format_yuan(roll_kept.monthly_fen)} yuan a month\n"
        f"facts of the last review: received {read.review.received:,} = accepted {read.review.accepted:,}"
        f" + quarantined {read.review.quarantined:,} + duplicate {read.review.duplicate:,}\n"
    )
    _tell(read.refusals)
    sys.stdout.write(f"State: {roll_kept.get_state_display()}.\n")
    return 1 if read.refusals else 0


def confirm(roll_id: int, *, by: str, reason: str) -> None:
    """Take a prepared roll over, as the second person. In production that is done at the desk, after logging in.

    Parameters
    ----------
    roll_id
        The number that `prepare` gave.
    by
        User name of the county approver who has looked at it.
    reason
        With what it was compared.
    """
    if settings.DOUDI_MODE == "production":
        raise AtTheDeskError("a roll is confirmed at the desk.", advice="Log in as the approver and open Rolls.")
    with database_running():
        person = _person(by)
        with job_scope(person.area_id, f"taking over roll {roll_id} for {by}"):
            roll = confirm_roll(actor=person, at=clock.now(), roll_id=roll_id, reason=reason, keyring=keyring())
    sys.stdout.write(f"roll {roll_id}: taken over, {roll.families:,} families, {roll.people:,} people\n")


def _person(username: str) -> User:
    found = User.objects.filter(username=username, is_active=True, is_service_account=False).first()
    if found is None:
        raise NoSuchPersonError(f"nobody here has the user name {username}.", advice="Name somebody of the county.")
    return found


def _tell(refusals: tuple[Refusal, ...]) -> None:
    """How many rows wait for which reason, and where the first ones stand. No cell of them."""
    for (file, code), count in Counter((each.file, each.code) for each in refusals).most_common():
        sys.stdout.write(f"  {file} {code}: {count} - {in_words(code, 'en')}\n")
    for each in refusals[:ROWS_SHOWN]:
        sys.stdout.write(f"    {each.file} row {each.row} {each.column} {each.code}\n")
