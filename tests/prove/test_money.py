"""Promises about money at the largest scale that two cores do in a quarter of an hour."""

import pytest
from tests.office.payments import races
from tests.office.payments.families import Office
from tests.office.payments.test_any_order import run_any_order
from tests.office.payments.test_bank_files import content

from doudi.engine.values.keys import Keyring
from doudi.office.payments.bank_file import BankFileAltered, verify_bank_file, write_bank_file

pytestmark = pytest.mark.prove


def test_p1_p2_p4_hold_in_any_order_of_steps(office: Office) -> None:
    run_any_order(office, examples=100, steps=40)


@pytest.mark.parametrize("round_number", range(40))
def test_p6_fifty_releases_at_once_never_exceed_the_appropriation(environment, keyring: Keyring, round_number) -> None:
    races.race_releases(keyring, threads=50, affordable=round_number % 12 + 1)


def test_p6_of_many_releases_of_one_run_exactly_one_wins(environment, keyring: Keyring) -> None:
    races.race_one_release(keyring, rounds=300, threads=8)


def test_p2_retries_without_answers_pay_each_month_once(environment, keyring: Keyring) -> None:
    races.race_retries(keyring, races.Retries(clients=32, times=150, families=40))


def test_p2_killed_at_random_instants_each_month_is_paid_once(environment, keyring: Keyring) -> None:
    races.kill_and_restart(keyring, environment, kills=100, seed=4199)


def test_p8_every_bit_of_every_byte_is_noticed(tmp_path) -> None:
    ring = Keyring.generate(tmp_path / "keys.json")
    file = write_bank_file(content(*range(1, 30)), ring)
    for place in range(len(file)):
        for bit in range(8):
            altered = bytearray(file)
            altered[place] ^= 1 << bit
            with pytest.raises(BankFileAltered):
                verify_bank_file(bytes(altered), ring)
