"""Publicity and objections."""

import secrets
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Objection, Publicity, PublicSheet
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint


@transaction.atomic
def hang_sheet(
    *,
    actor: User,
    at: datetime,
    case: Case,
    step: str,
    starts_on: date,
    ends_on: date,
    masked_name: str,
    member_count: int,
    opinion: str,
) -> PublicSheet:
    """Start a publicity and make the sheet that the public may read."""
    publicity = Publicity.objects.create(
        case=case, step=step, starts_on=starts_on, ends_on=ends_on, started_at=at, started_by=actor, area=case.area
    )
    sheet = PublicSheet.objects.create(
        publicity=publicity,
        token=secrets.token_urlsafe(24),
        programme=case.programme,
        masked_name=masked_name,
        member_count=member_count,
        opinion=opinion,
        village=case.area,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    record(
        actor=actor,
        verb="publicity.start",
        obj=publicity,
        area=case.area,
        details={"case": case.pk, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()},
    )
    return sheet


@transaction.atomic
def take_sheet_down(*, actor: User, at: datetime, publicity: Publicity) -> None:
    """Withdraw a publicity whose opinion was overturned: the sheet is gone at once."""
    Publicity.objects.filter(pk=publicity.pk, withdrawn_at__isnull=True).update(withdrawn_at=at, withdrawn_by=actor)
    PublicSheet.objects.filter(publicity=publicity, withdrawn_at__isnull=True).update(withdrawn_at=at)
    record(actor=actor, verb="publicity.withdraw", obj=publicity, area=publicity.area)


@transaction.atomic
def add_objection(
    *,
    actor: User,
    at: datetime,
    publicity: Publicity,
    received_on: date,
    objector: str,
    text: str,
    form_token: str,
) -> Objection:
    """Write down an objection; anonymous ones count too."""
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                publicity=publicity,
                received_on=received_on,
                objector=objector,
                text=text,
                recorded_at=at,
                recorded_by=actor,
                form_token=form_token,
                area=publicity.area,
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_objection_form_token"):
            raise Refused(
                _("This objection was already recorded; the form was sent twice."), advice=_("Open the case.")
            ) from None
        raise
    record(
        actor=actor,
        verb="objection.record",
        obj=objection,
        area=objection.area,
        details={"publicity": publicity.pk},
    )
    return objection


@transaction.atomic
def settle(*, actor: User, at: datetime, objection: Objection, outcome: str, reason: str) -> None:
    """Say what was found about an objection."""
    changed = Objection.objects.filter(pk=objection.pk, settled_at__isnull=True).update(
        outcome=outcome, settle_reason=reason, settled_at=at, settled_by=actor
    )
    if not changed:
        raise Refused(_("This objection was already settled."), advice=_("Open the case again."))
    record(actor=actor, verb="objection.settle", obj=objection, area=objection.area, details={"outcome": outcome})
