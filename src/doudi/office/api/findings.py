"""Findings (预警线索): the list, one with its facts, and the one that nobody answered for."""

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.api.pages import Page, page_of
from doudi.office.casework.queries import FindingDetail, FindingRow, WorkList, finding_detail, list_findings, work_list
from doudi.office.flows import visit
from doudi.office.org.presence import person_at

router = Router(tags=["findings"])


class Reason(Schema):
    """Why."""

    reason: str


@router.get("/", response=Page[FindingRow], summary="Findings of the area, the most urgent first")
def findings(
    request: HttpRequest,
    state: str = "open",
    rule: str = "",
    family: str = "",
    text: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[FindingRow]:
    """Empty filters leave everything in."""
    rows = list_findings(person_at(request), state=state, rule=rule, family=family, text=text)
    return page_of(rows, offset, limit)


@router.get("/work", response=WorkList, summary="My work, by the time left")
def work(request: HttpRequest) -> WorkList:
    """The tasks of my desk."""
    return work_list(person_at(request), today=clock.today())


@router.get("/{finding_pk}", response=FindingDetail, summary="One finding with the facts that it rests on")
def finding(request: HttpRequest, finding_pk: int, lang: str = "zh") -> FindingDetail:
    """Each fact with source, batch and row."""
    return finding_detail(person_at(request), finding_pk, today=clock.today(), lang=lang, purpose="read by a program")


@router.post("/{finding_pk}/close", response={204: None}, summary="Close after two visits that met nobody")
def close(request: HttpRequest, finding_pk: int, sent: Reason) -> Status[None]:
    """The reason stays with the finding."""
    visit.close_unanswered(actor=person_at(request), at=clock.now(), finding_pk=finding_pk, reason=sent.reason)
    return Status(204, None)
