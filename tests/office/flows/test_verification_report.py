"""The verification report 核对报告: side by side, answered, disputed, re-checked, too old (57号 arts. 17, 18)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import atomic
from tests.office.flows.lakes import FATHER, Lake
from tests.office.flows.walks import MONDAY, Office, observed

from doudi.office.casework.models import Case, Decision, Recheck, ReportAnswer, StepRecord, Task, VerificationReport
from doudi.office.casework.queries import LineView, ReportPage, compare_reports, report_page, work_list
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.models import Assessment, Fact
from doudi.office.evidence.terms import Seen
from doudi.office.flows import answer_report, verify
from doudi.office.flows.outcome import StepDone
from doudi.office.org.models import User

CAR = "vehicles_registered"


def with_a_car(office: Office, *, observe_car: bool = False) -> None:
    """The register has a car in the family's name; the family declares none."""
    office.lake.household_facts[CAR] = ("vehicles", 2)
    office.load()
    with office.as_user(office.assistant):
        members = office.person_ids()
    seen = [each for each in observed(members) if each.name != "motor_vehicles"]
    visit = office.record_visit(seen=[*seen, *([Seen("motor_vehicles", 2)] if observe_car else [])])
    office.open(visit.visit_id)
    office.fill([Seen("financial_assets", 320_000), Seen("motor_vehicles", 0)])
    office.accept()
    office.verify(visit.visit_id)


def page(office: Office, user: User | None = None, *, at: datetime = MONDAY, version: int | None = None) -> ReportPage:
    reader = user or office.clerk
    with office.as_user(reader):
        return report_page(reader, office.number, today=at.date(), lang="en", purpose="test", version=version)


def line(found: ReportPage, name: str = CAR) -> LineView:
    (only,) = [each for each in found.lines if each.name == name]
    return only


def answer(office: Office, kind: str, *, form: str = "a1", at: datetime = MONDAY, **changes: Any) -> StepDone:
    position = line(page(office)).position
    with office.as_user(office.clerk):
        given: dict[str, Any] = {
            "actor": office.clerk,
            "at": at,
            "case_number": office.number,
            "position": position,
            "kind": kind,
            "text": "车已经卖给别人。",
            "paper": "二手车买卖合同",
            "said_by_id": office.person_ids()[1],
            "said_on": at.date(),
            "form_token": form,
        }
        done = answer_report.answer_difference(**(given | changes))
    office.version = done.version
    return done


def recheck(office: Office, outcome: str = "corrected", *, actor: User | None = None, **changes: Any) -> StepDone:
    who = actor or office.clerk
    with office.as_user(who):
        given: dict[str, Any] = {
            "actor": who,
            "at": MONDAY,
            "case_number": office.number,
            "recheck_id": Recheck.objects.latest("pk").pk,
            "outcome": outcome,
            "authority": "县公安局交警大队",
            "document": "复函〔2026〕7号",
            "reply": "车辆已于去年过户，登记未注销。",
            "value": 0 if outcome == "corrected" else None,
        }
        done = answer_report.answer_recheck(**(given | changes))
    office.version = done.version
    return done


def test_the_report_lays_declared_found_and_seen_side_by_side_with_source_day_and_row(office: Office) -> None:
    with_a_car(office)
    shown = page(office)
    car = line(shown)
    assert car.found is not None
    assert car.declared is not None
    assert (car.found.value, car.found.source, car.found.batch, car.found.row) == (2, "vehicles", "b" * 16, 7)
    assert car.declared.value == 0
    assert car.differs
    assert car.difference == 2
    assert car.rule_label
    assert [rule.label for rule in car.rules], "the condition that reads the fact is named"
    assert all(rule.citation for rule in car.rules)
    assert shown.shown.number == f"{office.number}-H1"
    assert shown.unheard == 1
    assert shown.validity_status == "example"


def test_p15_no_data_is_apart_from_zero_and_says_since_when(office: Office) -> None:
    office.lake.wages_are_known = False
    office.walk_to_opinion()
    shown = page(office)
    wages = [each for each in shown.lines if each.name == "wage_insured_monthly"]
    assert len(wages) == 3
    for each in wages:
        assert each.found is not None
        assert each.found.is_unknown
        assert each.found.value is None
        assert each.found.text == ""
        assert each.found.as_of == date(2026, 5, 31)
        assert each.used is None or each.used.is_unknown
        assert not each.differs


def test_a_disputed_figure_is_re_checked_and_the_new_fact_is_used_beside_the_old(office: Office) -> None:
    with_a_car(office)
    with office.as_user(office.clerk):
        before = Assessment.objects.latest("pk").pk
    answer(office, "objects")
    with office.as_user(office.clerk):
        task = Task.objects.get(kind="recheck")
        assert task.due_on == date(2026, 11, 30)
        rows = work_list(office.clerk, today=MONDAY.date())
        assert [row.recheck_id for row in rows.later if row.kind == "recheck"] == [Recheck.objects.get().pk]
    with pytest.raises(Refused, match="being re-checked"):
        office.give_opinion()
    recheck(office)
    with office.as_user(office.clerk):
        words = Fact.objects.filter(name__in=[CAR, "motor_vehicles"]).order_by("pk")
        told = [(row.name, row.origin, row.source, row.value_int) for row in words]
        assert told == [
            ("motor_vehicles", "declared", "family", 0),
            (CAR, "department", "vehicles", 2),
            ("motor_vehicles", "recheck", "recheck", 0),
        ]
        assert Task.objects.get(kind="recheck").state == Task.State.DONE
        assert Assessment.objects.latest("pk").pk > before
    shown = page(office)
    car = line(shown)
    assert (shown.shown.version, shown.shown.cause) == (2, "recheck")
    assert car.answer is not None
    assert car.answer.recheck is not None
    assert (car.answer.recheck.outcome, car.answer.recheck.holds) == ("corrected", "0")
    assert car.used is not None
    assert (car.used.value, car.used_origin) == (0, "recheck")
    assert shown.unheard == 0
    office.give_opinion()


def test_a_re_check_that_confirms_the_figure_changes_the_outcome_and_says_which_condition(office: Office) -> None:
    with_a_car(office)
    answer(office, "objects")
    recheck(office, "stands")
    with office.as_user(office.clerk):
        found = compare_reports(office.clerk, office.number, 1, 2, today=MONDAY.date(), lang="en", purpose="test")
    assert (found.before.outcome, found.after.outcome) == ("eligible", "ineligible")
    (change,) = [each for each in found.changes if each.line.name == CAR]
    assert change.before is not None
    assert change.after is not None
    assert change.before.used is not None
    assert change.after.used is not None
    assert (change.before.used.value, change.after.used.value) == (0, 2)
    assert [(each.before or {})["state"] for each in found.conditions] == ["met"]
    assert [(each.after or {})["state"] for each in found.conditions] == ["not_met"]


def test_agreeing_makes_the_figure_the_familys_own_word(office: Office) -> None:
    with_a_car(office)
    answer(office, "agrees", text="是我家的车。")
    car = line(page(office))
    assert car.used is not None
    assert (car.used.value, car.used_origin) == (2, "declared")
    assert not car.differs
    with office.as_user(office.clerk):
        assert Fact.objects.filter(name="motor_vehicles", origin="declared").count() == 2


def test_explaining_leaves_both_and_counts_as_heard(office: Office) -> None:
    with_a_car(office)
    answer(office, "explains")
    shown = page(office)
    assert shown.unheard == 0
    assert line(shown).differs
    with office.as_user(office.clerk):
        assert not Recheck.objects.exists()


def test_who_asked_the_departments_does_not_re_check_and_an_assistant_neither(office: Office) -> None:
    with_a_car(office)
    answer(office, "objects")
    with pytest.raises(Refused, match="can't re-check"):
        recheck(office, actor=office.reviewer)
    with pytest.raises(NotAllowed):
        recheck(office, actor=office.assistant)
    # And the database says the same to whoever goes past the flow.
    with office.as_user(office.reviewer), pytest.raises(DatabaseError), transaction.atomic():
        Recheck.objects.update(
            outcome="stands", authority="x", reply="y", fact=Fact.objects.latest("pk"), answered_at=MONDAY,
            answered_by=office.reviewer,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"kind": "denies"}, Unacceptable),
        ({"text": "  "}, Unacceptable),
        ({"text": "长" * 4001}, Unacceptable),
        ({"said_by_id": 999_999_999}, Unacceptable),
        ({"said_on": date(2026, 11, 24)}, Unacceptable),
        ({"position": 999}, NotYours),
        ({"position": 1}, Refused),
        ({"case_number": "419901-2026-999999"}, NotYours),
    ],
    ids=str,
)
def test_bad_answers_are_refused_and_leave_nothing(
    office: Office, change: dict[str, Any], refusal: type[Refused]
) -> None:
    with_a_car(office)
    if change.get("position") == 1:
        assert not page(office).lines[0].differs
    with pytest.raises(refusal):
        answer(office, change.pop("kind", "objects"), **change)
    with office.as_user(office.clerk):
        assert not ReportAnswer.objects.exists()
        assert not Recheck.objects.exists()


def test_a_form_sent_twice_is_one_answer_and_a_second_objection_waits(office: Office) -> None:
    with_a_car(office)
    answer(office, "explains")
    with pytest.raises(Refused, match="sent twice"):
        answer(office, "explains")
    answer(office, "objects", form="a2")
    with pytest.raises(Refused, match="under way"):
        answer(office, "objects", form="a3")
    recheck(office)
    with pytest.raises(Refused, match="already answered"):
        recheck(office)


def test_a_corrected_figure_needs_the_value_that_holds(office: Office) -> None:
    with_a_car(office)
    answer(office, "objects")
    for change in ({"value": None}, {"value": -1}, {"value": "2"}, {"reply": ""}, {"authority": " "}):
        with pytest.raises(Unacceptable):
            recheck(office, **change)
    with office.as_user(office.clerk):
        assert not Fact.objects.filter(origin="recheck").exists()


def test_p20_nothing_is_refused_on_a_difference_that_the_family_never_heard_of(office: Office) -> None:
    with_a_car(office, observe_car=True)
    with pytest.raises(Refused, match="has not been heard on 1"):
        office.give_opinion("refuse")
    with office.as_user(office.clerk):
        assert not Decision.objects.exists()
    answer(office, "explains")
    office.give_opinion("refuse")


def test_help_is_not_held_up_by_a_difference_that_nobody_answered(office: Office) -> None:
    with_a_car(office)
    office.give_opinion()


def test_a_report_past_its_days_stops_each_word_until_the_departments_are_asked_again(office: Office) -> None:
    office.walk_to_opinion()
    office.give_opinion()
    office.publicise()
    late = MONDAY + timedelta(days=91)
    for act in (office.review,):
        with pytest.raises(Refused, match="held until 2027-02-21"):
            act(at=late)
    shown = page(office, office.reviewer, at=late)
    assert shown.has_expired
    assert "renew_report" in shown.can
    assert "renew_report" not in page(office, office.clerk, at=late).can
    with office.as_user(office.clerk), pytest.raises(NotAllowed):
        office.do(verify.renew_report, at=late)
    with office.as_user(office.reviewer):
        office.do(verify.renew_report, actor=office.reviewer, at=late)
    assert not page(office, at=late).has_expired
    # Nothing that the rules read has changed, so what was said stands.
    office.review(at=late)


def test_a_renewal_that_finds_something_else_asks_for_a_new_opinion(office: Office, lake: Lake) -> None:
    office.walk_to_opinion()
    office.give_opinion()
    office.publicise()
    lake.people = tuple(each if each.sequence != 22 else type(each)(**(vars(each) | {"pension_fen": 99_900}))
                        for each in lake.people)  # fmt: skip
    lake.as_of = date(2026, 11, 25)
    office.load("later")
    with office.as_user(office.reviewer):
        office.do(verify.renew_report, actor=office.reviewer, at=MONDAY + timedelta(days=3))
    with office.as_user(office.clerk):
        assert not StepRecord.objects.filter(step="opinion", set_aside_at__isnull=True).exists()
        assert not Decision.objects.filter(set_aside_at__isnull=True).exists()
        assert VerificationReport.objects.filter(case__number=office.number).count() == 2


def test_an_objection_after_the_opinion_stops_the_review_and_a_correction_overturns_the_opinion(office: Office) -> None:
    with_a_car(office)
    office.give_opinion()
    office.publicise()
    answer(office, "objects", at=MONDAY + timedelta(days=2))
    with pytest.raises(Refused, match="being re-checked"):
        office.review()
    recheck(office, "stands", at=MONDAY + timedelta(days=3))
    with office.as_user(office.clerk):
        assert not Decision.objects.filter(set_aside_at__isnull=True).exists()
        assert Case.objects.get(number=office.number).state == "open"


@pytest.mark.parametrize("table", ["verificationreport", "reportline", "reportanswer"])
@pytest.mark.parametrize("change", ["UPDATE casework_{} SET area = area", "DELETE FROM casework_{}"])
def test_versions_and_answers_only_grow(office: Office, db_role: Any, table: str, change: str) -> None:
    with_a_car(office)
    answer(office, "explains")
    with office.as_user(office.clerk), db_role("owner"), pytest.raises(DatabaseError, match="only grows"), atomic():
        connection.cursor().execute(change.format(table))


def test_an_earlier_version_still_says_what_it_said(office: Office) -> None:
    with_a_car(office)
    answer(office, "objects")
    recheck(office, "stands")
    first, last = page(office, version=1), page(office)
    old, new = line(first).used, line(last).used
    assert old is not None
    assert new is not None
    assert (old.value, new.value) == (0, 2)
    assert (first.shown.outcome, last.shown.outcome) == ("eligible", "ineligible")
    assert first.can == frozenset()


def test_a_foreign_townships_report_is_as_if_it_were_not_there(office: Office) -> None:
    with_a_car(office)
    with office.as_user(office.stranger):
        for number in (office.number, "419901-2026-999999"):
            with pytest.raises(NotYours, match="no such report"):
                report_page(office.stranger, number, today=MONDAY.date(), lang="en", purpose="test")


def test_what_another_registers_money_adds_up_to_is_held_against_what_the_family_said(office: Office) -> None:
    office.lake.person_facts["deposit_balance"] = ("deposits", 200_000)
    office.walk_to_opinion()
    lines = [each for each in page(office).lines if each.name == "deposit_balance"]
    # Three members with 2,000 yuan each, 3,200 declared: together more than what was said.
    assert [each.differs for each in lines] == [True, True, True]
    assert FATHER.name in {each.person_name for each in lines}
