"""A decided case whose explanation is the rules' own."""

from dataclasses import dataclass
from datetime import date, datetime

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.explain import explain
from doudi.engine.rules.family import FactValue, Family, Member
from doudi.engine.rules.programme import load_programme
from doudi.engine.values.identity import check_digit
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.office.casework.models import Case, Decision, Notice
from doudi.office.entitlements.actions import grant
from doudi.office.evidence.models import Assessment
from doudi.office.org.models import User
from doudi.office.registry.actions import set_account
from doudi.office.registry.models import Household, Membership, Person
from doudi.office.registry.terms import id_index, id_tail_index

VILLAGE = "419901101002"
DECIDED = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
ID_NUMBER = "41990119580307001"


@dataclass(frozen=True)
class Desk:
    """Makes decided cases."""

    approver: User
    keyring: Keyring

    def decision(
        self, *, name: str = "张建国", wage_fen: int = 80_000, outcome: str = "approve", reason: str = ""
    ) -> Decision:
        person = Person.objects.create(
            key="p1",
            name=name,
            id_number=ID_NUMBER + check_digit(ID_NUMBER),
            id_index=id_index(self.keyring, ID_NUMBER + check_digit(ID_NUMBER)),
            id_tail_index=id_tail_index(self.keyring, ID_NUMBER + check_digit(ID_NUMBER)),
            status="met",
            area=VILLAGE,
        )
        household = Household.objects.create(key="h1", number="H419901-0000001", basis="office", area=VILLAGE)
        Membership.objects.create(
            household=household, person=person, relation="02", from_date=date(2020, 1, 1), area=VILLAGE
        )
        set_account(
            actor=self.approver, household=household, holder=person, bank_name="清河农村商业银行柳溪支行",
            number="6217000012345678901", keyring=self.keyring,
        )  # fmt: skip
        return self._decide(household, person, wage_fen, outcome, reason)

    def _decide(self, household: Household, person: Person, wage_fen: int, outcome: str, reason: str) -> Decision:
        texts = {lang: explanation(wage_fen, lang) for lang in ("zh", "en")}
        amount = texts["zh"]["amount_fen"]
        assessment = Assessment.objects.create(
            household=household, programme="dibao", as_of=date(2026, 11, 23), outcome=texts["zh"]["outcome"],
            amount_fen=amount, pack_release=texts["zh"]["pack_release"], pack_hash=texts["zh"]["pack_hash"],
            inputs={}, result={}, explanation_zh=texts["zh"], explanation_en=texts["en"], made_at=DECIDED,
            made_by=self.approver, area=VILLAGE,
        )  # fmt: skip
        case = Case.objects.create(
            number="DB419901-2026-000017", household=household, programme="dibao", channel="window", applicant=person,
            opened_at=datetime.fromisoformat("2026-11-02T09:30:00+08:00"), opened_by=self.approver, area=VILLAGE,
        )  # fmt: skip
        decision = Decision.objects.create(
            case=case, stage="confirm", outcome=outcome, recommended=assessment.outcome,
            reason=reason or "入户调查与部门核对一致，公示期内没有异议。", assessment=assessment,
            amount_fen=(amount or 20_000) if outcome == "approve" else None, actor=self.approver, decided_at=DECIDED,
            area=VILLAGE,
        )  # fmt: skip
        if decision.amount_fen is not None:
            grant(
                actor=self.approver, case_id=case.pk, household=household, programme="dibao", decision_id=decision.pk,
                assessment=assessment, amount_fen=decision.amount_fen, start_month=Month(2026, 12), area=VILLAGE,
                at=DECIDED,
            )  # fmt: skip
        Notice.objects.create(
            decision=decision, made_at=DECIDED, reason=decision.reason, sentences_zh=texts["zh"],
            sentences_en=texts["en"], area=VILLAGE,
        )  # fmt: skip
        return decision


def explanation(wage_fen: int, lang: str) -> dict[str, object]:
    """A father after a stroke, the mother, and a daughter at work, explained by the rules themselves."""
    pack = load_pack()
    programme = load_programme(pack, "dibao")
    return explain(programme, _family(wage_fen), pack=pack, as_of=date(2026, 11, 23), lang=lang).to_dict()


def _family(wage_fen: int) -> Family:
    day = date(2026, 10, 31)
    everybody = {
        "membership_exclusion": "none",
        "wage_insured_monthly": 0,
        "social_contribution_monthly": 0,
        "pension_monthly": 0,
        "unemployment_benefit_monthly": 0,
    }
    told = {"wage_casual_monthly": 0, "support_received_monthly": 0}
    born = (date(1958, 3, 7), date(1960, 8, 21), date(1990, 1, 30))
    wages = ({}, {}, {"wage_insured_monthly": wage_fen})
    members = tuple(
        Member(
            f"m{place}",
            ("02", "10", "30")[place],
            {name: FactValue(value, "wages_pensions", day, "b:7") for name, value in {**everybody, **own}.items()}
            | {name: FactValue(value, "declared", date(2026, 11, 2), "") for name, value in told.items()}
            | {"birth_date": FactValue(born[place], "household_registry", day, "b:9")},
        )
        for place, own in enumerate(wages)
    )
    seen = {"other_income_monthly": 0, "financial_assets": 200_000, "motor_vehicles": 0, "dwellings": 1}
    own = {name: FactValue(value, "visit", date(2026, 11, 6), "v:1") for name, value in seen.items()}
    own["residence"] = FactValue("rural", "household_registry", day, "b:9")
    return Family("h1", VILLAGE, "office", own, members)
