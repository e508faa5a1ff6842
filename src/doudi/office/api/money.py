"""Money (资金与发放): funds, pay runs by two people, the bank's files, what came back."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month, PeriodError
from doudi.office import clock, crypto
from doudi.office.errors import NotYours, Unacceptable
from doudi.office.flows import pay
from doudi.office.org.entrance import require_fresh_proof_to_pay
from doudi.office.org.permissions import require
from doudi.office.org.presence import person_at
from doudi.office.payments import queries
from doudi.office.payments.queries import (
    DifferenceRow,
    FundRow,
    ObstacleRow,
    PayeeChangeRow,
    Reconciliation,
    ReturnedRow,
    RunLine,
    RunRow,
    SuspenseRow,
    TransactionRow,
)

router = Router(tags=["money"])
FILE_BYTES_MAX = 50_000_000


class NewFund(Schema):
    """A fund of one programme and year."""

    programme: str
    year: int
    name: str


class Appropriation(Schema):
    """Money given to a fund by a document."""

    amount_fen: int
    document: str


class NewRun(Schema):
    """A programme and a month, as 2026-12."""

    programme: str
    month: str


class Reason(Schema):
    """Why."""

    reason: str


class Settled(Schema):
    """What became of a doubtful line: paid, returned or noted."""

    outcome: str
    reason: str


class NewAccount(Schema):
    """An account that shall replace the one to which the money could not go."""

    holder_id: int
    bank_name: str
    number: str
    reason: str


class Confirmation(Schema):
    """The second person's word."""

    is_confirmed: bool


class Taken(Schema):
    """What a return file did; for a file that was taken in before, what it did then."""

    file_id: int
    run_id: int
    run_number: str
    return_number: str
    is_replay: bool
    answers_an_altered_file: bool
    line_count: int
    paid: int
    returned: int
    suspense: int
    listed: int
    repeated: int


@dataclass(frozen=True)
class Lines:
    """Some lines of a run, and how many it has."""

    total: int
    rows: tuple[RunLine, ...]


@router.get("/funds", response=list[FundRow], summary="Funds with their balances")
def funds(request: HttpRequest) -> list[FundRow]:
    """Those of the reader's county."""
    return list(queries.funds(_county(request)))


@router.post("/funds", response={201: FundRow}, summary="Open a fund")
def open_fund(request: HttpRequest, sent: NewFund) -> Status[FundRow]:
    """For one programme and year."""
    made = pay.open_fund(actor=person_at(request), county=_county(request), at=clock.now(), **sent.dict())
    return Status(201, _fund(request, made.pk))


@router.post("/funds/{fund_id}/appropriations", response=FundRow, summary="Book an appropriation")
def appropriate(request: HttpRequest, fund_id: int, sent: Appropriation) -> FundRow:
    """Once for each document."""
    _fund(request, fund_id)
    pay.appropriate(
        actor=person_at(request),
        fund_id=fund_id,
        amount_fen=Fen(sent.amount_fen),
        document=sent.document,
        at=clock.now(),
    )
    return _fund(request, fund_id)


@router.get("/funds/{fund_id}/transactions", response=list[TransactionRow], summary="The bookings of a fund")
def transactions(request: HttpRequest, fund_id: int, offset: int = 0, limit: int = 50) -> list[TransactionRow]:
    """Newest first."""
    _fund(request, fund_id)
    return list(queries.fund_transactions(fund_id, offset=offset, limit=limit))


@router.get("/runs", response=list[RunRow], summary="Pay runs, newest first")
def runs(request: HttpRequest, offset: int = 0, limit: int = 50) -> list[RunRow]:
    """Those of the reader's county."""
    return list(queries.runs(_county(request), offset=offset, limit=limit))


@router.post("/runs", response={201: RunRow}, summary="Put all that is due into a draft")
def prepare(request: HttpRequest, sent: NewRun) -> Status[RunRow]:
    """The draft that is there is found."""
    try:
        month = Month.parse(sent.month)
    except PeriodError:
        raise Unacceptable(_("The month has another form."), advice=_("Write it as 2026-12.")) from None
    made = pay.prepare_run(
        actor=person_at(request), county=_county(request), programme=sent.programme, month=month, at=clock.now()
    )
    return Status(201, _run(request, made.run.pk))


@router.get("/runs/{run_id}", response=RunRow, summary="One pay run")
def run(request: HttpRequest, run_id: int) -> RunRow:
    """Who did what to it, and where its money is."""
    return _run(request, run_id)


@router.get("/runs/{run_id}/lines", response=Lines, summary="The lines of a run")
def lines(request: HttpRequest, run_id: int, text: str = "", offset: int = 0, limit: int = 50) -> Lines:
    """Each with the way back to its decision."""
    _run(request, run_id)
    rows, count = queries.run_lines(run_id, reader=person_at(request), search=text, offset=offset, limit=limit)
    return Lines(count, tuple(rows))


@router.get("/runs/{run_id}/differences", response=list[DifferenceRow], summary="Changes since last month")
def differences(request: HttpRequest, run_id: int) -> list[DifferenceRow]:
    """New, gone, or another amount."""
    _run(request, run_id)
    return list(queries.differences(run_id))


@router.get("/runs/{run_id}/obstacles", response=list[ObstacleRow], summary="What is owed and can't be paid")
def obstacles(request: HttpRequest, run_id: int) -> list[ObstacleRow]:
    """It stays owed."""
    _run(request, run_id)
    return list(queries.unpayable(run_id))


@router.post("/runs/{run_id}/discard", response=RunRow, summary="Throw a draft away")
def discard(request: HttpRequest, run_id: int, sent: Reason) -> RunRow:
    """Its months are free again."""
    _run(request, run_id)
    pay.discard_run(actor=person_at(request), run_id=run_id, reason=sent.reason, at=clock.now())
    return _run(request, run_id)


@router.post("/runs/{run_id}/release", response=RunRow, summary="Release, by a second person")
def release(request: HttpRequest, run_id: int) -> RunRow:
    """Commits the money and writes the bank file. Where money is real, a fresh proof is asked for."""
    _run(request, run_id)
    require_fresh_proof_to_pay(request)
    pay.release_run(actor=person_at(request), run_id=run_id, at=clock.now(), keyring=crypto.keyring())
    return _run(request, run_id)


@router.get("/runs/{run_id}/bank-file", summary="The file for the bank")
def bank_file(request: HttpRequest, run_id: int) -> HttpResponse:
    """As it was released, in GB18030. Who took it stands in the audit."""
    found = _run(request, run_id)
    content = pay.download_bank_file(actor=person_at(request), run_id=run_id, keyring=crypto.keyring())
    reply = HttpResponse(content, content_type="text/csv; charset=GB18030")
    reply["Content-Disposition"] = f'attachment; filename="{found.number}.csv"'
    return reply


@router.post("/runs/{run_id}/sent", response=RunRow, summary="The bank has the file")
def sent(request: HttpRequest, run_id: int, file: File[UploadedFile]) -> RunRow:
    """What was handed over is compared byte for byte."""
    _run(request, run_id)
    pay.mark_sent(
        actor=person_at(request), run_id=run_id, handed_over=_content(file), at=clock.now(), keyring=crypto.keyring()
    )
    return _run(request, run_id)


@router.get("/runs/{run_id}/reconciliation", response=Reconciliation, summary="Does it all agree?")
def reconciliation(request: HttpRequest, run_id: int) -> Reconciliation:
    """The same money seen from every side."""
    found = queries.reconciliation(run_id, _county(request), crypto.keyring())
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    return found


@router.post("/returns", response=Taken, summary="Take in the bank's answer")
def take_in(request: HttpRequest, file: File[UploadedFile]) -> Taken:
    """The same bytes again give the first report."""
    report = pay.import_return_file(
        actor=person_at(request), content=_content(file), at=clock.now(), keyring=crypto.keyring()
    )
    return Taken.model_validate(report, from_attributes=True)


@router.get("/returns/owed", response=list[ReturnedRow], summary="What came back and is owed")
def owed(request: HttpRequest) -> list[ReturnedRow]:
    """Nothing is closed by itself."""
    return list(queries.owed_returns(_county(request), reader=person_at(request)))


@router.post("/returns/{payment_id}/retry", response={204: None}, summary="Let a returned payment go again")
def retry(request: HttpRequest, payment_id: int, sent: Reason) -> Status[None]:
    """To the same account."""
    pay.permit_retry(actor=person_at(request), payment_id=payment_id, reason=sent.reason, at=clock.now())
    return Status(204, None)


@router.get("/suspense", response=list[SuspenseRow], summary="What is doubtful")
def suspense(request: HttpRequest) -> list[SuspenseRow]:
    """With its age."""
    return list(queries.suspense_items(_county(request), on=clock.today()))


@router.post("/suspense/{item_id}/settle", response={204: None}, summary="Settle a doubtful line")
def settle(request: HttpRequest, item_id: int, sent: Settled) -> Status[None]:
    """Not by who took the file in."""
    pay.settle_suspense(actor=person_at(request), item_id=item_id, at=clock.now(), **sent.dict())
    return Status(204, None)


@router.get("/accounts", response=list[PayeeChangeRow], summary="Accounts that wait for a second person")
def accounts(request: HttpRequest) -> list[PayeeChangeRow]:
    """Not in force until confirmed."""
    return list(queries.payee_changes(_county(request), reader=person_at(request)))


@router.post("/accounts/{household_id}", response={204: None}, summary="Propose another account")
def propose(request: HttpRequest, household_id: int, sent: NewAccount) -> Status[None]:
    """For money that came back."""
    pay.propose_account(
        actor=person_at(request), household_id=household_id, at=clock.now(), keyring=crypto.keyring(), **sent.dict()
    )
    return Status(204, None)


@router.post("/accounts/{change_id}/decide", response={204: None}, summary="Confirm or refuse another account")
def decide(request: HttpRequest, change_id: int, sent: Confirmation) -> Status[None]:
    """By another person than who proposed it."""
    pay.decide_account(
        actor=person_at(request),
        change_id=change_id,
        is_confirmed=sent.is_confirmed,
        at=clock.now(),
        keyring=crypto.keyring(),
    )
    return Status(204, None)


def _county(request: HttpRequest) -> str:
    user = person_at(request)
    require(user, "money.see")
    return user.area_id


def _fund(request: HttpRequest, fund_id: int) -> FundRow:
    found = queries.fund(fund_id, _county(request))
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    return found


def _run(request: HttpRequest, run_id: int) -> RunRow:
    found = queries.run(run_id, _county(request))
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    return found


def _content(file: UploadedFile) -> bytes:
    if file.size is None or file.size > FILE_BYTES_MAX:
        raise Unacceptable(_("The file is too large."), advice=_("Send the bank's file as it is."))
    content: bytes = file.read()
    return content
