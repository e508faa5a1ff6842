"""Facts are dated, traced to a row, and unknown where nobody said anything (P15, P16)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from doudi.engine.facts import Absent, Delivered, EarlierFacts, Gathered, GatherError, Links, gather, with_common_facts
from doudi.engine.linkage.link import WAITING_SCHEMA
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.engine.tables import FACTS, LINKS, TABLES
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

AS_OF = date(2026, 11, 23)
OCTOBER = Month(2026, 10)
YEAR = tuple(OCTOBER.plus(-back) for back in reversed(range(12)))
LABEL = {"zh": "甲", "en": "a"}
CITED = {"instrument": "办法", "article": "", "mark": "L"}


def fact(**more: Any) -> dict[str, Any]:
    money = {"type": "fen", "unit": "fen_per_month"} if "type" not in more else {}
    return {"label": LABEL, "supplied_by": ["department"], **money, **more}


DEFINITIONS: dict[str, dict[str, Any]] = {
    "person": {
        "birth_date": fact(
            type="date", **{"from": {"source": "household_registry", "column": "birth_date", "summary": "latest"}}
        ),
        "wage_monthly": fact(
            absent="zero_when_covered",
            minimum=0,
            **{
                "from": {
                    "source": "wages",
                    "column": "gross",
                    "where": {"kind": "wage"},
                    "summary": "average_over_lookback",
                    "lookback_months": 12,
                    "citation": CITED,
                }
            },
        ),
        "wage_latest": fact(
            absent="zero_when_covered",
            **{"from": {"source": "wages", "column": "gross", "where": {"kind": "wage"}, "summary": "latest"}},
        ),
        "paid_12m": fact(
            type="fen",
            unit="fen_per_12_months",
            absent="zero_when_covered",
            **{"from": {"source": "bills", "column": "self_paid", "summary": "sum_over_12_months"}},
        ),
        "odd_jobs": {"type": "fen", "unit": "fen_per_month", "label": LABEL, "supplied_by": ["family"]},
    },
    "household": {
        "residence": fact(
            type="text",
            codes={"urban": LABEL, "rural": LABEL},
            **{"from": {"source": "household_registry", "column": "kind", "summary": "latest", "of_member": "head"}},
        ),
        "received": fact(
            absent="zero_when_covered",
            **{
                "from": {
                    "source": "office",
                    "column": "amount_fen",
                    "where": {"programme": "dibao"},
                    "summary": "latest",
                }
            },
        ),
    },
}
VOCABULARY = Vocabulary(
    **{
        entity: {name: FactDefinition.model_validate(text) for name, text in facts.items()}
        for entity, facts in DEFINITIONS.items()
    }
)
REGISTRY = [
    {"person": "p1", "household_no": "H1", "relation": "02", "kind": "rural", "birth_date": date(1960, 1, 1)},
    {"person": "p2", "household_no": "H1", "relation": "20", "kind": "rural", "birth_date": date(1990, 1, 1)},
    {"person": "p3", "household_no": "H2", "relation": "02", "kind": "urban", "birth_date": None},
]


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(Path(tmp_path_factory.mktemp("keys")) / "doudi.keys")


def rows(people: list[dict[str, Any]], schema: Mapping[str, pa.DataType]) -> pa.Table:
    fields = [("batch", pa.string()), ("row", pa.int64()), *schema.items()]
    lines = [
        {"batch": "b", "row": number, "area_code": "419901101001", **person}
        for number, person in enumerate(people, start=2)
    ]
    return pa.Table.from_pylist(lines, schema=pa.schema(fields))


def night(
    keyring: Keyring,
    *,
    registry: list[dict[str, Any]] = REGISTRY,
    wages: Sequence[dict[str, Any]] = (),
    bills: Sequence[dict[str, Any]] = (),
    grey: tuple[tuple[str, int], ...] = (),
    absent: tuple[Absent, ...] = (),
    covers: tuple[Month, ...] = YEAR,
    office: Mapping[str, list[dict[str, Any]]] | None = None,
    as_of: date = AS_OF,
    earlier: Gathered | None = None,
    run_id: str = "run-2",
    takes_over: bool = False,
) -> Gathered:
    """One night. `takes_over` says that deliveries and links are known by their digests."""
    text, money, day = pa.string(), pa.int64(), pa.date32()
    people = {"household_registry": registry, "wages": wages, "bills": bills}
    deliveries = [
        Delivered(
            "household_registry",
            "b",
            rows(
                registry, {"household_no": text, "relation": text, "kind": text, "birth_date": day, "area_code": text}
            ),
            (OCTOBER,),
        ),
        Delivered("wages", "b", rows(wages, {"month": text, "kind": text, "gross": money}), covers, "month"),
        Delivered("bills", "b", rows(bills, {"settled_on": day, "self_paid": money}), YEAR, "settled_on"),
    ]
    link_rows, waiting = [], []
    for source, lines in people.items():
        for number, line in enumerate(lines, start=2):
            is_grey = (source, number) in grey
            key = None if is_grey else line["person"]
            link_rows.append(
                {
                    "source": source,
                    "batch": "b",
                    "row": number,
                    "person_key": key,
                    "certainty": "grey" if is_grey else "certain",
                }
            )
            if is_grey:
                stand_in = f"stand-in-{number}" if source == "household_registry" else None
                waiting.append(
                    {
                        "source": source,
                        "batch": "b",
                        "row": number,
                        "person_key": line["person"],
                        "stand_in_key": stand_in,
                    }
                )
    tables = None
    if office is not None:
        names = ("office_households", "office_members", "office_facts", "office_receipts", "office_findings")
        tables = {name: pa.Table.from_pylist(office.get(name, []), schema=TABLES[name].schema) for name in names}
    missing = {part.source for part in absent}
    links = Links.of(pa.Table.from_pylist(link_rows, schema=LINKS.schema))
    if takes_over:
        deliveries = [replace(d, digest=repr((d.covers, d.rows.to_pylist()))) for d in deliveries]
        spoken_of = {
            source: repr((source, sorted(grey), [line["person"] for line in people[source]])) for source in people
        }
        links = replace(links, digests=spoken_of)
    return gather(
        delivered=[d for d in deliveries if d.source not in missing or d.source == "household_registry"],
        absent=absent,
        links=links,
        waiting=pa.Table.from_pylist(waiting, schema=WAITING_SCHEMA),
        office=tables,
        snapshot="s1",
        vocabulary=VOCABULARY,
        as_of=as_of,
        run_id=run_id,
        keyring=keyring,
        earlier=None if earlier is None else of_earlier(earlier),
    )


def of_earlier(gathered: Gathered) -> EarlierFacts:
    """What a later night knows of this one."""
    made_of = {line["name"]: line["digest"] for line in gathered.digests.to_pylist()}
    return EarlierFacts(gathered.facts, gathered.common_facts, lambda keys: keys, made_of)


def facts_of(gathered: Gathered) -> list[dict[str, Any]]:
    """Every fact of every subject, those included that are written down once for everyone."""
    return with_common_facts(
        pa.concat_tables([FACTS.schema.empty_table(), *(piece.cast(FACTS.schema) for piece in gathered.facts())]),
        gathered.common_facts,
        people=gathered.memberships.column("person_key").to_pylist(),
        households=gathered.households.column("household_key").to_pylist(),
    ).to_pylist()


def known(gathered: Gathered, subject: str, name: str) -> dict[str, Any]:
    """The one line that holds now."""
    lines = [
        r
        for r in facts_of(gathered)
        if (r["subject"], r["name"]) == (subject, name) and (r["valid_to"] is None or r["valid_to"] > AS_OF)
    ]
    assert len(lines) == 1, lines
    return lines[0]


def wage(person: str, month: str, gross: int | None, kind: str = "wage") -> dict[str, Any]:
    return {"person": person, "month": month, "kind": kind, "gross": gross}


def test_the_register_gives_households_with_area_and_residence_of_the_head(keyring: Keyring) -> None:
    gathered = night(keyring)
    h1 = keyring.pseudonym("household", "household_registry/H1")
    assert {r["person_key"] for r in gathered.memberships.to_pylist() if r["household_key"] == h1} == {"p1", "p2"}
    assert {(r["basis"], r["area"]) for r in gathered.households.to_pylist()} == {("register", "419901101001")}
    assert known(gathered, h1, "residence")["value_text"] == "rural"


def test_p16_a_years_wages_reach_a_month_only_as_the_cited_average_rounded_down(keyring: Keyring) -> None:
    year = [wage("p1", str(month), 100_001) for month in YEAR[:5]]
    line = known(night(keyring, wages=year), "p1", "wage_monthly")
    assert line["value_int"] == 500_005 // 12
    assert (line["row"], line["batch"], line["source"]) == (0, "b", "wages")
    assert line["valid_from"] == date(2026, 11, 1)


def test_a_fact_from_one_row_names_that_row(keyring: Keyring) -> None:
    line = known(night(keyring, wages=[wage("p9", "2026-10", 1), wage("p1", "2026-10", 300_000)]), "p1", "wage_latest")
    assert (line["value_int"], line["row"], line["valid_from"]) == (300_000, 3, date(2026, 10, 1))


def test_no_row_in_a_covered_month_is_zero(keyring: Keyring) -> None:
    gathered = night(keyring, wages=[wage("p2", "2026-03", 300_000)])
    assert known(gathered, "p1", "wage_monthly")["value_int"] == 0
    assert known(gathered, "p2", "wage_latest")["value_int"] == 0, "the last month is covered and has no row"


def test_p15_a_month_that_was_not_delivered_makes_the_average_unknown(keyring: Keyring) -> None:
    line = known(night(keyring, covers=YEAR[:3] + YEAR[4:], wages=[wage("p1", "2026-10", 5)]), "p1", "wage_monthly")
    assert line["value_int"] is None
    assert line["unknown_since"] == YEAR[3].first_day()


def test_p15_a_source_that_did_not_deliver_is_unknown_since_a_day_never_zero(keyring: Keyring) -> None:
    gathered = night(keyring, absent=(Absent("wages", date(2026, 5, 1)),))
    for person in ("p1", "p2", "p3"):
        line = known(gathered, person, "wage_monthly")
        assert (line["value_int"], line["unknown_since"]) == (None, date(2026, 5, 1))


def test_p15_an_empty_cell_and_a_waiting_row_make_the_fact_unknown(keyring: Keyring) -> None:
    gathered = night(
        keyring,
        wages=[wage("p1", "2026-10", None), wage("p2", "2026-10", 7), wage("p2", "2026-09", 7)],
        grey=(("wages", 4),),
    )
    assert known(gathered, "p1", "wage_monthly")["unknown_since"] is not None
    assert known(gathered, "p2", "wage_monthly")["unknown_since"] is not None
    assert known(gathered, "p2", "wage_latest")["value_int"] == 7, "the waiting row is of an earlier month"


def test_p14_a_waiting_registry_row_keeps_a_member_of_whom_nothing_is_known(keyring: Keyring) -> None:
    gathered = night(keyring, grey=(("household_registry", 3),))
    h1 = keyring.pseudonym("household", "household_registry/H1")
    assert {r["person_key"] for r in gathered.memberships.to_pylist() if r["household_key"] == h1} == {
        "p1",
        "stand-in-3",
    }
    assert not [r for r in facts_of(gathered) if r["subject"] == "stand-in-3" and r["name"] == "birth_date"]


def test_bills_of_twelve_months_add_up_and_hold_from_the_last_one(keyring: Keyring) -> None:
    bills = [
        {"person": "p1", "settled_on": date(2026, 10, 9), "self_paid": 4_000_000},
        {"person": "p1", "settled_on": date(2026, 2, 1), "self_paid": 1_000_000},
        {"person": "p1", "settled_on": date(2025, 10, 31), "self_paid": 9_000_000},
    ]
    line = known(night(keyring, bills=bills), "p1", "paid_12m")
    assert (line["value_int"], line["valid_from"], line["row"]) == (5_000_000, date(2026, 10, 9), 0)


def test_a_delivery_from_next_month_says_nothing_about_this_one(keyring: Keyring) -> None:
    months = tuple(Month(2027, 1).plus(-back) for back in reversed(range(14)))
    gathered = night(keyring, covers=months, wages=[wage("p1", "2027-01", 9), wage("p1", "2026-11", 24)])
    assert known(gathered, "p1", "wage_latest")["value_int"] == 24
    assert known(gathered, "p1", "wage_monthly")["value_int"] == 2


def test_a_value_outside_the_bounds_is_not_believed(keyring: Keyring) -> None:
    line = known(night(keyring, wages=[wage("p1", "2026-10", -1200)]), "p1", "wage_monthly")
    assert (line["value_int"], line["unknown_since"]) == (None, date(2026, 11, 1))


def test_what_no_department_supplies_has_no_row_until_people_say_it(keyring: Keyring) -> None:
    assert "odd_jobs" not in {r["name"] for r in facts_of(night(keyring))}
    seen = {
        "subject": "p1",
        "entity": "person",
        "name": "odd_jobs",
        "value_int": 50_000,
        "valid_from": date(2026, 11, 20),
        "row": 8,
    }
    line = known(night(keyring, office={"office_facts": [seen]}), "p1", "odd_jobs")
    assert (line["value_int"], line["source"], line["row"], line["batch"]) == (50_000, "office", 8, "s1")


@pytest.mark.parametrize(
    ("seen_on", "expected"), [(date(2026, 11, 1), 77), (date(2026, 11, 20), 77), (date(2026, 10, 31), 100)]
)
def test_the_later_of_office_and_department_holds_and_both_stay_readable(
    keyring: Keyring, seen_on: date, expected: int
) -> None:
    seen = {
        "subject": "p1",
        "entity": "person",
        "name": "wage_monthly",
        "value_int": 77,
        "valid_from": seen_on,
        "row": 8,
    }
    gathered = night(keyring, wages=[wage("p1", "2026-10", 1200)], office={"office_facts": [seen]})
    assert known(gathered, "p1", "wage_monthly")["value_int"] == expected
    assert len([r for r in facts_of(gathered) if (r["subject"], r["name"]) == ("p1", "wage_monthly")]) == 2


def test_the_offices_word_fills_a_departments_silence(keyring: Keyring) -> None:
    seen = {
        "subject": "p1",
        "entity": "person",
        "name": "wage_monthly",
        "value_int": 77,
        "valid_from": date(2026, 1, 1),
        "row": 8,
    }
    gathered = night(keyring, absent=(Absent("wages", date(2026, 5, 1)),), office={"office_facts": [seen]})
    assert known(gathered, "p1", "wage_monthly")["value_int"] == 77


def test_the_offices_household_takes_its_members_out_of_the_registers(keyring: Keyring) -> None:
    office = {
        "office_households": [{"household_key": "o1", "area": "419901101001", "residence": "urban"}],
        "office_members": [
            {"household_key": "o1", "person_key": "p1", "relation": "02"},
            {"household_key": "o1", "person_key": "p3", "relation": "99"},
        ],
    }
    gathered = night(keyring, office=office)
    members = {(r["household_key"], r["person_key"]) for r in gathered.memberships.to_pylist()}
    h1 = keyring.pseudonym("household", "household_registry/H1")
    assert members == {("o1", "p1"), ("o1", "p3"), (h1, "p2")}
    assert {r["household_key"]: r["basis"] for r in gathered.households.to_pylist()} == {"o1": "office", h1: "register"}
    assert known(gathered, "o1", "residence")["value_text"] == "urban"


def test_a_member_whom_the_office_left_out_of_a_family_it_met_is_in_none(keyring: Keyring) -> None:
    h1 = keyring.pseudonym("household", "household_registry/H1")
    office = {
        "office_households": [{"household_key": h1, "area": "419901101001", "residence": "rural"}],
        "office_members": [{"household_key": h1, "person_key": "p1", "relation": "02"}],
    }
    gathered = night(keyring, office=office)
    assert "p2" not in gathered.memberships.column("person_key").to_pylist()
    assert gathered.counts["people_left_without_household"] == 1


def test_a_person_in_two_registered_households_is_put_into_one_and_counted(keyring: Keyring) -> None:
    gathered = night(
        keyring, registry=[*REGISTRY, {"person": "p2", "household_no": "H2", "relation": "20", "kind": "urban"}]
    )
    assert gathered.memberships.column("person_key").to_pylist().count("p2") == 1
    assert gathered.counts["people_in_two_households"] == 1


def test_receiving_is_zero_with_a_snapshot_unknown_without_and_known_from_the_decision(keyring: Keyring) -> None:
    h1 = keyring.pseudonym("household", "household_registry/H1")
    grant = {"household_key": h1, "programme": "dibao", "month": "2026-12", "amount_fen": 88_000, "row": 3}
    other = {"household_key": h1, "programme": "tekun", "month": "2026-11", "amount_fen": 5, "row": 4}
    assert known(night(keyring, office={}), h1, "received")["value_int"] == 0
    assert known(night(keyring), h1, "received")["value_int"] is None
    line = known(night(keyring, office={"office_receipts": [grant, other]}), h1, "received")
    assert (line["value_int"], line["row"]) == (88_000, 3)


def test_without_the_household_registry_the_night_stops_with_advice(keyring: Keyring) -> None:
    with pytest.raises(GatherError, match="household registry was not delivered"):
        gather(
            delivered=[],
            absent=[],
            links=Links.of(LINKS.schema.empty_table()),
            waiting=WAITING_SCHEMA.empty_table(),
            office=None,
            snapshot="",
            vocabulary=VOCABULARY,
            as_of=AS_OF,
            run_id="r",
            keyring=keyring,
        )


def test_a_fact_remembers_the_run_in_which_it_was_first_known(keyring: Keyring) -> None:
    first = night(keyring, wages=[wage("p1", "2026-10", 1200)], run_id="run-1")
    second = night(
        keyring, wages=[wage("p1", "2026-10", 1200), wage("p2", "2026-10", 5)], run_id="run-2", earlier=first
    )
    assert known(second, "p1", "wage_monthly")["known_from_run"] == "run-1"
    assert known(second, "p2", "wage_monthly")["known_from_run"] == "run-2"


def test_silence_too_remembers_the_run_in_which_it_was_first_known(keyring: Keyring) -> None:
    first = night(keyring, wages=[wage("p1", "2026-10", 5), wage("p2", "2026-10", 5)], grey=(("wages", 3),))
    seen = {"subject": "p3", "entity": "person", "name": "wage_latest", "value_int": 7, "row": 8}
    office = {"office_facts": [{**seen, "valid_from": date(2026, 1, 1)}]}
    wages = [wage("p1", "2026-10", 5)]
    second = night(keyring, wages=wages, office=office, run_id="run-3", earlier=first)
    assert known(second, "p3", "paid_12m")["known_from_run"] == "run-2", "nobody had a word of their own before"
    lines = [r for r in facts_of(second) if (r["subject"], r["name"]) == ("p3", "wage_latest")]
    assert {r["source"]: r["known_from_run"] for r in lines} == {"wages": "run-2", "office": "run-3"}
    assert known(first, "p2", "wage_latest")["value_int"] is None
    line = known(second, "p2", "wage_latest")
    assert (line["value_int"], line["known_from_run"]) == (0, "run-3"), "it was not known that p2 earns nothing"
    third = night(keyring, wages=wages, office=office, run_id="run-4", earlier=second)
    assert known(third, "p2", "wage_latest")["known_from_run"] == "run-3"


def test_p15_a_row_in_quarantine_makes_unknown_what_it_may_have_said(keyring: Keyring) -> None:
    """Its kind or month could not be read: it may be the wage that counts, so the wage is not known."""
    schema = {"month": pa.string(), "kind": pa.string(), "gross": pa.int64()}
    unread = [
        {"row": 90, "kind": None, "month": "2026-10", "gross": None},
        {"row": 91, "kind": "pension", "month": None},
    ]
    waiting = [
        {"source": "wages", "batch": "b", "row": 90, "person_key": "p1", "stand_in_key": None},
        {"source": "wages", "batch": "b", "row": 91, "person_key": "p2", "stand_in_key": None},
    ]
    registry = {"household_no": pa.string(), "relation": pa.string(), "kind": pa.string(), "birth_date": pa.date32()}
    places = [{"source": "household_registry", "batch": "b", "row": n, "person_key": f"p{n - 1}"} for n in (2, 3, 4)]
    gathered = gather(
        delivered=[
            Delivered("household_registry", "b", rows(REGISTRY, registry | {"area_code": pa.string()}), (OCTOBER,)),
            Delivered("wages", "b", rows([], schema), YEAR, "month", unread=rows(unread, schema)),
        ],
        absent=[Absent("bills", YEAR[0].first_day()), Absent("office", AS_OF)],
        links=Links.of(pa.Table.from_pylist([p | {"certainty": "certain"} for p in places], schema=LINKS.schema)),
        waiting=pa.Table.from_pylist(waiting, schema=WAITING_SCHEMA),
        office=None,
        snapshot="",
        vocabulary=VOCABULARY,
        as_of=AS_OF,
        run_id="r",
        keyring=keyring,
    )
    assert known(gathered, "p1", "wage_monthly")["unknown_since"] is not None
    assert known(gathered, "p1", "wage_latest")["unknown_since"] is not None
    assert known(gathered, "p2", "wage_monthly")["value_int"] == 0, "a pension's row says nothing about the wage"
    assert known(gathered, "p3", "wage_monthly")["value_int"] == 0
