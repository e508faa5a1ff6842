"""Who a person is: nobody is entered twice, nobody is in two households, a correction names its paper."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.office.flows.lakes import id_number
from tests.office.flows.register import (
    act,
    by,
    family,
    people_of,
)
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.values.identity import parse_id
from doudi.office.audit.models import Entry
from doudi.office.errors import Refused, Unacceptable
from doudi.office.flows import newcomers, registry
from doudi.office.flows.newcomers import Papers
from doudi.office.org.models import User
from doudi.office.registry import duplicates
from doudi.office.registry.ground import Ground
from doudi.office.registry.identity import Identity
from doudi.office.registry.models import Person
from doudi.office.registry.queries import household_page
from doudi.office.registry.search import search


def test_a_member_of_another_household_is_refused_with_the_way_out(office: Office) -> None:
    household, other = family(office), family(office, size=2, first=600, key="f-2")
    with pytest.raises(Refused, match="already belongs to the household H") as refusal:
        by(
            office,
            newcomers.join_newcomer,
            household_id=household.pk,
            papers=Papers("成员乙", id_number("19800101", 602)),
            relation="10",
            cause="marriage",
        )
    assert "merge" in str(refusal.value.advice)
    with office.as_user(office.clerk):
        assert len(people_of(other)) == 2


def test_duplicates_are_shown_before_anything_is_written(office: Office) -> None:
    family(office)
    known = Papers("成员乙", id_number("19800101", 402))
    alike = Papers("成员乙", birth_date=date(1980, 1, 1), sex=parse_id(id_number("19800101", 402)).sex)
    stranger = Papers("无此人", id_number("19750505", 11))

    def look(papers: Papers, actor: User | None = None) -> Any:
        return act(office, newcomers.look_for, actor=actor, papers=papers)

    with office.as_user(office.clerk):
        people = Person.objects.count()
    assert [(row.is_same_number, row.name) for row in look(known).people] == [(True, "成员乙")]
    assert [row.is_same_number for row in look(alike).people] == [False]
    assert look(stranger).is_empty
    # From another township: that somebody is known, and nothing else.
    for papers in (known, alike):
        found = look(papers, office.stranger)
        assert found.people == ()
        assert found.is_known_elsewhere
    assert look(stranger, office.stranger).is_empty
    with office.as_user(office.clerk):
        assert Person.objects.count() == people


def test_a_correction_names_its_paper_and_agrees_with_the_number(office: Office) -> None:
    household = family(office)
    with office.as_user(office.clerk):
        number = next(iter(people_of(household)))
    right = Identity("成员甲", id_number("19820202", 31), date(1982, 2, 2), "1")
    given_ = {"household_id": household.pk, "person_id": number}
    with pytest.raises(Unacceptable, match="paper"):
        by(office, registry.correct_person, **given_, right=right, ground=Ground(MONDAY.date(), "错"))
    with pytest.raises(Unacceptable, match="not those"):
        by(
            office,
            registry.correct_person,
            **given_,
            right=Identity(right.name, right.id_number, date(1983, 2, 2), "1"),
        )
    with pytest.raises(Refused, match="another person"):
        by(
            office,
            registry.correct_person,
            **given_,
            right=Identity(
                "成员甲", id_number("19800101", 402), date(1980, 1, 1), parse_id(id_number("19800101", 402)).sex
            ),
        )
    by(office, registry.correct_person, **given_, right=right)
    with office.as_user(office.clerk):
        page = household_page(office.clerk, household.pk, on=MONDAY.date(), purpose="test")
        change = page.changes[0]
        assert change.kind == "correct"
        assert right.id_number not in str(change)
        assert search(office.clerk, right.id_number, keyring=office.keyring).hits[0].person_id == number


def test_whether_somebody_is_known_elsewhere_is_answered_so_often_a_day_and_the_auditor_is_told_once(
    office: Office, set_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    family(office)
    monkeypatch.setattr(duplicates, "ELSEWHERE_A_DAY_MAX", 3)
    known, stranger = Papers("成员乙", id_number("19800101", 402)), Papers("无此人", id_number("19750505", 11))

    def ask(papers: Papers, actor: User) -> Any:
        return act(office, newcomers.look_for, actor=actor, papers=papers)

    set_clock(MONDAY)
    for _number in range(3):
        assert ask(known, office.stranger).is_known_elsewhere
    # Then known and unknown are told apart no more, and neither looks like nobody.
    for papers in (known, stranger, known):
        found = ask(papers, office.stranger)
        assert (found.is_known_elsewhere, found.was_not_told, found.is_empty) == (False, True, False)
    # Of one's own people one is told as before; somebody else asks for themselves.
    assert ask(known, office.clerk).people
    assert ask(stranger, office.colleague).is_empty
    with office.as_user(office.stranger):
        asked = Entry.objects.filter(actor_id=office.stranger.pk)
        assert asked.filter(verb="registry.ask_elsewhere").count() == 3
        assert asked.filter(verb="alert.asked_elsewhere").count() == 1
    set_clock(MONDAY + timedelta(days=1))
    assert ask(known, office.stranger).is_known_elsewhere
