"""Cases (案件) from the application to acceptance and the means check."""

from datetime import date

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from doudi.office import clock
from doudi.office.api.pages import Page, page_of
from doudi.office.api.visits import Answer
from doudi.office.casework.queries import CasePage, CaseRow, case_page, list_cases
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply, classify, consent, verify
from doudi.office.flows.apply import Acceptance
from doudi.office.flows.classify import Tiers
from doudi.office.flows.outcome import StepDone
from doudi.office.flows.verify import Relative
from doudi.office.org.presence import person_at

router = Router(tags=["cases"])


class AtWindow(Schema):
    """An application as a clerk takes it. The channel is window, phone, neighbour or direct.

    A neighbour who asks is named with how the two are related; direct means that the office opens it by itself.
    """

    programme: str
    area: str
    name: str
    id_number: str
    phone: str = ""
    address: str
    residence: str
    channel: str = "window"
    reporter_name: str = ""
    reporter_relation: str = ""
    reporter_phone: str = ""


class AfterVisit(Schema):
    """An application of a family that was visited."""

    visit_id: int
    programme: str
    applicant_id: int


class Version(Schema):
    """The version of the case that the sender saw; another one is refused as stale."""

    version: int


class Member(Version):
    """Somebody who lives with the family."""

    name: str
    id_number: str
    relation: str
    phone: str = ""


class Left(Version):
    """Why somebody no longer belongs to the family."""

    reason: str


class Declared(Version):
    """What the family says; with the part that was filled in, the draft of it goes."""

    facts: list[Answer]
    part: str = ""


class Consents(Version):
    """Who signed the authorisation, whom it lets the office ask (all or departments), and until when."""

    person_ids: list[int]
    signed_on: date
    valid_until: date | None = None
    scope: str = "all"


class Account(Version):
    """The account that the money shall go to."""

    holder_id: int
    bank_name: str
    account_number: str


class NearRelative(Schema):
    """A member and the official whose near relative he or she is."""

    person_id: int
    relation: str
    official_id: int | None = None
    official_name: str = ""


class Relatives(Version):
    """An empty list says that there are none."""

    relatives: list[NearRelative] = Field(default_factory=list)


class Chosen(Version):
    """The programme, and what convinced the officer."""

    programme: str
    reason: str


class VisitCounted(Version):
    """The visit that counts as the home visit."""

    visit_id: int


@router.get("/", response=Page[CaseRow], summary="Cases of the area, oldest first")
def cases(
    request: HttpRequest, state: str = "open", programme: str = "", text: str = "", offset: int = 0, limit: int = 50
) -> Page[CaseRow]:
    """Empty filters leave everything in."""
    rows = list_cases(person_at(request), today=clock.today(), state=state, programme=programme, text=text)
    return page_of(rows, offset, limit)


@router.post("/", response={201: StepDone}, summary="Open an application that a clerk takes")
def open_at_window(request: HttpRequest, sent: AtWindow) -> Status[StepDone]:
    """The household is found or made."""
    return Status(201, apply.open_at_window(actor=person_at(request), at=clock.now(), **sent.dict()))


@router.post("/from-visit", response={201: StepDone}, summary="Open an application after a visit")
def open_from_visit(request: HttpRequest, sent: AfterVisit) -> Status[StepDone]:
    """For the family that was visited."""
    return Status(201, apply.open_from_visit(actor=person_at(request), at=clock.now(), **sent.dict()))


@router.get("/{number}", response=CasePage, summary="One case with everything that a decision needs")
def case(request: HttpRequest, number: str, lang: str = "zh") -> CasePage:
    """Steps, members, facts side by side, visits, the assessment with its explanation, decisions, publicity."""
    return case_page(person_at(request), number, today=clock.today(), lang=lang, purpose="read by a program")


@router.post("/{number}/members", response=StepDone, summary="Add a member")
def add_member(request: HttpRequest, number: str, sent: Member) -> StepDone:
    """Who is in another household is refused."""
    return apply.add_member(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/members/{person_id}/end", response=StepDone, summary="End a membership")
def end_membership(request: HttpRequest, number: str, person_id: int, sent: Left) -> StepDone:
    """The row stays; the reason is kept with it."""
    return apply.end_membership(
        actor=person_at(request), at=clock.now(), case_number=number, person_id=person_id, **sent.dict()
    )


@router.post("/{number}/facts", response=StepDone, summary="Record what the family declares")
def declare(request: HttpRequest, number: str, sent: Declared) -> StepDone:
    """A fact without a value says: not known."""
    facts = [Seen(each.name, each.value, each.person_id) for each in sent.facts]
    return apply.declare_facts(
        actor=person_at(request), at=clock.now(), case_number=number, version=sent.version, facts=facts, part=sent.part
    )


@router.post("/{number}/consents", response=StepDone, summary="Record signed authorisations")
def consents(request: HttpRequest, number: str, sent: Consents) -> StepDone:
    """Every adult member signs."""
    return consent.record_consents(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/account", response=StepDone, summary="Record the payee account")
def account(request: HttpRequest, number: str, sent: Account) -> StepDone:
    """An account serves one household only."""
    return apply.set_payee_account(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/accept", response=Acceptance, summary="Accept, or tell everything that is missing at once")
def accept(request: HttpRequest, number: str, sent: Version) -> Acceptance:
    """One notice names all that is missing (57号 art. 10)."""
    return apply.accept_case(actor=person_at(request), at=clock.now(), case_number=number, version=sent.version)


@router.post("/{number}/relatives", response=StepDone, summary="Register near relatives of officials")
def relatives(request: HttpRequest, number: str, sent: Relatives) -> StepDone:
    """Such a family is visited by the county too (57号 arts. 11, 20)."""
    told = [Relative(**each.dict()) for each in sent.relatives]
    return verify.declare_near_relatives(
        actor=person_at(request), at=clock.now(), case_number=number, version=sent.version, relatives=told
    )


@router.post("/{number}/home-visit", response=StepDone, summary="Count a recorded visit as the home visit")
def home_visit(request: HttpRequest, number: str, sent: VisitCounted) -> StepDone:
    """Of at least two investigators (57号 art. 16)."""
    return verify.count_home_visit(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())


@router.post("/{number}/check", response=StepDone, summary="Ask for what the departments know")
def check(request: HttpRequest, number: str, sent: Version) -> StepDone:
    """Declared against found; what no department says stays unknown."""
    return verify.run_check(actor=person_at(request), at=clock.now(), case_number=number, version=sent.version)


@router.post("/{number}/assess", response=StepDone, summary="Run the rules on the case as it stands")
def assess(request: HttpRequest, number: str, sent: Version) -> StepDone:
    """The assessment and its explanation are read with the case."""
    return verify.assess_case(actor=person_at(request), at=clock.now(), case_number=number, version=sent.version)


@router.get("/{number}/tiers", response=Tiers, summary="What the rules say of each tier, in the order of the law")
def tiers(request: HttpRequest, number: str, lang: str = "zh") -> Tiers:
    """One application, classified (一次申请、分类审核认定). Nothing is stored."""
    return classify.look_up_tiers(actor=person_at(request), at=clock.now(), case_number=number, lang=lang)


@router.post("/{number}/programme", response=StepDone, summary="Say which tier the application is for")
def programme(request: HttpRequest, number: str, sent: Chosen) -> StepDone:
    """Agreeing with the rules and departing from them ask for the same: a reason."""
    return classify.choose_programme(actor=person_at(request), at=clock.now(), case_number=number, **sent.dict())
