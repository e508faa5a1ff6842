"""People decide pairs, and the next night is bound by it (P14): the same, different, and back again."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.linkage.invented_rows import HOME, decisions, link, number, of, registry, rows

from doudi.engine.linkage import Linked, resolved
from doudi.engine.linkage.decisions import PairDecisionError
from doudi.engine.tables import OFFICE_MEMBERS
from doudi.engine.values.keys import Keyring

BORN = date(1960, 2, 13)
WANG = {"id_number": number("19600213", "011"), "name": "王启明", "birth_date": BORN, "sex": "1"}
TWIN = {**WANG, "id_number": number("19600213", "013"), "name": "王启亮"}
CLASHING = {"id_number": WANG["id_number"], "name": "王启名"}
LIKELY = {"name": "王启名", "birth_date": BORN, "sex": "1", **HOME}
SOURCES = [registry(WANG, TWIN), rows("wages_pensions", CLASHING), rows("school_enrolment", LIKELY, rank=2)]


def night(keyring: Keyring, said: pa.Table | None = None, before: Linked | None = None, run: int = 1) -> Linked:
    return link(
        SOURCES,
        keyring=keyring,
        decisions=said,
        earlier_aliases=None if before is None else before.aliases,
        run_id=f"2026-11-{run:02d}-00000000",
    )


def pair_of(linked: Linked, source: str) -> tuple[str, str]:
    pair = next(p for p in linked.grey_pairs.to_pylist() if p["source"] == source)
    return pair["claim_key"], pair["person_key"]


@pytest.mark.parametrize("source", ["wages_pensions", "school_enrolment"])
def test_p14_a_pair_that_people_call_the_same_is_one_person_the_next_night(keyring: Keyring, source: str) -> None:
    first = night(keyring)
    claim, person = pair_of(first, source)
    second = night(keyring, decisions((claim, person, "same")), first, 2)
    (row,) = of(second, source)
    assert (row["certainty"], row["person_key"]) == ("decided", person)
    assert source not in {pair["source"] for pair in second.grey_pairs.to_pylist()}
    assert [(a["old_key"], a["new_key"], a["reason"]) for a in second.aliases.to_pylist()] == [
        (claim, person, "decided")
    ]


@pytest.mark.parametrize("source", ["wages_pensions", "school_enrolment"])
def test_p14_a_pair_that_people_call_different_is_never_proposed_again(keyring: Keyring, source: str) -> None:
    first = night(keyring)
    claim, person = pair_of(first, source)
    second = night(keyring, decisions((claim, person, "different")), first, 2)
    (row,) = of(second, source)
    assert row["person_key"] != person
    assert (claim, person) not in {(p["claim_key"], p["person_key"]) for p in second.grey_pairs.to_pylist()}
    assert all(w["person_key"] != person for w in second.waiting.to_pylist() if w["source"] == source)


@settings(max_examples=12, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["wages_pensions", "school_enrolment"]), st.sampled_from(["same", "different"])),
)
def test_p14_merge_then_split_is_the_identity(keyring: Keyring, chosen: dict[str, str]) -> None:
    first = night(keyring)
    said = decisions(*((*pair_of(first, source), verdict) for source, verdict in chosen.items()))
    second = night(keyring, said, first, 2)
    third = night(keyring, decisions(), second, 3)
    for table in ("links", "identity", "grey_pairs", "waiting"):
        assert getattr(third, table).equals(getattr(first, table)), table
    assert third.aliases.slice(0, second.aliases.num_rows).equals(second.aliases), "aliases are only ever added"
    members = pa.Table.from_pylist(
        [{"household_key": "h", "person_key": pair_of(first, s)[0], "relation": "02"} for s in ("wages_pensions",)],
        schema=OFFICE_MEMBERS.schema,
    )
    assert resolved(members, third.aliases, "person_key").equals(members), "both have their own histories back"


def test_an_office_member_of_a_merged_key_is_found_under_the_key_that_holds(keyring: Keyring) -> None:
    first = night(keyring)
    claim, person = pair_of(first, "school_enrolment")
    second = night(keyring, decisions((claim, person, "same")), first, 2)
    members = pa.Table.from_pylist(
        [{"household_key": "h", "person_key": claim, "relation": "02"}], schema=OFFICE_MEMBERS.schema
    )
    assert resolved(members, second.aliases, "person_key").to_pylist()[0]["person_key"] == person


def test_two_numbers_of_one_person_stand_under_the_one_that_people_name(keyring: Keyring) -> None:
    """A number that was corrected: the register has the new one, a department still the old one."""
    old = {**WANG, "id_number": number("19600213", "017")}
    sources = [registry(WANG), rows("wages_pensions", old)]
    old_key, new_key = (keyring.pseudonym("person", str(p["id_number"])) for p in (old, WANG))
    linked = link(sources, keyring=keyring, decisions=decisions((old_key, new_key, "same")))
    assert {line["person_key"] for line in linked.links.to_pylist()} == {new_key}
    assert linked.identity.num_rows == 1
    assert [(a["old_key"], a["new_key"]) for a in linked.aliases.to_pylist()] == [(old_key, new_key)]


def test_decisions_that_contradict_each_other_stop_the_night(keyring: Keyring) -> None:
    said = decisions(("a", "b", "same"), ("b", "c", "same"), ("a", "c", "different"))
    with pytest.raises(PairDecisionError):
        night(keyring, said)


def test_p14_the_row_that_people_confirm_settles_a_number_under_two_names(keyring: Keyring) -> None:
    other = {**WANG, "name": "李四海", "household_no": "H9"}
    sources: list[Any] = [
        registry(WANG, other),
        rows("wages_pensions", {"id_number": WANG["id_number"], "name": "王启明"}),
    ]
    first = link(sources, keyring=keyring)
    assert {line["certainty"] for line in first.links.to_pylist()} == {"grey"}
    mine, hers = sorted(
        (p for p in first.grey_pairs.to_pylist() if p["source"] == "household_registry"), key=lambda p: p["row"]
    )
    said = decisions(
        (mine["claim_key"], mine["person_key"], "same"), (hers["claim_key"], hers["person_key"], "different")
    )
    second = link(sources, keyring=keyring, decisions=said)
    assert [line["certainty"] for line in of(second, "household_registry")] == ["decided", "provisional"]
    (wage,) = of(second, "wages_pensions")
    assert (wage["certainty"], wage["person_key"]) == ("certain", mine["person_key"])
