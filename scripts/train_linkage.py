"""Train the stored linkage model on invented people: `python scripts/train_linkage.py --on 2026-11-24`.

Writes `src/doudi/packs/cn/linkage/model.yaml`. How often a grade of agreement is found between two rows of one person
is learnt from labelled pairs, how often between two people from random pairs, both by Splink. The mistakes are those of
the profile `training`; the profiles by which `bench/linkage.py` judges the model play no part here.

The bands are set by hand, by what a weight means: with one pair in so many being of one person, a weight of w bits says
that 2^w to 1 speaks for one person.
"""

import argparse
import logging
from datetime import date
from pathlib import Path

import polars as pl
from splink import DuckDBAPI, Linker

from doudi.demo.population import build_population
from doudi.demo.recordings import TRAINING, record
from doudi.engine.linkage.comparisons import FIELDS, MISSING
from doudi.engine.linkage.model import MODEL, read_names, splink_settings
from doudi.engine.linkage.scoring import as_people, compared_columns, connection
from doudi.engine.pack.pack import load_pack

PEOPLE, ROWS = 150_000, 100_000
RANDOM_PAIRS = 30_000_000
SEED = 20261124
ONE_IN = 1_000_000
CERTAIN_FROM, GREY_FROM, LEAD = 1330, 300, 800
_PER = 1_000_000_000
_LEAST = 1e-7
PLACE = Path(__file__).resolve().parents[1] / "src" / "doudi" / "packs" / "cn" / MODEL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", type=date.fromisoformat, required=True, help="the day of the training, for the record")
    on = parser.parse_args().on
    population = build_population(PEOPLE, SEED)
    persons = pl.Series(range(0, ROWS))
    people, rows = as_people(population.people[persons]), as_people(record(population, persons, TRAINING, seed=1))
    chances = _merged(_of_one_person(people, rows), _of_two_people(rows))
    PLACE.write_text(_page(on, chances), "utf-8")
    print(f"written: {PLACE}")


Chances = dict[tuple[str, str], float]


def _of_one_person(people: pl.DataFrame, rows: pl.DataFrame) -> Chances:
    """Learnt from rows whose person is known."""
    both = pl.concat([rows, people.with_columns(pl.col("compared_id") + ROWS)])
    labels = rows.select(
        pl.lit("compared").alias("source_dataset_l"),
        pl.col("compared_id").alias("compared_id_l"),
        pl.lit("compared").alias("source_dataset_r"),
        (pl.col("compared_id") + ROWS).alias("compared_id_r"),
    )
    with connection() as database:
        api = DuckDBAPI(connection=database)
        linker = _linker(api, both)
        linker.training.estimate_m_from_pairwise_labels(api.register(labels.to_arrow(), table_name="labels"))
        return _learnt(linker, "m_probability")


def _of_two_people(rows: pl.DataFrame) -> Chances:
    """Learnt from random pairs of rows; no person has two of them."""
    with connection() as database:
        linker = _linker(DuckDBAPI(connection=database), rows)
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
        return _learnt(linker, "u_probability")


def _linker(api: DuckDBAPI, people: pl.DataFrame) -> Linker:
    names = read_names(load_pack())
    table = compared_columns(people, names).with_columns(pl.lit(None, dtype=pl.Float64).alias("tf_spelling"))
    known = api.register(table.to_arrow(), table_name="compared")
    return Linker(known, splink_settings(one_in=ONE_IN), log_level=logging.ERROR, validate_settings=False)


def _learnt(linker: Linker, kind: str) -> Chances:
    learnt = linker.misc.save_model_to_json()
    return {
        (comparison["output_column_name"], level["label_for_charts"]): level.get(kind) or _LEAST
        for comparison in learnt["comparisons"]
        for level in comparison["comparison_levels"]
        if level["label_for_charts"] != MISSING
    }


def _merged(one_person: Chances, two_people: Chances) -> dict[tuple[str, str], tuple[int, int]]:
    return {grade: (_parts(one_person[grade]), _parts(two_people[grade])) for grade in one_person}


def _parts(chance: float) -> int:
    return round(max(chance, _LEAST) * _PER)


def _page(on: date, chances: dict[tuple[str, str], tuple[int, int]]) -> str:
    lines = [
        "# 比对模型: how much each grade of agreement says. Written by scripts/train_linkage.py; no night trains it.",
        "# Chances in parts per thousand million: how often the grade is found between two rows of one person, and",
        "# of two people. Bands in hundredths of a bit. What the grades mean: engine/linkage/comparisons.py.",
        "origin:",
        f"  trained_on: {on.isoformat()}",
        f"  data: invented people, {ROWS} rows of profile training, {RANDOM_PAIRS} random pairs, seed {SEED}",
        f"  command: python scripts/train_linkage.py --on {on.isoformat()}",
        f"one_in: {ONE_IN}",
        f"bands: {{certain_from: {CERTAIN_FROM}, grey_from: {GREY_FROM}, lead: {LEAD}}}",
        "grades:",
    ]
    for field in FIELDS:
        lines.append(f"  {field.name}:")
        for level in field.levels:
            one, two = chances[field.name, level.name]
            lines.append(f"    {level.name}: {{one_person: {one}, two_people: {two}}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
