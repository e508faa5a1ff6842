"""Papers of a case (材料) and what is typed and not yet saved in the parts of an application."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from doudi.office import clock
from doudi.office.api.cases import Version
from doudi.office.casework.queries import PaperView, ReceiptView, case_page, draft_of, receipt_of
from doudi.office.flows import apply, papers
from doudi.office.flows.outcome import StepDone
from doudi.office.org.presence import person_at

router = Router(tags=["papers"])


class Laid(Schema):
    """What the file is, whose, and which paper of the case it takes the place of, with the reason."""

    kind: str
    person_id: int | None = None
    replaces_id: int | None = None
    replace_reason: str = ""


class Reason(Schema):
    """Why the paper does not count."""

    reason: str


class Complete(Version):
    """What came, in a few words."""

    note: str = ""


class Typed(Schema):
    """What stands in each field: `home-` or the person's number, then the fact. An empty one throws it all away."""

    fields: Mapping[str, Sequence[str]]


class Kept(Typed):
    """What waits here for the person who typed it, and since when."""

    kept_at: datetime | None


@router.get("/{number}/papers", response=list[PaperView], summary="The papers of a case, oldest first")
def listed(request: HttpRequest, number: str) -> list[PaperView]:
    """Withdrawn ones too, with who, when and why. A paper itself is opened at `/cases/{number}/scans/{paper_id}/`."""
    person = person_at(request)
    return list(case_page(person, number, today=clock.today(), lang="zh", purpose="papers of a case").papers)


@router.post("/{number}/papers", response={201: int}, summary="Lay a photo or scan into a case")
def add(request: HttpRequest, number: str, sent: Form[Laid], file: File[UploadedFile]) -> Status[int]:
    """JPEG, PNG or PDF up to 16 MB; it is looked at by a process of its own and drawn anew. Returns the paper's id."""
    content: bytes = file.read()
    made = papers.add_paper(
        actor=person_at(request),
        at=clock.now(),
        case_number=number,
        content=content,
        file_name=file.name or "",
        **sent.dict(),
    )
    return Status(201, made)


@router.post("/{number}/papers/complete", response=StepDone, summary="The papers that followed are complete")
def complete(request: HttpRequest, number: str, sent: Complete) -> StepDone:
    """Where help came first (补办手续)."""
    return apply.complete_papers(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/papers/{paper_id}/withdraw", response={204: None}, summary="Say that a paper does not count")
def withdraw(request: HttpRequest, number: str, paper_id: int, sent: Reason) -> Status[None]:
    """It stays in the file with the reason."""
    papers.withdraw_paper(
        actor=person_at(request), at=clock.now(), case_number=number, paper_id=paper_id, reason=sent.reason
    )
    return Status(204, None)


@router.get("/{number}/receipt", response=ReceiptView | None, summary="The receipt of a case")
def receipt(request: HttpRequest, number: str) -> ReceiptView | None:
    """Number and code by which the family follows it; none where nobody's identity number was known."""
    return receipt_of(person_at(request), number, purpose="receipt of an application")


@router.get("/{number}/drafts/{part}", response=Kept, summary="What I typed in a part and have not saved")
def draft(request: HttpRequest, number: str, part: str) -> Kept:
    """Part: members, income, assets or expenses. Nobody else is shown it."""
    fields, kept_at = draft_of(person_at(request), number, part)
    return Kept(fields=fields, kept_at=kept_at)


@router.post("/{number}/drafts/{part}", response={204: None}, summary="Keep what is typed in a part before it is saved")
def keep(request: HttpRequest, number: str, part: str, sent: Typed) -> Status[None]:
    """Nothing is judged and nothing counts yet. Recording the facts with the same part lets the draft go."""
    papers.keep_draft(actor=person_at(request), at=clock.now(), case_number=number, part=part, fields=sent.fields)
    return Status(204, None)
