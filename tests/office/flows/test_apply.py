"""Applications: from a visit or at the window, filled in, accepted or answered with one notice."""

from typing import Any

import pytest
from tests.office.flows.lakes import FATHER, SON, id_number
from tests.office.flows.walks import MONDAY, Office, declared

from doudi.engine.values.identity import parse_id
from doudi.office.casework.models import Case, Consent
from doudi.office.casework.queries import case_page
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.models import Fact
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply, consent
from doudi.office.flows.outcome import StepDone
from doudi.office.registry.models import BankAccount, Household, Membership, Person

NEIGHBOUR = id_number("19700101", 41)
GRANDCHILD = id_number("20150601", 52)


def opened(office: Office) -> None:
    office.load()
    office.open(office.record_visit().visit_id)


def at_window(office: Office, **changes: Any) -> StepDone:
    given: dict[str, Any] = {
        "actor": office.clerk,
        "at": MONDAY,
        "programme": "dibao",
        "area": "419901101002",
        "name": "孙 桂芳",
        "id_number": NEIGHBOUR,
        "phone": "13912345678",
        "address": "柳林村一组3号",
        "residence": "rural",
    }
    given |= changes
    with office.as_user(given["actor"]):
        return apply.open_at_window(**given)


def test_a_household_has_one_open_case_in_a_programme(office: Office) -> None:
    opened(office)
    with office.as_user(office.clerk):
        case = Case.objects.get()
        visit_id = case.visits.get().pk
        with pytest.raises(Refused, match=case.number):
            apply.open_from_visit(
                actor=office.clerk, at=MONDAY, visit_id=visit_id, programme="dibao", applicant_id=office.person_ids()[0]
            )
        assert Case.objects.count() == 1


def test_anybody_can_apply_at_the_window_without_any_finding(office: Office) -> None:
    done = at_window(office)
    with office.as_user(office.clerk):
        person = Person.objects.get()
        assert person.status == Person.Status.MET
        # The same pseudonym as in the lake: the departments' data are found by it.
        assert person.key == office.keyring.pseudonym("person", NEIGHBOUR)
        household = Household.objects.get()
        assert (household.basis, household.residence) == ("declared", "rural")
        assert [step.step for step in done.next_steps] == ["accept"]
        assert (
            case_page(office.clerk, done.case_number, today=MONDAY.date(), lang="en", purpose="test").members[0].name
            == "孙 桂芳"
        )


def test_somebody_known_from_data_is_met_and_not_doubled(office: Office) -> None:
    office.load()
    at_window(office, name=SON.name, id_number=SON.id_number.lower())
    with office.as_user(office.clerk):
        assert Person.objects.filter(key=SON.key(office.keyring)).get().status == Person.Status.MET
        assert Household.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id_number": NEIGHBOUR[:-1] + ("0" if NEIGHBOUR[-1] != "0" else "1")}, "identity number"),
        ({"id_number": "419901197002300413"}, "identity number"),
        ({"id_number": "='1'!A1"}, "identity number"),
        ({"name": "  "}, "name"),
        ({"name": "孙\u202e芳"}, "name"),
        ({"name": "孙" * 61}, "name"),
        ({"area": "419901102001"}, "not of your area"),
        ({"area": "419901101"}, "not of your area"),
        ({"area": "419901101999"}, "not of your area"),
        ({"residence": ""}, "Urban or rural"),
        ({"programme": "../dibao"}, "no such programme"),
        ({"id_number": GRANDCHILD}, "minor"),
    ],
)
def test_bad_input_at_the_window_is_refused_and_leaves_nothing(
    office: Office, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Unacceptable, match=words) as refusal:
        at_window(office, **change)
    assert NEIGHBOUR not in str(refusal.value)
    with office.as_user(office.clerk):
        assert not Case.objects.exists()
        assert not Person.objects.exists()


def test_a_known_number_under_another_name_is_refused(office: Office) -> None:
    office.load()
    with pytest.raises(Refused, match="another name") as refusal:
        at_window(office, name="赵无名", id_number=FATHER.id_number)
    assert FATHER.name not in str(refusal.value)


def test_p27_a_person_of_another_township_is_refused_without_a_trace_of_where(office: Office) -> None:
    at_window(office)
    with pytest.raises(Refused) as refusal:
        at_window(office, actor=office.stranger, area="419901102001")
    assert "can't be entered here" in str(refusal.value)
    assert "419901101" not in str(refusal.value)
    with office.as_user(office.stranger):
        assert not Case.objects.exists()


def test_a_member_of_another_household_is_refused(office: Office) -> None:
    at_window(office)
    opened(office)
    with office.as_user(office.clerk), pytest.raises(Refused, match="already belongs to a household"):
        office.do(apply.add_member, name="孙桂芳", id_number=NEIGHBOUR, relation="70")
    with office.as_user(office.clerk):
        assert Membership.objects.filter(person__key=parse_key(office, NEIGHBOUR)).count() == 1


def parse_key(office: Office, number: str) -> str:
    return office.keyring.pseudonym("person", parse_id(number).value18)


def test_a_member_can_be_added_and_another_s_membership_ended_with_a_reason(office: Office) -> None:
    opened(office)
    with office.as_user(office.clerk):
        office.do(apply.add_member, name="赵豆豆", id_number=GRANDCHILD, relation="40")
        father, mother, son, child = office.person_ids()
        with pytest.raises(Unacceptable, match="applicant"):
            office.do(apply.end_membership, person_id=mother, reason="moved")
        with pytest.raises(Unacceptable, match="reason"):
            office.do(apply.end_membership, person_id=son, reason=" ")
        office.do(apply.end_membership, person_id=son, reason="外地就业分户")
        page = case_page(office.clerk, office.number, today=MONDAY.date(), lang="en", purpose="test")
        assert {member.person_id for member in page.members} == {father, mother, child}
        assert Membership.objects.get(person=son).to_date == MONDAY.date()


def test_what_is_missing_is_told_in_one_notice(office: Office) -> None:
    opened(office)
    told = office.accept()
    assert not told.is_accepted
    with office.as_user(office.clerk):
        members = set(office.person_ids())
        assert {each.person_id for each in told.missing if each.kind == "consent"} == members
        assert {each.fact for each in told.missing if each.kind == "fact"} == {"financial_assets"}
        assert "payee_account" in {each.kind for each in told.missing}
        case = office.case()
        assert len(case.missing_notice) == len(told.missing)
        assert case.missing_notified_at == MONDAY
        # Nothing that a department has is asked of the family (57号 art. 10).
        assert "pension_monthly" not in {each.fact for each in told.missing}
    office.fill()
    assert office.accept().is_accepted


def test_a_stale_form_is_refused_with_who_did_what(office: Office) -> None:
    opened(office)
    with office.as_user(office.clerk):
        before = office.version
        office.do(apply.declare_facts, facts=declared(office.person_ids()))
        with pytest.raises(Refused, match=r"changed since you opened it.*何雨荷"):
            office.do(apply.declare_facts, facts=declared(office.person_ids()), version=before)
        assert Fact.objects.filter(origin="declared").count() == 1


def test_consent_is_of_adult_members_only(office: Office) -> None:
    opened(office)
    with office.as_user(office.clerk):
        office.do(apply.add_member, name="赵豆豆", id_number=GRANDCHILD, relation="40")
        child = office.person_ids()[-1]
        for persons in ([], [child], [999_999_999]):
            with pytest.raises(Unacceptable):
                office.do(consent.record_consents, person_ids=persons, signed_on=MONDAY.date())
        assert not Consent.objects.exists()


def test_an_account_receives_for_one_household_only(office: Office) -> None:
    opened(office)
    office.fill()
    with office.as_user(office.clerk):
        account = BankAccount.objects.get()
        assert account.number == "6217000012345678901"
    second = at_window(office)
    with office.as_user(office.clerk), pytest.raises(Refused, match="another household"):
        apply.set_payee_account(
            actor=office.clerk,
            at=MONDAY,
            case_number=second.case_number,
            version=second.version,
            holder_id=Person.objects.get(name="孙 桂芳").pk,
            bank_name="清河农商银行",
            account_number="6217000012345678901",
        )


def test_an_assistant_does_not_open_or_accept_a_case(office: Office) -> None:
    office.load()
    seen = office.record_visit()
    with office.as_user(office.assistant):
        with pytest.raises(NotAllowed):
            apply.open_from_visit(
                actor=office.assistant,
                at=MONDAY,
                visit_id=seen.visit_id,
                programme="dibao",
                applicant_id=office.person_ids()[0],
            )
        assert not Case.objects.exists()


def test_a_foreign_township_s_case_is_as_if_it_were_not_there(office: Office) -> None:
    opened(office)
    with office.as_user(office.stranger):
        for number in (office.number, "419901-2026-999999"):
            with pytest.raises(NotYours) as absent:
                case_page(office.stranger, number, today=MONDAY.date(), lang="en", purpose="test")
            with pytest.raises(NotYours):
                apply.accept_case(actor=office.stranger, at=MONDAY, case_number=number, version=1)
            assert str(absent.value) == "There is no such case."


def test_a_family_may_say_that_it_does_not_know(office: Office) -> None:
    opened(office)
    office.fill([Seen("financial_assets", None)])
    with office.as_user(office.clerk):
        fact = Fact.objects.get(name="financial_assets")
        assert (fact.is_unknown, fact.value_int) == (True, None)
    assert office.accept().is_accepted
