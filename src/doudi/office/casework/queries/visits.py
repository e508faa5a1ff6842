"""What the visit form needs: who lives there, who may come along, what is known already."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from doudi.office.audit.actions import record_read
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Task, Visit
from doudi.office.casework.queries.visit_views import VisitView, visit_views
from doudi.office.errors import NotYours
from doudi.office.evidence.family import current_members
from doudi.office.evidence.models import Fact
from doudi.office.evidence.queries import FactLine, facts_of_household, word_of
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.registry.models import Household
from doudi.office.registry.queries import MemberView, member_view


@dataclass(frozen=True)
class Visitor:
    """A colleague who may come along."""

    user_id: int
    name: str
    role: str


@dataclass(frozen=True)
class VisitForm:
    """The form's data. The questions themselves are the vocabulary's."""

    task_id: int | None
    case_number: str
    finding_pk: int | None
    household_id: int
    household_number: str
    address: str
    area: str
    due_on: date | None
    is_done: bool
    taken_up_by: str
    # The programme of the case that the visit is for, if any: it decides what is asked.
    programme: str
    members: tuple[MemberView, ...]
    visitors: tuple[Visitor, ...]
    facts: tuple[FactLine, ...]


def visit_form(
    user: User, *, task_id: int | None = None, case_number: str | None = None, today: date, lang: str, purpose: str
) -> VisitForm:
    """Data for a visit of a task, or of a case."""
    # The county visits only for a case that waits for it; the flow looks whether one does.
    is_by_county = not may(user, "visit.record") and case_number is not None and may(user, "visit.county")
    if not is_by_county:
        require(user, "visit.record")
    task = None
    if task_id is not None:
        task = Task.objects.select_related("household", "case", "taken_up_by").filter(pk=task_id).first()
    case = task.case if task else Case.objects.select_related("household").filter(number=case_number or "").first()
    household = task.household if task else case.household if case else None
    if household is None:
        raise NotYours(_("There is no such task."))
    rows = family_of(case, today) if case else current_members(household, today)
    record_read(actor=user, objects=[household], fields=("address", "facts"), area=household.area, purpose=purpose)
    record_read(
        actor=user,
        objects=[row.person for row in rows],
        fields=("name", "id_number", "phone"),
        area=household.area,
        purpose=purpose,
    )
    return VisitForm(
        task_id=task.pk if task else None,
        case_number=case.number if case else "",
        finding_pk=task.finding_id if task else None,
        household_id=household.pk,
        household_number=household.number,
        address=household.address,
        area=household.area,
        due_on=task.due_on if task else None,
        is_done=task is not None and task.state != Task.State.OPEN,
        taken_up_by=task.taken_up_by.display_name if task and task.taken_up_by else "",
        programme=case.programme if case else "",
        members=tuple(member_view(row, today) for row in rows),
        visitors=_visitors(user, household, is_by_county=is_by_county),
        facts=tuple(facts_of_household(household, rows, lang=lang)),
    )


def visitors_for(area: str) -> tuple[Visitor, ...]:
    """Who may be sent to a family of this area: those whose own area it lies in."""
    colleagues = User.objects.filter(is_active=True, is_service_account=False).order_by("-area_id", "username")
    return tuple(
        Visitor(other.pk, other.display_name, other.role)
        for other in colleagues
        if area.startswith(other.area_id) and may(other, "visit.record")
    )


@dataclass(frozen=True)
class VisitPage:
    """A visit as it was written down; `lines` has what was seen on it, with what others say of the same."""

    visit: VisitView
    household_id: int
    household_number: str
    address: str
    area: str
    members: tuple[MemberView, ...]
    lines: tuple[FactLine, ...]
    # Whoever made the visit, or the county, and only until the case is decided.
    can_remove_photos: bool


def visit_page_of(user: User, visit_id: int, *, today: date, lang: str, purpose: str) -> VisitPage:
    """One visit; outside of the reader's area it is as if it were not there."""
    require(user, "household.see")
    found = Visit.objects.filter(pk=visit_id).select_related("household", "case").first()
    if found is None:
        raise NotYours(_("There is no such visit."))
    household = found.household
    rows = current_members(household, today)
    record_read(actor=user, objects=[household], fields=("address", "facts"), area=household.area, purpose=purpose)
    people = [row.person for row in rows]
    record_read(actor=user, objects=people, fields=("name", "id_number"), area=household.area, purpose=purpose)
    seen = {(fact.person_id, fact.name): fact for fact in Fact.objects.filter(visit_id=found.pk).order_by("pk")}
    vocabulary = current_vocabulary()
    lines = []
    for line in facts_of_household(household, rows, lang=lang):
        fact, definition = seen.get((line.person_id, line.name)), vocabulary.definition(line.name)
        if fact is not None and definition is not None:
            lines.append(replace(line, seen=word_of(definition, fact, lang)))
    (view,) = visit_views(Visit.objects.filter(pk=found.pk))
    is_settled = found.case is not None and found.case.state in (Case.State.APPROVED, Case.State.REFUSED)
    return VisitPage(
        visit=view,
        household_id=household.pk,
        household_number=household.number,
        address=household.address,
        area=household.area,
        members=tuple(member_view(row, today) for row in rows),
        lines=tuple(sorted(lines, key=lambda line: not line.is_contradicted)),
        can_remove_photos=not is_settled and (user.pk in view.visitor_ids or may(user, "case.review")),
    )


def _visitors(user: User, household: Household, *, is_by_county: bool) -> tuple[Visitor, ...]:
    colleagues = User.objects.filter(is_active=True, is_service_account=False).exclude(pk=user.pk).order_by("username")
    return tuple(
        Visitor(other.pk, other.display_name, other.role)
        for other in colleagues
        if household.area.startswith(other.area_id)
        and (may(other, "visit.record") or (is_by_county and may(other, "visit.county")))
    )
