"""Promises about money under load, at a scale that fits; `tests/prove/test_money.py` is the same at the largest."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.office.payments import races

from doudi.engine.values.keys import Keyring


@pytest.fixture
def environment(office_copy, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """A committed database of its own, and what a subprocess needs to reach it."""
    with django_db_blocker.unblock(), races.on_database(office_copy.database):
        yield office_copy.environment


def test_p6_fifty_releases_at_once_never_exceed_the_appropriation(environment, keyring: Keyring) -> None:
    races.race_releases(keyring, threads=50, affordable=7)


def test_p6_of_many_releases_of_one_run_exactly_one_wins(environment, keyring: Keyring) -> None:
    races.race_one_release(keyring, rounds=5, threads=8)


def test_p2_retries_without_answers_pay_each_month_once(environment, keyring: Keyring) -> None:
    races.race_retries(keyring, races.Retries(clients=8, times=12, families=6))


def test_p2_killed_at_random_instants_each_month_is_paid_once(environment, keyring: Keyring) -> None:
    races.kill_and_restart(keyring, environment, kills=3, seed=4199)
