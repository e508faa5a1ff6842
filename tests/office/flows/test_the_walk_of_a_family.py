"""Story A1 without its 临时救助: from a finding to an entitlement, each step by the person whose step it is."""

from datetime import date

from tests.office.flows.lakes import BILL_FEN, FATHER
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Case, Decision, Finding, Notice, Task
from doudi.office.casework.queries import case_page, finding_detail, work_list
from doudi.office.entitlements.models import Entitlement
from doudi.office.evidence.models import Assessment
from doudi.office.flows import decide


def test_a_family_of_a_hospital_bill_gets_dibao_from_the_month_after(office: Office) -> None:
    office.walk_to_review()
    office.review()
    done = office.confirm()
    with office.as_user(office.approver):
        entitlement = Entitlement.objects.get()
        # Three times the rural standard of 420 yuan, less the mother's pension of 120.
        assert entitlement.amount_fen == 3 * 42_000 - 12_000
        assert entitlement.start_month == "2027-01"
        assert entitlement.decision_id == done.decision_id
        assert office.case().state == Case.State.APPROVED
        assert [step.step for step in done.next_steps] == ["notify"]
        notice = Notice.objects.get()
        assert "420" in str(notice.sentences_zh)
        assert notice.sentences_en != notice.sentences_zh
    with office.as_user(office.clerk):
        office.do(decide.notify, at=AFTER_PUBLICITY, delivered_on=AFTER_PUBLICITY.date(), delivery="上门送达")
        # Sixty days end on 1 February 2027, a Monday.
        assert Notice.objects.get().object_until == date(2027, 2, 1)
        assert not Task.objects.filter(state="open").exists()


def test_each_step_waits_on_the_work_list_of_who_takes_it_with_its_last_day(office: Office) -> None:
    office.load()
    with office.as_user(office.assistant):
        rows = work_list(office.assistant, today=MONDAY.date())
        # Five working days after Monday the 23rd.
        assert [(row.kind, row.due_on) for row in rows.later] == [("visit", date(2026, 11, 30))]
        assert rows.later[0].head_name == FATHER.name
    seen = office.record_visit()
    with office.as_user(office.clerk):
        assert [row.kind for row in work_list(office.clerk, today=MONDAY.date()).three_days] == ["apply"]
    office.open(seen.visit_id)
    office.fill()
    office.accept()
    with office.as_user(office.reviewer):
        rows = work_list(office.reviewer, today=MONDAY.date())
        assert [(row.step, row.due_on) for row in rows.three_days] == [("information_check", date(2026, 11, 26))]
    office.verify(seen.visit_id)
    office.give_opinion()
    office.publicise()
    with office.as_user(office.reviewer):
        rows = work_list(office.reviewer, today=date(2026, 11, 27))
        assert [(row.step, row.not_before) for row in rows.waiting] == [("review", date(2026, 12, 3))]


def test_the_finding_says_its_reason_with_the_amount_and_where_it_comes_from(office: Office) -> None:
    office.load()
    with office.as_user(office.assistant):
        detail = finding_detail(office.assistant, office.finding().pk, today=MONDAY.date(), lang="en", purpose="visit")
    assert "68,123.45" in detail.sentence
    (fact,) = detail.facts
    assert (fact.value, fact.source, fact.row) == (BILL_FEN, "hospital_settlements", 7)
    assert fact.person_name == FATHER.name
    assert len(detail.members) == 3
    assert all("*" in member.masked_id for member in detail.members)


def test_the_case_page_lays_declared_found_and_seen_side_by_side(office: Office) -> None:
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        page = case_page(office.clerk, office.number, today=MONDAY.date(), lang="zh-hans", purpose="handling the case")
        found = {(line.name, line.person_id): line for line in page.facts}
        mother = office.person_ids()[1]
        pension = found["pension_monthly", mother]
        assert pension.found is not None
        assert (pension.found.value, pension.declared, pension.seen) == (12_000, None, None)
        assert pension.chosen_origin == "department"
        assert found["dwellings", None].chosen_origin == "visit"
        assert found["financial_assets", None].chosen_origin == "declared"
        assert page.assessment is not None
        assert page.assessment.outcome == "eligible"
        assert page.assessment.is_up_to_date
        assert "give_opinion" in page.can
        assert {step.step: step.state for step in page.steps}["publicity"] == "not_yet"
    with office.as_user(office.reviewer):
        seen_by_county = case_page(office.reviewer, office.number, today=MONDAY.date(), lang="en", purpose="review")
        assert "give_opinion" not in seen_by_county.can


def test_the_assessment_is_kept_whole_and_cannot_be_changed(office: Office) -> None:
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        kept = Assessment.objects.get()
        assert kept.inputs["family"]["basis"] == "office"
        assert len(kept.inputs["family"]["members"]) == 3
        assert kept.pack_hash
        assert kept.result["outcome"] == "eligible"


def test_p29_every_look_at_a_case_leaves_who_when_why_and_which_people(office: Office) -> None:
    office.walk_to_opinion()
    with office.as_user(office.reviewer):
        before = Entry.objects.filter(verb="read").count()
        case_page(office.reviewer, office.number, today=MONDAY.date(), lang="en", purpose="review of a case")
        looks = Entry.objects.filter(verb="read", purpose="review of a case")
        assert Entry.objects.filter(verb="read").count() == before + looks.count()
        people = looks.get(details__type="registry.person")
        assert sorted(people.details["ids"]) == sorted(str(number) for number in office.person_ids())
        assert people.actor_id == office.reviewer.pk


def test_p30_nothing_personal_stands_in_the_audit(office: Office) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    with office.as_user(office.approver):
        told = "".join(f"{entry.verb}{entry.purpose}{entry.details}" for entry in Entry.objects.all())
        for text in (FATHER.name, FATHER.id_number, "13812345678", "柳林村三组", "6217"):
            assert text not in told


def test_what_was_decided_names_the_recommendation_beside_the_reason(office: Office) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    with office.as_user(office.approver):
        words = Decision.objects.order_by("pk")
        assert [(word.stage, word.recommended) for word in words] == [
            ("opinion", "eligible"),
            ("review", "eligible"),
            ("confirm", "eligible"),
        ]
        assert all(word.reason for word in words)
        assert len({word.actor_id for word in words}) == 3
        assert Finding.objects.get().state == Finding.State.CONFIRMED
