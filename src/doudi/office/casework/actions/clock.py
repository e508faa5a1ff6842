"""The clock of a case stopped, started again and extended; an application withdrawn, or found to be for another one."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Classification, ClockExtension, ClockStop, Withdrawal
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Person


@transaction.atomic
def stop(*, actor: User, case: Case, stop_id: str, reason: str, since: date) -> ClockStop:
    """Let the clock stand still from a day on, for one of the procedure's reasons."""
    try:
        with transaction.atomic():
            row = ClockStop.objects.create(
                case=case, stop=stop_id, reason=reason, since=since, stopped_by=actor, area=case.area
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_clock_stops_once_at_a_time":
            raise Refused(_("The clock stands still already."), advice=_("Open the case again.")) from None
        raise
    record(actor=actor, verb="clock.stop", obj=row, area=case.area, details={"case": case.pk, "stop": stop_id})
    return row


@transaction.atomic
def resume(*, actor: User, case: Case, until: date) -> None:
    """Let the clock run again; `until` is the last day on which it stood still."""
    row = ClockStop.objects.filter(case=case, until__isnull=True).first()
    if row is None or not ClockStop.objects.filter(pk=row.pk, until__isnull=True).update(until=until, resumed_by=actor):
        raise Refused(_("The clock is running."), advice=_("Open the case again."))
    record(actor=actor, verb="clock.resume", obj=row, area=case.area, details={"case": case.pk})


@transaction.atomic
def extend(*, actor: User, at: datetime, case: Case, extension_id: str, reason: str) -> ClockExtension:
    """Extend a limit for one of the procedure's reasons, each once."""
    try:
        with transaction.atomic():
            row = ClockExtension.objects.create(
                case=case, extension=extension_id, reason=reason, granted_at=at, granted_by=actor, area=case.area
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_clock_extended_once_for_a_reason":
            raise Refused(
                _("The limit was extended for this reason already."), advice=_("Open the case again.")
            ) from None
        raise
    record(actor=actor, verb="clock.extend", obj=row, area=case.area, details={"case": case.pk, "for": extension_id})
    return row


@transaction.atomic
def withdraw(*, actor: User, at: datetime, case: Case, signed_by: Person, signed_on: date, reason: str) -> Withdrawal:
    """End a case because the family took its application back."""
    row = Withdrawal.objects.create(
        case=case,
        signed_by=signed_by,
        signed_on=signed_on,
        reason=reason,
        recorded_at=at,
        recorded_by=actor,
        area=case.area,
    )
    record(actor=actor, verb="case.withdraw", obj=case, area=case.area, details={"withdrawal": row.pk})
    return row


@transaction.atomic
def choose_programme(
    *,
    actor: User,
    at: datetime,
    case: Case,
    recommended: str,
    open_before: Sequence[str],
    chosen: str,
    reason: str,
    as_of: date,
    pack_release: str,
    pack_hash: str,
) -> Classification:
    """Write down which programme the application is for, and go on under it."""
    row = Classification.objects.create(
        case=case,
        before=case.programme,
        recommended=recommended,
        open_before=list(open_before),
        chosen=chosen,
        reason=reason,
        as_of=as_of,
        pack_release=pack_release,
        pack_hash=pack_hash,
        chosen_at=at,
        chosen_by=actor,
        area=case.area,
    )
    if chosen != case.programme:
        try:
            with transaction.atomic():
                Case.objects.filter(pk=case.pk).update(programme=chosen)
        except IntegrityError as error:
            if broken_constraint(error) == "casework_case_one_open":
                raise Refused(
                    _("This household already has an open case of that programme."), advice=_("Go on with that case.")
                ) from None
            raise
        case.programme = chosen
    record(
        actor=actor,
        verb="case.choose_programme",
        obj=row,
        area=case.area,
        details={"case": case.pk, "from": row.before, "to": chosen, "recommended": recommended},
    )
    return row
