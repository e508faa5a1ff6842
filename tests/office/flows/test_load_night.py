"""What a night brings to the office, and what it can't do there."""

from datetime import date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from tests.office.flows.lakes import FATHER, OTHER_VILLAGE, SON, Lake
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office

from doudi.engine.pipeline.manifest import Held
from doudi.office.audit.models import Entry
from doudi.office.casework.models import Case, Decision, Finding, FindingFact, Task
from doudi.office.entitlements.models import Entitlement, EntitlementMonth
from doudi.office.errors import NotAllowed, Refused
from doudi.office.evidence.models import NightRun
from doudi.office.flows import visit
from doudi.office.flows.load_night import load_night
from doudi.office.registry.models import Household, Membership, Person

TUESDAY = datetime.fromisoformat("2026-11-24T06:00:00+08:00")


def next_night(lake: Lake, *, status: str = "continuing", day: date = date(2026, 11, 23)) -> None:
    lake.as_of, lake.status = day, status


def test_people_of_a_loaded_finding_are_known_from_data_with_their_household(office: Office) -> None:
    report = office.load()
    assert (report.opened, report.merged, report.ended) == (1, 0, 0)
    with office.as_user(office.assistant):
        father = Person.objects.get(key=FATHER.key(office.keyring))
        assert (father.name, father.id_number, father.status) == (FATHER.name, FATHER.id_number, "known_from_data")
        household = Household.objects.get()
        assert (household.basis, household.residence, household.address) == ("register", "rural", "柳林村三组12号")
        assert household.number.startswith("H419901-")
        assert Membership.objects.filter(household=household, to_date__isnull=True).count() == 3


def test_identity_is_opened_for_people_of_loaded_findings_only_and_audited(office: Office) -> None:
    office.lake.has_finding = False
    office.load("quiet")
    with office.as_user(office.approver):
        assert not Person.objects.exists()
        assert not Entry.objects.filter(verb="identity.open").exists()
    office.lake.has_finding = True
    next_night(office.lake, status="new")
    office.load("loud")
    with office.as_user(office.approver):
        opened = Entry.objects.get(verb="identity.open")
        assert opened.purpose == "people in loaded findings"
        assert opened.details["asked"] == 3


def test_a_repeat_is_merged_into_the_open_finding(office: Office) -> None:
    office.load()
    next_night(office.lake)
    report = office.load("second", at=TUESDAY)
    assert (report.opened, report.merged) == (0, 1)
    with office.as_user(office.assistant):
        finding = Finding.objects.get()
        assert finding.last_run.as_of == date(2026, 11, 23)
        assert finding.first_run.as_of == date(2026, 11, 20)
        assert Task.objects.count() == 1
        assert FindingFact.objects.count() == 2


def test_a_night_is_loaded_once(office: Office) -> None:
    run = office.lake.seal()
    for loads in range(2):
        with office.as_job("419901", "loading the night"):
            if loads == 0:
                load_night(lake=run.lake, run_id=run.run_id, keyring=office.keyring, actor=office.service, at=MONDAY)
                continue
            with pytest.raises(Refused, match="loaded already"):
                load_night(lake=run.lake, run_id=run.run_id, keyring=office.keyring, actor=office.service, at=MONDAY)
    with office.as_user(office.assistant):
        assert (NightRun.objects.count(), Finding.objects.count()) == (1, 1)


def test_a_finding_whose_reason_has_gone_ends_with_its_task(office: Office) -> None:
    office.load()
    next_night(office.lake, status="closed")
    assert office.load("second", at=TUESDAY).ended == 1
    with office.as_user(office.assistant):
        assert Finding.objects.get().state == Finding.State.ENDED
        assert Task.objects.get().state == Task.State.DROPPED


def test_the_night_closes_nothing_that_somebody_has_taken_up(office: Office) -> None:
    office.load()
    with office.as_user(office.assistant):
        visit.take_up(actor=office.assistant, at=MONDAY, task_id=Task.objects.get().pk)
    next_night(office.lake, status="closed")
    report = office.load("second", at=TUESDAY)
    assert (report.ended, report.kept_open) == (0, 1)
    with office.as_user(office.assistant):
        finding = Finding.objects.get()
        assert (finding.state, finding.reason_gone_since) == (Finding.State.OPEN, date(2026, 11, 23))
        assert Task.objects.get().state == Task.State.OPEN


def test_what_people_have_answered_is_not_asked_again_and_a_returned_reason_is(office: Office) -> None:
    office.load()
    office.record_visit(outcome="cleared")
    next_night(office.lake)
    assert office.load("second", at=TUESDAY).answered == 1
    with office.as_user(office.assistant):
        assert Finding.objects.get().state == Finding.State.CLEARED
    # Another bill begins another episode: another finding of the same family.
    next_night(office.lake, status="new", day=date(2026, 11, 24))
    office.lake.finding_id, office.lake.episode_start = "f2b2f2b2f2b2f2b2", date(2026, 11, 12)
    assert office.load("third", at=TUESDAY).opened == 1
    with office.as_user(office.assistant):
        assert Finding.objects.count() == 2
        assert Household.objects.count() == 1
        assert Person.objects.count() == 3


def test_an_ended_finding_whose_reason_returns_is_opened_anew(office: Office) -> None:
    office.load()
    next_night(office.lake, status="closed")
    office.load("second", at=TUESDAY)
    next_night(office.lake, status="new", day=date(2026, 11, 24))
    assert office.load("third", at=TUESDAY).opened == 1
    with office.as_user(office.assistant):
        assert sorted(Finding.objects.values_list("state", flat=True)) == ["ended", "open"]


def test_findings_of_a_held_rule_wait_for_their_release(office: Office) -> None:
    office.lake.held = (Held(rule="large_hospital_bill", new_findings=1, limit=0, words="too many"),)
    report = office.load()
    assert (report.opened, report.held) == (0, 1)
    with office.as_user(office.approver):
        assert not Finding.objects.exists()
        assert not Person.objects.exists()


def test_another_county_s_findings_stay_outside(office: Office) -> None:
    office.lake.village = "419902101001"
    report = office.load()
    assert report.opened == 0


def test_a_family_recorded_in_another_county_is_counted_and_does_not_stop_the_load(office: Office) -> None:
    with office.as_job("419902", "another county"):
        Person.objects.create(key=FATHER.key(office.keyring), name="x", status="met", area="419902101001")
    report = office.load()
    assert (report.opened, report.elsewhere) == (0, 1)
    with office.as_user(office.approver):
        assert not Finding.objects.exists()
        assert not Household.objects.exists()
        assert Entry.objects.filter(verb="finding.elsewhere").count() == 1


def test_a_township_sees_its_own_findings_only(office: Office) -> None:
    office.lake.village = OTHER_VILLAGE
    office.load()
    with office.as_user(office.assistant):
        assert not Finding.objects.exists()
        assert not Person.objects.exists()
    with office.as_user(office.stranger):
        assert Finding.objects.count() == 1


def test_only_the_office_s_own_job_loads_a_night(office: Office) -> None:
    run = office.lake.seal()
    with office.as_user(office.approver), pytest.raises(NotAllowed):
        load_night(lake=run.lake, run_id=run.run_id, keyring=office.keyring, actor=office.approver, at=MONDAY)


def test_a_member_whose_row_waits_for_people_keeps_the_place_without_a_name(office: Office) -> None:
    known = tuple(one for one in office.lake.people if one is not SON)
    everybody = office.lake.people
    office.lake.people = known
    identity = office.lake._identity()
    office.lake.people = everybody
    office.lake._identity = lambda: identity  # type: ignore[method-assign]  # a grey row has no identity
    office.load()
    with office.as_user(office.assistant):
        nameless = Person.objects.get(key=SON.key(office.keyring))
        assert (nameless.name, nameless.id_number, nameless.id_index) == ("", "", None)


def test_p17_a_finding_against_a_family_changes_nothing_that_the_family_receives(office: Office) -> None:
    office.walk_to_review()
    office.review()
    office.confirm()
    with office.as_user(office.approver):
        before = list(Entitlement.objects.values())
    next_night(office.lake, status="new", day=date(2026, 12, 4))
    office.lake.rule, office.lake.family, office.lake.finding_id = "income_above_line", "receiving_changed", "ad" * 8
    assert office.load("against", at=AFTER_PUBLICITY).opened == 1
    office.record_visit(outcome="confirmed", form="form-2", at=AFTER_PUBLICITY)
    with office.as_user(office.approver):
        assert list(Entitlement.objects.values()) == before
        assert not EntitlementMonth.objects.exists()
        assert Case.objects.get().state == Case.State.APPROVED
        assert Decision.objects.count() == 3
        # Nobody is sent to help with an application either: it is looked at by people.
        assert not Task.objects.filter(kind="apply", state="open").exists()


def test_p17_the_database_refuses_a_decision_without_a_person(office: Office) -> None:
    office.walk_to_opinion()
    with office.as_job("419901", "a job that oversteps"):
        case = office.case()
        assessment = case.household.assessments.get()
        with pytest.raises(DatabaseError, match="only a person decides"), transaction.atomic():
            Decision.objects.create(
                case=case,
                stage="confirm",
                outcome="refuse",
                recommended="ineligible",
                reason="the machine says so",
                assessment=assessment,
                actor=office.service,
                decided_at=MONDAY,
                area=case.area,
            )
        with pytest.raises(DatabaseError, match="no such decision"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state="refused")
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM casework_case")
            assert cursor.fetchall() == [("open",)]
