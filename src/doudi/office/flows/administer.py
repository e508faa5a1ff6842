"""Looking after who works here: accounts, roles, areas, deputies, first passwords. Each act with its audit entry.

The database's own functions do it, for the scope of an administrator only; what they refuse is refused here in words
before. Nobody changes their own account.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.org.actions import KIND_BY_DIGITS
from doudi.office.org.invitations import hash_of, new_code
from doudi.office.org.models import Area, Delegation, Role, User
from doudi.office.org.permissions import are_incompatible, require

INVITATION_MINUTES = 24 * 60


@transaction.atomic
def add_user(*, actor: User, username: str, display_name: str, role: str, area: str, organisation: str) -> User:
    """Add somebody who works here, without a password; `invite` gives the code to set one."""
    _check_place(actor, role=role, area=area)
    try:
        with transaction.atomic():
            made = _ask(
                "SELECT public.org_add_user(%s, %s, %s, %s, %s)", [username, display_name, role, area, organisation]
            )
    except IntegrityError:
        raise _name_taken() from None
    user = User.objects.get(pk=made)
    record(actor=actor, verb="user.create", obj=user, area=area, details={"role": role})
    return user


@transaction.atomic
def change_user(
    *,
    actor: User,
    user_id: int,
    username: str,
    display_name: str,
    role: str,
    area: str,
    organisation: str,
    is_active: bool,
) -> User:
    """Change what an account says. A new role or area, or an account put to rest, ends its open sessions at once."""
    user = looked_after(actor, user_id)
    _check_place(actor, role=role, area=area)
    given = {
        "username": username,
        "display_name": display_name,
        "role": role,
        "area_id": area,
        "organisation": organisation,
        "is_active": is_active,
    }
    changed = {name: value for name, value in given.items() if getattr(user, name) != value}
    if not changed:
        return user
    if "role" in changed:
        _refuse_clashing_deputies(user, role)
    try:
        with transaction.atomic():
            _ask(
                "SELECT public.org_change_user(%s, %s, %s, %s, %s, %s, %s)",
                [user_id, username, display_name, role, area, organisation, is_active],
            )
    except IntegrityError:
        raise _name_taken() from None
    before = {name: getattr(user, name) for name in changed if name in {"role", "area_id", "is_active"}}
    details = {"changed": sorted(changed), "before": before, "role": role, "area": area, "is_active": is_active}
    record(actor=actor, verb="user.change", obj=user, area=area, details=details)
    user.refresh_from_db()
    return user


@transaction.atomic
def invite(*, actor: User, user_id: int) -> str:
    """A fresh code with which somebody sets a password; earlier ones end. Shown once: only its hash is kept."""
    user = looked_after(actor, user_id)
    code = new_code()
    _ask("SELECT public.org_invite(%s, %s, %s)", [user_id, hash_of(code), INVITATION_MINUTES])
    record(actor=actor, verb="user.invite", obj=user, area=user.area_id)
    return code


@transaction.atomic
def forget_second_factor(*, actor: User, user_id: int) -> None:
    """Take a lost second factor away; at the next log-in a new one is set up."""
    user = looked_after(actor, user_id)
    _ask("SELECT public.org_forget_second_factor(%s)", [user_id])
    record(actor=actor, verb="user.second_factor_reset", obj=user, area=user.area_id)


@transaction.atomic
def set_area(*, actor: User, code: str, name: str) -> None:
    """Add a division within one's own, or give it another name."""
    require(actor, "user.manage")
    if not (code.isascii() and code.isdigit() and len(code) in KIND_BY_DIGITS):
        raise Unacceptable(_("A division's code has 6, 9 or 12 digits."), advice=_("Correct the code."))
    if not code.startswith(actor.area_id) or code == actor.area_id:
        raise Unacceptable(_("This division does not lie within yours."), advice=_("Correct the code."))
    _ask("SELECT public.org_set_area(%s, %s, %s)", [code, name, str(KIND_BY_DIGITS[len(code)].value)])
    record(actor=actor, verb="area.set", obj=Area.objects.get(pk=code), area=code)


@transaction.atomic
def delegate(*, actor: User, absent_id: int, deputy_id: int, first_day: date, last_day: date) -> Delegation:
    """Let somebody act for a colleague from one day to another, both included, by the server's own clock."""
    absent, deputy = looked_after(actor, absent_id), looked_after(actor, deputy_id)
    if absent == deputy or last_day < first_day:
        raise Unacceptable(_("A deputy is somebody else, and the last day is not before the first."), advice="")
    _refuse_incompatible(absent.role, deputy.role)
    made = _ask("SELECT public.org_delegate(%s, %s, %s, %s)", [absent_id, deputy_id, first_day, last_day])
    delegation = Delegation.objects.get(pk=made)
    details = {"deputy": deputy_id, "from": str(first_day), "to": str(last_day)}
    record(actor=actor, verb="user.delegate", obj=absent, area=absent.area_id, details=details)
    return delegation


@transaction.atomic
def end_delegation(*, actor: User, delegation_id: int) -> None:
    """End a deputy's rights at once."""
    require(actor, "user.manage")
    delegation = Delegation.objects.filter(pk=delegation_id).first()
    if delegation is None:
        raise NotYours(_("There is no such record in your area."))
    absent = looked_after(actor, delegation.absent_id)
    _ask("SELECT public.org_end_delegation(%s)", [delegation_id])
    record(actor=actor, verb="user.delegation_end", obj=absent, area=absent.area_id, details={"id": delegation_id})


def looked_after(actor: User, user_id: int) -> User:
    """An account within the administrator's area that is not their own; anything else looks like what is not there."""
    require(actor, "user.manage")
    user = User.objects.select_related("area").filter(pk=user_id, is_service_account=False).first()
    if user is None or not user.area_id.startswith(actor.area_id):
        raise NotYours(_("There is no such record in your area."))
    if user.pk == actor.pk:
        raise Refused(_("Nobody changes their own account."), advice=_("Ask another administrator."))
    return user


def _check_place(actor: User, *, role: str, area: str) -> None:
    require(actor, "user.manage")
    if role not in Role.values or role == Role.SERVICE:
        raise Unacceptable(_("There is no such role."), advice=_("Choose one of the list."))
    if role == Role.TOWNSHIP_REVIEWER and KIND_BY_DIGITS.get(len(area)) != Area.Kind.TOWNSHIP:
        raise Unacceptable(_("A township reviewer works for one township."), advice=_("Choose the township."))
    if not area.startswith(actor.area_id) or not Area.objects.filter(pk=area).exists():
        raise Unacceptable(_("This division does not lie within yours."), advice=_("Choose one of the list."))


def _refuse_clashing_deputies(user: User, role: str) -> None:
    """A new role must fit the delegations that the account still gives and holds."""
    running = Delegation.objects.filter(ended_at__isnull=True).select_related("absent", "deputy")
    for each in running.filter(absent=user):
        _refuse_incompatible(role, each.deputy.role)
    for each in running.filter(deputy=user):
        _refuse_incompatible(each.absent.role, role)


def _refuse_incompatible(absent: str, deputy: str) -> None:
    if are_incompatible(absent, deputy):
        raise Refused(
            _("These two roles don't go together in one person."),
            advice=_(
                "Who enters decides nothing, who decides pays nothing. Choose somebody else, or end the delegation."
            ),
        )


def _name_taken() -> Unacceptable:
    return Unacceptable(_("This user name is taken."), advice=_("Choose another one."))


def _ask(statement: str, parameters: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return row[0] if row else None
