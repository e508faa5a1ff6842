"""Findings (预警线索): the list, one with its facts, and the one that nobody answered for."""

import hashlib

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.api.pages import Page, page_of
from doudi.office.casework.queries import FindingDetail, FindingRow, WorkList, finding_detail, list_findings, work_list
from doudi.office.casework.queries.quality import RuleQuality, rule_quality
from doudi.office.flows import findings as flow
from doudi.office.flows import visit
from doudi.office.org.presence import person_at

router = Router(tags=["findings"])


class FieldFinding(Schema):
    """What somebody of the office found by themselves: in_need, entitled_not_receiving or receiving_changed."""

    household_id: int
    family: str
    text: str


class Hands(Schema):
    """Who goes."""

    to_id: int


class Written(Schema):
    """The finding's number."""

    finding_pk: int


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


@router.get("/rules", response=list[RuleQuality], summary="How often each rule is right, with its 95 % interval")
def rules(request: HttpRequest) -> list[RuleQuality]:
    """The engine's own measure on the outcomes as they stand now."""
    return rule_quality(person_at(request))


@router.post("/", response={201: Written}, summary="Write down what was found without any rule")
def write(request: HttpRequest, sent: FieldFinding) -> Status[Written]:
    """It stands on the same list, with its visit."""
    token = hashlib.sha256(request.headers["Idempotency-Key"].encode()).hexdigest()[:32]
    number = flow.write_down(actor=person_at(request), at=clock.now(), form_token=token, **sent.dict())
    return Status(201, Written(finding_pk=number))


@router.post("/{finding_pk}/assign", response={204: None}, summary="Hand the visit to a colleague of the township")
def assign(request: HttpRequest, finding_pk: int, sent: Hands) -> Status[None]:
    """Also out of somebody else's hands."""
    flow.assign(actor=person_at(request), at=clock.now(), finding_pk=finding_pk, to_id=sent.to_id)
    return Status(204, None)


@router.post("/{finding_pk}/give-back", response={204: None}, summary="Give a visit back")
def give_back(request: HttpRequest, finding_pk: int, sent: Reason) -> Status[None]:
    """It waits for somebody else."""
    flow.give_back(actor=person_at(request), finding_pk=finding_pk, reason=sent.reason)
    return Status(204, None)


@router.post("/{finding_pk}/undo", response={204: None}, summary="Take the outcome of a finding back")
def undo(request: HttpRequest, finding_pk: int, sent: Reason) -> Status[None]:
    """As long as nothing was built on it."""
    flow.undo_close(actor=person_at(request), at=clock.now(), finding_pk=finding_pk, reason=sent.reason)
    return Status(204, None)


@router.get("/{finding_pk}", response=FindingDetail, summary="One finding with the facts that it rests on")
def finding(request: HttpRequest, finding_pk: int, lang: str = "zh") -> FindingDetail:
    """Each fact with source, batch and row."""
    return finding_detail(person_at(request), finding_pk, today=clock.today(), lang=lang, purpose="read by a program")


@router.post("/{finding_pk}/close", response={204: None}, summary="Close after two visits that met nobody")
def close(request: HttpRequest, finding_pk: int, sent: Reason) -> Status[None]:
    """The reason stays with the finding."""
    visit.close_unanswered(actor=person_at(request), at=clock.now(), finding_pk=finding_pk, reason=sent.reason)
    return Status(204, None)
