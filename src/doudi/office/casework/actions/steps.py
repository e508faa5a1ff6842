"""Claiming a case for a change, taking a step, setting steps aside; and the tasks that follow from what is open."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.pack.pack import Pack
from doudi.engine.workflow.procedure import Kind
from doudi.office.audit.actions import record
from doudi.office.casework.actions.findings import drop_task, shown_time
from doudi.office.casework.actions.follow import refresh_cards
from doudi.office.casework.conditions import Proposal
from doudi.office.casework.models import Case, StepRecord, Task
from doudi.office.casework.procedure import check_step, refuse_near_relatives, standing, step_to_take
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint

_DECIDED = (Case.State.OPEN, Case.State.APPROVED, Case.State.REFUSED)


@transaction.atomic
def claim_case(*, actor: User, case_number: str, version: int, also_decided: bool = False) -> Case:
    """Win the right to change a case: only the version that the form was made for is changed, and only once.

    The row stays locked until the flow's transaction ends, so that everything a flow does to a case is alone. Some
    steps come after the decision: `also_decided` lets a decided case be claimed for them.
    """
    states = _DECIDED if also_decided else (Case.State.OPEN,)
    won = Case.objects.filter(number=case_number, version=version, state__in=states).update(version=F("version") + 1)
    case = Case.objects.select_related("household").filter(number=case_number).first()
    if case is None:
        raise NotYours(_("There is no such case."))
    if won:
        refuse_near_relatives(case.household, actor)
        return case
    last = case.steps.filter(set_aside_at__isnull=True).order_by("-done_at", "-pk").select_related("done_by").first()
    since = (
        _(" The last step was done by %(who)s at %(when)s.")
        % {"who": last.done_by.display_name, "when": shown_time(last.done_at)}
        if last
        else ""
    )
    if case.state not in states:
        raise Refused(_("This case was already decided.") + since, advice=_("Open the case again."))
    raise Refused(
        _("This was already done, or the case has changed since you opened it.") + since,
        advice=_("Open the case again; what you typed is kept in the form."),
    )


@transaction.atomic
def hold_case(*, actor: User, case_number: str, also_decided: bool = False) -> Case:
    """Lock an open case for a change that brings its own mark against doubling; open forms of it become stale."""
    states = _DECIDED if also_decided else (Case.State.OPEN,)
    if not Case.objects.filter(number=case_number, state__in=states).update(version=F("version") + 1):
        if Case.objects.filter(number=case_number).exists():
            raise Refused(_("This case was already decided."), advice=_("Open the case again."))
        raise NotYours(_("There is no such case."))
    case = Case.objects.select_related("household").get(number=case_number)
    refuse_near_relatives(case.household, actor)
    return case


@transaction.atomic
def take_step(
    *,
    actor: User,
    at: datetime,
    case: Case,
    kind: Kind,
    pack: Pack,
    step: str = "",
    second: User | None = None,
    done_by: User | None = None,
    proposal: Proposal | None = None,
    note: str = "",
) -> StepRecord:
    """Take a step of a claimed case, if the procedure allows it, and put the next ones on the work lists.

    Without `step` it is the step of this kind whose turn it is. `done_by` is given when somebody enters what another
    did: a visit counts as its visitors' step. `proposal` is the amount of an opinion, a review or a decision.
    """
    today = localdate(at)
    doer = done_by or actor
    step = step or step_to_take(case, kind, actor=doer, pack=pack, today=today).id
    check_step(case, step, actor=doer, second=second, pack=pack, today=today, proposal=proposal)
    task = Task.objects.filter(case=case, step=step, state=Task.State.OPEN).first()
    try:
        with transaction.atomic():
            taken = StepRecord.objects.create(
                case=case,
                step=step,
                done_on=today,
                done_at=at,
                done_by=doer,
                done_with=second,
                note=note,
                due_on=task.due_on if task else None,
                area=case.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_step_taken_once":
            raise Refused(_("This step was already done."), advice=_("Open the case again.")) from None
        raise
    if task is not None:
        Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(state=Task.State.DONE, done_at=at, done_by=actor)
    record(actor=actor, verb=f"case.{step}", obj=case, area=case.area, details={"step": taken.pk})
    queue_open_steps(actor=actor, at=at, case=case, pack=pack, today=today)
    return taken


@transaction.atomic
def queue_open_steps(*, actor: User, at: datetime, case: Case, pack: Pack, today: date) -> None:
    """Make the open steps of a case the tasks of those who act, and drop tasks whose step is no longer open.

    A task that is open already keeps who took it up, and gets the last day that now holds.
    """
    now = standing(case, pack=pack, today=today)
    now_open = {each.step.id: each for each in now.open_steps}
    steps = Task.objects.filter(case=case, state=Task.State.OPEN, kind=Task.Kind.STEP)
    queued = {task.step: task for task in steps}
    for step_id, task in queued.items():
        if step_id not in now_open:
            drop_task(actor=actor, at=at, task=task)
    for step_id, each in now_open.items():
        # Where no clock runs yet the law says "at once": today.
        when = {
            "due_on": each.due.on if each.due else today,
            "due_is_provisional": each.due.provisional if each.due else False,
            "stands_still": each.stands_still,
        }
        if step_id in queued:
            Task.objects.filter(pk=queued[step_id].pk).update(**when)
            continue
        task = Task.objects.create(
            kind=Task.Kind.STEP,
            role=each.step.role,
            household=case.household,
            case=case,
            step=step_id,
            **when,
            not_before=each.allowed_from if each.allowed_from > today else None,
            created_at=at,
            area=case.area,
        )
        record(actor=actor, verb="task.create", obj=task, area=case.area, details={"step": step_id})
    refresh_cards(case=case, now=now)


@transaction.atomic
def set_steps_aside(*, actor: User, at: datetime, case: Case, steps: Sequence[str]) -> None:
    """Set steps aside that a founded objection has overturned. They stay in the file and have to be taken again."""
    StepRecord.objects.filter(case=case, step__in=steps, set_aside_at__isnull=True).update(
        set_aside_at=at, set_aside_by=actor
    )
    record(actor=actor, verb="case.set_aside", obj=case, area=case.area, details={"steps": list(steps)})
