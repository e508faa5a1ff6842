"""What the brake of a night holds is loaded only after two people have looked at it and released it (promise P26).

    1  one of them asks, with a reason; anybody of them can withdraw that until it is confirmed
    2  another one confirms, with a reason of the same kind; the findings are loaded in the same transaction

Only the newest night of a county is released: what an older one held stands in the newer one again.
"""

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.engine.pipeline.manifest import Held, open_run
from doudi.engine.values.keys import Keyring
from doudi.office.errors import NotYours, Refused
from doudi.office.evidence import actions
from doudi.office.evidence.models import HeldRelease, NightRun
from doudi.office.flows.load_night import LoadReport, load_released
from doudi.office.org.models import User
from doudi.office.org.permissions import require

CAPABILITY = "night.release"


def held_by(night: NightRun) -> tuple[Held, ...]:
    """What the brake of this night holds, as the sealed manifest says it."""
    return open_run(Path(night.lake), night.run_id).manifest.held


@transaction.atomic
def ask(*, actor: User, at: datetime, run_id: str, rule: str, reason: str) -> HeldRelease:
    """The first of two people wants what the night holds under this rule to be loaded."""
    require(actor, CAPABILITY)
    night = _newest(actor, run_id)
    if rule not in {hold.rule for hold in held_by(night)}:
        raise Refused(_("The night holds nothing under this rule."), advice=_("Open the night again."))
    return actions.ask_for_release(actor=actor, at=at, night=night, rule=rule, reason=_said(reason))


@transaction.atomic
def confirm(*, actor: User, at: datetime, release_pk: int, reason: str, keyring: Keyring) -> LoadReport:
    """The second person confirms, and what was held is loaded."""
    require(actor, CAPABILITY)
    release = _release(actor, release_pk)
    _newest(actor, release.night.run_id)
    actions.confirm_release(actor=actor, at=at, release=release, reason=_said(reason))
    return load_released(night=release.night, rule=release.rule, keyring=keyring, actor=actor, at=at)


@transaction.atomic
def withdraw(*, actor: User, at: datetime, release_pk: int) -> None:
    """Nothing is loaded; the release may be asked for again."""
    require(actor, CAPABILITY)
    actions.withdraw_release(actor=actor, at=at, release=_release(actor, release_pk))


def _newest(actor: User, run_id: str) -> NightRun:
    night = NightRun.objects.filter(area=actor.area_id).order_by("-as_of", "-pk").first()
    if night is None:
        raise NotYours(_("There is no such night."))
    if night.run_id != run_id:
        raise Refused(
            _("A newer night has been loaded since."),
            advice=_("Release what the newest night holds; it holds it again."),
        )
    return night


def _release(actor: User, release_pk: int) -> HeldRelease:
    found = (
        HeldRelease.objects.select_for_update(of=("self",))
        .select_related("night")
        .filter(pk=release_pk, night__area=actor.area_id)
        .first()
    )
    if found is None:
        raise NotYours(_("There is no such release."))
    return found


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused(_("A release needs a reason."), advice=_("Say what you looked at."))
    return reason.strip()
