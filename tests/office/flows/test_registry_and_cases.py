"""A change in the register and what stands on it: an open case keeps its family, running help is reviewed."""

import pytest
from tests.office.flows.register import (
    by,
    split,
)
from tests.office.flows.walks import MONDAY, Office

from doudi.office.casework.models import Task
from doudi.office.casework.queries import case_page, work_list
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import Refused
from doudi.office.flows import apply, registry
from doudi.office.registry.models import Household


def test_an_open_case_keeps_the_family_as_it_was_applied_for(office: Office) -> None:
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        household = Household.objects.get(key=office.family)
        members = office.person_ids()
        before = case_page(office.clerk, office.number, today=MONDAY.date(), lang="en", purpose="test")
    split(office, household, {members[2]: "02"})
    with office.as_user(office.clerk):
        after = case_page(office.clerk, office.number, today=MONDAY.date(), lang="en", purpose="test")
        assert [row.person_id for row in after.members] == [row.person_id for row in before.members] == members
        assert after.family_is_kept
        assert after.assessment is not None
        assert after.assessment.is_up_to_date
        assert office.person_ids() == members[:2]
    # And what is decided is decided on that family.
    office.give_opinion()
    case = office.publicise
    assert case().case_number == office.number


def test_the_members_of_a_kept_case_are_not_changed_in_the_case(office: Office) -> None:
    office.load()
    office.open(office.record_visit().visit_id)
    with office.as_user(office.clerk):
        household, members = Household.objects.get(key=office.family), office.person_ids()
    split(office, household, {members[2]: "02"})
    with office.as_user(office.clerk), pytest.raises(Refused, match="keeps the family"):
        office.do(apply.end_membership, person_id=members[0], reason="误录")


def test_help_that_runs_gets_a_review_of_its_members_and_its_amount_stays(office: Office) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    with office.as_user(office.clerk):
        household, members = Household.objects.get(key=office.family), office.person_ids()
        granted = Entitlement.objects.values_list("amount_fen", "end_month").get()
    by(office, registry.let_leave, household_id=household.pk, person_id=members[2], cause="moved")
    by(office, registry.let_leave, household_id=household.pk, person_id=members[1], cause="moved")
    with office.as_user(office.clerk):
        task = Task.objects.get(kind="review")
        assert Entitlement.objects.values_list("amount_fen", "end_month").get() == granted
        listed = work_list(office.clerk, today=MONDAY.date())
        assert "review" in {row.kind for row in (*listed.later, *listed.three_days, *listed.today)}
        registry.finish_review(actor=office.clerk, at=MONDAY, task_id=task.pk, note="已提出变更")
        task.refresh_from_db()
        assert (task.state, task.note) == ("done", "已提出变更")
