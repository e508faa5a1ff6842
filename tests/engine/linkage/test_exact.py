"""Identity is never guessed (P14): what links is a number that something else in the row corroborates."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from doudi.engine.linkage import Linked, Model, PersonRows, load_model
from doudi.engine.linkage import link as link_people
from doudi.engine.pack.pack import load_pack
from doudi.engine.values.identity import check_digit
from doudi.engine.values.keys import Keyring


@cache
def model() -> Model:
    return load_model(load_pack())


def link(sources: list[PersonRows], *, keyring: Keyring, **more: Any) -> Linked:
    return link_people(sources, keyring=keyring, model=model(), **({"run_id": "2026-11-23-00000000"} | more))


def number(birth: str, sequence: str) -> str:
    """An invented number of division 4199 with a right check digit."""
    seventeen = f"419901{birth}{sequence}"
    return seventeen + check_digit(seventeen)


WANG = number("19600203", "011")  # male
LI = number("19600203", "013")  # male, the same birthday: a twin's number
ZHAO = number("19801112", "022")  # female


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    path = Path(tmp_path_factory.mktemp("keys")) / "doudi.keys"
    Keyring.generate(path)
    return Keyring.load(path)


def registry(*people: dict[str, Any], rank: int = 0) -> PersonRows:
    rows = [
        {
            "batch": "b1",
            "row": number,
            "household_no": "H1",
            "id_number": None,
            "name": None,
            "birth_date": None,
            "sex": None,
            "area_code": "419901101001",
            "address": "清河县",
            **person,
        }
        for number, person in enumerate(people, start=2)
    ]
    schema = pa.schema(
        [(name, pa.string()) for name in ("batch", "household_no", "id_number", "name", "sex", "area_code", "address")]
        + [("row", pa.int64()), ("birth_date", pa.date32())]
    )
    return PersonRows(
        "household_registry",
        pa.Table.from_pylist(rows, schema=schema),
        ("household_no", "name", "birth_date"),
        rank,
        states_members=True,
    )


def wages(*people: dict[str, Any]) -> PersonRows:
    rows = [
        {"batch": "w1", "row": line, "record_no": f"R{line}", "id_number": None, "name": None, **p}
        for line, p in enumerate(people, start=2)
    ]
    schema = pa.schema(
        [
            ("batch", pa.string()),
            ("row", pa.int64()),
            ("record_no", pa.string()),
            ("id_number", pa.string()),
            ("name", pa.string()),
        ]
    )
    return PersonRows("wages_pensions", pa.Table.from_pylist(rows, schema=schema), ("record_no",), 1)


def certainty(linked: Linked, source: str) -> list[str]:
    return [r["certainty"] for r in linked.links.to_pylist() if r["source"] == source]


def test_the_same_number_and_the_same_name_are_one_person(keyring: Keyring) -> None:
    linked = link(
        [registry({"id_number": WANG, "name": "王建国"}), wages({"id_number": WANG, "name": "王 建国"})],
        keyring=keyring,
    )
    assert {r["certainty"] for r in linked.links.to_pylist()} == {"certain"}
    assert {r["person_key"] for r in linked.links.to_pylist()} == {keyring.pseudonym("person", WANG)}
    assert linked.identity.num_rows == 1


@pytest.mark.parametrize(
    "spelling",
    ["阿依古丽•买买提", "阿依古丽・买买提", "阿依古丽.买买提", " 阿依古丽 · 买买提 ", "阿依古丽·买买提\u200b"],
)
def test_spellings_of_one_name_agree(keyring: Keyring, spelling: str) -> None:
    linked = link(
        [registry({"id_number": ZHAO, "name": "阿依古丽·买买提"}), wages({"id_number": ZHAO, "name": spelling})],
        keyring=keyring,
    )
    assert certainty(linked, "wages_pensions") == ["certain"]


@pytest.mark.parametrize("other", ["王建囯", "王建", "李建国", "王见国"])
def test_p14_a_number_with_a_clashing_name_waits_for_people(keyring: Keyring, other: str) -> None:
    linked = link(
        [registry({"id_number": WANG, "name": "王建国"}), wages({"id_number": WANG, "name": other})], keyring=keyring
    )
    assert certainty(linked, "household_registry") == ["certain"]
    assert certainty(linked, "wages_pensions") == ["grey"]
    assert linked.waiting.to_pylist()[0]["stand_in_key"] is None, "only a registry row keeps a place in a household"
    (pair,) = linked.grey_pairs.to_pylist()
    assert (pair["name"], pair["known_name"], pair["row"]) == (other, "王建国", 2)
    assert all(r["person_key"] is None for r in linked.links.to_pylist() if r["source"] == "wages_pensions")


def test_p14_a_name_alone_never_links(keyring: Keyring) -> None:
    linked = link([registry({"id_number": WANG, "name": "王建国"}), wages({"name": "王建国"})], keyring=keyring)
    keys = {r["source"]: r["person_key"] for r in linked.links.to_pylist()}
    assert keys["household_registry"] != keys["wages_pensions"]
    assert certainty(linked, "wages_pensions") == ["provisional"]


def test_p14_two_people_of_one_name_stay_two(keyring: Keyring) -> None:
    linked = link([registry({"id_number": WANG, "name": "王伟"}, {"id_number": LI, "name": "王伟"})], keyring=keyring)
    assert linked.identity.num_rows == 2
    assert certainty(linked, "household_registry") == ["certain", "certain"]


def test_p14_a_twin_with_the_others_number_is_not_merged(keyring: Keyring) -> None:
    """Twins share birth date and sex, so these can't outvote a clashing name."""
    twin = {"id_number": WANG, "name": "王建军", "birth_date": date(1960, 2, 3), "sex": "1"}
    other = PersonRows("disability", registry(twin).rows, ("household_no",), 1)
    linked = link([registry({"id_number": WANG, "name": "王建国"}), other], keyring=keyring)
    assert certainty(linked, "disability") == ["grey"]


@pytest.mark.parametrize(("birth", "sex"), [(date(1960, 2, 4), "1"), (date(1960, 2, 3), "2"), (date(1950, 2, 3), "2")])
def test_p14_a_contradicting_birth_date_or_sex_is_never_merged(keyring: Keyring, birth: date, sex: str) -> None:
    linked = link([registry({"id_number": WANG, "name": "王建国", "birth_date": birth, "sex": sex})], keyring=keyring)
    assert certainty(linked, "household_registry") == ["grey"]
    (waiting,) = linked.waiting.to_pylist()
    (stand_in,) = linked.identity.to_pylist()
    assert waiting["person_key"] == keyring.pseudonym("person", WANG)
    assert stand_in["person_key"] == waiting["stand_in_key"] != waiting["person_key"]
    assert (stand_in["name"], stand_in["id_number"], stand_in["birth_date"]) == ("王建国", None, None)


def test_a_row_without_a_name_is_certain_when_birth_date_and_sex_agree(keyring: Keyring) -> None:
    agreed = registry(
        {"id_number": WANG, "birth_date": date(1960, 2, 3), "sex": "1"},
        {"id_number": LI, "birth_date": date(1960, 2, 3)},
    )
    assert certainty(link([agreed], keyring=keyring), "household_registry") == ["certain", "grey"]


def test_a_number_under_two_names_in_the_registry_belongs_to_nobody_yet(keyring: Keyring) -> None:
    linked = link(
        [
            registry({"id_number": WANG, "name": "王建国"}, {"id_number": WANG, "name": "李四"}),
            wages({"id_number": WANG, "name": "王建国"}),
        ],
        keyring=keyring,
    )
    assert {r["certainty"] for r in linked.links.to_pylist()} == {"grey"}


def test_people_without_a_number_in_one_household_stay_apart(keyring: Keyring) -> None:
    linked = link(
        [
            registry(
                {"name": "王小一", "birth_date": date(2020, 1, 1)}, {"name": "王小二", "birth_date": date(2022, 1, 1)}
            )
        ],
        keyring=keyring,
    )
    assert certainty(linked, "household_registry") == ["provisional", "provisional"]
    assert linked.identity.num_rows == 2


def test_identity_takes_the_most_trusted_name_and_what_others_add(keyring: Keyring) -> None:
    linked = link(
        [wages({"id_number": WANG, "name": "王 建国"}), registry({"id_number": WANG, "name": "王建国"})],
        keyring=keyring,
    )
    (person,) = linked.identity.to_pylist()
    assert person["name"] == "王建国"
    assert person["birth_date"] == date(1960, 2, 3)
    assert person["sex"] == "1"
    assert person["area"] == "419901101001"


def test_p14_a_row_taken_away_restores_what_was_known_before(keyring: Keyring) -> None:
    """Merge then split is the identity: nothing of the clashing row stays behind in the others."""
    before = link([registry({"id_number": WANG, "name": "王建国"})], keyring=keyring)
    with_more = link(
        [registry({"id_number": WANG, "name": "王建国"}), wages({"id_number": WANG, "name": "王建国"})], keyring=keyring
    )
    registry_rows = [r for r in with_more.links.to_pylist() if r["source"] == "household_registry"]
    assert registry_rows == before.links.to_pylist()
    assert with_more.identity.equals(before.identity)


def test_no_number_or_name_reaches_the_lake(keyring: Keyring) -> None:
    linked = link([registry({"id_number": WANG, "name": "王建国"})], keyring=keyring)
    assert WANG not in str(linked.links.to_pylist())
    assert "王建国" not in str(linked.links.to_pylist())


def test_p15_a_row_in_quarantine_is_never_linked_but_points_to_its_person(keyring: Keyring) -> None:
    good = registry({"id_number": WANG, "name": "王建国"})
    bad = registry({"id_number": ZHAO, "name": "赵月"}, {"name": "无号"}).rows.to_pylist()
    unread = pa.Table.from_pylist([row | {"row": row["row"] + 10} for row in bad], schema=good.rows.schema)
    with_unread = PersonRows(good.source, good.rows, good.own_key, 0, states_members=True, unread=unread)
    linked = link([with_unread], keyring=keyring)
    assert linked.links.num_rows == 1
    first, second = linked.waiting.to_pylist()
    assert first["person_key"] == keyring.pseudonym("person", ZHAO)
    assert second["person_key"] is None
    assert None not in (first["stand_in_key"], second["stand_in_key"])
    assert linked.grey_pairs.num_rows == 0
