"""Many rows at once keep to the rules that one row keeps to."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.utils.timezone import now

from doudi.office.audit.actions import Note, record_many
from doudi.office.audit.models import Entry
from doudi.office.bulk import insert_rows, take_ids
from doudi.office.evidence.models import NightRun
from doudi.office.org.models import User
from doudi.office.registry.models import Household, Person

AsUser = Callable[[User], AbstractContextManager[User]]
PERSON = ("id", "key", "name", "id_number", "id_index", "id_tail_index", "birth_date", "sex", "phone", "status", "area")


def person(number: int, *, area: str = "419901101002", name: str = "赵", key: str = "") -> tuple[object, ...]:
    return (number, key or f"bulk-{number}", name, "", None, "", None, "", "19900001234", "met", area)


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> User:
    return make_user("clerk", "419901101")


def test_rows_are_written_as_one_by_one_and_secrets_encrypted(clerk: User, as_user: AsUser) -> None:
    with as_user(clerk):
        ids = take_ids(Person, 2)
        odd = "“'{},\\null\u202e𠮷"
        insert_rows(Person, PERSON, [person(ids[0], name=odd), person(ids[1])])
        assert [row.name for row in Person.objects.filter(pk__in=ids).order_by("pk")] == [odd, "赵"]
        assert Person.objects.get(pk=ids[0]).phone == "19900001234"
        with connection.cursor() as cursor:
            cursor.execute("SELECT phone FROM registry_person WHERE id = %s", [ids[0]])
            assert "19900001234" not in cursor.fetchone()[0]


def test_p27_a_row_of_another_area_is_refused_with_all_the_others(clerk: User, as_user: AsUser) -> None:
    with as_user(clerk):
        ids = take_ids(Person, 2)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            insert_rows(Person, PERSON, [person(ids[0]), person(ids[1], area="419901102002")])
        assert not Person.objects.filter(pk__in=ids).exists()


def test_constraints_hold_and_text_is_never_cut(clerk: User, as_user: AsUser) -> None:
    with as_user(clerk):
        ids = take_ids(Person, 2)
        with pytest.raises(IntegrityError, match="registry_person"), transaction.atomic():
            insert_rows(Person, PERSON, [person(ids[0], key="same"), person(ids[1], key="same")])
        with pytest.raises(DataError), transaction.atomic():
            insert_rows(Person, PERSON, [person(ids[0], name="赵" * 61)])
        insert_rows(Person, PERSON, [person(ids[0], key="same"), person(ids[1], key="same")], leaving_taken=True)
        assert list(Person.objects.filter(pk__in=ids).values_list("pk", flat=True)) == [ids[0]]


def test_no_row_and_times_and_numbers_travel_whole(clerk: User, as_user: AsUser) -> None:
    with as_user(clerk):
        insert_rows(Household, ("id",), [])
        (number,) = take_ids(NightRun, 1)
        at = now()
        columns = ("id", "run_id", "area", "as_of", "pack_release", "pack_hash", "loaded_at", "lake",
                   "findings_opened", "findings_merged", "findings_ended")  # fmt: skip
        insert_rows(NightRun, columns, [(number, "r", "419901", at.date(), "p", "h", at, "l", 2**31 - 1, 0, 0)])
        night = NightRun.objects.get(pk=number)
        assert (night.loaded_at, night.findings_opened, night.as_of) == (at, 2**31 - 1, at.date())


def test_p29_many_records_leave_an_audit_row_each(clerk: User, as_user: AsUser) -> None:
    with as_user(clerk):
        notes = [Note(number, "419901101002", {"rule": "x"}) for number in (7, 8, 9)]
        record_many(actor=clerk, verb="finding.open", model=Household, notes=notes, purpose="test")
        rows = Entry.objects.filter(verb="finding.open").order_by("pk")
        assert [(row.object_id, row.actor_name, row.purpose, row.details) for row in rows] == [
            (str(number), clerk.display_name, "test", {"rule": "x"}) for number in (7, 8, 9)
        ]
