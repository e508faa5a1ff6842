"""Requests between townships to receive a household."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.ground import Ground
from doudi.office.registry.models import Household, MoveRequest


@transaction.atomic
def ask(
    *, actor: User, at: datetime, household: Household, to_area: str, told: str, address: str, ground: Ground
) -> MoveRequest:
    """Ask another township. One request at a time."""
    try:
        with transaction.atomic():
            asked = MoveRequest.objects.create(
                household=household,
                told=told,
                address=address,
                on=ground.on,
                reason=ground.reason,
                paper=ground.paper,
                asked_at=at,
                asked_by=actor,
                area=household.area,
                to_area=to_area,
            )
    except IntegrityError:
        raise Refused(
            _("A township was asked already to receive this household."), advice=_("Withdraw that request first.")
        ) from None
    details = {"request": asked.pk, "to": to_area}
    record(actor=actor, verb="household.ask_move", obj=household, area=household.area, details=details)
    return asked


@transaction.atomic
def answer(*, actor: User, at: datetime, asked: MoveRequest, state: MoveRequest.State, text: str) -> None:
    """Accept, refuse or withdraw a request that still waits."""
    changed = MoveRequest.objects.filter(pk=asked.pk, state=MoveRequest.State.ASKED).update(
        state=state, answered_at=at, answered_by=actor, answer=text
    )
    if not changed:
        raise Refused(_("This request was answered already."), advice=_("Open the household again."))
    area = asked.area if state == MoveRequest.State.WITHDRAWN else asked.to_area
    record(actor=actor, verb="household.answer_move", obj=asked, area=area, details={"state": state.value})
