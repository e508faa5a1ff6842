"""Whatever rows come, of whomever, in whichever deliveries: what is gathered is what the rows say, person by person."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.facts.test_gather import AS_OF, OCTOBER, REGISTRY, VOCABULARY, YEAR, facts_of, rows

from doudi.engine.facts import Absent, Delivered, EarlierFacts, Gathered, Links, gather
from doudi.engine.linkage.link import WAITING_SCHEMA
from doudi.engine.tables import LINKS
from doudi.engine.values.keys import Keyring

PEOPLE = [str(line["person"]) for line in REGISTRY]
WAGE = {"month": pa.string(), "kind": pa.string(), "gross": pa.int64()}
WAGES = st.lists(
    st.fixed_dictionaries(
        {
            "person": st.sampled_from([*PEOPLE, "stranger"]),
            "month": st.sampled_from([str(month) for month in YEAR]),
            "kind": st.sampled_from(["wage", "pension"]),
            "gross": st.one_of(st.none(), st.integers(0, 900_000)),
            "batch": st.sampled_from(["b1", "b2"]),
        }
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(Path(tmp_path_factory.mktemp("keys")) / "doudi.keys")


def night(keyring: Keyring, wages: Sequence[dict[str, Any]], *, run_id: str, earlier: Gathered | None) -> Gathered:
    text = pa.string()
    registry = {"household_no": text, "relation": text, "kind": text, "birth_date": pa.date32(), "area_code": text}
    delivered = rows(list(wages), WAGE)
    read: list[tuple[str, ...]] = []

    def some_columns(columns: Sequence[str]) -> pa.Table:
        read.append(tuple(columns))
        return delivered.select(list(columns))

    links = [
        {"source": source, "batch": line.get("batch", "b"), "row": number, "person_key": line["person"]}
        for source, lines in (("household_registry", REGISTRY), ("wages", wages))
        for number, line in enumerate(lines, start=2)
    ]
    gathered = gather(
        delivered=[
            Delivered("household_registry", "b", rows(REGISTRY, registry), (OCTOBER,)),
            Delivered("wages", "b2", some_columns, YEAR, "month", batches=("b1", "b2")),
        ],
        absent=[Absent("bills", YEAR[0].first_day()), Absent("office", AS_OF)],
        links=Links.of(pa.Table.from_pylist([line | {"certainty": "certain"} for line in links], schema=LINKS.schema)),
        waiting=WAITING_SCHEMA.empty_table(),
        office=None,
        snapshot="",
        vocabulary=VOCABULARY,
        as_of=AS_OF,
        run_id=run_id,
        keyring=keyring,
        earlier=None if earlier is None else EarlierFacts(earlier.facts, earlier.common_facts, lambda keys: keys),
    )
    assert read == [("batch", "row", "gross", "kind", "month")], "one reading, of no more than the facts are made of"
    return gathered


@given(WAGES)
@settings(max_examples=60, deadline=None)
def test_a_fact_is_what_the_persons_own_rows_say(keyring: Keyring, wages: list[dict[str, Any]]) -> None:
    gathered = night(keyring, wages, run_id="run-1", earlier=None)
    said = {(fact["subject"], fact["name"]): fact for fact in facts_of(gathered)}
    own: defaultdict[str, list[tuple[str, int | None]]] = defaultdict(list)
    for line in wages:
        if line["kind"] == "wage":
            own[line["person"]].append((line["month"], line["gross"]))
    members = gathered.memberships.column("person_key").to_pylist()
    assert sorted(members) == sorted(PEOPLE)
    for person in PEOPLE:
        everything = [gross for _, gross in own[person]]
        latest = [gross for month, gross in own[person] if month == str(OCTOBER)]
        wanted = {
            "wage_monthly": None if None in everything else sum(filter(None, everything)) // 12,
            "wage_latest": None if None in latest else sum(filter(None, latest)),
        }
        for name, value in wanted.items():
            fact = said[person, name]
            assert fact["value_int"] == value
            assert (fact["unknown_since"] is None) == (value is not None)
            column = gathered.known["person"]
            known = column.column(name)[members.index(person)].as_py() if name in column.column_names else None
            assert known == value, "what the rules read is what is written down"
            assert fact["batch"] in ("b1", "b2")


@given(WAGES, WAGES)
@settings(max_examples=40, deadline=None)
def test_what_was_known_before_keeps_its_run_and_what_is_new_gets_this_one(
    keyring: Keyring, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    def kept(fact: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(fact[name] for name in ("subject", "name", "valid_from", "source", "batch", "row", "value_int"))

    first = night(keyring, before, run_id="run-1", earlier=None)
    second = night(keyring, after, run_id="run-2", earlier=first)
    known = {kept(fact) for fact in facts_of(first)}
    for fact in facts_of(second):
        assert fact["known_from_run"] == ("run-1" if kept(fact) in known else "run-2")
    again = night(keyring, after, run_id="run-2", earlier=first)
    assert [piece.to_pylist() for piece in again.facts()] == [piece.to_pylist() for piece in second.facts()]
