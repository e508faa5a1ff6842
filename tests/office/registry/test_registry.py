"""The registry: found by what people type, masked, seen by area, encrypted in the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from doudi.engine.values.identity import check_digit, parse_id
from doudi.engine.values.keys import Keyring
from doudi.office.audit.models import Entry
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.registry.actions import (
    enter_person,
    join_household,
    know_household,
    leave_household,
    set_account,
)
from doudi.office.registry.models import BankAccount, Household, Membership, Person
from doudi.office.registry.queries import household_page
from doudi.office.registry.search import search
from doudi.office.registry.terms import is_minor, same_name

VILLAGE = "419901101001"
TODAY = date(2026, 11, 23)
NOW = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
ID = "41990119640305001"
ID += check_digit(ID)
OTHER_ID = "41990119700101002"
OTHER_ID += check_digit(OTHER_ID)
Scoped = Callable[[User], AbstractContextManager[User]]


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> Iterator[User]:
    with translation.override("en"):
        yield make_user("clerk", "419901101")


@contextmanager
def recorded(clerk: User, as_user: Scoped, keyring: Keyring) -> Iterator[Household]:
    """A person with a household and an account."""
    with as_user(clerk):
        person = enter_person(
            actor=clerk, name="古丽·阿依", id_number=parse_id(ID), phone="13812345678", area=VILLAGE, keyring=keyring
        )
        household = know_household(
            actor=clerk, key="t-household", basis="declared", area=VILLAGE, address="东关街5号", residence="urban"
        )
        join_household(actor=clerk, at=NOW, household=household, person=person, relation="02", on=TODAY)
        set_account(
            actor=clerk,
            household=household,
            holder=person,
            bank_name="农商行",
            number="6217000012345678",
            keyring=keyring,
        )
        yield household


def test_p27_another_township_finds_nothing_and_opens_nothing(
    clerk: User, as_user: Scoped, keyring: Keyring, make_user: Callable[..., User]
) -> None:
    with recorded(clerk, as_user, keyring) as household:
        pass
    stranger = make_user("clerk", "419901102")
    with as_user(stranger):
        assert search(stranger, ID, keyring=keyring).hits == ()
        for number in (household.pk, household.pk + 1):
            with pytest.raises(NotYours, match="no such household"):
                household_page(stranger, number, on=TODAY, purpose="test")


def test_p28_without_a_scope_there_are_no_rows(clerk: User, as_user: Scoped, keyring: Keyring) -> None:
    with recorded(clerk, as_user, keyring):
        assert Person.objects.count() == 1
    assert not Person.objects.exists()
    assert not Household.objects.exists()
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        Household.objects.create(key="x", number="x", basis="register", area=VILLAGE)


def test_p29_a_look_at_a_household_is_recorded_with_its_purpose(clerk: User, as_user: Scoped, keyring: Keyring) -> None:
    with recorded(clerk, as_user, keyring) as household:
        page = household_page(clerk, household.pk, on=TODAY, purpose="call from the family")
        assert page.address == "东关街5号"
        assert page.account is not None
        assert page.account.masked_number == "****5678"
        assert page.members[0].masked_phone == "138****5678"
        looks = Entry.objects.filter(purpose="call from the family", actor_id=clerk.pk)
        assert {look.details["type"] for look in looks} == {"registry.household", "registry.person"}


def test_p30_numbers_phone_address_and_account_are_encrypted_in_the_database(
    clerk: User, as_user: Scoped, keyring: Keyring
) -> None:
    with recorded(clerk, as_user, keyring), connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM registry_person p UNION SELECT h::text FROM registry_household h")
        stored = "".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT a::text FROM registry_bankaccount a")
        stored += cursor.fetchone()[0]
        for secret in (ID, ID[:17], "13812345678", "东关街", "6217000012345678"):
            assert secret not in stored


def test_a_person_is_in_one_household_at_a_time(clerk: User, as_user: Scoped, keyring: Keyring) -> None:
    with recorded(clerk, as_user, keyring) as household:
        person = Person.objects.get()
        second = know_household(actor=clerk, key="t-second", basis="declared", area=VILLAGE)
        with pytest.raises(Refused, match="already belongs"):
            join_household(actor=clerk, at=NOW, household=second, person=person, relation="02", on=TODAY)
        membership = household.memberships.get()
        leave_household(actor=clerk, at=NOW, membership=membership, on=TODAY, reason="moved")
        with pytest.raises(Refused, match="ended already"):
            leave_household(actor=clerk, at=NOW, membership=membership, on=TODAY, reason="moved")
        join_household(actor=clerk, at=NOW, household=second, person=person, relation="02", on=TODAY)
        assert Membership.objects.count() == 2


def test_a_household_has_one_account_and_keeps_the_older_one(clerk: User, as_user: Scoped, keyring: Keyring) -> None:
    with recorded(clerk, as_user, keyring) as household:
        person = Person.objects.get()
        for _click in range(2):
            set_account(
                actor=clerk,
                household=household,
                holder=person,
                bank_name="工行",
                number="6222000011112222",
                keyring=keyring,
            )
        assert sorted(BankAccount.objects.values_list("bank_name", "active")) == [("农商行", False), ("工行", True)]


def test_the_database_refuses_an_id_without_its_index(clerk: User, as_user: Scoped) -> None:
    with as_user(clerk), pytest.raises(IntegrityError, match="id_with_its_index"), transaction.atomic():
        Person.objects.create(key="k", name="张三", id_number=ID, status="met", area=VILLAGE)


def test_names_are_compared_as_the_linkage_compares_them() -> None:
    assert same_name("古丽•阿 依", "古丽·阿依")
    assert not same_name("赵小梅", "郑小梅")
    assert not same_name("", "")


def test_somebody_is_a_minor_until_the_eighteenth_birthday() -> None:
    assert is_minor(date(2008, 11, 24), TODAY)
    assert not is_minor(date(2008, 11, 23), TODAY)
    assert not is_minor(None, TODAY)


def test_every_table_with_people_in_it_is_protected_by_area(db: None) -> None:
    own = ("registry", "evidence", "casework")
    personal = {model._meta.db_table for model in apps.get_models() if getattr(model, "personal", False)}
    named = {model._meta.db_table for model in apps.get_models() if model._meta.app_label in own}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'")
        protected = {row[0] for row in cursor.fetchall()}
    assert personal & named <= protected
    # What a night was; a sheet that hangs in public; the way of a case without a name, and knocks at the public door.
    assert named - personal == {
        "evidence_nightrun",
        "casework_publicsheet",
        "casework_followcard",
        "casework_knock",
    }
