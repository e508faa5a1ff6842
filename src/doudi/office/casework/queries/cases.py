"""Cases: the list, and the page of one with everything that a decision needs beside it."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_phone
from doudi.engine.workflow.procedure import Kind
from doudi.office import crypto
from doudi.office.audit.actions import record_read
from doudi.office.casework.conditions import registered_relatives
from doudi.office.casework.consents import consents_of
from doudi.office.casework.family import family_of, is_kept
from doudi.office.casework.models import Case, Reporter, StepRecord
from doudi.office.casework.papers import missing_papers
from doudi.office.casework.procedure import Standing, acts_as, is_near_relative, standing
from doudi.office.casework.queries.case_parts import (
    assessment_view,
    carried_view,
    classification_view,
    clock_stops,
    decisions,
    extensions,
    meeting_view,
    notice_view,
    publicities,
    report_note,
)
from doudi.office.casework.queries.case_views import (
    CasePage,
    CaseRow,
    StepView,
)
from doudi.office.casework.queries.findings import reason_facts
from doudi.office.casework.queries.papers import paper_views
from doudi.office.casework.queries.visit_views import visit_views
from doudi.office.casework.queries.work import head_names
from doudi.office.errors import NotYours
from doudi.office.evidence.queries import facts_of_household, latest_assessment
from doudi.office.evidence.rulebook import asked_vocabulary, current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.registry.listing import Listing
from doudi.office.registry.queries import account_view, member_view
from doudi.office.registry.search import matching_households

# Which flow takes a step of a kind.
_FLOW_OF_KIND: Mapping[Kind, str] = {
    "accept": "accept_case",
    "relatives": "declare_near_relatives",
    "visit": "record_visit",
    "check": "run_check",
    "opinion": "give_opinion",
    "publicity": "start_publicity",
    "meeting": "hold_meeting",
    "review": "review",
    "confirm": "confirm",
    "notify": "notify",
    "papers": "complete_papers",
    "record": "note_step",
}


def list_cases(
    user: User, *, today: date, state: str = "open", programme: str = "", area: str = "", text: str = ""
) -> Listing[Case, CaseRow]:
    """Cases of the reader's area, oldest first. An empty filter leaves everything in."""
    require(user, "case.see")
    query = Case.objects.select_related("household").prefetch_related("tasks")
    for name, value in (("state", state), ("programme", programme)):
        query = query.filter(**{name: value}) if value else query
    if area:
        query = query.filter(area__gte=area, area__lt=f"{area}:")
    typed = text.strip()
    if typed:
        found = Case.objects.filter(matching_households(typed, crypto.keyring()))
        query = query.filter(pk__in=found.union(Case.objects.filter(number=typed)).values("pk"))

    def build(page: list[Case]) -> list[CaseRow]:
        heads = head_names([row.household_id for row in page])
        record_read(actor=user, objects=page, fields=("head_name",), area=user.area_id, purpose="list of cases")
        return [_row(row, heads.get(row.household_id, "")) for row in page]

    return Listing(query.order_by("pk"), build)


def cases_of_households(user: User, household_ids: Sequence[int]) -> dict[int, list[CaseRow]]:
    """The cases of some households, newest first, by household. Who calls this has recorded the look at the people."""
    require(user, "case.see")
    query = Case.objects.filter(household__in=household_ids).select_related("household").prefetch_related("tasks")
    found: dict[int, list[CaseRow]] = {}
    for case in query.order_by("-pk"):
        found.setdefault(case.household_id, []).append(_row(case, ""))
    return found


def case_page(user: User, case_number: str, *, today: date, lang: str, purpose: str) -> CasePage:
    """One case; outside of the reader's area it is as if it were not there."""
    require(user, "case.see")
    case = Case.objects.select_related("household", "applicant", "finding").filter(number=case_number).first()
    if case is None:
        raise NotYours(_("There is no such case."))
    household, rows = case.household, family_of(case, today)
    fields = ("name", "id_number", "phone", "birth_date", "facts", "account")
    record_read(actor=user, objects=[case], fields=("file",), area=case.area, purpose=purpose)
    record_read(actor=user, objects=[row.person for row in rows], fields=fields, area=case.area, purpose=purpose)
    now, vocabulary = standing(case, pack=current_pack(), today=today), asked_vocabulary(case.programme)
    carried = carried_view(case)
    # Nobody takes the steps of a procedure that another system has gone through.
    steps = _steps(case, now, user, today) if carried is None else ()
    # Papers are asked for until the acceptance; where they may follow, until somebody says that they have come.
    is_asked = case.channel != Case.Channel.TAKEOVER and (
        (case.state == Case.State.OPEN and not now.has_taken("accept"))
        or (now.papers_may_follow and not now.has_taken("papers"))
    )
    assessment = latest_assessment(case.pk)
    return CasePage(
        case_number=case.number,
        version=case.version,
        programme=case.programme,
        state=case.state,
        channel=case.channel,
        area=case.area,
        household_id=household.pk,
        household_number=household.number,
        address=household.address,
        residence=household.residence,
        applicant_id=case.applicant_id,
        opened_at=case.opened_at,
        total_due_on=now.total_due.on if now.total_due else None,
        total_is_provisional=now.total_due.provisional if now.total_due else False,
        total_is_special=now.record.is_special,
        clock_stops=clock_stops(case, now, lang),
        extensions=extensions(case, now, lang),
        papers_may_follow=now.papers_may_follow,
        withdrawn_on=case.withdrawal.signed_on if case.state == Case.State.WITHDRAWN else None,
        classification=classification_view(case),
        meeting=meeting_view(case),
        steps=steps,
        members=tuple(member_view(row, today) for row in rows),
        consents=consents_of(case, today),
        family_is_kept=is_kept(case),
        account=account_view(household),
        papers=paper_views(case),
        reporter=_reporter(case),
        missing=missing_papers(case, on=today, vocabulary=vocabulary) if is_asked else (),
        missing_notified_at=case.missing_notified_at,
        facts=tuple(facts_of_household(household, rows, lang=lang)),
        reason_facts=reason_facts(case.finding, lang),
        visits=visit_views(household.visits.all()),
        near_relatives=tuple(row.relation for row in registered_relatives(case)),
        assessment=assessment_view(assessment, case, today, lang) if assessment else None,
        publicities=publicities(case, today),
        decisions=decisions(case),
        notice=notice_view(case),
        carried=carried,
        report=report_note(case, today),
        can=_can(case, user, now, steps) if carried is None else frozenset(),
    )


def _reporter(case: Case) -> str:
    """Who asked for help for the family, with how the two are related."""
    if case.channel != Case.Channel.NEIGHBOUR:
        return ""
    told = Reporter.objects.filter(case=case).first()
    return (
        "" if told is None else " · ".join(part for part in (told.name, told.relation, mask_phone(told.phone)) if part)
    )


def _row(case: Case, head: str) -> CaseRow:
    tasks = [task for task in case.tasks.all() if task.state == "open"]
    return CaseRow(
        case_number=case.number,
        programme=case.programme,
        state=case.state,
        household_id=case.household_id,
        household_number=case.household.number,
        head_name=head,
        area=case.area,
        opened_at=case.opened_at,
        open_steps=tuple(task.step for task in tasks if task.step),
        due_on=min((task.due_on for task in tasks), default=None),
    )


def _steps(case: Case, now: Standing, user: User, today: date) -> tuple[StepView, ...]:
    done = {
        row.step: row
        for row in StepRecord.objects.filter(case=case, set_aside_at__isnull=True).select_related(
            "done_by", "done_with"
        )
    }
    opened = {each.step.id: each for each in now.open_steps}
    is_relative = is_near_relative(case.household, user)
    views = []
    for step in now.steps:
        row, each = done.get(step.id), opened.get(step.id)
        if row is not None:
            state = "done"
        elif each is None:
            state = "not_yet"
        else:
            state = "open" if each.allowed_from <= today else "waiting"
        excluded = any(str(user.pk) in now.taken[name].people for name in step.four_eyes_with if name in now.taken)
        people = (row.done_by, row.done_with) if row else ()
        views.append(
            StepView(
                step=step.id,
                kind=step.kind,
                label=step.label,
                role=step.role,
                state=state,
                done_on=row.done_on if row else None,
                done_by=tuple(person.display_name for person in people if person),
                due_on=row.due_on if row else each.due.on if each and each.due else None,
                due_is_provisional=each.due.provisional if each and each.due else False,
                is_overdue=each.is_overdue if each else False,
                allowed_from=each.allowed_from if each else None,
                since=each.since if each else None,
                stands_still=each.stands_still if each else False,
                evidence=tuple(paper.label for paper in step.evidence),
                note=row.note if row else "",
                can_do=state == "open" and acts_as(user, step.role) and not excluded and not is_relative,
                citation=step.citation,
            )
        )
    return tuple(views)


def _can(case: Case, user: User, now: Standing, steps: tuple[StepView, ...]) -> frozenset[str]:
    can = {_FLOW_OF_KIND[step.kind] for step in steps if step.can_do and step.kind in _FLOW_OF_KIND}
    if any(step.can_do and step.kind == "visit" and may(user, "visit.record") for step in steps):
        can.add("count_home_visit")
    if is_near_relative(case.household, user):
        return frozenset()
    is_before_opinion = not now.has_taken("opinion")
    if (is_before_opinion or now.open_of_kind("papers")) and may(user, "case.declare"):
        can |= {"add_member", "end_membership", "declare_facts", "record_consents", "set_payee_account"}
    if may(user, "case.declare") and case.state != Case.State.WITHDRAWN:
        can.add("add_paper")
    if case.state != Case.State.OPEN:
        return frozenset(can)
    if is_before_opinion and may(user, "case.assess"):
        can |= {"assess_case", "choose_programme"}
    if may(user, "visit.record"):
        can.add("record_visit")
    if may(user, "case.accept"):
        can |= {"stop_clock", "withdraw"}
    if may(user, "case.review"):
        can.add("extend_clock")
    if now.has_taken("publicity") and may(user, "case.object"):
        can |= {"record_objection", "settle_objection"}
    return frozenset(can)
