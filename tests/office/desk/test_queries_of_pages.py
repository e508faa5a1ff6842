"""The pages that are opened most ask the database as often for a full list or a large family as for a small one."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.pipeline.waiting_pairs import SaidOfBoth, WaitingPair
from doudi.office.casework.models import Case, Finding, Task
from doudi.office.evidence.models import Fact, NightRun
from doudi.office.evidence.pair_actions import bring_pairs
from doudi.office.org.models import User
from doudi.office.registry.actions import make_findable
from doudi.office.registry.models import Household, Membership, Person

ClientFor = Callable[[User], Client]
ROWS = 25
# More than any of these pages asks today; who needs more has most likely put a question into a loop.
MOST = 60


def somebody(office: Office, key: str, home: Household, relation: str = "30") -> Person:
    """A further person of a household, with facts of their own."""
    person = Person.objects.create(key=key, name="赵小满", birth_date=date(1990, 1, 1), status="met", area=home.area)
    Membership.objects.create(
        household=home, person=person, relation=relation, from_date=date(2020, 1, 1), area=home.area
    )
    for name in ("wage_casual_monthly", "pension_monthly"):
        Fact.objects.create(
            person=person, name=name, value_int=100, valid_from=MONDAY.date(), origin="declared", source="test",
            recorded_at=MONDAY, recorded_by=office.clerk, area=home.area,
        )  # fmt: skip
    return person


def add_rows(office: Office, numbers: range) -> None:
    """So many families more, each with a finding, a visit and a case, doubtful pairs, and members of the one family."""
    with office.as_job("419901", "many rows"):
        first, own = Finding.objects.earliest("pk"), Household.objects.get(key=office.family)
        people = [somebody(office, f"own{number}", own) for number in numbers]
        for number in numbers:
            home = Household.objects.create(key=f"n{number}", number=f"N{number}", basis="register", area=first.area)
            people.append(somebody(office, f"n{number}", home, relation="02"))
            finding = Finding.objects.create(
                finding_id=f"n{number}", rule="income_lost", family="in_need", household=home, priority=number,
                episode_start=first.episode_start, first_run=first.first_run, last_run=first.last_run, area=home.area,
            )  # fmt: skip
            case = Case.objects.create(
                number=f"419901-2026-8{number:05d}", household=home, programme="dibao", channel="window",
                finding=finding, applicant=people[-1], opened_at=MONDAY, opened_by=office.clerk, area=home.area,
            )  # fmt: skip
            for kind, role, of_case in (("visit", "assistant", None), ("step", "clerk", case)):
                Task.objects.create(
                    kind=kind, role=role, household=home, finding=None if of_case else finding, case=of_case,
                    step="accept" if of_case else "", due_on=MONDAY.date(), created_at=MONDAY, area=home.area,
                )  # fmt: skip
        make_findable(people)
        said = (SaidOfBoth("name", "赵小曼", "赵小满", "otherwise"),)
        pairs = [
            WaitingPair(
                claim_key=office.keyring.pseudonym("person", f"claim{number}"), person_key=f"n{number}", kind="name",
                source="hospital_settlements", batch="b" * 16, row=number, delivered="2026-10", rows=1,
                known_source="household_registry", known_delivered="2026-10", said=said, weight=None, area=first.area,
            )
            for number in numbers
        ]  # fmt: skip
        night = NightRun.objects.latest("pk")
        use = {pair.person_key: 2 for pair in pairs}
        bring_pairs(actor=office.service, night=night, pairs=pairs, use=use, keyring=office.keyring)


def counted(pages: Mapping[str, tuple[Client, str]]) -> dict[str, int]:
    """How many statements each page takes."""
    found = {}
    for name, (client, path) in pages.items():
        with CaptureQueriesContext(connection) as questions:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        found[name] = len(questions)
    return found


def test_pages_ask_as_often_for_many_rows_as_for_few(office: Office, client_for: ClientFor, set_clock: Any) -> None:
    set_clock(MONDAY)
    office.walk_to_opinion()
    office.doubtful_pair()
    with office.as_user(office.clerk):
        home = Household.objects.get(key=office.family).pk
    clerk, assistant, reviewer = (client_for(each) for each in (office.clerk, office.assistant, office.reviewer))
    pages = {
        "the assistant's work": (assistant, "/"),
        "the clerk's work": (clerk, "/"),
        "findings": (clerk, "/findings/"),
        "the county's findings": (reviewer, "/findings/"),
        "cases": (clerk, "/cases/"),
        "pairs": (reviewer, "/pairs/"),
        "search": (clerk, "/search/?q=赵"),
        "household": (clerk, f"/households/{home}/"),
        "case": (clerk, f"/cases/{office.number}/"),
        "the county's case": (reviewer, f"/cases/{office.number}/"),
    }
    add_rows(office, range(2))
    counted(pages)  # what a process remembers is asked once
    few = counted(pages)
    add_rows(office, range(2, ROWS))
    assert counted(pages) == few
    assert {name: count for name, count in few.items() if count > MOST} == {}
