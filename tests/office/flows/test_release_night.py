"""Promise 26: what the brake holds comes in only when two people have released it, and not a moment before."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction
from tests.office.flows.lakes import Lake
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.pipeline.brake import ALL_ADVERSE
from doudi.engine.pipeline.manifest import Held
from doudi.office.audit.models import Entry
from doudi.office.casework.models import Finding, Task
from doudi.office.errors import NotAllowed, NotYours, Refused
from doudi.office.evidence.models import HeldRelease, NightRun
from doudi.office.flows import release_night
from doudi.office.registry.models import Person

RULE = "income_above_line"
TUESDAY = datetime.fromisoformat("2026-11-24T06:00:00+08:00")


def hold(lake: Lake, rule: str = RULE) -> None:
    lake.rule, lake.family = RULE, "receiving_changed"
    lake.held = (Held(rule=rule, new_findings=1, limit=0, words="too many"),)


def night_of() -> str:
    return NightRun.objects.order_by("-pk").values_list("run_id", flat=True)[0]


def ask(office: Office, rule: str = RULE) -> int:
    with office.as_user(office.reviewer):
        asked = release_night.ask(
            actor=office.reviewer, at=MONDAY, run_id=night_of(), rule=rule, reason="The pack is right."
        )
        return asked.pk


@pytest.mark.parametrize("rule", [RULE, ALL_ADVERSE])
def test_p26_two_people_release_what_the_brake_holds_and_it_comes_in_with_its_family(office: Office, rule: str) -> None:
    hold(office.lake, rule)
    report = office.load()
    assert (report.opened, report.held) == (0, 1)
    asked = ask(office, rule)
    with office.as_user(office.approver):
        assert not Finding.objects.exists()
        assert not Person.objects.exists()
        loaded = release_night.confirm(
            actor=office.approver,
            at=MONDAY,
            release_pk=asked,
            reason="I looked at ten of them.",
            keyring=office.keyring,
        )
        assert loaded.opened == 1
        assert Finding.objects.get().rule == RULE
        assert Task.objects.get().kind == "visit"
        assert Person.objects.count() == 3
        verbs = set(Entry.objects.values_list("verb", flat=True))
        assert {"night.ask_release", "night.confirm_release", "identity.open"} <= verbs


def test_p26_one_person_alone_releases_nothing(office: Office) -> None:
    hold(office.lake)
    office.load()
    asked = ask(office)
    with office.as_user(office.reviewer):
        with pytest.raises(Refused, match="can't confirm"):
            release_night.confirm(
                actor=office.reviewer, at=MONDAY, release_pk=asked, reason="Me too.", keyring=office.keyring
            )
        assert not Finding.objects.exists()
        with pytest.raises(IntegrityError), transaction.atomic():
            HeldRelease.objects.filter(pk=asked).update(
                confirmed_by=office.reviewer, confirmed_at=MONDAY, confirm_reason="by hand"
            )


def test_p26_a_release_can_be_withdrawn_until_it_is_confirmed(office: Office) -> None:
    hold(office.lake)
    office.load()
    asked = ask(office)
    with office.as_user(office.reviewer), pytest.raises(Refused, match="already"):
        release_night.ask(actor=office.reviewer, at=MONDAY, run_id=night_of(), rule=RULE, reason="Again.")
    with office.as_user(office.approver):
        release_night.withdraw(actor=office.approver, at=MONDAY, release_pk=asked)
        with pytest.raises(Refused, match="confirmed or withdrawn"):
            release_night.confirm(
                actor=office.approver, at=MONDAY, release_pk=asked, reason="Late.", keyring=office.keyring
            )
        assert not Finding.objects.exists()
    again = ask(office)
    with office.as_user(office.approver):
        release_night.confirm(actor=office.approver, at=MONDAY, release_pk=again, reason="Now.", keyring=office.keyring)
        with pytest.raises(Refused, match="confirmed or withdrawn"):
            release_night.withdraw(actor=office.approver, at=MONDAY, release_pk=again)
        with pytest.raises(Refused, match="confirmed or withdrawn"):
            release_night.confirm(
                actor=office.approver, at=MONDAY, release_pk=again, reason="Twice.", keyring=office.keyring
            )
        assert Finding.objects.count() == 1


def test_p26_only_county_officers_release_with_a_reason_and_only_what_is_held(office: Office) -> None:
    hold(office.lake)
    office.load()
    for person in (office.clerk, office.assistant):
        with office.as_user(person), pytest.raises(NotAllowed):
            release_night.ask(actor=person, at=MONDAY, run_id=night_of(), rule=RULE, reason="Let me.")
    with office.as_user(office.reviewer):
        with pytest.raises(Refused, match="needs a reason"):
            release_night.ask(actor=office.reviewer, at=MONDAY, run_id=night_of(), rule=RULE, reason="  ")
        with pytest.raises(Refused, match="holds nothing"):
            release_night.ask(actor=office.reviewer, at=MONDAY, run_id=night_of(), rule="double_grant", reason="Well.")
        with pytest.raises(NotYours):
            release_night.withdraw(actor=office.reviewer, at=MONDAY, release_pk=10**6)


def test_p26_an_older_night_is_not_released_any_more(office: Office) -> None:
    hold(office.lake)
    office.load()
    asked = ask(office)
    office.lake.as_of = date(2026, 11, 23)
    report = office.load("second", at=TUESDAY)
    assert (report.opened, report.held) == (0, 1)
    with office.as_user(office.approver), pytest.raises(Refused, match="newer night"):
        release_night.confirm(
            actor=office.approver, at=TUESDAY, release_pk=asked, reason="Late.", keyring=office.keyring
        )


def test_p26_while_everything_against_families_is_held_nothing_of_it_is_closed_either(office: Office) -> None:
    office.lake.rule, office.lake.family = RULE, "receiving_changed"
    office.load()
    hold(office.lake, ALL_ADVERSE)
    office.lake.as_of, office.lake.status = date(2026, 11, 23), "closed"
    report = office.load("second", at=TUESDAY)
    assert (report.ended, report.held) == (0, 1)
    asked = ask(office, ALL_ADVERSE)
    with office.as_user(office.approver):
        assert Finding.objects.get().state == "open"
        loaded = release_night.confirm(
            actor=office.approver, at=TUESDAY, release_pk=asked, reason="They moved away.", keyring=office.keyring
        )
        assert loaded.ended == 1
        assert Finding.objects.get().state == "ended"


def test_p26_help_is_not_held_with_what_speaks_against_families(office: Office) -> None:
    office.lake.held = (Held(rule=ALL_ADVERSE, new_findings=50, limit=20, words="too many"),)
    assert office.load().opened == 1
