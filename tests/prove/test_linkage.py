"""The whole trial of linkage (P14): 200,000 declared people, 1,000,000 records, three kinds of mistakes."""

import pytest

from doudi.demo.linkage_trial import build_trial, judge, run_trial
from doudi.demo.population import Population, build_population
from doudi.demo.recordings import EVALUATION
from doudi.engine.linkage import load_model
from doudi.engine.pack.pack import load_pack
from doudi.engine.values.keys import Keyring

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def population() -> Population:
    return build_population(1_000_000, seed=31_337)


@pytest.mark.parametrize("profile", EVALUATION)
def test_p14_false_links_are_at_most_one_in_ten_thousand(
    profile: str, population: Population, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keyring = Keyring.generate(tmp_path_factory.mktemp("keys") / "doudi.keys")
    trial = build_trial(population, EVALUATION[profile], declared=200_000, records=1_000_000)
    linked = run_trial(trial, keyring=keyring, model=load_model(load_pack()))
    outcome = judge(trial, linked, keyring, profile=profile)
    assert outcome.false_share_at_most <= 1e-4
    assert outcome.found_share >= 0.995
    assert outcome.grey_share <= 0.02
