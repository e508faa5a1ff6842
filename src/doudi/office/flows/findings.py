"""What people do with findings beside visiting: write down one of their own, hand it on, give it back, undo a close."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions.findings import (
    assign_task,
    create_task,
    drop_task,
    give_back_task,
    reopen_finding,
    write_field_finding,
)
from doudi.office.casework.deadlines import visit_deadline
from doudi.office.casework.models import Finding, Task
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.casework.queries.findings import nothing_followed
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.registry.models import Household

FAMILIES = ("in_need", "entitled_not_receiving", "receiving_changed")
# What people have seen with their own eyes stands before what the data only suggest.
FIELD_PRIORITY = 100


@transaction.atomic
def write_down(*, actor: User, at: datetime, household_id: int, family: str, text: str, form_token: str) -> int:
    """A finding made by hand: on the same list, with the same task and deadline. Gives its number."""
    require(actor, "finding.write")
    household = Household.objects.filter(pk=household_id).first()
    if household is None:
        raise NotYours(_("There is no such household."))
    refuse_near_relatives(household, actor)
    if family not in FAMILIES:
        raise Unacceptable(_("The kind is not one of the list."), advice=_("Choose what it is about."))
    finding = write_field_finding(
        actor=actor,
        at=at,
        household=household,
        family=family,
        text=_given(text),
        priority=FIELD_PRIORITY,
        form_token=form_token,
    )
    _ask_for_a_visit(actor, at, finding)
    return finding.pk


@transaction.atomic
def assign(*, actor: User, at: datetime, finding_pk: int, to_id: int) -> None:
    """Give the visit of a finding to somebody who works where the family lives."""
    require(actor, "finding.assign")
    task = _visit_task(finding_pk)
    to = User.objects.filter(pk=to_id, is_active=True, is_service_account=False).first()
    if to is None or not may(to, "visit.record") or not task.area.startswith(to.area_id):
        raise Unacceptable(
            _("This colleague does not visit in this area."), advice=_("Choose somebody of the township.")
        )
    refuse_near_relatives(task.household, to)
    assign_task(actor=actor, at=at, task=task, to=to)


@transaction.atomic
def give_back(*, actor: User, finding_pk: int, reason: str) -> None:
    """Whoever has the visit lets go of it, and says why."""
    require(actor, "task.visit")
    give_back_task(actor=actor, task=_visit_task(finding_pk), reason=_given(reason))


@transaction.atomic
def undo_close(*, actor: User, at: datetime, finding_pk: int, reason: str) -> None:
    """Take back the outcome of a finding on which nothing has been built yet. Somebody goes and looks again."""
    require(actor, "finding.close")
    finding = _finding(finding_pk)
    if not nothing_followed(finding):
        raise Refused(
            _("A case has been opened since, or the finding is not closed by a person."),
            advice=_("Correct it in the case."),
        )
    reopen_finding(actor=actor, finding=finding, reason=_given(reason))
    for task in Task.objects.filter(finding=finding, state=Task.State.OPEN):
        drop_task(actor=actor, at=at, task=task)
    _ask_for_a_visit(actor, at, finding)


def _ask_for_a_visit(actor: User, at: datetime, finding: Finding) -> None:
    due = visit_deadline(current_pack(), finding.area, localdate(at))
    create_task(actor=actor, at=at, kind=Task.Kind.VISIT, finding=finding, role="assistant", due=due)


def _finding(finding_pk: int) -> Finding:
    finding = Finding.objects.select_for_update().filter(pk=finding_pk).first()
    if finding is None:
        raise NotYours(_("There is no such finding."))
    return finding


def _visit_task(finding_pk: int) -> Task:
    finding = _finding(finding_pk)
    task = Task.objects.filter(finding=finding, kind=Task.Kind.VISIT, state=Task.State.OPEN).first()
    if task is None:
        raise Refused(_("No visit waits for this finding."), advice=_("Open the finding again."))
    return task


def _given(text: str) -> str:
    if not text.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say what you saw."))
    return text.strip()
