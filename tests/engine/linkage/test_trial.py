"""A small trial with known truth under mistakes that the model was not trained on; `tests/prove` has the whole one."""

from dataclasses import replace

import polars as pl
import pytest
from tests.engine.linkage.invented_rows import model

from doudi.demo.linkage_trial import build_trial, judge, run_trial, upper_end
from doudi.demo.population import Population, build_population
from doudi.demo.recordings import EVALUATION, TRAINING
from doudi.engine.values.keys import Keyring


@pytest.fixture(scope="module")
def population() -> Population:
    return build_population(20_000, seed=77)


@pytest.mark.parametrize("profile", EVALUATION)
def test_p14_hardly_anyone_is_taken_for_another_and_hardly_anyone_is_missed(
    keyring: Keyring, population: Population, profile: str
) -> None:
    """Too few rows to show 1 in 10,000, with planted namesakes of one birth date: the whole trial shows that."""
    trial = build_trial(population, EVALUATION[profile], declared=4_000, records=20_000)
    outcome = judge(trial, run_trial(trial, keyring=keyring, model=model()), keyring, profile=profile)
    assert outcome.pairs == 12_000
    assert outcome.false_share_at_most <= 1e-3
    assert outcome.probable > 300, "the trial would say nothing of rows without a number"
    assert outcome.found_share >= 0.995
    assert outcome.grey_share <= 0.035, "among few people a name is known less well, so more pairs are shown to people"


def test_the_model_was_not_trained_on_what_judges_it() -> None:
    assert TRAINING.name not in EVALUATION
    assert len({profile.seed for profile in (TRAINING, *EVALUATION.values())}) == 1 + len(EVALUATION)


@pytest.mark.parametrize(("errors", "trials", "upper"), [(0, 100, 0.03622), (1, 100, 0.05446), (5, 1000, 0.01163)])
def test_the_interval_is_clopper_pearsons(errors: int, trials: int, upper: float) -> None:
    assert upper_end(errors, trials) == pytest.approx(upper, abs=1e-4)


def test_the_judge_sees_false_links(keyring: Keyring, population: Population) -> None:
    """The trial can fail: told that a department's rows are about other people, it counts every link of theirs."""
    trial = build_trial(population, EVALUATION["typist"], declared=500, records=2_000)
    is_moved = pl.col("source") == "unemployment"
    told = trial.truth.with_columns(pl.when(is_moved).then(pl.col("person") + 1).otherwise("person").alias("person"))
    told = told.filter(pl.col("person") < population.people.height)
    linked = run_trial(trial, keyring=keyring, model=model())
    outcome = judge(replace(trial, truth=told), linked, keyring, profile="told wrong")
    assert outcome.false_links > 200
    assert outcome.false_share_at_most > 0.1
