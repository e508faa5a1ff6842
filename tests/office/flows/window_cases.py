"""Applications at the window for any programme: one person, filled in as its pack asks, walked step by step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.office.flows.walks import MONDAY, Office

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.values.identity import check_digit
from doudi.office.casework.models import Case
from doudi.office.casework.procedure import standing
from doudi.office.evidence.rulebook import asked_vocabulary, current_pack
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply, consent, decide, note, publicise, verify, visit
from doudi.office.flows.outcome import StepDone
from doudi.office.org.models import User

VILLAGE = "419901101002"


def id_number(sequence: int = 31) -> str:
    """An invented woman or man of 1985."""
    front = f"41990119850412{sequence:03d}"
    return front + check_digit(front)


def nothing(definition: FactDefinition) -> Any:
    """The answer of somebody to whom a question does not apply: zero, no, none, or the first of the list."""
    if definition.type == "text":
        return "none" if "none" in definition.codes else next(iter(definition.codes))
    return {"bool": False, "date": None}.get(definition.type, 0)


@dataclass
class AtWindow:
    """A case from the window on. `people` are those who act, by what they do."""

    office: Office
    programme: str
    at: datetime = MONDAY
    household: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    number: str = ""
    version: int = 0

    def open(self, *, sequence: int = 31, channel: str = "window") -> "AtWindow":
        with self.office.as_user(self.office.clerk):
            self.keep(
                apply.open_at_window(
                    actor=self.office.clerk,
                    at=self.at,
                    programme=self.programme,
                    area=VILLAGE,
                    name="许明月",
                    id_number=id_number(sequence),
                    phone="",
                    address="柳溪村三组",
                    residence="rural",
                    channel=channel,
                )
            )
        return self

    def declare(self) -> "AtWindow":
        """Everything that the programme asks: zero and none, unless the case says otherwise."""
        asked, subject = asked_vocabulary(self.programme), self.applicant()
        facts = [
            Seen(name, self.household.get(name, nothing(definition)))
            for name, definition in asked.household.items()
            if "family" in definition.supplied_by and name != "residence"
        ]
        facts += [
            Seen(name, self.person.get(name, nothing(definition)), subject)
            for name, definition in asked.person.items()
            if "family" in definition.supplied_by and definition.type != "date"
        ]
        self.do(apply.declare_facts, facts=[each for each in facts if each.value is not None])
        return self

    def sign(self) -> "AtWindow":
        """The authorisation and the account."""
        subject = self.applicant()
        self.do(consent.record_consents, person_ids=[subject], signed_on=self.at.date())
        self.do(
            apply.set_payee_account, holder_id=subject, bank_name="清河农商银行", account_number="6217000012345678901"
        )
        return self

    def accept(self) -> apply.Acceptance:
        with self.office.as_user(self.office.clerk):
            done = apply.accept_case(actor=self.office.clerk, at=self.at, case_number=self.number, version=self.version)
        self.version = done.version
        return done

    def assess(self) -> StepDone:
        return self.do(verify.assess_case)

    def check(self) -> StepDone:
        return self.do(verify.run_check, actor=self.office.reviewer)

    def visited_by(self, first: User, second: User, form: str) -> bool:
        with self.office.as_user(first):
            done = visit.record_visit(
                actor=first,
                at=self.at,
                visited_on=self.at.date(),
                second_visitor_id=second.pk,
                outcome="confirmed",
                reason="家里情况与申报一致。",
                form_token=form,
                case_number=self.number,
                signed_by_id=self.applicant(),
            )
            self.version = Case.objects.get(number=self.number).version
        return done.home_visit_is_done

    def do_relatives(self) -> StepDone:
        return self.do(verify.declare_near_relatives)

    def note(self, step: str, text: str = "邻居说法一致。", **given: Any) -> StepDone:
        return self.do(note.note_step, step=step, note=text, **given)

    def opinion(self, outcome: str = "approve", **given: Any) -> StepDone:
        return self.do(decide.give_opinion, outcome=outcome, reason="情况属实。", **given)

    def publicise(self) -> StepDone:
        return self.do(publicise.start_publicity)

    def review(self, outcome: str = "approve", **given: Any) -> StepDone:
        return self.do(decide.review, outcome=outcome, reason="同意。", **({"actor": self.office.reviewer} | given))

    def confirm(self, actor: User, outcome: str = "approve", **given: Any) -> StepDone:
        return self.do(decide.confirm, outcome=outcome, reason="同意。", actor=actor, **given)

    def notify(self) -> StepDone:
        return self.do(decide.notify, delivered_on=self.at.date(), delivery="上门送达")

    def later(self, days: int) -> "AtWindow":
        self.at += timedelta(days=days)
        return self

    def applicant(self) -> int:
        return self.case().applicant_id

    def case(self) -> Case:
        with self.office.as_user(self.office.clerk):
            return Case.objects.select_related("household").get(number=self.number)

    def open_steps(self) -> list[str]:
        with self.office.as_user(self.office.clerk):
            now = standing(Case.objects.get(number=self.number), pack=current_pack(), today=self.at.date())
        return [each.step.id for each in now.open_steps]

    def do(self, flow: Callable[..., StepDone], **given: Any) -> StepDone:
        actor: User = given.pop("actor", self.office.clerk)
        with self.office.as_user(actor):
            return self.keep(
                flow(actor=actor, at=self.at, case_number=self.number, **({"version": self.version} | given))
            )

    def keep(self, done: StepDone) -> StepDone:
        self.number, self.version = done.case_number, done.version
        return done
