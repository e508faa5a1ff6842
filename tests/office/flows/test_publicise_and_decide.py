"""Publicity, objections, opinion, review, decision, notice: none can be skipped, doubled or done by one alone."""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.office.flows.lakes import FATHER, MOTHER, SON
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office

from doudi.office.casework.models import Case, Decision, Notice, Objection, PublicSheet, StepRecord, Task
from doudi.office.casework.queries import SheetEnded, SheetView, case_page, public_sheet
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import NotAllowed, Refused, Unacceptable
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply, decide, publicise, verify
from doudi.office.flows.verify import Relative

WEDNESDAY = MONDAY + timedelta(days=2)


def object_to(office: Office, *, form: str = "objection-1", at: datetime = WEDNESDAY, **changes: Any) -> int:
    given: dict[str, Any] = {"received_on": at.date(), "objector": "邻居", "text": "他家有车。"}
    with office.as_user(office.clerk):
        return publicise.record_objection(
            actor=office.clerk, at=at, case_number=office.number, form_token=form, **(given | changes)
        )


def settle(office: Office, objection: int, outcome: str, reason: str = "已核实") -> None:
    with office.as_user(office.clerk):
        done = publicise.settle_objection(
            actor=office.clerk, at=AFTER_PUBLICITY, objection_id=objection, outcome=outcome, reason=reason
        )
        office.version = done.version


def test_p31_the_public_sheet_has_exactly_the_allowed_fields_masked(office: Office) -> None:
    token = office.walk_to_review()
    # Without any scope, as a visitor of the public page.
    sheet = public_sheet(token, today=WEDNESDAY.date())
    assert isinstance(sheet, SheetView)
    assert {field.name for field in dataclasses.fields(sheet)} == {
        "programme",
        "masked_name",
        "member_count",
        "opinion",
        "village",
        "starts_on",
        "ends_on",
    }
    assert sheet.masked_name == "钱*兰"
    assert (sheet.member_count, sheet.opinion, sheet.village) == (3, "approve", "419901101002")
    assert (sheet.starts_on, sheet.ends_on) == (date(2026, 11, 25), date(2026, 12, 2))
    row = str(PublicSheet.objects.values().get())
    for one in (FATHER, MOTHER, SON):
        assert one.name not in row
        assert one.id_number not in row


def test_p31_the_sheet_is_gone_from_the_day_after_its_last(office: Office) -> None:
    token = office.walk_to_review()
    assert isinstance(public_sheet(token, today=date(2026, 12, 2)), SheetView)
    assert public_sheet(token, today=date(2026, 12, 3)) == SheetEnded()
    assert public_sheet("no-such-token", today=date(2026, 11, 26)) is None


def test_review_waits_until_the_publicity_is_over(office: Office) -> None:
    office.walk_to_review()
    for on in (25, 30, 32):
        with pytest.raises(Refused, match="2026-12-03"):
            office.review(at=MONDAY + timedelta(days=on - 23))
    office.review(at=AFTER_PUBLICITY)


def test_an_unsettled_objection_holds_review_and_decision(office: Office) -> None:
    office.walk_to_review()
    objection = object_to(office)
    office.version = version_of(office)
    with pytest.raises(Refused, match="not been settled"):
        office.review()
    settle(office, objection, "unfounded", "车辆登记在他人名下")
    office.review()


def test_a_founded_objection_overturns_opinion_and_publicity(office: Office) -> None:
    token = office.walk_to_review()
    objection = object_to(office)
    settle(office, objection, "founded", "确有一辆机动车")
    assert public_sheet(token, today=WEDNESDAY.date()) == SheetEnded()
    with office.as_user(office.clerk):
        page = case_page(office.clerk, office.number, today=AFTER_PUBLICITY.date(), lang="en", purpose="test")
        states = {step.step: step.state for step in page.steps}
        assert (states["preliminary_opinion"], states["publicity"], states["review"]) == ("open", "not_yet", "not_yet")
        assert [decision.is_set_aside for decision in page.decisions] == [True]
        # What was set aside stays in the file.
        assert StepRecord.objects.filter(step="preliminary_opinion", set_aside_at__isnull=False).count() == 1
        assert list(Task.objects.filter(state="open").values_list("step", flat=True)) == ["preliminary_opinion"]
    office.assess()
    office.give_opinion()
    again = office.publicise(at=AFTER_PUBLICITY)
    assert again.sheet_token != token


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": " "}, "no words"),
        ({"received_on": date(2026, 11, 24)}, "before the publicity"),
        ({"received_on": date(2026, 11, 26)}, "future"),
    ],
)
def test_bad_objections_are_refused(office: Office, change: dict[str, Any], words: str) -> None:
    office.walk_to_review()
    with pytest.raises(Unacceptable, match=words):
        object_to(office, **change)


def test_an_objection_sent_twice_is_one_and_is_settled_once(office: Office) -> None:
    office.walk_to_review()
    objection = object_to(office)
    with pytest.raises(Refused, match="sent twice"):
        object_to(office)
    settle(office, objection, "unfounded")
    with pytest.raises(Refused, match="already settled"):
        settle(office, objection, "founded")
    with office.as_user(office.clerk):
        assert Objection.objects.get().outcome == "unfounded"


STEPS: list[tuple[str, Callable[[Office], object]]] = [
    ("review", lambda office: office.review()),
    ("confirm", lambda office: office.confirm()),
    ("publicity", lambda office: office.publicise()),
    ("opinion", lambda office: office.give_opinion()),
    ("check", lambda office: office.check()),
]


@pytest.mark.parametrize("name", [name for name, _step in STEPS])
def test_no_step_can_be_skipped(office: Office, name: str) -> None:
    office.load()
    office.open(office.record_visit().visit_id)
    office.fill()
    with pytest.raises(Refused):
        dict(STEPS)[name](office)
    with office.as_user(office.approver):
        assert set(StepRecord.objects.values_list("step", flat=True)) == {"apply"}
        assert not Decision.objects.exists()
        assert not Entitlement.objects.exists()


def test_p22_nobody_speaks_twice_on_one_case(office: Office) -> None:
    office.walk_to_review()
    office.review()
    # The reviewer has meanwhile become an approver: the role fits, the person does not.
    office.reviewer.role = "approver"
    with office.as_user(office.approver), pytest.raises(Refused, match="no earlier part"):
        office.do(decide.confirm, actor=office.reviewer, at=AFTER_PUBLICITY, outcome="approve", reason="x")
    with office.as_user(office.approver):
        review = Decision.objects.get(stage="review")
        with pytest.raises(IntegrityError, match="casework_decision_four_eyes"), transaction.atomic():
            Decision.objects.create(
                case=review.case,
                stage="confirm",
                outcome="approve",
                amount_fen=1,
                recommended="eligible",
                reason="x",
                assessment=review.assessment,
                actor=review.actor,
                decided_at=AFTER_PUBLICITY,
                area=review.area,
            )
        assert not Entitlement.objects.exists()


def test_p22_each_role_takes_its_own_steps_only(office: Office) -> None:
    office.walk_to_review()
    for stranger_to_the_step in (office.clerk, office.assistant, office.approver, office.service):
        with office.as_user(office.approver), pytest.raises(NotAllowed):
            office.do(decide.review, actor=stranger_to_the_step, at=AFTER_PUBLICITY, outcome="approve", reason="x")


def test_p22_a_near_relative_of_the_family_does_not_act_on_it(office: Office) -> None:
    office.load()
    seen = office.record_visit()
    office.open(seen.visit_id)
    office.fill()
    office.accept()
    with office.as_user(office.clerk):
        office.do(
            verify.declare_near_relatives,
            relatives=[Relative(office.person_ids()[2], "堂兄弟", official_id=office.reviewer.pk)],
        )
        office.do(verify.count_home_visit, visit_id=seen.visit_id)
    with pytest.raises(Refused, match="near relative"):
        office.check()
    with office.as_user(office.reviewer):
        page = case_page(office.reviewer, office.number, today=MONDAY.date(), lang="en", purpose="test")
        assert "run_check" not in page.can


def test_p21_agreeing_and_departing_both_need_a_reason(office: Office) -> None:
    office.walk_to_review()
    for outcome in ("approve", "refuse"):
        with pytest.raises(Unacceptable, match="for agreeing as much as for departing"):
            office.review(outcome, reason="   ")
    office.review("refuse", reason="有隐瞒存款的线索，经查属实。")
    with office.as_user(office.approver):
        assert Decision.objects.get(stage="review").recommended == "eligible"


def test_p20_what_is_not_known_is_no_ground_to_refuse(office: Office) -> None:
    office.load()
    seen = office.record_visit()
    office.open(seen.visit_id)
    office.fill([Seen("financial_assets", None)])
    office.accept()
    office.verify(seen.visit_id)
    with office.as_user(office.clerk):
        assessment = Assessment.objects.get()
        assert (assessment.outcome, assessment.amount_fen) == ("undetermined", None)
        assert "financial_assets" in str(assessment.result["missing"])
    with pytest.raises(Refused, match="no ground to refuse"):
        office.give_opinion("refuse")
    with pytest.raises(Unacceptable, match="no amount"):
        office.give_opinion("approve")
    with office.as_user(office.clerk):
        office.do(apply.declare_facts, facts=[Seen("financial_assets", 320_000)])
    with pytest.raises(Refused, match="Assess again"):
        office.give_opinion("approve")
    office.assess()
    office.give_opinion("approve")


def test_p15_a_department_that_says_nothing_leaves_it_unknown_and_not_zero(office: Office) -> None:
    office.lake.wages_are_known = False
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        assessment = Assessment.objects.get()
        assert assessment.outcome == "undetermined"
        page = case_page(office.clerk, office.number, today=MONDAY.date(), lang="en", purpose="test")
        wage = next(line for line in page.facts if line.name == "wage_insured_monthly")
        assert wage.found is not None
        assert (wage.found.is_unknown, wage.found.text, wage.found.as_of) == (True, "", date(2026, 5, 31))


def test_a_refusal_has_a_notice_with_reasons_and_how_long_one_can_object(office: Office) -> None:
    office.walk_to_review()
    office.review("refuse", reason="家庭财产超过限额。")
    done = office.confirm("refuse", reason="同意审核意见，不予确认。")
    with office.as_user(office.clerk):
        assert office.case().state == Case.State.REFUSED
        assert not Entitlement.objects.exists()
        notice = Notice.objects.get(decision=done.decision_id)
        assert notice.reason == "同意审核意见，不予确认。"
        assert notice.object_until is None
        for delivered in (date(2026, 12, 2), date(2026, 12, 4)):
            with pytest.raises(Unacceptable, match="on that day"):
                office.do(decide.notify, at=AFTER_PUBLICITY, delivered_on=delivered, delivery="上门")
        office.do(decide.notify, at=AFTER_PUBLICITY, delivered_on=AFTER_PUBLICITY.date(), delivery="上门")
        assert Notice.objects.get().object_until == date(2027, 2, 1)


def test_a_double_click_on_the_decision_grants_once(office: Office) -> None:
    office.walk_to_review()
    office.review()
    version = office.version
    office.confirm()
    with pytest.raises(Refused, match=r"already decided.*严定"):
        office.confirm(version=version)
    with office.as_user(office.approver):
        assert Entitlement.objects.count() == 1
        assert Decision.objects.filter(stage="confirm").count() == 1


def test_a_decision_stays_as_it_was_written(office: Office) -> None:
    office.walk_to_review()
    office.review()
    with office.as_user(office.approver):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Decision.objects.filter(stage="review").update(reason="something else")
        with pytest.raises(DatabaseError), transaction.atomic():
            Assessment.objects.update(outcome="ineligible")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM casework_decision")


def test_an_amount_above_all_belief_is_refused(office: Office) -> None:
    office.walk_to_review()
    for amount in (0, -1, 10**13 + 1):
        with pytest.raises(Unacceptable, match="no amount that can be granted"):
            office.review(amount_fen=amount)


def test_a_file_does_not_change_under_an_opinion(office: Office) -> None:
    office.walk_to_opinion()
    office.give_opinion()
    with office.as_user(office.clerk):
        for flow, given in (
            (apply.declare_facts, {"facts": [Seen("financial_assets", 1)]}),
            (apply.end_membership, {"person_id": office.person_ids()[2], "reason": "x"}),
            (verify.assess_case, {}),
        ):
            with pytest.raises(Refused, match="can't change under it"):
                office.do(flow, **given)


def version_of(office: Office) -> int:
    with office.as_user(office.clerk):
        return office.case().version
