"""Visits (入户): tasks taken up, and what two people saw."""

from datetime import date, time

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from doudi.office import clock
from doudi.office.casework.queries import VisitForm, visit_form, visit_page_of
from doudi.office.casework.queries.visits import VisitPage
from doudi.office.evidence.terms import Seen
from doudi.office.flows import visit
from doudi.office.flows.visit import VisitDone
from doudi.office.org.presence import person_at

router = Router(tags=["visits"])


class Answer(Schema):
    """One answer to one question of the vocabulary; no value means: could not be found out."""

    name: str
    value: int | str | bool | None
    person_id: int | None = None


class Talk(Schema):
    """What a neighbour said; name and place may stay empty."""

    said: str
    neighbour: str = ""
    lives: str = ""


class Visited(Schema):
    """A visit as it is recorded. For a task or for a case."""

    visited_on: date
    second_visitor_id: int
    outcome: str
    reason: str
    seen: list[Answer] = Field(default_factory=list)
    task_id: int | None = None
    case_number: str | None = None
    signed_by_id: int | None = None
    unsigned_reason: str = ""
    unsigned_kind: str = ""
    arrived_at: time | None = None
    place: str = ""
    position: str = ""
    interviews: list[Talk] = Field(default_factory=list)


@router.get("/form", response=VisitForm, summary="What a visit asks, for a task or a case")
def form(
    request: HttpRequest, task_id: int | None = None, case_number: str | None = None, lang: str = "zh"
) -> VisitForm:
    """The questions, the members and who may be the second visitor."""
    return visit_form(
        person_at(request),
        task_id=task_id,
        case_number=case_number,
        today=clock.today(),
        lang=lang,
        purpose="visit form",
    )


@router.post("/", response={201: VisitDone}, summary="Record a visit of two")
def record(request: HttpRequest, sent: Visited) -> Status[VisitDone]:
    """The same key never records a visit twice."""
    told = {"arrived_at", "place", "position", "unsigned_kind"}
    given = sent.dict(exclude={"seen", "interviews"} | told)
    circumstances = visit.Circumstances(**sent.dict(include=told))
    interviews = [visit.Interview(**each.dict()) for each in sent.interviews]
    seen = [Seen(each.name, each.value, each.person_id) for each in sent.seen]
    token = request.headers["Idempotency-Key"]
    done = visit.record_visit(
        actor=person_at(request),
        at=clock.now(),
        form_token=token,
        seen=seen,
        circumstances=circumstances,
        interviews=interviews,
        **given,
    )
    return Status(201, done)


@router.get("/{visit_id}", response=VisitPage, summary="A visit as it was written down")
def one(request: HttpRequest, visit_id: int, lang: str = "zh") -> VisitPage:
    """What was seen beside what was declared and found; what neighbours said."""
    return visit_page_of(person_at(request), visit_id, today=clock.today(), lang=lang, purpose="read by a program")


@router.post("/tasks/{task_id}/take-up", response={204: None}, summary="I am on it")
def take_up(request: HttpRequest, task_id: int) -> Status[None]:
    """Colleagues see whose hands the task is in."""
    visit.take_up(actor=person_at(request), at=clock.now(), task_id=task_id)
    return Status(204, None)


@router.post("/tasks/{task_id}/no-application", response={204: None}, summary="The family does not wish to apply now")
def no_application(request: HttpRequest, task_id: int) -> Status[None]:
    """It may at any time."""
    visit.note_no_application(actor=person_at(request), at=clock.now(), task_id=task_id)
    return Status(204, None)
