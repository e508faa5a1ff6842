"""A trial of linkage with known truth: so many declared people, so many department records, one profile of mistakes.

Declared people come as the registry's rows, the records from four departments that deliver different columns. Most
records are about declared people; the others are about people whom nobody declared, among them namesakes, twins and
members of the same families, and must not be taken for a declared one.
"""

import math
from dataclasses import dataclass

import polars as pl

from doudi.demo.population import Population
from doudi.demo.recordings import WINDOW, Profile, record
from doudi.engine.linkage import Linked, Model, PersonRows, link
from doudi.engine.values.keys import Keyring

REGISTRY = "household_registry"
# What each department does not deliver.
_DEPARTMENTS = {
    "disability_cards": (),
    "hospital_settlements": ("area_code", "address"),
    "school_enrolment": ("phone",),
    "unemployment": ("address",),
}
_ABOUT_DECLARED = 0.6


@dataclass(frozen=True)
class Trial:
    """The rows of one trial: what linkage reads, and beside it who each row really is."""

    sources: tuple[PersonRows, ...]
    truth: pl.DataFrame
    """source, row, person"""
    numbers: pl.DataFrame
    """person, id_number: whose number it is"""


@dataclass(frozen=True)
class Outcome:
    """How linkage did. A pair is a declared person and a record about him; shares are of pairs, `grey` of records."""

    profile: str
    pairs: int
    links: int
    probable: int
    false_links: int
    false_probable: int
    certain_share: float
    found_share: float
    grey_share: float

    @property
    def false_share_at_most(self) -> float:
        """The upper end of the 95 % interval (Clopper-Pearson) for false links among links."""
        return upper_end(self.false_links, self.links)


def build_trial(population: Population, profile: Profile, *, declared: int, records: int) -> Trial:
    """Write down the first `declared` people as declared, and so many records of departments."""
    everyone = population.people.get_column("person").sample(fraction=1.0, shuffle=True, seed=profile.seed)
    window = record(population, everyone[:declared], WINDOW, seed=profile.seed)
    home = population.people.get_column("household").cast(pl.String)
    window = window.with_columns(home.gather(window.get_column("person")).alias("household_no"))
    known = [_source(REGISTRY, window, ("household_no", "name", "birth_date"), rank=0)]
    about_declared = round(records * _ABOUT_DECLARED / len(_DEPARTMENTS))
    about_others = records // len(_DEPARTMENTS) - about_declared
    for rank, (name, withheld) in enumerate(_DEPARTMENTS.items(), start=1):
        persons = pl.concat(
            [
                everyone[:declared].sample(about_declared, with_replacement=True, seed=profile.seed + rank),
                everyone[declared:].sample(about_others, with_replacement=True, seed=profile.seed + rank),
            ]
        ).sample(fraction=1.0, shuffle=True, seed=profile.seed + 10 * rank)
        rows = record(population, persons, profile, seed=rank).drop(withheld)
        rows = rows.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("record_no"))
        known.append(_source(name, rows, ("record_no",), rank=rank))
    truth = pl.concat([truth for _, truth in known])
    return Trial(tuple(rows for rows, _ in known), truth, population.people.select("person", "id_number"))


def judge(trial: Trial, linked: Linked, keyring: Keyring, *, profile: str) -> Outcome:
    """Hold what linkage said against the truth."""
    links = pl.DataFrame(pl.from_arrow(linked.links)).join(trial.truth, on=["source", "row"], how="inner")
    pairs = (
        pl.DataFrame(pl.from_arrow(linked.grey_pairs))
        .select("source", "row", "person_key")
        .join(trial.truth, on=["source", "row"], how="inner")
    )
    declared = links.filter(pl.col("source") == REGISTRY)
    records = links.filter(pl.col("source") != REGISTRY)
    owners = _owners(trial, links, keyring)
    made = records.filter(pl.col("certainty").is_in(["certain", "probable"])).join(owners, on="person_key", how="inner")
    wrong = made.filter(pl.col("person") != pl.col("owner"))
    # The keys under which a declared person may be known: his own, and those beside which his row waits.
    keys = pl.concat(
        [
            declared.drop_nulls("person_key").select("person", "person_key", pl.lit(True).alias("is_sure")),
            pairs.filter(pl.col("source") == REGISTRY).select("person", "person_key", pl.lit(False).alias("is_sure")),
        ]
    ).unique(["person", "person_key"])
    said = pl.concat(
        [
            records.drop_nulls("person_key").select(
                "source", "row", "person", "person_key", pl.lit(True).alias("is_link")
            ),
            pairs.filter(pl.col("source") != REGISTRY).select(
                "source", "row", "person", "person_key", pl.lit(False).alias("is_link")
            ),
        ]
    )
    of_declared = records.join(declared.select("person").unique(), on="person", how="semi")
    hits = said.join(keys, on=["person", "person_key"], how="inner")
    certain = hits.filter(pl.col("is_link") & pl.col("is_sure")).select("source", "row").unique()
    found = hits.select("source", "row").unique()
    linked_to_declared = made.join(declared.drop_nulls("person_key").select("person_key").unique(), on="person_key")
    return Outcome(
        profile=profile,
        pairs=of_declared.height,
        links=linked_to_declared.height,
        probable=made.filter(pl.col("certainty") == "probable").height,
        false_links=wrong.height,
        false_probable=wrong.filter(pl.col("certainty") == "probable").height,
        certain_share=certain.height / of_declared.height,
        found_share=found.height / of_declared.height,
        grey_share=records.filter(pl.col("certainty") == "grey").height / records.height,
    )


def run_trial(trial: Trial, *, keyring: Keyring, model: Model) -> Linked:
    """Link a trial's rows as the night would."""
    return link(iter(trial.sources), keyring=keyring, model=model, run_id="2026-11-23-00000000")


def upper_end(errors: int, trials: int, confidence: float = 0.95) -> float:
    """The upper end of the two-sided Clopper-Pearson interval: the share at which so few errors would be a surprise."""
    tail = (1 - confidence) / 2
    low, high = errors / trials, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(errors, trials, middle) > tail else (low, middle)
    return high


def _at_most(errors: int, trials: int, share: float) -> float:
    """The chance of at most so many errors."""
    if share >= 1.0:
        return 1.0 if errors >= trials else 0.0
    logs = (
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * math.log(share) + (trials - k) * math.log1p(-share)
        for k in range(errors + 1)
    )  # fmt: skip
    return sum(math.exp(log) for log in logs)


def _owners(trial: Trial, links: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    """Whose key it is: the number's bearer if a row about him has it, else whoever its first row speaks of.

    The registry's rows come before the departments'. A link is false when it puts a row under the key of another one.
    """
    numbers = trial.numbers.join(links.select("person").unique(), on="person", how="semi")
    own_keys = keyring.pseudonyms("person", numbers.get_column("id_number"))
    bearers = pl.DataFrame({"person_key": own_keys, "owner": numbers.get_column("person")})
    rows = links.drop_nulls("person_key").join(bearers, on="person_key", how="left")
    first = rows.sort((pl.col("person") != pl.col("owner")).fill_null(False), pl.col("source") != REGISTRY, "row")
    firsts = first.unique("person_key", keep="first", maintain_order=True)
    return firsts.select("person_key", pl.col("person").alias("owner"))


def _source(name: str, rows: pl.DataFrame, own_key: tuple[str, ...], *, rank: int) -> tuple[PersonRows, pl.DataFrame]:
    placed = rows.with_columns(pl.lit(f"{name}-1").alias("batch"), pl.int_range(2, pl.len() + 2).alias("row"))
    truth = placed.select(pl.lit(name).alias("source"), "row", "person")
    return PersonRows(name, placed.drop("person").to_arrow(), own_key, rank, states_members=name == REGISTRY), truth
