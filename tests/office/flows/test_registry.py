"""Households split, merged, moved, corrected: what is known now, what was known then, and who may say so."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.office.flows.lakes import id_number
from tests.office.flows.register import (
    NEXT_VILLAGE,
    VILLAGE,
    act,
    by,
    family,
    people_of,
    split,
)
from tests.office.flows.walks import MONDAY, Office

from doudi.office.casework.models import NearRelative
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.flows import newcomers, registry, relatives
from doudi.office.flows.newcomers import Papers
from doudi.office.registry.ground import Ground
from doudi.office.registry.history import known_at
from doudi.office.registry.identity import Identity
from doudi.office.registry.models import Change, Membership, Person


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_a_split_and_its_merger_give_back_the_members_and_what_was_known_before_stays(
    office: Office, data: st.DataObject
) -> None:
    with transaction.atomic():
        household = family(office)
        with office.as_user(office.clerk):
            before = people_of(household)
            then = set(known_at(household, MONDAY).values_list("person_id", "relation", "from_date", "to_date"))
        others = [number for number, relation in before.items() if relation != "02"]
        leaving = data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True))
        leaves = {number: "02" if place == 0 else "20" for place, number in enumerate(leaving)}
        day = MONDAY + timedelta(days=1)
        fresh = split(office, household, leaves, at=day, ground=Ground(day.date(), "分户"))
        with office.as_user(office.clerk):
            assert people_of(fresh) == leaves
            assert people_of(household) == {n: r for n, r in before.items() if n not in leaves}
        back = {number: before[number] for number in leaves}
        later = day + timedelta(days=data.draw(st.integers(0, 40)))
        by(
            office,
            registry.merge_households,
            at=later,
            household_id=household.pk,
            other_id=fresh.pk,
            relations=back,
            ground=Ground(later.date(), "合户"),
        )
        with office.as_user(office.clerk):
            assert people_of(household) == before
            assert people_of(fresh) == {}
            # Whatever came later, what was known then is what was known then.
            assert set(known_at(household, MONDAY).values_list("person_id", "relation", "from_date", "to_date")) == then
            assert set(known_at(household, day).values_list("person_id", flat=True)) == set(before)
            living = known_at(household, day).filter(to_date__isnull=True)
            if later > day:
                assert set(living.values_list("person_id", flat=True)) == set(before) - set(leaves)
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", ["split", "move", "head", "leave", "join", "correct", "merge"])
def test_each_change_is_undone_by_a_further_entry_and_the_state_is_what_it_was(office: Office, kind: str) -> None:
    household, other = family(office), family(office, size=2, first=600, key="f-2")
    with office.as_user(office.clerk):
        before, others = people_of(household), people_of(other)
        head, spouse, son, _daughter = before
        identity = Person.objects.get(pk=son)
        was = (identity.name, identity.id_number, identity.key)
    acts: dict[str, Callable[[], object]] = {
        "split": lambda: split(office, household, {son: "02"}),
        "move": lambda: by(
            office, registry.move_household, household_id=household.pk, area=NEXT_VILLAGE, address="新村1号"
        ),
        "head": lambda: by(
            office,
            registry.change_head,
            household_id=household.pk,
            relations={**dict.fromkeys(before, "99"), spouse: "02", head: "10"},
        ),
        "leave": lambda: by(office, registry.let_leave, household_id=household.pk, person_id=son, cause="moved"),
        "join": lambda: by(
            office,
            newcomers.join_newcomer,
            household_id=household.pk,
            papers=Papers("成员新", birth_date=date(2026, 11, 1), sex="1"),
            relation="40",
            cause="birth",
        ),
        "correct": lambda: by(
            office,
            registry.correct_person,
            household_id=household.pk,
            person_id=son,
            right=Identity("成员更", id_number("19820202", 31), date(1982, 2, 2), "1"),
        ),
        "merge": lambda: by(
            office,
            registry.merge_households,
            household_id=household.pk,
            other_id=other.pk,
            relations=dict.fromkeys(others, "99"),
        ),
    }
    acts[kind]()
    with office.as_user(office.clerk):
        change = Change.objects.latest("pk")
        household.refresh_from_db()
        assert (people_of(household) != before) or kind in ("move", "correct")
        rows = Membership.ever.count()
    undone = act(office, registry.undo_change, change_id=change.pk, reason="误录")
    with office.as_user(office.clerk):
        household.refresh_from_db()
        assert undone.undoes_id == change.pk
        assert people_of(household) == before
        assert people_of(other) == others
        assert (household.area, household.address) == (VILLAGE, "东关街9号")
        identity.refresh_from_db()
        assert (identity.name, identity.id_number, identity.key) == was
        assert Membership.ever.count() >= rows
    with pytest.raises(Refused):
        act(office, registry.undo_change, change_id=change.pk, reason="再撤")


def test_history_is_append_only_for_the_database_too(office: Office) -> None:
    household = family(office)
    with office.as_user(office.clerk):
        row = Membership.objects.filter(household=household).first()
        assert row is not None
        for attempt in (
            lambda: Membership.ever.filter(pk=row.pk).update(relation="99"),
            lambda: Membership.ever.filter(pk=row.pk).update(to_date=MONDAY.date()),
            lambda: Membership.ever.filter(pk=row.pk).delete(),
        ):
            with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
                attempt()


def test_an_earlier_change_is_not_undone_below_a_later_one(office: Office) -> None:
    household = family(office)
    with office.as_user(office.clerk):
        before = people_of(household)
        head, spouse, *_rest = before
    by(
        office,
        registry.change_head,
        household_id=household.pk,
        relations={**dict.fromkeys(before, "99"), spouse: "02", head: "10"},
    )
    with office.as_user(office.clerk):
        first = Change.objects.latest("pk")
    by(office, registry.let_leave, household_id=household.pk, person_id=head, cause="death")
    with pytest.raises(Refused, match="changed since"):
        act(office, registry.undo_change, change_id=first.pk, reason="误录")


def test_the_head_does_not_leave_before_there_is_another_one(office: Office) -> None:
    household = family(office)
    with office.as_user(office.clerk):
        head = next(number for number, relation in people_of(household).items() if relation == "02")
    with pytest.raises(Unacceptable, match="can't leave"):
        by(office, registry.let_leave, household_id=household.pk, person_id=head, cause="death")
    with pytest.raises(Unacceptable, match="can't leave"):
        split(office, household, {head: "02"})


def test_p22_nobody_changes_a_relatives_household_and_who_may_not_does_not(office: Office) -> None:
    household = family(office)
    with office.as_user(office.clerk):
        _head, spouse, *_rest = people_of(household)
    act(
        office,
        relatives.declare_relative,
        actor=office.colleague,
        household_id=household.pk,
        person_id=spouse,
        relation="姐妹",
        official_id=office.clerk.pk,
    )
    with pytest.raises(Refused, match="near relative"):
        by(office, registry.let_leave, household_id=household.pk, person_id=spouse, cause="moved")
    for actor in (office.assistant, office.reviewer):
        with pytest.raises(NotAllowed):
            by(office, registry.let_leave, actor=actor, household_id=household.pk, person_id=spouse, cause="moved")
    # Nor does the official, or who entered it, take the entry out of the register.
    with office.as_user(office.colleague):
        entry = NearRelative.objects.get()
    for actor in (office.clerk, office.colleague):
        with pytest.raises(Refused, match="Neither the official"):
            act(
                office,
                relatives.withdraw_relative,
                actor=actor,
                relative_id=entry.pk,
                reason="误录",
            )


def test_p27_a_stranger_learns_nothing_and_changes_nothing(office: Office) -> None:
    household = family(office)
    with office.as_user(office.clerk):
        number = next(iter(people_of(household)))
    said = set()
    for absent in (household.pk, household.pk + 1000):
        with pytest.raises(NotYours) as refusal:
            by(
                office,
                registry.let_leave,
                actor=office.stranger,
                household_id=absent,
                person_id=number,
                cause="moved",
            )
        said.add(str(refusal.value))
    assert len(said) == 1
