"""The search box: what a clerk types finds whom she means, in her own area only, through an index."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from doudi.engine.values.identity import check_digit, parse_id
from doudi.engine.values.keys import Keyring
from doudi.office.audit.models import Entry
from doudi.office.org.models import Area, User
from doudi.office.registry.actions import enter_person, join_household, know_household, leave_household, make_findable
from doudi.office.registry.models import Membership, Person, SearchToken
from doudi.office.registry.search import matching_households, search

TOWNSHIP, VILLAGE, NEXT_VILLAGE = "419901101", "419901101001", "419901101002"
TODAY = date(2026, 11, 23)
NOW = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
Scoped = Callable[[User], AbstractContextManager[User]]


def an_id(serial: int) -> str:
    stem = f"4199011970010{serial:04d}"
    return stem + check_digit(stem)


PEOPLE = (
    ("赵小梅", an_id(1001), "13800000001", "东关街5号楼2单元301室"),
    ("郑小梅", an_id(1003), "13800000002", "东关街9号"),
    ("单雄", an_id(1005), "", "3组12号"),
    ("仇英", an_id(1006), "", "3组14号"),
    ("欧阳明月", an_id(1007), "", ""),
    ("古丽·阿依", an_id(1009), "", ""),
    ("吕布", an_id(1011), "", ""),
)


@pytest.fixture
def clerk(make_user: Callable[..., User], as_user: Scoped, keyring: Keyring) -> Iterator[User]:
    """A clerk whose township has two villages, and seven people in them."""
    clerk = make_user("clerk", TOWNSHIP)
    with translation.override("en"), as_user(clerk):
        for place, (name, number, phone, door) in enumerate(PEOPLE):
            village = NEXT_VILLAGE if name in ("单雄", "仇英") else VILLAGE
            prefix = Area.objects.get(code=village).name
            person = enter_person(
                actor=clerk, name=name, id_number=parse_id(number), phone=phone, area=village, keyring=keyring
            )
            home = know_household(
                actor=clerk, key=f"s-{place}", basis="declared", area=village, address=prefix + door if door else ""
            )
            join_household(actor=clerk, at=NOW, household=home, person=person, relation="02", on=TODAY)
        yield clerk


def names(clerk: User, typed: str, keyring: Keyring) -> set[str]:
    return {hit.name for hit in search(clerk, typed, keyring=keyring).hits}


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("赵小梅", {"赵小梅"}),
        ("赵", {"赵小梅"}),
        ("小梅", {"赵小梅", "郑小梅"}),
        (" 赵 小梅 ", {"赵小梅"}),
        ("zxm", {"赵小梅", "郑小梅"}),
        ("zhaoxiaomei", {"赵小梅"}),
        ("Zhao Xiaomei", {"赵小梅"}),
        ("zhao", {"赵小梅"}),
        ("shanxiong", {"单雄"}),
        ("danxiong", {"单雄"}),
        ("qy", {"仇英"}),
        ("cy", {"仇英"}),
        ("ouyang", {"欧阳明月"}),
        ("lvbu", {"吕布"}),
        ("阿依", {"古丽·阿依"}),
        (an_id(1001), {"赵小梅"}),
        (an_id(1003)[-4:].lower(), {"郑小梅"}),
        ("13800000002", {"郑小梅"}),
        ("小梅 5号楼", {"赵小梅"}),
        ("3组12号", {"单雄"}),
        ("东关街", {"赵小梅", "郑小梅"}),
        ("柳林村", {"单雄", "仇英"}),
        ("柳林村 仇英", {"仇英"}),
        ("柳林村 赵小梅", set()),
        ("", set()),
        ("  ", set()),
        ("梅", set()),
        ("%", set()),
        ("_", set()),
        ("' OR 1=1 --", set()),
        ("赵%", set()),
        (an_id(2999), set()),
        ("一" * 60, set()),
    ],
)
def test_what_is_typed_finds_whom_it_means(clerk: User, keyring: Keyring, typed: str, whom: set[str]) -> None:
    assert names(clerk, typed, keyring) == whom


def test_a_household_number_finds_its_people_and_numbers_are_masked(clerk: User, keyring: Keyring) -> None:
    (hit,) = search(clerk, "赵小梅", keyring=keyring).hits
    assert hit.masked_id == an_id(1001)[:4] + "*" * 10 + an_id(1001)[-4:]
    assert hit.household_number.startswith("H419901-")
    assert search(clerk, hit.household_number.lower(), keyring=keyring).hits == (hit,)


def test_a_number_that_nobody_has_is_not_sought_as_an_address(clerk: User, keyring: Keyring) -> None:
    for typed in (an_id(9999), "13999999999"):
        with CaptureQueriesContext(connection) as questions:
            assert search(clerk, typed, keyring=keyring).hits == ()
        assert sum("registry_search_token" in each["sql"] for each in questions) <= 2


def test_a_long_address_is_looked_up_row_by_row_and_not_planned_as_a_join_of_ten(clerk: User, keyring: Keyring) -> None:
    with CaptureQueriesContext(connection) as questions:
        assert names(clerk, "柳林村东关社区西巷三组十二号院后楼", keyring) == set()
    assert not any("EXISTS" in each["sql"] for each in questions if "registry_search_token" in each["sql"])


def test_pages_follow_each_other_without_gap_or_repetition(clerk: User, keyring: Keyring) -> None:
    seen: list[str] = []
    after = ""
    for _ in range(4):
        found = search(clerk, "东关社区", keyring=keyring, after=after, limit=2)
        seen += [hit.name for hit in found.hits]
        after = found.after
        if not after:
            break
    assert sorted(seen) == sorted(name for name, *_ in PEOPLE if name not in ("单雄", "仇英"))
    assert (
        search(clerk, "小梅", keyring=keyring, after="no cursor of ours").hits
        == search(clerk, "小梅", keyring=keyring).hits
    )


def test_p27_the_search_of_another_township_finds_nobody(
    clerk: User, keyring: Keyring, make_user: Callable[..., User], as_user: Scoped
) -> None:
    stranger = make_user("clerk", "419901102")
    with as_user(stranger):
        for typed in ("赵小梅", "zxm", an_id(1001), "东关街", "东关社区", "柳林村 仇英"):
            assert search(stranger, typed, keyring=keyring).hits == ()
        assert not SearchToken.objects.exists()


def test_p29_a_search_records_whom_it_showed(clerk: User, keyring: Keyring) -> None:
    hits = search(clerk, "小梅", keyring=keyring).hits
    last = Entry.objects.filter(actor_id=clerk.pk, verb="read").latest("pk")
    assert last.purpose == "search in the registry"
    assert set(last.details["ids"]) == {str(hit.person_id) for hit in hits}


def test_p30_the_index_tells_nothing_without_the_key(clerk: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM registry_search_token t")
        stored = " ".join(row[0] for row in cursor.fetchall())
    for secret in ("赵", "zhao", an_id(1001), "13800000001", "东关"):
        assert secret not in stored


def test_who_moves_is_found_at_the_new_place_only(clerk: User, keyring: Keyring) -> None:
    person = Person.objects.get(name="单雄")
    leave_household(actor=clerk, at=NOW, membership=Membership.objects.get(person=person), on=TODAY, reason="moved")
    assert names(clerk, "3组12号", keyring) == set()
    home = know_household(actor=clerk, key="s-new", basis="declared", area=VILLAGE, address="东关社区西巷77号")
    join_household(actor=clerk, at=NOW, household=home, person=person, relation="02", on=TODAY)
    assert names(clerk, "西巷77号", keyring) == {"单雄"}
    before = SearchToken.objects.count()
    make_findable(Person.objects.all())
    assert SearchToken.objects.count() == before


def test_lists_are_searched_by_the_same_words(clerk: User, keyring: Keyring) -> None:
    members = Membership.objects.filter(matching_households("zxm", keyring))
    assert {row.person.name for row in members.select_related("person")} == {"赵小梅", "郑小梅"}


@pytest.mark.parametrize("area", ["419901101", "419901", "4199"])
def test_the_search_reads_its_index_under_row_security(
    area: str, make_user: Callable[..., User], as_user: Scoped, clerk: User
) -> None:
    question = SearchToken.objects.filter(token=5).order_by("area", "person_id").values_list("area", "person_id")[:21]
    with as_user(make_user("reviewer", area)), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = question.explain()
    assert "Index Only Scan using registry_search_token_pkey" in plan
    assert "Sort" not in plan
    assert "Index Cond: ((token = 5) AND (area >= (InitPlan" in plan
