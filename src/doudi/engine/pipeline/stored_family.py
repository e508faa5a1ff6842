"""One family out of a sealed night, as the rules explain it: its members and what was known of them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from doudi.engine.facts import read_person_facts
from doudi.engine.pack.vocabulary import Vocabulary
from doudi.engine.pipeline.manifest import Run, RunError
from doudi.engine.rules.family import Basis, FactValue, Family, Member
from doudi.engine.tables import HOUSEHOLDS, MEMBERSHIPS, Table
from doudi.engine.values.parquet import read_parquet

_BASES: Mapping[str, Basis] = {"office": "office", "declared": "declared", "register": "register"}


def stored_family(run: Run, household_key: str, vocabulary: Vocabulary) -> Family:
    """The family as this run assessed it. Reads a few row groups of the lake, not the city."""
    homes = _rows_of(run, HOUSEHOLDS, household_key)
    if not homes:
        raise RunError(
            f"run {run.run_id} has no household {household_key}.",
            advice="Take the household's key as `doudi findings` shows it.",
        )
    members = _rows_of(run, MEMBERSHIPS, household_key)
    keys = [row["person_key"] for row in members]
    facts = read_person_facts(run.lake, run.run_id, keys, [household_key])
    known: dict[str, dict[str, FactValue]] = {}
    for row in _that_hold(facts.to_pylist(), run.manifest.as_of):
        if vocabulary.definition(row["name"]) is not None:
            known.setdefault(row["subject"], {})[row["name"]] = _value(row)
    return Family(
        key=household_key,
        region=homes[0]["area"],
        basis=_BASES[homes[0]["basis"]],
        facts=known.get(household_key, {}),
        members=tuple(Member(row["person_key"], row["relation"], known.get(row["person_key"], {})) for row in members),
    )


def find_household(run: Run, start: str) -> str:
    """The one household of a run whose key begins so: keys are long, and people copy the beginning."""
    path = run.folder / f"{HOUSEHOLDS.name}.parquet"
    keys: pl.DataFrame = pl.DataFrame(pl.from_arrow(read_parquet(path, columns=["household_key"])))
    found = keys.filter(pl.col("household_key").str.starts_with(start)).get_column("household_key").to_list()
    if len(found) != 1:
        what = "no household" if not found else f"{len(found)} households"
        raise RunError(
            f"run {run.run_id} has {what} whose key begins so.",
            advice="Take the household's key as `doudi findings` shows it.",
        )
    return str(found[0])


def _rows_of(run: Run, table: Table, household_key: str) -> list[dict[str, Any]]:
    path = run.folder / f"{table.name}.parquet"
    rows: list[dict[str, Any]] = read_parquet(path, filters=[("household_key", "=", household_key)]).to_pylist()
    return rows


def _that_hold(rows: Iterable[dict[str, Any]], as_of: date) -> Iterable[dict[str, Any]]:
    """The rows that hold on the day; among those of one fact a known value comes last and so wins."""
    holding = [row for row in rows if row["valid_to"] is None or row["valid_to"] > as_of]
    return sorted(holding, key=lambda row: row["unknown_since"] is None)


def _value(row: Mapping[str, Any]) -> FactValue:
    return FactValue(
        value=row["value_text"] if row["value_text"] is not None else row["value_int"],
        source=row["source"],
        as_of=row["valid_from"],
        ref=f"{row['batch']}:{row['row']}",
        unknown_since=row["unknown_since"],
    )
