"""The lists of findings and cases: filtered, searched, read and recorded only as far as they are shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from tests.office.flows.lakes import FATHER, MOTHER
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Finding, Task
from doudi.office.casework.queries import count_findings, list_cases, list_findings, work_list
from doudi.office.errors import NotAllowed
from doudi.office.registry.models import Household


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 1),
        ({"state": ""}, 1),
        ({"state": "cleared"}, 0),
        ({"rule": "large_hospital_bill", "family": "in_need"}, 1),
        ({"rule": "income_above_line"}, 0),
        ({"area": "419901101002"}, 1),
        ({"area": "419901101001"}, 0),
        ({"text": FATHER.name}, 1),
        ({"text": MOTHER.id_number[-4:]}, 1),
        ({"text": "nobody"}, 0),
    ],
)
def test_findings_are_filtered_and_found(office: Office, filters: dict[str, str], count: int) -> None:
    office.load()
    with office.as_user(office.clerk):
        listing = list_findings(office.clerk, **filters)
        assert len(listing) == count
        assert [row.head_name for row in listing[0:20]] == [FATHER.name] * count


def test_p29_a_list_records_the_page_that_was_shown_and_nothing_more(office: Office) -> None:
    office.load()
    with office.as_user(office.clerk):
        listing = list_findings(office.clerk)
        assert len(listing) == 1
        assert not Entry.objects.filter(verb="read").exists()
        assert listing[5:10] == []
        assert listing[0:20][0].household_number == listing[0].household_number
        with pytest.raises(IndexError):
            listing[1]
        shown = Entry.objects.filter(verb="read", purpose="list of findings")
        assert shown.count() == 2
        assert shown[0].details["ids"] == [str(listing[0].finding_pk)]


def test_findings_are_counted_by_what_the_list_can_be_narrowed_down_to(office: Office) -> None:
    office.load()
    with office.as_user(office.clerk):
        counts = count_findings(office.clerk)
        assert (counts.families, counts.rules) == ({"in_need": 1}, {"large_hospital_bill": 1})
        assert counts.townships == {"419901101": 1}
        assert count_findings(office.clerk, state="cleared").rules == {}
        assert not Entry.objects.filter(verb="read").exists()
    with office.as_user(office.stranger):
        assert count_findings(office.stranger, state="").townships == {}


def test_lists_ask_the_database_as_often_for_many_rows_as_for_one(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    office.load()
    with office.as_user(office.clerk):
        questions = CaptureQueriesContext(connection)
        with questions:
            list_findings(office.clerk)[0:20]
            work_list(office.clerk, today=MONDAY.date())
        usual = len(questions)
    with office.as_job("419901", "more findings"):
        first = Finding.objects.get()
        for number in range(40):
            home = Household.objects.create(key=f"n{number}", number=f"N{number}", basis="register", area=first.area)
            finding = Finding.objects.create(
                finding_id=f"n{number}",
                rule="income_lost",
                family="in_need",
                household=home,
                episode_start=first.episode_start,
                priority=number,
                first_run=first.first_run,
                last_run=first.last_run,
                area=first.area,
            )
            Task.objects.create(
                kind="visit",
                role="assistant",
                household=home,
                finding=finding,
                due_on=MONDAY.date(),
                created_at=MONDAY,
                area=first.area,
            )
    with office.as_user(office.clerk):
        with django_assert_num_queries(usual):
            assert len(list_findings(office.clerk)[0:20]) == 20
            work = work_list(office.clerk, today=MONDAY.date())
        assert len(work.today) == 40
        # Of one day the most urgent visit comes first.
        assert work.today[0].household_number == "N39"


def test_cases_are_found_by_number_and_by_people(office: Office) -> None:
    office.load()
    office.open(office.record_visit().visit_id)
    with office.as_user(office.reviewer):
        for text in (office.number, MOTHER.name, FATHER.id_number):
            (row,) = list_cases(office.reviewer, today=MONDAY.date(), text=text)[0:20]
            assert (row.case_number, row.open_steps) == (office.number, ("accept",))
        assert len(list_cases(office.reviewer, today=MONDAY.date(), state="approved")) == 0


def test_finance_reads_no_case(office: Office, make_user: object) -> None:
    assert callable(make_user)
    finance = make_user("finance", "419901")
    with office.as_user(finance):
        with pytest.raises(NotAllowed):
            list_cases(finance, today=MONDAY.date())
        with pytest.raises(NotAllowed):
            list_findings(finance)
