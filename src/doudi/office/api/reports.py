"""Verification reports (核对报告): read, compared, answered, re-checked; requests between counties (异地协查)."""

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema, Status

from doudi.office import clock
from doudi.office.api.cases import Version
from doudi.office.api.pages import Page, page_of
from doudi.office.casework.queries import ReportComparison, ReportPage, compare_reports, report_page
from doudi.office.casework.queries.county import RequestPage, RequestRow, list_requests, request_page
from doudi.office.flows import answer_report, county, verify
from doudi.office.flows.county import Replied
from doudi.office.flows.outcome import StepDone
from doudi.office.org.presence import person_at

router = Router(tags=["verification"])
requests = Router(tags=["verification"])


class FamilyAnswer(Schema):
    """What the family says to one line: agrees, explains or objects, with its words and its paper."""

    kind: str
    text: str
    said_by_id: int
    said_on: date
    paper: str = ""


class Rechecked(Schema):
    """What a re-check found: stands, or corrected with the value that holds instead."""

    outcome: str
    authority: str
    reply: str
    document: str = ""
    value: int | str | bool | None = None


class Asked(Schema):
    """Whom to ask, about which member, and what."""

    person_id: int
    answering_area: str
    asked_facts: list[str]
    reason: str


class ReplyItem(Schema):
    """One fact asked for; no value says: not known here either."""

    name: str
    value: int | str | bool | None = None
    as_of: date


class Reply(Schema):
    """The answer to each fact asked for."""

    text: str
    facts: list[ReplyItem]


class Words(Schema):
    """Why."""

    text: str


@router.get("/{number}/report", response=ReportPage, summary="The verification report of a case")
def report(request: HttpRequest, number: str, version: int | None = None, lang: str = "zh") -> ReportPage:
    """Declared, found and seen beside each other; the newest version unless another is asked for."""
    return report_page(
        person_at(request), number, version=version, today=clock.today(), lang=lang, purpose="read by a program"
    )


@router.get("/{number}/report/compare", response=ReportComparison, summary="Two versions of a report compared")
def compare(request: HttpRequest, number: str, before: int, after: int, lang: str = "zh") -> ReportComparison:
    """What changed, and what it did to the outcome."""
    return compare_reports(
        person_at(request), number, before, after, today=clock.today(), lang=lang, purpose="read by a program"
    )


@router.post("/{number}/report/renew", response=StepDone, summary="Ask the departments again")
def renew(request: HttpRequest, number: str, sent: Version) -> StepDone:
    """A report past its days carries no decision."""
    return verify.renew_report(actor=person_at(request), at=clock.now(), case_number=number, version=sent.version)


@router.post("/{number}/report/{position}/answer", response=StepDone, summary="The family's answer to a difference")
def answer(request: HttpRequest, number: str, position: int, sent: FamilyAnswer) -> StepDone:
    """An objection puts the figure on another desk; until then nobody decides."""
    return answer_report.answer_difference(
        actor=person_at(request),
        at=clock.now(),
        case_number=number,
        position=position,
        form_token=request.headers["Idempotency-Key"],
        **sent.dict(),
    )


@router.post("/{number}/rechecks/{recheck_id}", response=StepDone, summary="What a re-check found")
def recheck(request: HttpRequest, number: str, recheck_id: int, sent: Rechecked) -> StepDone:
    """By somebody who did not ask for the figure."""
    return answer_report.answer_recheck(
        actor=person_at(request), at=clock.now(), case_number=number, recheck_id=recheck_id, **sent.dict()
    )


@router.post("/{number}/county", response={201: int}, summary="Ask another county about a member")
def ask(request: HttpRequest, number: str, sent: Asked) -> Status[int]:
    """Over the person's signed authorisation. Returns the number of the request."""
    token = request.headers["Idempotency-Key"]
    made = county.ask_county(
        actor=person_at(request), at=clock.now(), case_number=number, form_token=token, **sent.dict()
    )
    return Status(201, made)


@requests.get("/", response=Page[RequestRow], summary="Requests that this side sent or has to answer")
def listed(request: HttpRequest, offset: int = 0, limit: int = 50) -> Page[RequestRow]:
    """The earliest last day first."""
    return page_of(list_requests(person_at(request), today=clock.today()), offset, limit)


@requests.get("/{request_id}", response=RequestPage, summary="One request with its reply")
def one(request: HttpRequest, request_id: int, lang: str = "zh") -> RequestPage:
    """Each side sees what the request says."""
    return request_page(person_at(request), request_id, today=clock.today(), lang=lang, purpose="read by a program")


@requests.post("/{request_id}/reply", response={204: None}, summary="Answer another county")
def reply(request: HttpRequest, request_id: int, sent: Reply) -> Status[None]:
    """Each fact asked for has one answer."""
    facts = [Replied(each.name, each.value, each.as_of) for each in sent.facts]
    county.reply_to_county(actor=person_at(request), at=clock.now(), request_id=request_id, text=sent.text, facts=facts)
    return Status(204, None)


@requests.post("/{request_id}/refuse", response={204: None}, summary="Refuse a request with a reason")
def refuse(request: HttpRequest, request_id: int, sent: Words) -> Status[None]:
    """The reason goes to the county that asked."""
    county.refuse_county(actor=person_at(request), at=clock.now(), request_id=request_id, text=sent.text)
    return Status(204, None)


@requests.post("/{request_id}/remind", response={204: None}, summary="Remind the other county")
def remind(request: HttpRequest, request_id: int) -> Status[None]:
    """At most once a day."""
    county.remind_county(actor=person_at(request), at=clock.now(), request_id=request_id)
    return Status(204, None)


@requests.post("/{request_id}/take-in", response={204: None}, summary="Take a reply into the case")
def take_in(request: HttpRequest, request_id: int) -> Status[None]:
    """Its figures become found items of a new version of the report."""
    county.take_reply_in(actor=person_at(request), at=clock.now(), request_id=request_id)
    return Status(204, None)
