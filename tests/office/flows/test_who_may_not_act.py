"""Relatives of officials, publicised refusals, accounts of families that are paid: one person's word is too little."""

from typing import Any

import pytest
from tests.office.flows.test_publicise_and_decide import object_to, settle, version_of
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office, declared, observed

from doudi.engine.workflow.procedure import Procedure
from doudi.engine.workflow.reading import load_procedure
from doudi.office.casework import procedure as office_procedure
from doudi.office.casework.conditions import UnknownGuardError
from doudi.office.casework.models import StepRecord
from doudi.office.casework.procedure import standing
from doudi.office.casework.queries import case_page, visit_form, work_list
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import NotAllowed, Refused
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows import apply, consent, decide, pay, publicise, verify, visit
from doudi.office.flows.verify import Relative
from doudi.office.org.models import User
from doudi.office.registry.models import BankAccount, Household

OTHER_ACCOUNT = "6217000099998888777"


def accepted(office: Office) -> int:
    """A case that is accepted; returns the visit that could count."""
    office.load()
    seen = office.record_visit()
    office.open(seen.visit_id)
    office.fill()
    office.accept()
    return seen.visit_id


def walk_to_review_with_a_relative(office: Office, official: User | None) -> None:
    """Everything up to the end of the publicity, of a family with a near relative of an official."""
    visit_id = accepted(office)
    named = {"official_id": official.pk} if official else {"official_name": "柳林村 村委会主任"}
    with office.as_user(office.clerk):
        office.do(verify.declare_near_relatives, relatives=[Relative(office.person_ids()[2], "堂兄弟", **named)])
        office.do(verify.count_home_visit, visit_id=visit_id)
    office.check()
    office.assess()
    office.give_opinion()
    office.publicise()


def visit_by_county(office: Office, first: User, second: User, **changes: Any) -> bool:
    given: dict[str, Any] = {"outcome": "confirmed", "form_token": "county-1", "at": AFTER_PUBLICITY}
    with office.as_user(first):
        members = office.person_ids()
        done = visit.record_visit(
            **given | changes,
            actor=first,
            visited_on=AFTER_PUBLICITY.date(),
            second_visitor_id=second.pk,
            reason="县里入户核查，情况属实。",
            seen=observed(members),
            case_number=office.number,
            signed_by_id=members[1],
        )
        office.version = version_of(office)
        return done.home_visit_is_done


def test_a_registered_near_relative_brings_the_county_to_the_house_before_it_decides(office: Office) -> None:
    walk_to_review_with_a_relative(office, None)
    with pytest.raises(Refused, match="First comes: Visit by the county"):
        office.review()
    with office.as_user(office.reviewer):
        assert [row.step for row in work_list(office.reviewer, today=AFTER_PUBLICITY.date()).later] == ["county_visit"]
        page = case_page(office.reviewer, office.number, today=AFTER_PUBLICITY.date(), lang="en", purpose="test")
        assert "record_visit" in page.can
        given: dict[str, Any] = {"today": AFTER_PUBLICITY.date(), "lang": "en", "purpose": "test"}
        form = visit_form(office.reviewer, case_number=office.number, **given)
        assert office.approver.pk in {each.user_id for each in form.visitors}
    # Who visited for the township does not visit for the county.
    with pytest.raises(Refused, match="no earlier part"):
        visit_by_county(office, office.reviewer, office.assistant)
    assert visit_by_county(office, office.reviewer, office.approver, form_token="county-2")
    office.review()
    office.confirm()
    with office.as_user(office.approver):
        assert StepRecord.objects.get(step="county_visit").done_with == office.approver
        assert Entitlement.objects.count() == 1


def test_without_a_registered_relative_the_county_does_not_visit(office: Office) -> None:
    office.walk_to_review()
    with pytest.raises(NotAllowed):
        visit_by_county(office, office.reviewer, office.approver)
    with office.as_user(office.reviewer):
        page = case_page(office.reviewer, office.number, today=AFTER_PUBLICITY.date(), lang="en", purpose="test")
        assert "county_visit" not in {step.step for step in page.steps}
        assert "record_visit" not in page.can
    office.review()


def test_a_visit_that_met_nobody_is_not_the_visit_of_a_case(office: Office) -> None:
    walk_to_review_with_a_relative(office, None)
    assert not visit_by_county(office, office.reviewer, office.approver, outcome="unknown")
    with pytest.raises(Refused, match="First comes: Visit by the county"):
        office.review()


def test_a_guard_that_the_office_cannot_judge_is_an_error_and_no_step_left_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.load()
    office.open(office.record_visit().visit_id)
    shipped = load_procedure(current_pack(), "dibao")

    def misspelt(*_: object) -> Procedure:
        steps = [
            step.model_copy(update={"guard": "near_relative_registered"}) if step.guard else step
            for step in shipped.steps
        ]
        return shipped.model_copy(update={"steps": tuple(steps)})

    monkeypatch.setattr(office_procedure, "load_procedure", misspelt)
    with office.as_user(office.clerk), pytest.raises(UnknownGuardError, match="near_relative_registered"):
        standing(office.case(), pack=current_pack(), today=MONDAY.date())


def test_p22_nobody_does_anything_to_a_relative_s_file(office: Office) -> None:
    """Not only the steps: declarations, signatures, accounts, visits, objections."""
    visit_id = accepted(office)
    with office.as_user(office.colleague):
        office.do(
            verify.declare_near_relatives,
            actor=office.colleague,
            relatives=[Relative(office.person_ids()[2], "配偶", official_id=office.clerk.pk)],
        )
    version = office.version
    members = office.person_ids
    tries: list[tuple[Any, dict[str, Any]]] = [
        (apply.declare_facts, {"facts": declared([])}),
        (apply.end_membership, {"person_id": -1, "reason": "x"}),
        (consent.record_consents, {"person_ids": [], "signed_on": MONDAY.date()}),
        (apply.set_payee_account, {"holder_id": -1, "bank_name": "x", "account_number": OTHER_ACCOUNT}),
        (apply.accept_case, {}),
        (verify.declare_near_relatives, {}),
        (verify.count_home_visit, {"visit_id": visit_id}),
        (verify.assess_case, {}),
        (decide.give_opinion, {"outcome": "approve", "reason": "x"}),
        (publicise.start_publicity, {}),
    ]
    with office.as_user(office.clerk):
        for flow, given in tries:
            with pytest.raises(Refused, match="near relative"):
                flow(actor=office.clerk, at=MONDAY, case_number=office.number, version=version, **given)
        with pytest.raises(Refused, match="near relative"):
            publicise.record_objection(
                actor=office.clerk,
                at=MONDAY,
                case_number=office.number,
                received_on=MONDAY.date(),
                objector="",
                text="x",
                form_token="o",
            )
        page = case_page(office.clerk, office.number, today=MONDAY.date(), lang="en", purpose="test")
        assert page.can == frozenset()
        assert work_list(office.clerk, today=MONDAY.date()).total == 0
    # Neither as the second visitor of somebody else.
    with office.as_user(office.assistant), pytest.raises(Refused, match="near relative"):
        visit.record_visit(
            actor=office.assistant,
            at=MONDAY,
            visited_on=MONDAY.date(),
            second_visitor_id=office.clerk.pk,
            outcome="confirmed",
            reason="x",
            form_token="v",
            case_number=office.number,
            signed_by_id=members()[1],
        )
    # And the visit that the relative took part in before does not count.
    with office.as_user(office.colleague), pytest.raises(Refused, match="near relative"):
        office.do(verify.count_home_visit, actor=office.colleague, visit_id=visit_id)


def test_p22_a_relative_in_the_finance_office_does_not_touch_the_account(office: Office, make_user: Any) -> None:
    cousin, other = make_user("finance", "419901"), make_user("finance", "419901")
    accepted(office)
    with office.as_user(office.clerk):
        mother = office.person_ids()[1]
        office.do(verify.declare_near_relatives, relatives=[Relative(mother, "表亲", official_id=cousin.pk)])
        household = Household.objects.get(key=office.family)
    given: dict[str, Any] = {
        "household_id": household.pk,
        "holder_id": mother,
        "bank_name": "清河农商银行",
        "number": OTHER_ACCOUNT,
        "reason": "存折遗失",
        "at": MONDAY,
        "keyring": office.keyring,
    }
    with office.as_user(cousin), pytest.raises(Refused, match="near relative"):
        pay.propose_account(actor=cousin, **given)
    with office.as_user(other):
        change = pay.propose_account(actor=other, **given)
    with office.as_user(cousin), pytest.raises(Refused, match="near relative"):
        pay.decide_account(actor=cousin, change_id=change.pk, is_confirmed=True, at=MONDAY, keyring=office.keyring)


def test_what_was_publicised_as_a_refusal_is_not_granted_without_a_new_publicity(office: Office) -> None:
    office.walk_to_opinion()
    office.give_opinion("refuse")
    office.publicise()
    with pytest.raises(Refused, match="new publicity"):
        office.review("approve")
    office.review("refuse", reason="同意。")
    with pytest.raises(Refused, match="new publicity"):
        office.confirm("approve")
    # The way there: the doubt is recorded, found right, and the new opinion publicised.
    settle(office, object_to(office, objector="县级审核"), "founded", "收入核减有误")
    office.assess()
    office.give_opinion("approve")
    office.publicise(at=AFTER_PUBLICITY)
    with office.as_user(office.approver):
        assert not Entitlement.objects.exists()


def test_p9_one_person_alone_does_not_redirect_the_money_of_a_family_that_is_paid(office: Office) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    with office.as_user(office.clerk):
        household = Household.objects.get(key=office.family)
        old = BankAccount.objects.get(household=household, active=True)
        mother = office.person_ids()[1]
        visit_id = household.visits.get().pk
        # A new application of the same household gives the clerk a form with an account in it again.
        again = apply.open_from_visit(
            actor=office.clerk, at=AFTER_PUBLICITY, visit_id=visit_id, programme="dibao", applicant_id=mother
        )
        given: dict[str, Any] = {"actor": office.clerk, "at": AFTER_PUBLICITY, "case_number": again.case_number}
        typed = {"holder_id": mother, "bank_name": "清河农商银行"}
        with pytest.raises(Refused, match="one person alone") as refusal:
            apply.set_payee_account(**given, **typed, version=again.version, account_number=OTHER_ACCOUNT)
        assert OTHER_ACCOUNT not in str(refusal.value)
        version = type(office.case()).objects.get(number=again.case_number).version
        father = office.person_ids()[0]
        with pytest.raises(Refused, match="one person alone"):
            apply.set_payee_account(
                **given, holder_id=father, bank_name="清河农商银行", version=version, account_number=old.number
            )
        version = type(office.case()).objects.get(number=again.case_number).version
        # The same account again changes nothing and is taken.
        apply.set_payee_account(**given, **typed, version=version, account_number=old.number)
        assert BankAccount.objects.get(household=household, active=True) == old
