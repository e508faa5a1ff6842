"""What a visit writes down besides facts: time and place, why nobody signed, neighbours' words; who reads it."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.transaction import atomic
from django.test import Client
from tests.office.flows.walks import MONDAY, Office, observed

from doudi.office.casework.models import NeighbourInterview, Visit
from doudi.office.casework.queries import visit_page_of
from doudi.office.errors import NotYours, Unacceptable
from doudi.office.flows.visit import Circumstances, Interview
from doudi.office.org.models import User

TOLD = Circumstances(time(9, 30), place="县医院三楼", position="34.75120, 113.62541", unsigned_kind="refused")
SAID = (Interview("他家靠打零工过日子。", neighbour="邻居甲", lives="隔壁"), Interview("老人常年吃药。"))


def visited(office: Office, **changes: Any) -> int:
    given: dict[str, Any] = {
        "signed_by_id": None,
        "unsigned_reason": "户主不愿签字",
        "circumstances": TOLD,
        "interviews": SAID,
    }
    return office.record_visit(**(given | changes)).visit_id


def test_time_place_refusal_and_neighbours_stand_in_the_record(office: Office) -> None:
    office.load()
    visit_id = visited(office)
    with office.as_user(office.clerk):
        page = visit_page_of(office.clerk, visit_id, today=MONDAY.date(), lang="en", purpose="test")
        visit = page.visit
        assert (visit.arrived_at, visit.place, visit.position) == (time(9, 30), TOLD.place, TOLD.position)
        assert (visit.unsigned_kind, visit.signed_by) == ("refused", "")
        assert [(each.neighbour, each.lives, each.said) for each in visit.interviews] == [
            ("邻居甲", "隔壁", "他家靠打零工过日子。"),
            ("", "", "老人常年吃药。"),
        ]
        assert {line.name for line in page.lines} == {each.name for each in observed(office.person_ids())}


def test_what_neighbours_said_is_not_on_the_familys_copy(
    office: Office, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    office.load()
    visit_id = visited(office)
    client = client_for(office.clerk)
    whole = client.get(f"/visits/{visit_id}/").content.decode()
    copy = client.get(f"/visits/{visit_id}/?copy=family").content.decode()
    for words in ("打零工过日子", "邻居甲", "隔壁", "老人常年吃药"):
        assert words in whole
        assert words not in copy
    assert "县医院三楼" in copy


def test_what_was_seen_stands_beside_what_was_declared_and_what_differs_comes_first(office: Office) -> None:
    office.lake.person_facts["disability_grade"] = ("disability_cards", 4)
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        page = visit_page_of(office.clerk, Visit.objects.get().pk, today=MONDAY.date(), lang="en", purpose="test")
        first = page.lines[0]
        assert first.is_contradicted
        assert first.found is not None
        assert first.seen is not None
        assert (first.name, first.found.value, first.seen.value) == ("disability_grade", 4, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"circumstances": Circumstances(position="nowhere")},
        {"circumstances": Circumstances(position="91, 10")},
        {"circumstances": Circumstances(position="34.7, 113.6, 5")},
        {"circumstances": Circumstances(unsigned_kind="tired")},
        {"interviews": (Interview(" "),)},
        {"interviews": (Interview("长" * 4001),)},
    ],
    ids=str,
)
def test_bad_input_is_refused_and_leaves_nothing(office: Office, change: dict[str, Any]) -> None:
    office.load()
    with pytest.raises(Unacceptable):
        visited(office, **change)
    with office.as_user(office.assistant):
        assert not Visit.objects.exists()
        assert not NeighbourInterview.objects.exists()


def test_who_signed_has_not_refused(office: Office) -> None:
    office.load()
    with pytest.raises(Unacceptable, match="signed"):
        office.record_visit(circumstances=TOLD)


def test_neighbours_words_are_stored_encrypted_and_never_changed(office: Office, db_role: Any) -> None:
    office.load()
    visited(office)
    with office.as_user(office.clerk):
        with connection.cursor() as cursor:
            cursor.execute("SELECT neighbour || lives || said FROM casework_neighbourinterview")
            stored = str(cursor.fetchall())
        assert "邻居甲" not in stored
        assert "打零工" not in stored
    with office.as_user(office.clerk), db_role("owner"), pytest.raises(DatabaseError, match="only grows"), atomic():
        NeighbourInterview.objects.update(said="x")


def test_a_foreign_townships_visit_is_as_if_it_were_not_there(office: Office) -> None:
    office.load()
    visit_id = visited(office)
    with office.as_user(office.stranger):
        for absent in (visit_id, 999_999_999):
            with pytest.raises(NotYours, match="no such visit"):
                visit_page_of(office.stranger, absent, today=MONDAY.date(), lang="en", purpose="test")
