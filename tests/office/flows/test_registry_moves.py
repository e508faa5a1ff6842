"""A household moves to another township: two people agree, and each sees its side."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.office.flows.lakes import id_number
from tests.office.flows.register import (
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    VILLAGE,
    act,
    by,
    family,
)
from tests.office.flows.walks import MONDAY, Office

from doudi.office.casework.models import Case
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.flows import move_between, registry
from doudi.office.org.actions import create_area
from doudi.office.org.models import User
from doudi.office.registry.models import Household, MoveRequest, Person
from doudi.office.registry.queries import household_page
from doudi.office.registry.search import search


def test_a_household_moves_to_another_township_by_two_people_and_each_sees_its_side(
    office: Office, make_user: Callable[..., User], db_role: Any
) -> None:
    household = family(office)
    given_ = {"household_id": household.pk, "to_area": OTHER_TOWNSHIP, "address": "石桥村二组"}
    by(office, move_between.ask_to_move, **given_)
    with pytest.raises(Refused, match="asked already"):
        by(office, move_between.ask_to_move, **given_)
    with office.as_user(office.stranger):
        asked = MoveRequest.objects.get()
        assert not Household.objects.filter(pk=household.pk).exists()
        assert not Person.objects.exists()
    receive = {"request_id": asked.pk, "area": OTHER_VILLAGE, "answer": "已核实"}
    with pytest.raises(NotYours):
        act(office, move_between.accept_move, **receive)
    with pytest.raises(Unacceptable, match="not of your area"):
        act(
            office,
            move_between.accept_move,
            actor=office.stranger,
            **(receive | {"area": VILLAGE}),
        )
    act(office, move_between.accept_move, actor=office.stranger, **receive)
    with office.as_user(office.stranger):
        page = household_page(office.stranger, household.pk, on=MONDAY.date(), purpose="test")
        assert len(page.members) == 4
        assert page.address == "石桥村二组"
        assert {change.kind for change in page.changes} == {"move_in"}
        assert len(search(office.stranger, id_number("19800101", 400), keyring=office.keyring).hits) == 1
    with office.as_user(office.clerk):
        assert not Household.objects.filter(pk=household.pk).exists()
        assert not Person.objects.exists()
        assert MoveRequest.objects.get().state == "accepted"
    with pytest.raises(NotYours):
        by(office, registry.let_leave, household_id=household.pk, person_id=1, cause="moved")
    # A third township sees neither.
    with db_role("worker"):
        create_area(actor=None, code="419901103", name="第三镇")
    third = make_user("clerk", "419901103")
    with office.as_user(third):
        assert not MoveRequest.objects.exists()


def test_p28_the_door_between_townships_opens_for_nobody_else(office: Office) -> None:
    household = family(office)
    by(office, move_between.ask_to_move, household_id=household.pk, to_area=OTHER_TOWNSHIP, address="石桥村二组")
    with office.as_user(office.stranger):
        asked = MoveRequest.objects.get().pk
    from_outside = "SELECT public.registry_receive_household(%s, %s, now())"
    for who, request, village in (
        (office.clerk, asked, OTHER_VILLAGE),
        (office.stranger, asked, VILLAGE),
        (office.stranger, asked + 1, OTHER_VILLAGE),
    ):
        with office.as_user(who), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(from_outside, [request, village])


def test_what_stands_on_a_household_keeps_it_in_its_township(office: Office) -> None:
    office.load()
    office.open(office.record_visit().visit_id)
    with office.as_user(office.clerk):
        household = Household.objects.get(key=office.family)
        number = Case.objects.get().number
    with pytest.raises(Refused, match=number):
        by(office, move_between.ask_to_move, household_id=household.pk, to_area=OTHER_TOWNSHIP, address="石桥村")
