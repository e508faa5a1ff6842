"""What was planted, what a night made of it, and that the score table counts honestly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.engine.pipeline.demo_city import all_facts

from doudi.demo.city import CitySummary, DemoError, build_city, read_mix
from doudi.demo.events import EVENTS
from doudi.demo.score import Score, ScoreError, score_night
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.values.keys import Keyring

SEED = 11


@dataclass(frozen=True)
class Scored:
    """A small city with its night and the table."""

    city: CitySummary
    keyring: Keyring
    pack: Pack
    run: Run
    score: Score

    @property
    def folder(self) -> Path:
        return self.city.extracts.parent


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    root = tmp_path_factory.mktemp("scored")
    keyring, pack = Keyring.generate(root / "keys"), load_pack()
    # Sixteen of one kind, so that some of them are in no file.
    city = build_city("small", root / "city", SEED, keyring=keyring, events={"hidden_car": 16, "hospital_shock": 2})
    assert city.snapshot is not None
    run = run_night(
        extracts=city.extracts,
        lake=root / "lake",
        as_of=date(2026, 11, 20),
        at=datetime(2026, 11, 20, 3, tzinfo=UTC),
        pack=pack,
        keyring=keyring,
        snapshot=read_snapshot(city.snapshot),
    )
    return Scored(city, keyring, pack, run, score_night(run, root / "city", pack=pack, keyring=keyring))


def test_every_planted_death_double_grant_and_hospital_shock_is_found_the_same_night(scored: Scored) -> None:
    events = {event.kind: event for event in scored.score.events}
    for kind in ("death_not_reported", "double_grant", "hospital_shock", "earner_died", "story_a1"):
        assert events[kind].planted == events[kind].found > 0
        assert events[kind].missed == 0


def test_what_is_in_no_file_is_missed_and_the_table_says_so(scored: Scored) -> None:
    (cars,) = [event for event in scored.score.events if event.kind == "hidden_car"]
    assert (cars.planted, cars.missed_in_no_file) == (16, 2)
    assert cars.found + cars.missed == 16
    assert cars.missed >= 2


def test_nobody_is_accused_but_those_whom_a_register_itself_wrongs(scored: Scored) -> None:
    misled = {event.kind for event in EVENTS if event.is_look_alike and event.rule is not None}
    named = {part.kind for part in scored.score.look_alikes if part.named}
    assert named == misled | {"elderly_supported", "bill_but_well_off"}
    for rule in scored.score.rules:
        assert rule.findings == rule.of_the_event + rule.otherwise_right + rule.wrong
        if rule.is_adverse:
            assert rule.wrong == sum(event.rule == rule.rule for event in EVENTS if event.is_look_alike)


def test_places_are_those_of_the_visiting_list(scored: Scored) -> None:
    found = {row["household_key"] for row in read_table(scored.run, "findings").to_pylist()}
    assert scored.score.visits == len(found)
    for event in scored.score.events:
        if event.found:
            assert event.place_first is not None
            assert event.place_last is not None
            assert 1 <= event.place_first <= event.place_last <= scored.score.visits


def test_a_death_under_a_recipients_number_and_anothers_name_waits_for_people(scored: Scored) -> None:
    facts = [f for f in all_facts(scored.run) if f["name"] == "is_deceased"]
    assert any(f["value_int"] is None and f["unknown_since"] is not None for f in facts)
    assert any(f["value_int"] == 1 for f in facts)


def test_the_table_in_markdown_has_a_line_for_each_event_rule_and_look_alike(scored: Scored) -> None:
    lines = scored.score.lines()
    score = scored.score
    assert len(lines) == len(score.events) + len(score.rules) + len(score.look_alikes) + 3 * 2 + 2
    assert score.to_dict()["events"][0]["kind"] == score.events[0].kind


def test_a_night_of_another_city_or_with_other_keys_is_not_scored(scored: Scored, tmp_path: Path) -> None:
    other = Keyring.generate(tmp_path / "keys")
    with pytest.raises(ScoreError, match="of this city"):
        score_night(scored.run, scored.folder, pack=scored.pack, keyring=other)
    with pytest.raises(ScoreError, match="truth is not there"):
        score_night(scored.run, tmp_path, pack=scored.pack, keyring=scored.keyring)


def test_the_snapshot_holds_whoever_receives_under_the_nights_own_pseudonyms(scored: Scored) -> None:
    assert scored.city.snapshot is not None
    receipts = pq.read_table(scored.city.snapshot / "office_receipts.parquet").to_pylist()
    homes = {row["household_key"]: row["basis"] for row in read_table(scored.run, "households").to_pylist()}
    assert len(receipts) > 20
    assert {homes[row["household_key"]] for row in receipts} == {"office"}


def test_the_same_keys_seed_and_events_give_the_same_bytes(scored: Scored, tmp_path: Path) -> None:
    mix = {"hidden_car": 16, "hospital_shock": 2}
    again = build_city("small", tmp_path / "city", SEED, keyring=scored.keyring, events=mix)
    for part in ("extracts", "truth", "snapshot"):
        assert contents(again.extracts.parent / part) == contents(scored.folder / part)


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ({"earthquake": 1}, "can't be planted"),
        ({"hidden_car": -1}, "can't be planted"),
        ({"hidden_car": 200}, "too many"),
    ],
)
def test_a_mix_of_events_that_cannot_be_planted_is_refused(events: dict[str, int], words: str, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=words):
        build_city("small", tmp_path, SEED, events=events)


def test_a_mix_is_read_from_words() -> None:
    assert read_mix(["hidden_car=3", "double_grant=0"]) == {"hidden_car": 3, "double_grant": 0}
    with pytest.raises(DemoError, match="how often"):
        read_mix(["hidden_car"])


def test_a_folder_with_another_mix_is_another_city(scored: Scored) -> None:
    with pytest.raises(DemoError, match="another city"):
        build_city("small", scored.folder, SEED, events={"hidden_car": 3})
