"""Rows without a usable number (P14): near certainty links, likelihood waits for people, a name alone does nothing."""

from datetime import date
from typing import Any

import pytest
from tests.engine.linkage.invented_rows import HOME, link, number, of, registry, rows

from doudi.engine.values.keys import Keyring

BORN = date(1960, 2, 13)
WANG = {
    "id_number": number("19600213", "011"),
    "name": "王启明",
    "birth_date": BORN,
    "sex": "1",
    "phone": "19900001111",
}
TWIN = {**WANG, "id_number": number("19600213", "013"), "name": "王启亮", "phone": "19900002222"}
PATIENT = {"name": "王启明", "birth_date": BORN, "sex": "1", **HOME, "phone": "19900001111"}


def night(keyring: Keyring, *patients: dict[str, Any], people: tuple[dict[str, Any], ...] = (WANG,)) -> Any:
    return link([registry(*people), rows("hospital_settlements", *patients)], keyring=keyring)


def test_a_row_without_a_number_that_agrees_throughout_is_its_person(keyring: Keyring) -> None:
    (patient,) = of(night(keyring, PATIENT), "hospital_settlements")
    assert (patient["certainty"], patient["person_key"]) == ("probable", keyring.pseudonym("person", WANG["id_number"]))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "王启名"},  # 同音
        {"name": "王明启"},
        {"name": "王启朋"},
        {"birth_date": date(1960, 2, 18)},
        {"birth_date": date(1960, 1, 17)},  # the lunar date written as a solar one
        {"birth_date": date(1906, 2, 13)},
        {"sex": "2"},
        {"birth_date": None},
    ],
)
def test_p14_a_row_that_contradicts_in_anything_waits_for_people(keyring: Keyring, change: dict[str, Any]) -> None:
    linked = night(keyring, PATIENT | change)
    (patient,) = of(linked, "hospital_settlements")
    assert (patient["certainty"], patient["person_key"]) == ("grey", None)
    (pair,) = linked.grey_pairs.to_pylist()
    assert pair["person_key"] == keyring.pseudonym("person", WANG["id_number"])
    told = {line["field"]: line["verdict"] for line in pair["evidence"]}
    (field,) = change
    assert told[field] not in ("same", "address"), "the evidence says what differs"
    assert [w["person_key"] for w in linked.waiting.to_pylist()] == [pair["person_key"]], "unknown for him, not zero"


@pytest.mark.parametrize(
    "patient",
    [
        {"name": "王启明"},
        {"name": "王启明", "sex": "1"},
        {"name": "王启明", "sex": "1", "area_code": "419901101001"[:6]},
        {"name": "王启明", "birth_date": date(1931, 7, 4), "sex": "1", **HOME},
        {"name": "李桂香", "sex": "2", **HOME, "phone": "19900001111"},
    ],
)
def test_p14_a_name_or_a_house_alone_does_nothing(keyring: Keyring, patient: dict[str, Any]) -> None:
    linked = night(keyring, patient)
    (found,) = of(linked, "hospital_settlements")
    assert found["certainty"] == "provisional"
    assert linked.grey_pairs.num_rows == 0


def test_p14_a_twin_is_told_apart_by_the_whole_name_and_never_by_half_of_it(keyring: Keyring) -> None:
    both = night(keyring, PATIENT, people=(WANG, TWIN))
    assert of(both, "hospital_settlements")[0]["person_key"] == keyring.pseudonym("person", WANG["id_number"])
    other = night(keyring, PATIENT, people=(TWIN,))
    assert of(other, "hospital_settlements")[0]["certainty"] == "grey"


def test_p14_two_people_of_one_name_and_birth_date_leave_the_row_to_people(keyring: Keyring) -> None:
    namesake = {**WANG, "id_number": number("19600213", "019"), "household_no": "H2", "phone": None}
    patient = {key: PATIENT[key] for key in ("name", "birth_date", "sex", "area_code")}
    linked = night(keyring, patient, people=(WANG | {"phone": None}, namesake))
    assert of(linked, "hospital_settlements")[0]["certainty"] == "grey"
    assert {pair["person_key"] for pair in linked.grey_pairs.to_pylist()} == {
        keyring.pseudonym("person", number("19600213", sequence)) for sequence in ("011", "019")
    }


def test_a_child_without_a_number_and_her_school_record_meet(keyring: Keyring) -> None:
    child = {"name": "王一诺", "birth_date": date(2019, 5, 6), "sex": "2", "household_no": "H1"}
    linked = link([registry(WANG, child), rows("school_enrolment", child | HOME)], keyring=keyring)
    registered, enrolled = of(linked, "household_registry")[1], of(linked, "school_enrolment")[0]
    assert (registered["certainty"], enrolled["certainty"]) == ("provisional", "probable")
    assert registered["person_key"] == enrolled["person_key"]


def test_a_registry_row_without_a_number_finds_the_person_whom_another_department_has_with_one(
    keyring: Keyring,
) -> None:
    known = rows("disability_cards", PATIENT | {"id_number": WANG["id_number"]})
    member = {key: value for key, value in WANG.items() if key != "id_number"}
    linked = link([registry(member), known], keyring=keyring)
    assert [line["certainty"] for line in of(linked, "household_registry")] == ["probable"]
    assert len({line["person_key"] for line in linked.links.to_pylist()}) == 1
    (alias,) = linked.aliases.to_pylist()
    assert alias["old_key"] == keyring.pseudonym("person", f"household_registry/H1/王启明/{BORN}")
    assert alias["new_key"] == keyring.pseudonym("person", WANG["id_number"])


def test_p14_what_was_found_does_not_depend_on_the_order_of_rows(keyring: Keyring) -> None:
    others = [PATIENT | {"name": name} for name in ("王启名", "李启明", "王启亮")]
    one = night(keyring, PATIENT, *others, people=(WANG, TWIN))
    backwards = rows("hospital_settlements", *reversed([PATIENT, *others]))
    turned = link([backwards, registry(TWIN, WANG)], keyring=keyring)
    in_order = [(line["certainty"], line["person_key"]) for line in of(one, "hospital_settlements")]
    in_turned = [(line["certainty"], line["person_key"]) for line in of(turned, "hospital_settlements")]
    kept = [key if certainty != "provisional" else None for certainty, key in in_order]
    assert kept == [key if certainty != "provisional" else None for certainty, key in reversed(in_turned)]


def test_no_evidence_of_a_pair_reaches_the_lake(keyring: Keyring) -> None:
    linked = night(keyring, PATIENT | {"name": "王启名"})
    open_tables = str(linked.links.to_pylist()) + str(linked.aliases.to_pylist()) + str(linked.waiting.to_pylist())
    for secret in ("王启名", "王启明", "19900001111", HOME["address"], str(WANG["id_number"])):
        assert secret not in open_tables
        assert secret in str(linked.grey_pairs.to_pylist()) or secret == WANG["id_number"]
