"""Visits: two people, a reason, a signature, and no effect of the same form sent twice."""

from typing import Any

import pytest
from tests.office.flows.walks import MONDAY, Office, day

from doudi.office.casework.models import Finding, Task, Visit
from doudi.office.casework.queries import visit_form
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.models import Fact
from doudi.office.evidence.terms import Seen
from doudi.office.flows import visit
from doudi.office.registry.models import Household, Person


def test_a_confirmed_visit_establishes_the_household_and_its_people(office: Office) -> None:
    office.load()
    done = office.record_visit()
    assert done.finding_state == Finding.State.CONFIRMED
    with office.as_user(office.assistant):
        assert Household.objects.get().basis == Household.Basis.OFFICE
        assert set(Person.objects.values_list("status", flat=True)) == {Person.Status.MET}
        assert Task.objects.get(kind="visit").state == Task.State.DONE
        assert Task.objects.get(kind="apply").role == "clerk"


def test_a_form_sent_twice_is_one_visit(office: Office) -> None:
    office.load()
    office.record_visit()
    with office.as_user(office.assistant):
        task, members = Task.objects.get(kind="visit"), office.person_ids()
        for token in ("form-1", "form-2"):
            with pytest.raises(Refused, match="already"):
                visit.record_visit(
                    actor=office.assistant,
                    at=MONDAY,
                    visited_on=MONDAY.date(),
                    second_visitor_id=office.clerk.pk,
                    outcome="cleared",
                    reason="again",
                    form_token=token,
                    task_id=task.pk,
                    signed_by_id=members[0],
                )
        assert Visit.objects.count() == 1
        assert Finding.objects.get().state == Finding.State.CONFIRMED


def test_p20_no_answer_leads_to_another_visit_and_closes_nothing(office: Office) -> None:
    office.load()
    first = office.record_visit(outcome="unknown", form="once", seen=[], signed_by_id=None, unsigned_reason="家中无人")
    assert first.finding_state == Finding.State.OPEN
    with office.as_user(office.clerk):
        assert Household.objects.get().basis == Household.Basis.REGISTER
        with pytest.raises(Refused, match="Two visits"):
            visit.close_unanswered(actor=office.clerk, at=MONDAY, finding_pk=office.finding().pk, reason="无人应门")
    office.record_visit(outcome="unknown", form="twice", seen=[], signed_by_id=None, unsigned_reason="家中无人")
    with office.as_user(office.clerk):
        visit.close_unanswered(actor=office.clerk, at=MONDAY, finding_pk=office.finding().pk, reason="两次无人应门")
        assert Finding.objects.get().state == Finding.State.UNKNOWN
        assert not Task.objects.filter(state="open").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "  "}, "reason"),
        ({"visited_on": day("2026-11-24")}, "future"),
        ({"outcome": "eligible"}, "outcome"),
        ({"signed_by_id": None}, "signed"),
        ({"unsigned_reason": "and yet"}, "signed"),
        ({"signed_by_id": 999_999_999}, "no member"),
        ({"seen": [Seen("wage_secret", 1)]}, "no such question"),
        ({"seen": [Seen("dwellings", -1)]}, "can't be"),
        ({"seen": [Seen("dwellings", True)]}, "can't be"),
        ({"seen": [Seen("dwellings", "1")]}, "can't be"),
        ({"seen": [Seen("motor_vehicles", 1, 999_999_999)]}, "outside of the household"),
        ({"seen": [Seen("residence", "urban")]}, "can't be given"),
    ],
)
def test_bad_input_gets_a_clear_word_and_leaves_nothing(office: Office, change: dict[str, Any], words: str) -> None:
    office.load()
    with pytest.raises(Unacceptable, match=words):
        office.record_visit(**change)
    with office.as_user(office.assistant):
        assert not Visit.objects.exists()
        assert not Fact.objects.exists()
        assert Task.objects.get().state == Task.State.OPEN


def test_p22_the_second_visitor_is_somebody_else_of_this_area(office: Office) -> None:
    office.load()
    for other in (office.assistant, office.stranger, office.service):
        with pytest.raises(Unacceptable):
            office.record_visit(second_visitor_id=other.pk)


def test_a_foreign_township_s_task_is_as_if_it_were_not_there(office: Office) -> None:
    office.load()
    with office.as_user(office.assistant):
        task_id = Task.objects.get().pk
    with office.as_user(office.stranger):
        for absent in (task_id, 999_999_999):
            with pytest.raises(NotYours, match="no such task"):
                visit_form(office.stranger, task_id=absent, today=MONDAY.date(), lang="en", purpose="visit")


def test_a_reviewer_records_no_visit(office: Office) -> None:
    office.load()
    with office.as_user(office.reviewer), pytest.raises(NotAllowed):
        visit.record_visit(
            actor=office.reviewer,
            at=MONDAY,
            visited_on=MONDAY.date(),
            second_visitor_id=office.clerk.pk,
            outcome="confirmed",
            reason="seen",
            form_token="x",
            task_id=Task.objects.get().pk,
        )


def test_what_a_visit_saw_against_the_declaration_is_shown(office: Office) -> None:
    office.load()
    first = office.record_visit()
    office.open(first.visit_id)
    office.fill([Seen("financial_assets", 320_000), Seen("dwellings", 1)])
    with office.as_user(office.assistant):
        done = visit.record_visit(
            actor=office.assistant,
            at=MONDAY,
            visited_on=MONDAY.date(),
            second_visitor_id=office.clerk.pk,
            outcome="confirmed",
            reason="又看到一处房屋",
            form_token="form-9",
            case_number=office.number,
            signed_by_id=office.person_ids()[0],
            seen=[Seen("dwellings", 2)],
        )
    (line,) = done.contradictions
    assert line.name == "dwellings"
    assert line.declared is not None
    assert line.seen is not None
    assert (line.declared.value, line.seen.value) == (1, 2)
    assert not done.home_visit_is_done
