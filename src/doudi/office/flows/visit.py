"""A home visit: taken up, written down with what was seen, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.workflow.reading import load_procedure
from doudi.office.casework.actions.findings import close_finding, create_task, finish_task, take_up_task
from doudi.office.casework.actions.steps import hold_case, take_step
from doudi.office.casework.actions.visits import Circumstances, Interview, add_interviews, write_visit
from doudi.office.casework.deadlines import application_deadline, visit_deadline
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Finding, Task, Visit
from doudi.office.casework.procedure import refuse_near_relatives, standing
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import NewFact, record_facts
from doudi.office.evidence.family import current_members
from doudi.office.evidence.models import Fact
from doudi.office.evidence.queries import FactLine, facts_of_household
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.evidence.terms import Seen, definition_for, stored
from doudi.office.flows.visit_checks import check_form, checked, said
from doudi.office.flows.visit_record import NewPhoto, lay_photos
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.registry.actions import establish_household, meet_persons
from doudi.office.registry.models import Household, Membership, Person

__all__ = [
    "Circumstances",
    "Interview",
    "NewPhoto",
    "VisitDone",
    "close_unanswered",
    "note_no_application",
    "record_visit",
    "take_up",
]

# The finding is about help the household already gets: confirming it leads to a re-check, never by itself to a cut.
RECEIVING_CHANGED = "receiving_changed"
# Whose visits are the county's own: where a near relative of an official is registered, say.
_COUNTY_ROLES = ("reviewer", "approver")


@dataclass(frozen=True)
class VisitDone:
    """What became of a visit. `contradictions` are facts on which visit, department and family differ."""

    visit_id: int
    household_id: int
    contradictions: tuple[FactLine, ...]
    finding_state: str
    home_visit_is_done: bool


@transaction.atomic
def take_up(*, actor: User, at: datetime, task_id: int) -> None:
    """Say that one is on the way: from then on the night closes nothing under one's hands."""
    require(actor, "task.visit")
    take_up_task(actor=actor, at=at, task=_task(task_id))


@transaction.atomic
def record_visit(
    *,
    actor: User,
    at: datetime,
    visited_on: date,
    second_visitor_id: int,
    outcome: str,
    reason: str,
    form_token: str,
    seen: Sequence[Seen] = (),
    task_id: int | None = None,
    case_number: str | None = None,
    signed_by_id: int | None = None,
    unsigned_reason: str = "",
    circumstances: Circumstances | None = None,
    interviews: Sequence[Interview] = (),
    photos: Sequence[NewPhoto] = (),
    lang: str = "zh-hans",
) -> VisitDone:
    """Write a visit down: who went, who signed, what was seen, what it means for the finding or the case."""
    task = _task(task_id) if task_id is not None else None
    case, household = _subject(actor, task, case_number)
    is_by_county = not may(actor, "visit.record") and _is_due_from_county(actor, at, case)
    if not is_by_county:
        require(actor, "visit.record")
    finding = task.finding if task is not None else None
    members = family_of(case, localdate(at)) if case else current_members(household, localdate(at))
    second = _second_visitor(actor, second_visitor_id, household, is_by_county=is_by_county)
    refuse_near_relatives(household, actor, second)
    signed_by = check_form(at, visited_on, outcome, reason, signed_by_id, unsigned_reason, members)
    visit = write_visit(
        actor=actor,
        at=at,
        household=household,
        finding=finding,
        case=case,
        visited_on=visited_on,
        second_visitor=second,
        signed_by=signed_by,
        unsigned_reason=unsigned_reason.strip(),
        outcome=outcome,
        reason=reason.strip(),
        form_token=form_token,
        circumstances=checked(circumstances or Circumstances(), signed_by),
    )
    if interviews:
        add_interviews(actor=actor, at=at, visit=visit, interviews=said(interviews))
    lay_photos(actor=actor, at=at, visit=visit, photos=photos)
    _record_seen(actor, at, household, members, visit, seen)
    if outcome != Visit.Outcome.UNKNOWN:
        meet_persons(actor=actor, persons=Person.objects.filter(pk__in=[row.person_id for row in members]))
        establish_household(actor=actor, household=household)
    if task is not None and finding is not None:
        _follow_finding(actor, at, task, finding, outcome, reason.strip())
    # Who met nobody has not visited.
    is_met = outcome != Visit.Outcome.UNKNOWN
    is_done = case is not None and is_met and _count_as_step(actor, at, case, second)
    return VisitDone(
        visit_id=visit.pk,
        household_id=household.pk,
        contradictions=tuple(
            line
            for line in facts_of_household(household, members, lang=lang)
            if line.is_contradicted and line.seen is not None
        ),
        finding_state=Finding.objects.get(pk=finding.pk).state if finding else "",
        home_visit_is_done=is_done,
    )


@transaction.atomic
def close_unanswered(*, actor: User, at: datetime, finding_pk: int, reason: str) -> None:
    """Close a finding as "could not be found out", after at least two visits that met nobody."""
    require(actor, "finding.close")
    finding = Finding.objects.filter(pk=finding_pk).first()
    if finding is None:
        raise NotYours(_("There is no such finding."))
    if finding.visits.filter(outcome=Visit.Outcome.UNKNOWN).count() < 2:
        raise Refused(
            _("Two visits must have tried before a finding is closed without an answer."), advice=_("Visit again.")
        )
    if not reason.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say what was tried."))
    close_finding(actor=actor, at=at, finding=finding, outcome=Finding.State.UNKNOWN, reason=reason.strip())
    for task in Task.objects.filter(finding=finding, state=Task.State.OPEN):
        finish_task(actor=actor, at=at, task=task)


@transaction.atomic
def note_no_application(*, actor: User, at: datetime, task_id: int) -> None:
    """The family does not wish to apply now, and has been told that it may at any time."""
    require(actor, "case.apply")
    task = _task(task_id)
    if task.kind != Task.Kind.APPLY:
        raise Refused(_("This task is not about an application."), advice=_("Open the work list again."))
    finish_task(actor=actor, at=at, task=task)


def _task(task_id: int) -> Task:
    task = Task.objects.select_related("finding", "household", "case").filter(pk=task_id).first()
    if task is None:
        raise NotYours(_("There is no such task."))
    return task


def _subject(actor: User, task: Task | None, case_number: str | None) -> tuple[Case | None, Household]:
    """The case or household that the visit is to; a case is locked, so that the step it counts for is taken once."""
    if task is not None and task.kind == Task.Kind.VISIT:
        return None, task.household
    if task is not None and task.case is not None and task.step and _is_visit(task.case, task.step):
        case = hold_case(actor=actor, case_number=task.case.number, also_decided=True)
        return case, case.household
    if task is None and case_number is not None:
        case = hold_case(actor=actor, case_number=case_number, also_decided=True)
        return case, case.household
    raise Unacceptable(
        _("A visit belongs to a visit task or to a case."), advice=_("Open the form from the work list.")
    )


def _is_due_from_county(actor: User, at: datetime, case: Case | None) -> bool:
    """The county goes to a family itself where the law asks for it (57号 art. 20), and not otherwise."""
    if case is None or not may(actor, "visit.county"):
        return False
    step = standing(case, pack=current_pack(), today=localdate(at)).open_of_kind("visit", actor)
    return step is not None and step.role in _COUNTY_ROLES


def _is_visit(case: Case, step: str) -> bool:
    return load_procedure(current_pack(), case.programme).step(step).kind == "visit"


def _second_visitor(actor: User, second_visitor_id: int, household: Household, *, is_by_county: bool) -> User:
    second = User.objects.filter(pk=second_visitor_id, is_active=True, is_service_account=False).first()
    may_visit = second is not None and (may(second, "visit.record") or (is_by_county and may(second, "visit.county")))
    if second is None or not may_visit or not household.area.startswith(second.area_id):
        raise Unacceptable(_("The second visitor does not work for this area."), advice=_("Choose a colleague."))
    if second.pk == actor.pk:
        raise Unacceptable(
            _("A home visit takes two different people."), advice=_("Choose the colleague who went with you.")
        )
    return second


def _record_seen(
    actor: User, at: datetime, household: Household, members: Sequence[Membership], visit: Visit, seen: Sequence[Seen]
) -> None:
    vocabulary = current_vocabulary()
    persons = {row.person_id: row.person for row in members}
    facts = []
    for answer in seen:
        if answer.person_id is not None and answer.person_id not in persons:
            raise Unacceptable(_("An answer is about somebody outside of the household."), advice=_("Reload the form."))
        definition = definition_for(vocabulary, answer, "visit")
        facts.append(
            NewFact(
                name=answer.name,
                stored=stored(definition, answer.value),
                valid_from=visit.visited_on,
                origin=Fact.Origin.VISIT,
                source="office",
                person=persons[answer.person_id] if answer.person_id is not None else None,
                visit_id=visit.pk,
                case_id=visit.case_id,
            )
        )
    if facts:
        record_facts(actor=actor, at=at, household=household, facts=facts, purpose="home visit")


def _follow_finding(actor: User, at: datetime, task: Task, finding: Finding, outcome: str, reason: str) -> None:
    """Confirmed and cleared close the finding. Silence is no answer: it leads to a further visit (promise P20)."""
    finish_task(actor=actor, at=at, task=task)
    pack, today = current_pack(), localdate(at)
    if outcome == Visit.Outcome.UNKNOWN:
        due = visit_deadline(pack, finding.area, today)
        create_task(actor=actor, at=at, kind=Task.Kind.VISIT, finding=finding, role="assistant", due=due)
        return
    close_finding(actor=actor, at=at, finding=finding, outcome=outcome, reason=reason)
    if outcome == Visit.Outcome.CONFIRMED and finding.family != RECEIVING_CHANGED:
        due = application_deadline(pack, finding.area, today)
        create_task(actor=actor, at=at, kind=Task.Kind.APPLY, finding=finding, role="clerk", due=due)


def _count_as_step(actor: User, at: datetime, case: Case, second: User) -> bool:
    """A visit made for a case is the one that the case waits for, if any; a further visit only adds to the file."""
    pack = current_pack()
    step = standing(case, pack=pack, today=localdate(at)).open_of_kind("visit", actor)
    if step is None:
        return False
    take_step(actor=actor, at=at, case=case, kind="visit", step=step.id, pack=pack, second=second)
    return True
