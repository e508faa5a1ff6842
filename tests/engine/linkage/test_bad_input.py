"""What files really hold: shared numbers, look-alike letters, old numbers, twins, odd homes. Nothing is guessed."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.engine.linkage.invented_rows import link, number, of, registry, rows

from doudi.engine.sources.cells import Cells
from doudi.engine.sources.check_identity import check_id_numbers
from doudi.engine.values.identity import upgrade_15_to_18
from doudi.engine.values.keys import Keyring

BORN = date(1960, 2, 13)
WANG: dict[str, Any] = {"id_number": number("19600213", "011"), "name": "王启明", "birth_date": BORN, "sex": "1"}


def as_read(text: str) -> str | None:
    """The number as the strict reader hands it on; None where it refuses the cell and with it the row."""
    cells = Cells.of(pl.Series([text], dtype=pl.String), is_number=None, is_error=None)
    values = check_id_numbers(cells, as_of=date(2026, 11, 23))
    return str(values[0]) if bool(cells.open[0]) else None


def test_p14_a_number_that_two_names_share_belongs_to_nobody_until_people_say(keyring: Keyring) -> None:
    linked = link(
        [registry(WANG, WANG | {"name": "李四海"}), rows("wages_pensions", WANG | {"name": "李四海"})], keyring=keyring
    )
    assert {line["certainty"] for line in linked.links.to_pylist()} == {"grey"}
    assert linked.grey_pairs.num_rows == 3


def test_p14_two_departments_with_one_number_under_two_names_and_no_registry_row(keyring: Keyring) -> None:
    one, other = rows("deaths", WANG), rows("wages_pensions", WANG | {"name": "李四海"}, rank=2)
    linked = link([one, other], keyring=keyring)
    assert [line["certainty"] for line in of(linked, "deaths")] == ["certain"]
    assert [line["certainty"] for line in of(linked, "wages_pensions")] == ["grey"]


@pytest.mark.parametrize("letter", ["Х", "х", "Ⅹ", "χ"])
def test_p14_a_letter_that_looks_like_x_never_becomes_one(letter: str) -> None:
    whole = next(n for n in (number("19600213", f"{s:03d}") for s in range(1, 200)) if n.endswith("X"))
    read = as_read(whole[:-1] + letter)
    assert read is None or letter == "Ⅹ", "the Roman ten is a width form that the reader folds and records"


@pytest.mark.parametrize("sequence", ["996", "997", "998", "999"])
def test_p14_an_old_number_of_someone_born_before_1900_is_not_given_a_century(sequence: str) -> None:
    assert as_read(f"419901600213{sequence}") is None


def test_an_old_number_of_15_digits_is_the_same_person(keyring: Keyring) -> None:
    old = WANG["id_number"][:6] + WANG["id_number"][8:17]
    assert as_read(old) == upgrade_15_to_18(old) == WANG["id_number"]
    linked = link([registry(WANG), rows("wages_pensions", WANG | {"id_number": as_read(old)})], keyring=keyring)
    assert len({line["person_key"] for line in linked.links.to_pylist()}) == 1


def test_p14_twins_with_numbers_that_differ_in_the_last_two_places_stay_two(keyring: Keyring) -> None:
    twin = WANG | {"id_number": number("19600213", "013"), "name": "王启亮"}
    mixed = rows("disability_cards", WANG | {"id_number": twin["id_number"]})
    linked = link([registry(WANG, twin), mixed], keyring=keyring)
    assert len({line["person_key"] for line in of(linked, "household_registry")}) == 2
    (card,) = of(linked, "disability_cards")
    assert (card["certainty"], card["person_key"]) == ("grey", None)


def test_a_household_without_a_head_and_a_person_in_two_households_are_linked_all_the_same(keyring: Keyring) -> None:
    """Linkage says who is who; where the person lives is for the households to say, which count such people."""
    twice = [WANG | {"household_no": "H1"}, WANG | {"household_no": "H2"}]
    linked = link([registry(*twice)], keyring=keyring)
    assert {line["person_key"] for line in linked.links.to_pylist()} == {keyring.pseudonym("person", WANG["id_number"])}
    assert linked.identity.num_rows == 1


@pytest.mark.parametrize("name", ["", "　", "·", None])
def test_p14_a_row_without_name_and_number_finds_nobody(keyring: Keyring, name: str | None) -> None:
    nobody = {**WANG, "id_number": None, "name": name}
    linked = link([registry(WANG), rows("school_enrolment", nobody)], keyring=keyring)
    assert of(linked, "school_enrolment")[0]["certainty"] in ("provisional", "grey")
    assert of(linked, "school_enrolment")[0]["person_key"] != keyring.pseudonym("person", WANG["id_number"])
