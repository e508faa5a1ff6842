"""What a department did not change is taken over from the last night, and nobody can tell it from what is made anew."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.facts.test_gather import AS_OF, OCTOBER, REGISTRY, YEAR, night, wage

from doudi.engine.facts import Absent, Gathered
from doudi.engine.facts import build as stage
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

PEOPLE = ("p1", "p2", "p3", "stranger")
HOME = {"household_key": "office-1", "area": "419901101001", "residence": "rural"}
WAGES = st.lists(
    st.builds(
        wage,
        st.sampled_from(PEOPLE),
        st.sampled_from([str(month) for month in YEAR[-3:]]),
        st.sampled_from([None, 0, 120_000]),
        st.sampled_from(["wage", "pension"]),
    ),
    max_size=4,
)
REGISTRIES = st.sampled_from(
    [
        REGISTRY,
        [REGISTRY[0], REGISTRY[1] | {"household_no": "H2", "relation": "20"}, REGISTRY[2]],
        [REGISTRY[0], REGISTRY[1] | {"kind": None}],
    ]
)


def seen(name: str, value: int | None, valid_from: date) -> dict[str, Any]:
    """What people of the office wrote down of somebody."""
    return {"entity": "person", "name": name, "value_int": value, "valid_from": valid_from, "row": 7}


OFFICES = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "office_households": st.sampled_from([[], [HOME]]),
            "office_facts": st.lists(
                st.builds(
                    lambda subject, fact: fact | {"subject": subject},
                    st.sampled_from(PEOPLE[:3]),
                    st.builds(
                        seen,
                        st.sampled_from(["wage_monthly", "wage_latest", "odd_jobs"]),
                        st.sampled_from([None, 0, 90_000]),
                        st.sampled_from([date(2026, 9, 1), AS_OF]),
                    ),
                ),
                max_size=2,
                unique_by=lambda fact: (fact["subject"], fact["name"]),
            ),
        }
    ).map(
        lambda tables: (
            tables
            | {
                "office_members": [
                    {"household_key": HOME["household_key"], "person_key": "p1", "relation": "02"}
                    for _ in tables["office_households"]
                ]
            }
        )
    ),
)
NIGHTS = st.lists(
    st.fixed_dictionaries(
        {
            "wages": WAGES,
            "registry": REGISTRIES,
            "office": OFFICES,
            "grey": st.sampled_from([(), (("wages", 2),), (("household_registry", 3),)]),
            "covers": st.sampled_from([YEAR, YEAR[1:]]),
            "as_of": st.sampled_from([AS_OF, date(2026, 12, 2)]),
        }
    ),
    min_size=2,
    max_size=4,
).flatmap(
    # Most departments send nothing new: each night keeps some of what the one before had.
    lambda nights: st.lists(
        st.fixed_dictionaries({name: st.booleans() for name in nights[0]}), min_size=len(nights), max_size=len(nights)
    ).map(lambda kept: carried(nights, kept))
)


def carried(nights: list[dict[str, Any]], kept: list[dict[str, bool]]) -> list[dict[str, Any]]:
    """The nights, each with those parts of the one before that it keeps."""
    found = [nights[0]]
    for own, keeps in zip(nights[1:], kept[1:], strict=True):
        found.append({name: found[-1][name] if keeps[name] else own[name] for name in own})
    return found


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(Path(tmp_path_factory.mktemp("keys")) / "doudi.keys")


def absent(office: Mapping[str, Any] | None) -> tuple[Absent, ...]:
    return () if office is not None else (Absent("office", AS_OF),)


def written(gathered: Gathered) -> dict[str, Any]:
    """Everything that a night hands on, but what only the next one looks at."""
    return {
        "facts": [line for piece in gathered.facts() for line in piece.to_pylist()],
        "common": gathered.common_facts.to_pylist(),
        "known": {entity: table.to_pydict() for entity, table in gathered.known.items()},
        "households": gathered.households.to_pylist(),
        "memberships": gathered.memberships.to_pylist(),
        "counts": dict(gathered.counts),
    }


@given(NIGHTS)
@settings(max_examples=60, deadline=None)
def test_nights_that_take_over_are_the_same_as_nights_that_make_everything_anew(
    keyring: Keyring, nights: list[dict[str, Any]]
) -> None:
    taking_over, anew = None, None
    for number, content in enumerate(nights):
        more = content | {"run_id": f"run-{number}", "absent": absent(content["office"])}
        taking_over = night(keyring, **more, earlier=taking_over, takes_over=True)
        anew = night(keyring, **more, earlier=anew)
        assert written(taking_over) == written(anew)


def made_anew(monkeypatch: pytest.MonkeyPatch, keyring: Keyring, **second: Any) -> set[str]:
    """Which facts a second night makes from rows."""
    first = night(keyring, wages=[wage("p1", str(OCTOBER), 120_000)], run_id="run-1", takes_over=True)
    made: set[str] = set()
    summarise = stage.summarise

    def watched(definition: Any, origin: Any, *others: Any, **more: Any) -> Any:
        made.add(f"{origin.source}.{origin.column}")
        return summarise(definition, origin, *others, **more)

    monkeypatch.setattr(stage, "summarise", watched)
    content = {"wages": [wage("p1", str(OCTOBER), 120_000)]} | second
    night(keyring, **content, run_id="run-2", earlier=first, takes_over=True)
    return made


EVERYTHING_OF_THE_REGISTRY = {"household_registry.birth_date", "household_registry.kind"}


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, set()),
        ({"as_of": date(2026, 12, 2)}, set()),
        ({"wages": [wage("p1", str(OCTOBER), 120_001)]}, {"wages.gross"}),
        ({"wages": [wage("p2", str(OCTOBER), 120_000)]}, {"wages.gross"}),
        ({"grey": (("wages", 2),)}, EVERYTHING_OF_THE_REGISTRY | {"wages.gross", "bills.self_paid"}),
        ({"covers": (*YEAR, Month(2026, 11)), "as_of": date(2026, 12, 2)}, {"wages.gross"}),
        ({"registry": REGISTRY[:2]}, EVERYTHING_OF_THE_REGISTRY),
        ({"office": {"office_households": [HOME]}}, {"household_registry.kind"}),
    ],
)
def test_only_what_is_made_of_something_else_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, keyring: Keyring, second: dict[str, Any], expected: set[str]
) -> None:
    assert made_anew(monkeypatch, keyring, **second) == expected
