"""Near relatives of officials (近亲属备案), declared on a household at any time: also for whoever joined it later."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions.cases import add_near_relative, withdraw_near_relative
from doudi.office.casework.actions.steps import hold_case, queue_open_steps
from doudi.office.casework.models import Case, NearRelative
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.registry import claim_household, typed_text
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Household, Membership


@transaction.atomic
def declare_relative(
    *,
    actor: User,
    at: datetime,
    household_id: int,
    person_id: int,
    relation: str,
    official_id: int | None = None,
    official_name: str = "",
) -> NearRelative:
    """Enter a member into the register. Open cases of the family are visited by the county from then on."""
    household = claim_household(actor, household_id)
    row = Membership.objects.filter(household=household, person=person_id, to_date__isnull=True).first()
    official = User.objects.filter(pk=official_id, is_service_account=False).first() if official_id else None
    if row is None or (official is None and not official_name.strip()):
        raise Unacceptable(
            _("A declaration names a member and the official."), advice=_("Fill in both, or remove the line.")
        )
    made = add_near_relative(
        actor=actor,
        at=at,
        case=None,
        area=household.area,
        person=row.person,
        official=official,
        official_name="" if official else official_name.strip(),
        relation=typed_text(relation, _("How they are related is not said.")),
    )
    _route_anew(actor, at, household, official)
    return made


@transaction.atomic
def withdraw_relative(*, actor: User, at: datetime, relative_id: int, reason: str) -> None:
    """Take an entry out that was wrong. Never by the official it names."""
    require(actor, "household.change")
    relative = NearRelative.objects.select_related("person").filter(pk=relative_id).first()
    if relative is None:
        raise NotYours(_("There is no such entry."))
    if actor.pk in (relative.official_id, relative.recorded_by_id):
        raise Refused(
            _("Neither the official nor whoever entered it takes an entry out."), advice=_("A colleague does it.")
        )
    homes = Household.objects.filter(memberships__person=relative.person_id, memberships__superseded_at__isnull=True)
    for household in homes.filter(memberships__to_date__isnull=True).distinct():
        refuse_near_relatives(household, actor)
    withdraw_near_relative(actor=actor, at=at, relative=relative, reason=typed_text(reason, _("A reason is needed.")))


def _route_anew(actor: User, at: datetime, household: Household, official: User | None) -> None:
    if official is not None and official.pk == actor.pk:
        return  # from now on not this person's to act on: the next step of a colleague's queues what is due
    for case in Case.objects.filter(household=household, state=Case.State.OPEN):
        held = hold_case(actor=actor, case_number=case.number)
        queue_open_steps(actor=actor, at=at, case=held, pack=current_pack(), today=localdate(at))
