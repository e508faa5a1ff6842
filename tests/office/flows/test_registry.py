"""Households split, merged, moved, corrected: what is known now, what was known then, and who may say so."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.office.flows.lakes import id_number
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.values.identity import parse_id
from doudi.office.audit.models import Entry
from doudi.office.casework.models import Case, NearRelative, Task
from doudi.office.casework.queries import case_page, work_list
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.flows import apply, move_between, newcomers, registry, relatives
from doudi.office.flows.newcomers import Papers
from doudi.office.org.actions import create_area
from doudi.office.org.models import User
from doudi.office.registry import duplicates
from doudi.office.registry.actions import enter_person, join_household, know_household
from doudi.office.registry.ground import Ground
from doudi.office.registry.history import known_at
from doudi.office.registry.identity import Identity
from doudi.office.registry.models import Change, Household, Membership, MoveRequest, Person
from doudi.office.registry.queries import household_page
from doudi.office.registry.search import search

VILLAGE, NEXT_VILLAGE, OTHER_TOWNSHIP = "419901101001", "419901101002", "419901102"
OTHER_VILLAGE = "419901102001"
GROUND = Ground(MONDAY.date(), "分户单独生活", "户口簿复印件")
RELATIONS = ("02", "10", "20", "30", "50")


def family(office: Office, *, size: int = 4, first: int = 400, key: str = "f-1", at: datetime = MONDAY) -> Household:
    """A declared family of invented people, head first."""
    with office.as_user(office.clerk):
        household = know_household(
            actor=office.clerk, key=key, basis="register", area=VILLAGE, address="东关街9号", residence="urban"
        )
        for place in range(size):
            number = parse_id(id_number("19800101", first + 2 * place))
            person = enter_person(
                actor=office.clerk,
                name=f"成员{'甲乙丙丁戊'[place]}",
                id_number=number,
                phone="",
                area=VILLAGE,
                keyring=office.keyring,
            )
            on = date(2026, 1, 1)
            given_: dict[str, Any] = {"household": household, "person": person, "relation": RELATIONS[place], "on": on}
            join_household(actor=office.clerk, at=at, **given_)
    return household


def people_of(household: Household) -> dict[int, str]:
    rows = Membership.objects.filter(household=household, to_date__isnull=True)
    return dict(rows.values_list("person_id", "relation"))


def by(office: Office, flow: Callable[..., Any], actor: User | None = None, **given_: Any) -> Any:
    who = actor or office.clerk
    with office.as_user(who):
        return flow(actor=who, **({"at": MONDAY, "ground": GROUND} | given_))


def act(office: Office, flow: Callable[..., Any], actor: User | None = None, **given_: Any) -> Any:
    """What needs no ground."""
    who = actor or office.clerk
    with office.as_user(who):
        return flow(actor=who, at=MONDAY, **given_)


def split(office: Office, household: Household, leaving: dict[int, str], **more: Any) -> Household:
    given_ = {"household_id": household.pk, "leaving": leaving, "area": VILLAGE, "address": "东关街10号"}
    return by(office, registry.split_household, **(given_ | more))


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
