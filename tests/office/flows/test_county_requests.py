"""One county asks another about one person (异地协查): over a signature, with a clock; who sees what."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.transaction import atomic
from tests.office.flows.lakes import FATHER, MOTHER, SON
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Case, CountyReceipt, CountyReply, CountyRequest
from doudi.office.casework.queries import report_page, work_list
from doudi.office.casework.queries.county import list_requests, request_page
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.models import Fact
from doudi.office.flows import county
from doudi.office.flows.county import Replied
from doudi.office.org.actions import create_area
from doudi.office.org.models import User
from doudi.office.registry.models import Household, Person

OTHER, THIRD = "419902", "419903"
ASKED = ["vehicles_registered", "dwellings_registered"]


@pytest.fixture
def other(make_user: Callable[..., User], db_role: Any) -> User:
    """The reviewer of the county that is asked."""
    with db_role("worker"):
        for code, name in ((OTHER, "望山县"), (THIRD, "临江县")):
            create_area(actor=None, code=code, name=name)
    return make_user("reviewer", OTHER, display_name="望山审核")


def ask(office: Office, *, form: str = "r1", **changes: Any) -> int:
    with office.as_user(office.clerk):
        given: dict[str, Any] = {
            "actor": office.clerk,
            "at": MONDAY,
            "case_number": office.number,
            "person_id": office.person_ids()[0],
            "answering_area": OTHER,
            "asked_facts": ASKED,
            "reason": "父亲以前在望山县做工。",
            "form_token": form,
        }
        made = county.ask_county(**(given | changes))
        office.version = Case.objects.get(number=office.number).version
    return made


def reply(office: Office, other: User, request: int, at: datetime = MONDAY, **changes: Any) -> None:
    with office.as_user(other):
        facts = [Replied(ASKED[0], 1, date(2026, 11, 20)), Replied(ASKED[1], None, date(2026, 11, 20))]
        given: dict[str, Any] = {"request_id": request, "text": "交警、不动产登记中心均已查询。", "facts": facts}
        county.reply_to_county(actor=other, at=at, **(given | changes))


def take_in(office: Office, request: int) -> None:
    with office.as_user(office.clerk):
        county.take_reply_in(actor=office.clerk, at=MONDAY, request_id=request)


def test_the_answer_becomes_a_found_item_with_its_source_and_unknown_stays_unknown(office: Office, other: User) -> None:
    office.walk_to_opinion()
    request = ask(office)
    with office.as_user(other):
        rows = work_list(other, today=MONDAY.date())
        assert [(row.kind, row.head_name, row.due_on) for row in rows.later] == [
            ("reply", FATHER.name, date(2026, 12, 2))
        ]
    reply(office, other, request)
    with office.as_user(office.clerk):
        rows = work_list(office.clerk, today=MONDAY.date())
        assert "take_in" in [row.kind for row in rows.later]
    take_in(office, request)
    with office.as_user(office.clerk):
        page = report_page(office.clerk, office.number, today=MONDAY.date(), lang="en", purpose="test")
        lines = {line.name: line for line in page.lines if line.found and line.found.source == "county"}
        assert page.shown.cause == "county"
        car = lines["vehicles_registered"]
        assert car.found is not None
        assert (car.found.value, car.found.batch, car.found.row) == (1, f"{office.number}-X1", 1)
        # The visit saw none: it differs, and is not simply taken over.
        assert car.differs
        assert car.used is not None
        assert (car.used.value, car.used_origin) == (0, "visit")
        assert lines["dwellings_registered"].found is not None
        assert lines["dwellings_registered"].found.is_unknown
        assert CountyReceipt.objects.get().report_id is not None


def test_p27_the_county_that_is_asked_sees_the_request_and_nothing_else_of_the_family(
    office: Office, other: User, make_user: Callable[..., User]
) -> None:
    office.walk_to_opinion()
    request = ask(office)
    with office.as_user(other):
        page = request_page(other, request, today=MONDAY.date(), lang="en", purpose="answer")
        assert (page.row.person_name, page.id_number, page.case_number) == (FATHER.name, FATHER.id_number, "")
        shown = str(page)
        assert not any(each.name in shown or each.id_number in shown for each in (MOTHER, SON))
        for table in (Person, Household, Case, Fact):
            assert not table.objects.exists(), table
    reply(office, other, request)
    with office.as_user(other):
        # Answered: the number is not shown again.
        assert request_page(other, request, today=MONDAY.date(), lang="en", purpose="look").id_number == ""
    for stranger in (office.stranger, make_user("reviewer", THIRD), make_user("clerk", OTHER)):
        with office.as_user(stranger):
            assert len(list_requests(stranger, today=MONDAY.date())) == 0
            with pytest.raises(NotYours, match="no such request"):
                request_page(stranger, request, today=MONDAY.date(), lang="en", purpose="look")


def test_p28_neither_side_can_write_in_the_others_name_whatever_the_program_says(office: Office, other: User) -> None:
    office.walk_to_opinion()
    request = ask(office)
    sides = {"area": "419901101002", "answering_area": OTHER}
    forged = {"request_id": request, "outcome": "answered", "text": "x", "replied_at": MONDAY}
    with office.as_user(office.clerk), pytest.raises(DatabaseError, match="row-level security"), atomic():
        CountyReply.objects.create(**forged, replied_by=office.clerk, **sides)
    with office.as_user(other), pytest.raises(DatabaseError, match=r"permission denied|only grows"), atomic():
        CountyRequest.objects.filter(pk=request).update(due_on=date(2030, 1, 1))
    with office.as_user(other), pytest.raises(DatabaseError, match="row-level security"), atomic():
        connection.cursor().execute(
            "INSERT INTO casework_countyreminder (request_id, sent_on, sent_by_id, area, answering_area)"
            " VALUES (%s, '2026-11-23', %s, '419901101002', %s)",
            [request, other.pk, OTHER],
        )


def test_a_refusal_carries_its_reason_and_brings_no_figures(office: Office, other: User) -> None:
    office.walk_to_opinion()
    request = ask(office)
    with office.as_user(other):
        with pytest.raises(Unacceptable):
            county.refuse_county(actor=other, at=MONDAY, request_id=request, text=" ")
        county.refuse_county(actor=other, at=MONDAY, request_id=request, text="本县查无此人。")
    take_in(office, request)
    with office.as_user(office.clerk):
        assert not Fact.objects.filter(origin="county").exists()
        assert CountyReceipt.objects.get().report_id is None


def test_reminders_once_a_day_and_only_while_it_waits(office: Office, other: User) -> None:
    office.walk_to_opinion()
    request = ask(office)
    late = MONDAY + timedelta(days=20)
    with office.as_user(office.clerk):
        assert list_requests(office.clerk, today=late.date())[0].is_overdue
        county.remind_county(actor=office.clerk, at=late, request_id=request)
        with pytest.raises(Refused, match="reminded today"):
            county.remind_county(actor=office.clerk, at=late, request_id=request)
    with office.as_user(other):
        assert request_page(other, request, today=late.date(), lang="en", purpose="x").reminded_on == (late.date(),)
    reply(office, other, request, at=late)
    with office.as_user(office.clerk), pytest.raises(Refused, match="already answered"):
        county.remind_county(actor=office.clerk, at=late, request_id=request)


def test_it_is_answered_once_and_taken_in_once(office: Office, other: User) -> None:
    office.walk_to_opinion()
    request = ask(office)
    with pytest.raises(Refused, match="not answered yet"):
        take_in(office, request)
    reply(office, other, request)
    with pytest.raises(Refused, match="already answered"):
        reply(office, other, request)
    take_in(office, request)
    with pytest.raises(Refused, match="already taken"):
        take_in(office, request)
    with office.as_user(office.clerk):
        assert Fact.objects.filter(origin="county").count() == 2


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"person_id": 999_999_999}, Unacceptable),
        ({"answering_area": "419901"}, Unacceptable),
        ({"answering_area": "419901102"}, Unacceptable),
        ({"answering_area": "110101"}, Unacceptable),
        ({"asked_facts": []}, Unacceptable),
        ({"asked_facts": ["financial_assets"]}, Unacceptable),
        ({"asked_facts": ["everything"]}, Unacceptable),
        ({"reason": " "}, Unacceptable),
        ({"reason": "长" * 4001}, Unacceptable),
        ({"case_number": "419901-2026-999999"}, NotYours),
    ],
    ids=str,
)
def test_bad_requests_are_refused(office: Office, other: User, change: dict[str, Any], refusal: type[Refused]) -> None:
    office.walk_to_opinion()
    with pytest.raises(refusal):
        ask(office, **change)
    with office.as_user(office.clerk):
        assert not CountyRequest.objects.exists()


def test_nothing_is_asked_without_the_persons_own_authorisation(office: Office, other: User) -> None:
    office.load()
    office.open(office.record_visit().visit_id)
    with pytest.raises(Refused, match="not authorised"):
        ask(office)


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [Replied(ASKED[0], 1, date(2026, 11, 20))],
        [Replied(ASKED[0], 1, date(2026, 11, 20))] * 2,
        [Replied(ASKED[0], 1, date(2026, 11, 20)), Replied(ASKED[1], -1, date(2026, 11, 20))],
        [Replied(ASKED[0], 1, date(2026, 11, 24)), Replied(ASKED[1], 1, date(2026, 11, 20))],
        [Replied(ASKED[0], "1", date(2026, 11, 20)), Replied(ASKED[1], 1, date(2026, 11, 20))],
        [Replied(ASKED[0], 1, date(2026, 11, 20)), Replied("companies_owned", 1, date(2026, 11, 20))],
    ],
)
def test_bad_replies_are_refused(office: Office, other: User, facts: list[Replied]) -> None:
    office.walk_to_opinion()
    request = ask(office)
    with pytest.raises(Unacceptable):
        reply(office, other, request, facts=facts)
    with office.as_user(other):
        assert not CountyReply.objects.exists()


def test_roles_keep_to_their_side_and_every_look_is_recorded(office: Office, other: User) -> None:
    office.walk_to_opinion()
    request = ask(office)
    for actor in (office.assistant, office.approver):
        with office.as_user(actor), pytest.raises(NotAllowed):
            county.remind_county(actor=actor, at=MONDAY, request_id=request)
    # The asking county's own reviewer may answer requests, but not this one.
    with office.as_user(office.reviewer), pytest.raises(NotYours):
        county.refuse_county(actor=office.reviewer, at=MONDAY, request_id=request, text="x")
    with office.as_user(other):
        before = Entry.objects.filter(verb="read").count()
        request_page(other, request, today=MONDAY.date(), lang="en", purpose="answer")
        assert Entry.objects.filter(verb="read").count() == before + 1
        told = str(list(Entry.objects.values_list("details", flat=True)))
        assert FATHER.name not in told
        assert FATHER.id_number not in told
