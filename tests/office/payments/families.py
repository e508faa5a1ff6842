"""Families with a decided entitlement, made row by row, for tests about money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.office.casework.models import Case, Decision
from doudi.office.entitlements.actions import grant
from doudi.office.entitlements.models import Entitlement
from doudi.office.evidence.models import Assessment
from doudi.office.flows import pay
from doudi.office.org.models import User
from doudi.office.payments.actions.returns import ReturnReport
from doudi.office.payments.demo_bank import answer
from doudi.office.payments.models import Fund, Payment, PayRun
from doudi.office.payments.queries import verify_ledger
from doudi.office.registry.actions import set_account
from doudi.office.registry.models import Household, Membership, Person

COUNTY = "419901"
VILLAGE = "419901101001"
DECIDED = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
AT = datetime.fromisoformat("2026-12-01T09:00:00+08:00")
DECEMBER = Month(2026, 12)
JANUARY = Month(2027, 1)
_number = count(1)


@dataclass(frozen=True)
class Office:
    """Two people of finance, one who approves, a fund, and short names for what they do."""

    first: User
    second: User
    approver: User
    keyring: Keyring
    fund: Fund
    at: datetime = AT
    programme: str = "dibao"

    def appropriate(self, amount_fen: int, document: str = "示财社〔2026〕1号") -> None:
        pay.appropriate(actor=self.first, fund_id=self.fund.pk, amount_fen=amount_fen, document=document, at=self.at)

    def prepare(self, month: Month = DECEMBER) -> PayRun:
        done = pay.prepare_run(
            actor=self.first, county=COUNTY, programme=self.programme, month=month, at=at_start_of(month)
        )
        return done.run

    def release(self, run: PayRun) -> PayRun:
        return pay.release_run(actor=self.second, run_id=run.pk, at=self.at, keyring=self.keyring)

    def bank_file(self, run: PayRun) -> bytes:
        return pay.download_bank_file(actor=self.second, run_id=run.pk, keyring=self.keyring)

    def send(self, run: PayRun) -> bytes:
        content = self.bank_file(run)
        pay.mark_sent(actor=self.second, run_id=run.pk, handed_over=content, at=self.at, keyring=self.keyring)
        return content

    def sent_run(self, month: Month = DECEMBER) -> tuple[PayRun, bytes]:
        run = self.release(self.prepare(month))
        content = self.send(run)
        run.refresh_from_db()
        return run, content

    def take_in(self, content: bytes, actor: User | None = None) -> ReturnReport:
        return pay.import_return_file(actor=actor or self.first, content=content, at=self.at, keyring=self.keyring)

    def answered_run(self, month: Month = DECEMBER, fail: Sequence[str] = ()) -> tuple[PayRun, bytes]:
        run, content = self.sent_run(month)
        self.take_in(answer(content, fail=fail))
        run.refresh_from_db()
        return run, content


def office_of(first: User, second: User, approver: User, keyring: Keyring) -> Office:
    """These people with the county's fund of the year."""
    fund = pay.open_fund(actor=first, county=COUNTY, programme="dibao", year=2026, name="城乡低保资金", at=AT)
    return Office(first, second, approver, keyring, fund)


def at_start_of(month: Month) -> datetime:
    """Nine in the morning of a month's first day."""
    return datetime.fromisoformat(f"{month.first_day()}T09:00:00+08:00")


def family(
    office: Office, *, amount_fen: int = 50_000, has_account: bool = True, start: Month = DECEMBER, name: str = ""
) -> Entitlement:
    """One person's household with an entitlement that an approver really decided."""
    number = next(_number)
    person = Person.objects.create(
        key=f"t1-{number:032x}", name=name or f"张{'一二三四五六七八九十'[number % 10]}", status="met", area=VILLAGE
    )
    household = Household.objects.create(
        key=f"t1h-{number:031x}", number=f"H{number:08d}", basis="office", area=VILLAGE
    )
    Membership.objects.create(
        household=household, person=person, relation="02", from_date=date(2026, 1, 1), area=VILLAGE
    )
    if has_account:
        set_account(
            actor=office.approver,
            household=household,
            holder=person,
            bank_name="清河农商银行",
            number=f"62170000{number:011d}",
            keyring=office.keyring,
        )
    return decide(office, household, person, amount_fen=amount_fen, start=start)


def decide(
    office: Office,
    household: Household,
    person: Person,
    *,
    amount_fen: int,
    start: Month,
    decided_by: User | None = None,
) -> Entitlement:
    """The assessment, the case, the approver's decision, and the entitlement that follows."""
    decided_at = datetime.fromisoformat(f"{start.plus(-1).first_day()}T10:00:00+08:00")
    assessment = Assessment.objects.create(
        household=household,
        programme=office.programme,
        as_of=decided_at.date(),
        outcome="eligible",
        amount_fen=amount_fen,
        pack_release="test",
        pack_hash="0" * 64,
        inputs={},
        result={},
        explanation_zh={},
        explanation_en={},
        made_at=decided_at,
        made_by=office.approver,
        area=VILLAGE,
    )
    case = Case.objects.create(
        number=f"C{household.pk:08d}-{start}",
        household=household,
        programme=office.programme,
        channel="window",
        applicant=person,
        opened_at=decided_at,
        opened_by=office.approver,
        area=VILLAGE,
    )
    decision = Decision.objects.create(
        case=case,
        stage="confirm",
        outcome="approve",
        recommended="eligible",
        reason="符合条件",
        assessment=assessment,
        amount_fen=amount_fen,
        actor=decided_by or office.approver,
        decided_at=decided_at,
        area=VILLAGE,
    )
    Case.objects.filter(pk=case.pk).update(state="approved")
    return grant(
        actor=office.approver,
        case_id=case.pk,
        household=household,
        programme=office.programme,
        decision_id=decision.pk,
        assessment=assessment,
        amount_fen=amount_fen,
        start_month=start,
        area=VILLAGE,
        at=decided_at,
    )


def references(run: PayRun) -> list[str]:
    """The references of a run's payments, in order."""
    return list(Payment.objects.filter(run=run).order_by("line").values_list("reference", flat=True))


def give_account(office: Office, entitlement: Entitlement, number: str) -> None:
    """Two people put another account in place, as finance would after a return."""
    change = pay.propose_account(
        actor=office.first,
        household_id=entitlement.household_id,
        holder_id=entitlement.household.memberships.get().person_id,
        bank_name="清河农商银行",
        number=number,
        reason="原卡已销户",
        at=office.at,
        keyring=office.keyring,
    )
    pay.decide_account(
        actor=office.second, change_id=change.pk, is_confirmed=True, at=office.at, keyring=office.keyring
    )


def faults(office: Office) -> dict[str, tuple[str, ...]]:
    """What the verification of the whole ledger finds wrong, by check."""
    return {check.name: check.faults for check in verify_ledger(office.keyring).checks if check.fault_count}
