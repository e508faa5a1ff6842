"""The lists of findings and cases: filtered, searched, read and recorded only as far as they are shown."""

import pytest
from tests.office.flows.lakes import FATHER, MOTHER
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.casework.queries import list_cases, list_findings
from doudi.office.errors import NotAllowed


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
