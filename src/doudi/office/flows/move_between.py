"""A household moves to another township: its own asks, the other one accepts. Two people, each on their side.

Neither sees more of the other's area than the request. The database carries the records over in one act of the
receiving side; what was recorded before stays with the township that recorded it and with the county.
"""

import re
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_id
from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Finding
from doudi.office.entitlements.queries import runs_on
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.registry import check_ground, claim_household, typed_text
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry import requests
from doudi.office.registry.changes import note_arrival
from doudi.office.registry.ground import Ground, Place
from doudi.office.registry.models import Household, Membership, MoveRequest
from doudi.office.registry.terms import relation_label

_TOWNSHIP, _VILLAGE = re.compile(r"[0-9]{9}"), re.compile(r"[0-9]{12}")


@transaction.atomic
def ask_to_move(
    *, actor: User, at: datetime, household_id: int, to_area: str, address: str, ground: Ground
) -> MoveRequest:
    """Ask another township of the city to receive a household. Nothing of it moves until that township accepts."""
    household = claim_household(actor, household_id)
    check_ground(at, ground)
    is_township = _TOWNSHIP.fullmatch(to_area) and to_area in current_pack().divisions()
    if not is_township or to_area.startswith(actor.area_id) or to_area[:4] != household.area[:4]:
        raise Unacceptable(
            _("This is no other township of the city."),
            advice=_("Inside of your own area enter the move itself; to another city the family applies there anew."),
        )
    _refuse_while_something_stands(household, at)
    rows = Membership.objects.filter(household=household, to_date__isnull=True).select_related("person")
    members = sorted(rows, key=lambda row: (row.relation, row.pk))
    if not members:
        raise Refused(_("Nobody belongs to this household."), advice=_("Open the household again."))
    told = [
        f"{row.person.name} {relation_label(row.relation, 'zh')} {mask_id(row.person.id_number)}" for row in members
    ]
    return requests.ask(
        actor=actor,
        at=at,
        household=household,
        to_area=to_area,
        told="\n".join([household.number, *told]),
        address=typed_text(address, _("The address is not given.")),
        ground=ground,
    )


@transaction.atomic
def accept_move(*, actor: User, at: datetime, request_id: int, area: str, answer: str) -> Household:
    """Receive the household in one of one's own villages. By somebody else than whoever asked."""
    asked = _received(actor, request_id)
    if asked.asked_by_id == actor.pk:
        raise Refused(_("Whoever asked can't accept."), advice=_("A colleague of the receiving township accepts."))
    if not _VILLAGE.fullmatch(area) or not area.startswith(asked.to_area) or area not in current_pack().divisions():
        raise Unacceptable(_("This village or community is not of your area."), advice=_("Choose one of the list."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.registry_receive_household(%s, %s, %s)", [asked.pk, area, at])
    requests.answer(actor=actor, at=at, asked=asked, state=MoveRequest.State.ACCEPTED, text=answer.strip())
    household = Household.objects.get(pk=asked.household_id)
    ground = Ground(asked.on, asked.reason, asked.paper)
    note_arrival(actor=actor, at=at, household=household, place=Place(area, asked.address), ground=ground)
    record(actor=actor, verb="household.receive", obj=household, area=area, details={"request": asked.pk})
    return household


@transaction.atomic
def refuse_move(*, actor: User, at: datetime, request_id: int, answer: str) -> None:
    """The family does not live here, or something is missing: the asking township is told why."""
    asked = _received(actor, request_id)
    text = typed_text(answer, _("A reason is needed."))
    requests.answer(actor=actor, at=at, asked=asked, state=MoveRequest.State.REFUSED, text=text)


@transaction.atomic
def withdraw_move(*, actor: User, at: datetime, request_id: int) -> None:
    """The asking township takes its request back."""
    require(actor, "household.change")
    asked = MoveRequest.objects.filter(pk=request_id).first()
    if asked is None or not asked.area.startswith(actor.area_id):
        raise NotYours(_("There is no such request."))
    requests.answer(actor=actor, at=at, asked=asked, state=MoveRequest.State.WITHDRAWN, text="")


def _received(actor: User, request_id: int) -> MoveRequest:
    require(actor, "household.change")
    asked = MoveRequest.objects.filter(pk=request_id).first()
    if asked is None or not asked.to_area.startswith(actor.area_id):
        raise NotYours(_("There is no such request."))
    return asked


def _refuse_while_something_stands(household: Household, at: datetime) -> None:
    """What a township has begun it ends: its work can't follow into an area that it does not see."""
    cases = Case.objects.filter(household=household, state=Case.State.OPEN).values_list("number", flat=True)
    if cases:
        raise Refused(
            _("An open case stands on this household: %(numbers)s.") % {"numbers": ", ".join(cases)},
            advice=_("Let it be decided or withdrawn first."),
        )
    running = runs_on(household.pk, localdate(at))
    if running:
        raise Refused(
            _("This household receives help: %(numbers)s.")
            % {"numbers": ", ".join(sorted({row.case_number for row in running}))},
            advice=_("The help ends here and is applied for in the other township; until then the family stays here."),
        )
    if Finding.objects.filter(household=household, state=Finding.State.OPEN).exists():
        raise Refused(
            _("An open finding stands on this household."), advice=_("Visit the family and close the finding first.")
        )
