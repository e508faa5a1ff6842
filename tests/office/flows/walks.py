"""The walk of story A1, one method for each thing that a person does, so that a test can stop or stray anywhere."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.office.flows.lakes import FATHER, Lake

from doudi.engine.pipeline.waiting_pairs import SaidOfBoth, WaitingPair
from doudi.engine.values.keys import Keyring
from doudi.office.casework.models import Case, Finding, Task
from doudi.office.evidence.models import DoubtfulPair, NightRun
from doudi.office.evidence.pair_actions import bring_pairs
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply, consent, decide, publicise, verify, visit
from doudi.office.flows.load_night import LoadReport, load_night
from doudi.office.flows.outcome import StepDone
from doudi.office.flows.visit import VisitDone
from doudi.office.org.models import User
from doudi.office.registry.models import Membership

MONDAY = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
# The publicity of seven days from Wednesday the 25th ends on Wednesday the 2nd.
AFTER_PUBLICITY = datetime.fromisoformat("2026-12-03T09:00:00+08:00")


@dataclass
class Office:
    """Who works here, and what each does next in the walk."""

    assistant: User
    clerk: User
    colleague: User
    stranger: User
    reviewer: User
    approver: User
    service: User
    as_user: Callable[[User], AbstractContextManager[User]]
    as_job: Callable[..., AbstractContextManager[None]]
    lake: Lake
    keyring: Keyring
    number: str = ""
    version: int = 0
    # Key of the family that the walk is about; the lake's own unless a test says otherwise.
    household_key: str = ""

    @property
    def family(self) -> str:
        return self.household_key or self.lake.household_key

    def load(self, name: str = "", at: datetime = MONDAY) -> LoadReport:
        """Seal the lake as it is and load it."""
        run = self.lake.seal(name)
        with self.as_job("419901", "loading the night"):
            return load_night(lake=run.lake, run_id=run.run_id, keyring=self.keyring, actor=self.service, at=at)

    def record_visit(self, *, outcome: str = "confirmed", form: str = "form-1", **changes: Any) -> VisitDone:
        """The assistant and a clerk go to the family of the open visit task."""
        with self.as_user(self.assistant):
            task = Task.objects.get(kind="visit", state="open", household__key=self.family)
            given: dict[str, Any] = {
                "actor": self.assistant,
                "at": MONDAY,
                "visited_on": MONDAY.date(),
                "second_visitor_id": self.clerk.pk,
                "outcome": outcome,
                "reason": "父亲中风住院，家里没有收入。",
                "form_token": form,
                "seen": observed(self.person_ids()),
                "task_id": task.pk,
                "signed_by_id": self.person_ids()[1],
            }
            return visit.record_visit(**(given | changes))

    def person_ids(self) -> list[int]:
        """Ids of the family's members, head first: father, mother, son, and whoever was added."""
        return list(
            Membership.objects.filter(to_date__isnull=True, household__key=self.family)
            .order_by("relation", "person_id")
            .values_list("person_id", flat=True)
        )

    def doubtful_pair(self) -> DoubtfulPair:
        """A department's record with the father's number under another name, as the last loaded night brings it."""
        said = (
            SaidOfBoth("id_number", FATHER.id_number, FATHER.id_number, "same"),
            SaidOfBoth("name", "赵有天", FATHER.name, "otherwise"),
            SaidOfBoth("area_code", None, self.lake.village, "missing"),
        )
        pair = WaitingPair(
            claim_key=self.keyring.pseudonym("person", "claim"), person_key=FATHER.key(self.keyring), kind="name",
            source="hospital_settlements", batch="b" * 16, row=8, delivered="2026-10", rows=1,
            known_source="household_registry", known_delivered="2026-10", said=said, weight=None,
            area=self.lake.village,
        )  # fmt: skip
        with self.as_job("419901", "loading the night"):
            night = NightRun.objects.latest("pk")
            bring_pairs(actor=self.service, night=night, pairs=[pair], use={pair.person_key: 2}, keyring=self.keyring)
            return DoubtfulPair.objects.get()

    def open(self, visit_id: int) -> StepDone:
        with self.as_user(self.clerk):
            return self._keep(
                apply.open_from_visit(
                    actor=self.clerk,
                    at=MONDAY,
                    visit_id=visit_id,
                    programme="dibao",
                    applicant_id=self.person_ids()[1],
                )
            )

    def fill(self, facts: Sequence[Seen] | None = None) -> StepDone:
        """What the family still has to say and sign."""
        with self.as_user(self.clerk):
            members = self.person_ids()
            self.do(apply.declare_facts, facts=declared(members) if facts is None else facts)
            self.do(consent.record_consents, person_ids=members, signed_on=MONDAY.date())
            return self.do(
                apply.set_payee_account,
                holder_id=members[1],
                bank_name="清河农商银行",
                account_number="6217 0000 1234 5678 901",
            )

    def accept(self) -> apply.Acceptance:
        with self.as_user(self.clerk):
            done = apply.accept_case(actor=self.clerk, at=MONDAY, case_number=self.number, version=self.version)
        self.version = done.version
        return done

    def verify(self, visit_id: int) -> StepDone:
        """Near relatives, the visit, the departments' data, the rules."""
        with self.as_user(self.clerk):
            self.do(verify.declare_near_relatives)
            self.do(verify.count_home_visit, visit_id=visit_id)
        self.check()
        return self.assess()

    def check(self) -> StepDone:
        with self.as_user(self.reviewer):
            return self.do(verify.run_check, actor=self.reviewer)

    def assess(self) -> StepDone:
        with self.as_user(self.clerk):
            return self.do(verify.assess_case)

    def give_opinion(self, outcome: str = "approve", **changes: Any) -> StepDone:
        with self.as_user(self.clerk):
            return self.do(decide.give_opinion, outcome=outcome, reason="情况属实。", **changes)

    def publicise(self, at: datetime = MONDAY + timedelta(days=2)) -> StepDone:
        with self.as_user(self.clerk):
            return self.do(publicise.start_publicity, at=at)

    def review(self, outcome: str = "approve", **changes: Any) -> StepDone:
        given: dict[str, Any] = {"actor": self.reviewer, "at": AFTER_PUBLICITY, "reason": "材料齐全，同意。"}
        with self.as_user(self.reviewer):
            return self.do(decide.review, outcome=outcome, **(given | changes))

    def confirm(self, outcome: str = "approve", **changes: Any) -> StepDone:
        given: dict[str, Any] = {"actor": self.approver, "at": AFTER_PUBLICITY, "reason": "同意审核意见。"}
        with self.as_user(self.approver):
            return self.do(decide.confirm, outcome=outcome, **(given | changes))

    def walk_to_opinion(self) -> None:
        """Everything up to the assessment."""
        self.load()
        seen = self.record_visit()
        self.open(seen.visit_id)
        self.fill()
        self.accept()
        self.verify(seen.visit_id)

    def walk_to_review(self) -> str:
        """Everything up to the end of the publicity. Returns the sheet's token."""
        self.walk_to_opinion()
        self.give_opinion()
        return self.publicise().sheet_token

    def do(self, flow: Callable[..., StepDone], **given: Any) -> StepDone:
        """One step of the walk, by the clerk unless told otherwise."""
        return self._keep(
            flow(**({"actor": self.clerk, "at": MONDAY, "case_number": self.number, "version": self.version} | given))
        )

    def case(self) -> Case:
        return Case.objects.get(number=self.number)

    def finding(self) -> Finding:
        return Finding.objects.latest("pk")

    def _keep(self, done: StepDone) -> StepDone:
        self.number, self.version = done.case_number, done.version
        return done


def observed(members: Sequence[int]) -> list[Seen]:
    """What the visitors saw: nobody earns, the child's card says mental disability of grade 2, one house."""
    healthy, ill = members[:-1], members[-1]
    nothing = [
        Seen(name, 0, person)
        for person in members
        for name in ("wage_casual_monthly", "support_received_monthly", "basic_pension_central_monthly")
    ]
    cards = [Seen("disability_kind", "none", person) for person in healthy]
    grades = [Seen("disability_grade", 0, person) for person in healthy]
    present = [Seen("membership_exclusion", "none", person) for person in members]
    home = [Seen("motor_vehicles", 0), Seen("dwellings", 1), Seen("other_income_monthly", 0)]
    illness = [Seen("disability_kind", "mental", ill), Seen("disability_grade", 2, ill)]
    return [*nothing, *cards, *grades, *present, *home, *illness]


def declared(members: Sequence[int]) -> list[Seen]:
    """What the family says itself: savings."""
    return [Seen("financial_assets", 320_000)]


def day(text: str) -> date:
    """A day in words."""
    return date.fromisoformat(text)
