"""Linkage at city size: 200,000 declared people against 1,000,000 department records, under three kinds of mistakes.

The model is the one in the pack; it was trained on other people and other mistakes, and nothing is trained here.
Printed are false links among all links with the upper end of the 95 % interval, how many of the pairs of a person and a
record about him are certain, how many are certain or shown to people, and how many records wait for people. The last
line measures the hardest case for speed: 200,000 records without any number against 1,000,000 people.

Equal means: the promise P14 holds (false links at most 1 in 10,000 at the upper end, recall of certain and grey at
least 0.995, grey at most 2 %). `ours` is processor time of all threads together, which a shared machine disturbs least;
`other` is the limit of 300 s.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import polars as pl

from doudi.demo.linkage_trial import Outcome, build_trial, judge, run_trial
from doudi.demo.population import build_population
from doudi.demo.recordings import EVALUATION, TRAINING, record
from doudi.engine.linkage import Model, PersonRows, link, load_model
from doudi.engine.pack.pack import load_pack
from doudi.engine.values.keys import Keyring

POPULATION, DECLARED, RECORDS = 1_000_000, 200_000, 1_000_000
SEED = 41990
LIMIT_SECONDS = 300.0
FALSE_AT_MOST, FOUND_AT_LEAST, GREY_AT_MOST = 1e-4, 0.995, 0.02
HEADS = (
    "profile",
    "pairs",
    "links",
    "probable",
    "false",
    "false <=",
    "certain",
    "cert+grey",
    "grey",
    "wall s",
    "cpu s",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="a part of the full size, for a first look")
    share = parser.parse_args().share
    population = build_population(round(POPULATION * share), SEED)
    model = load_model(load_pack())
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as folder:
        keyring = Keyring.generate(Path(folder) / "doudi.keys")
        print("".join(f"{head:>12}" for head in HEADS))
        for name, profile in EVALUATION.items():
            trial = build_trial(population, profile, declared=round(DECLARED * share), records=round(RECORDS * share))
            wall, cpu = time.perf_counter(), time.process_time()
            linked = run_trial(trial, keyring=keyring, model=model)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            outcome = judge(trial, linked, keyring, profile=name)
            print(_line(outcome, wall, cpu))
            kept = "yes" if _holds(outcome) else "no"
            print(f"RESULT linkage_{name} ratio={LIMIT_SECONDS / cpu:.1f} ours={cpu:.1f} other=300 equal={kept}")
        wall, cpu = _without_numbers(round(POPULATION * share), round(DECLARED * share), model, keyring)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory with the invented people in it: {peak:.2f} GB")
    print(f"without any number: {wall:.1f} s by the clock, {cpu:.1f} s of processor time")
    print(f"RESULT linkage_no_numbers ratio={LIMIT_SECONDS / cpu:.1f} ours={cpu:.1f} other=300 equal=yes")


def _line(outcome: Outcome, wall: float, cpu: float) -> str:
    cells = (
        outcome.profile, f"{outcome.pairs:,}", f"{outcome.links:,}", f"{outcome.probable:,}", f"{outcome.false_links}",
        f"{outcome.false_share_at_most:.1e}", f"{outcome.certain_share:.4f}", f"{outcome.found_share:.4f}",
        f"{outcome.grey_share:.2%}", f"{wall:.1f}", f"{cpu:.1f}",
    )  # fmt: skip
    return "".join(f"{cell:>12}" for cell in cells)


def _holds(outcome: Outcome) -> bool:
    return (
        outcome.false_share_at_most <= FALSE_AT_MOST
        and outcome.found_share >= FOUND_AT_LEAST
        and outcome.grey_share <= GREY_AT_MOST
    )


def _without_numbers(size: int, count: int, model: Model, keyring: Keyring) -> tuple[float, float]:
    """Seconds by the clock and of processor time to search so many records among all people of the registry."""
    population = build_population(size, SEED + 1)
    people = population.people.with_columns(
        pl.lit("r").alias("batch"), pl.int_range(2, pl.len() + 2).alias("row"), pl.col("household").cast(pl.String)
    ).drop("twin", "person")
    rows = record(population, population.people.get_column("person").sample(count, seed=SEED), TRAINING, seed=2)
    rows = rows.with_columns(pl.lit("w").alias("batch"), pl.int_range(2, pl.len() + 2).alias("row"))
    assert rows.get_column("id_number").null_count() == rows.height
    sources = (
        PersonRows("household_registry", people.to_arrow(), ("household", "name"), 0, states_members=True),
        PersonRows("hospital_settlements", rows.drop("person").to_arrow(), ("row",), 1),
    )
    wall, cpu = time.perf_counter(), time.process_time()
    linked = link(iter(sources), keyring=keyring, model=model, run_id="2026-11-23-00000000")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert linked.links.num_rows == people.height + count
    return wall, cpu


if __name__ == "__main__":
    main()
