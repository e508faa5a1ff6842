"""Visits (入户): tasks taken up, and what two people saw."""

from datetime import date, time

from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from doudi.office import clock
from doudi.office.casework.queries import VisitForm, photo_file, visit_form, visit_page_of
from doudi.office.casework.queries.visits import VisitPage
from doudi.office.evidence.terms import Seen
from doudi.office.flows import visit, visit_record
from doudi.office.flows.visit import VisitDone
from doudi.office.org.presence import person_at

router = Router(tags=["visits"])
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_AS_A_FILE = {"responses": {200: {"description": "OK", "content": {"image/jpeg": _BYTES, "application/pdf": _BYTES}}}}


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


class Told(Schema):
    """What is said of a photo: sheet, home, belonging, paper or other."""

    kind: str
    shows: str = ""
    taken_on: date | None = None
    taken_at: time | None = None
    place: str = ""


class Added(Schema):
    """The photo that came in."""

    photo_id: int


class Because(Schema):
    """A reason in words."""

    reason: str


class Said(Schema):
    """Is the record right? If not, what was otherwise."""

    agrees: bool
    text: str = ""


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


@router.post("/{visit_id}/photos", response={201: Added}, summary="Lay a photo into the record")
def add_photo(request: HttpRequest, visit_id: int, told: Form[Told], file: File[UploadedFile]) -> Status[Added]:
    """By one of the two visitors. It is drawn anew, without what the camera wrote; day, time and place are those told
    here, or those of the visit.
    """
    photo = visit_record.NewPhoto(file.read(), **told.dict())
    (photo_id,) = visit_record.add_photos(actor=person_at(request), at=clock.now(), visit_id=visit_id, photos=[photo])
    return Status(201, Added(photo_id=photo_id))


@router.get("/{visit_id}/photos/{photo_id}", summary="A photo of a visit", openapi_extra=_AS_A_FILE)
def photo(request: HttpRequest, visit_id: int, photo_id: int, small: bool = False) -> HttpResponse:
    """As it is kept, or small. Each look stands in the audit."""
    found = photo_file(person_at(request), visit_id, photo_id, is_small=small)
    return HttpResponse(found.content, content_type=found.media)


@router.post("/{visit_id}/photos/{photo_id}/remove", response={204: None}, summary="Take a photo out of the record")
def remove_photo(request: HttpRequest, visit_id: int, photo_id: int, sent: Because) -> Status[None]:
    """It is not shown any more; that, by whom and why stays in the record."""
    visit_record.remove_photo(
        actor=person_at(request), at=clock.now(), visit_id=visit_id, photo_id=photo_id, reason=sent.reason
    )
    return Status(204, None)


@router.post("/{visit_id}/word", response={204: None}, summary="The second visitor's word on the record")
def say(request: HttpRequest, visit_id: int, sent: Said) -> Status[None]:
    """Under the second visitor's own log-in: the record is right, or what was otherwise."""
    visit_record.say_of_visit(
        actor=person_at(request), at=clock.now(), visit_id=visit_id, agrees=sent.agrees, text=sent.text
    )
    return Status(204, None)


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
