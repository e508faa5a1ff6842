"""Several cases confirmed in one act: only such as nothing speaks against, each as if alone, all or none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office
from tests.office.flows.window_cases import AtWindow

from doudi.office.casework.models import Decision
from doudi.office.casework.queries.together import cases_to_confirm
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.flows import apply, consent, publicise
from doudi.office.flows.decide_together import CASES_MAX, Chosen, confirm_together
from doudi.office.org.models import User

REASON = "材料齐全，意见一致，同意。"


def waiting(office: Office) -> dict[str, tuple[str, ...]]:
    """The cases that wait for the approver, with their flags."""
    with office.as_user(office.approver):
        found, more = cases_to_confirm(office.approver, today=AFTER_PUBLICITY.date(), lang="zh")
    assert more == 0
    return {each.case.case_number: each.flags for each in found}


def together(office: Office, *cases: Chosen, actor: User | None = None, reason: str = REASON) -> tuple[str, ...]:
    who = actor or office.approver
    with office.as_user(who):
        return confirm_together(actor=who, at=AFTER_PUBLICITY, cases=cases, reason=reason)


def undecided(office: Office) -> bool:
    with office.as_user(office.approver):
        return not Decision.objects.filter(stage="confirm").exists() and not Entitlement.objects.exists()


def test_a_case_that_nothing_speaks_against_is_confirmed_as_it_was_proposed(office: Office) -> None:
    office.walk_to_review()
    assert waiting(office) == {}, "not before the county has reviewed it"
    office.review()
    assert waiting(office) == {office.number: ()}
    assert together(office, Chosen(office.number, office.version)) == (office.number,)
    with office.as_user(office.approver):
        said = Decision.objects.get(stage="confirm")
        granted = Entitlement.objects.get()
        proposed = Decision.objects.get(stage="review").amount_fen
    assert (said.actor_id, said.outcome, said.reason) == (office.approver.pk, "approve", REASON)
    assert granted.amount_fen == said.amount_fen == proposed
    assert waiting(office) == {}


def test_a_flag_keeps_a_case_out_and_says_why(office: Office) -> None:
    office.lake.household_facts["vehicles_registered"] = ("vehicles", 1)
    office.walk_to_opinion()
    office.give_opinion()
    office.publicise()
    with office.as_user(office.clerk):
        given: dict[str, Any] = {"actor": office.clerk, "case_number": office.number}
        objection = publicise.record_objection(
            **given, at=MONDAY.replace(day=25), received_on=MONDAY.replace(day=25).date(), objector="邻居",
            text="他家有车。", form_token="objection",
        )  # fmt: skip
        office.version = publicise.settle_objection(
            actor=office.clerk, at=AFTER_PUBLICITY, objection_id=objection, outcome="unfounded", reason="已核实"
        ).version
    office.review()
    (flags,) = waiting(office).values()
    assert {"objection", "differs"} <= set(flags)
    with pytest.raises(Refused, match=office.number):
        together(office, Chosen(office.number, office.version))
    assert undecided(office)


def test_a_word_that_departs_from_the_rules_wants_a_look_of_its_own(office: Office) -> None:
    office.walk_to_review()
    office.review(amount_fen=10_000)
    assert waiting(office) == {office.number: ("departs",)}


def test_if_one_case_cannot_be_decided_none_is(office: Office) -> None:
    office.walk_to_review()
    office.review()
    own = Chosen(office.number, office.version)
    with pytest.raises(NotYours):
        together(office, own, Chosen("419901-2026-987654", 1))
    assert undecided(office)
    with pytest.raises(Refused):
        together(office, Chosen(office.number, office.version - 1))
    assert undecided(office)


def test_bad_choices_are_refused(office: Office) -> None:
    office.walk_to_review()
    office.review()
    own = Chosen(office.number, office.version)
    for cases in ((), (own, own), tuple(Chosen(str(number), 1) for number in range(CASES_MAX + 1))):
        with pytest.raises(Unacceptable):
            together(office, *cases)
    with pytest.raises(Unacceptable):
        together(office, own, reason=" ")
    assert undecided(office)


def test_p22_who_reviewed_does_not_confirm_together_either(office: Office) -> None:
    office.walk_to_review()
    office.review()
    for actor in (office.reviewer, office.clerk):
        with pytest.raises((NotAllowed, Refused)):
            together(office, Chosen(office.number, office.version), actor=actor)
    assert undecided(office)


def test_the_page_takes_the_form_once(office: Office, client_for: Callable[[User], Client], set_clock: Any) -> None:
    office.walk_to_review()
    office.review()
    set_clock(AFTER_PUBLICITY)
    approver = client_for(office.approver)
    page = approver.get("/together/").content.decode()
    key = f"{office.number}:{office.version}"
    assert f'value="{key}"' in page
    assert "批量审批" in approver.get("/cases/").content.decode()
    assert client_for(office.clerk).get("/together/").status_code == 403
    empty = approver.post("/together/", {"reason": REASON})
    assert empty.status_code == 422
    assert "请至少选择一个案件" in empty.content.decode()
    assert approver.post("/together/", {"chosen": key, "reason": ""}).status_code == 422
    done = approver.post("/together/", {"chosen": key, "reason": REASON})
    assert done.status_code == 302
    again = approver.post("/together/", {"chosen": key, "reason": REASON})
    assert again.status_code == 422
    assert "刚刚有变动或者已办结" in again.content.decode()
    with office.as_user(office.approver):
        assert Decision.objects.filter(stage="confirm").count() == 1


def test_a_program_confirms_them_once_for_its_key(
    office: Office, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    office.walk_to_review()
    office.review()
    set_clock(AFTER_PUBLICITY)
    approver = client_for(office.approver)

    def send(version: int, key: str) -> Any:
        body = {"cases": [{"case_number": office.number, "version": version}], "reason": REASON}
        headers = {"Idempotency-Key": key}
        return approver.post("/api/v1/together/confirm", body, content_type="application/json", headers=headers)

    assert send(office.version - 1, "together-01").status_code == 409
    first, again = send(office.version, "together-02"), send(office.version, "together-02")
    assert (first.status_code, first.json()) == (200, [office.number])
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


def second_case(office: Office) -> AtWindow:
    """Another family's application, up to the county's review."""
    case = AtWindow(office, "dibao").open()
    case.declare()
    subject = case.applicant()
    case.do(consent.record_consents, person_ids=[subject], signed_on=MONDAY.date())
    account = "6217000012345678902"
    case.do(apply.set_payee_account, holder_id=subject, bank_name="清河农商银行", account_number=account)
    case.accept()
    case.do_relatives()
    case.visited_by(office.assistant, office.colleague, "second")
    case.check()
    case.assess()
    case.opinion()
    case.publicise()
    case.later((AFTER_PUBLICITY - MONDAY).days)
    case.review()
    return case


def test_two_families_are_confirmed_in_one_act_and_one_alone_leads_to_the_next(
    office: Office, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    office.walk_to_review()
    office.review()
    other = second_case(office)
    set_clock(AFTER_PUBLICITY)
    assert set(waiting(office)) == {office.number, other.number}
    approver = client_for(office.approver)
    with office.as_user(office.approver):
        amount = Decision.objects.get(stage="review", case__number=office.number).amount_fen
    assert amount is not None
    typed = {"version": office.version, "outcome": "approve", "amount_fen": f"{amount / 100:.2f}", "reason": REASON}
    done = approver.post(f"/cases/{office.number}/confirm/", typed, follow=True).content.decode()
    assert f'href="/cases/{other.number}/confirm/"' in done
    assert "下一件：" in done
    key = f"{other.number}:{other.version}"
    assert approver.post("/together/", {"chosen": key, "reason": REASON}).status_code == 302
    with office.as_user(office.approver):
        assert Decision.objects.filter(stage="confirm", outcome="approve").count() == 2
