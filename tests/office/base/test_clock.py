"""The office's clock: real time, or a file's in demonstrations and tests."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from doudi.office import clock
from doudi.office.clock import SHANGHAI, ClockError

MORNING = datetime.fromisoformat("2026-11-23T09:00:00+08:00")


def test_without_a_file_it_is_now_in_shanghai() -> None:
    with override_settings(DOUDI_TEST_CLOCK=None):
        assert abs(clock.now() - datetime.now(tz=UTC)) < timedelta(seconds=5)
        assert clock.now().tzinfo == SHANGHAI
        assert not clock.may_be_set()


def test_the_day_changes_at_midnight_in_shanghai_not_in_london(tmp_path: Path) -> None:
    clock.write(tmp_path / "clock", datetime.fromisoformat("2026-11-23T16:30:00+00:00"))
    with override_settings(DOUDI_TEST_CLOCK=tmp_path / "clock"):
        assert clock.today() == date(2026, 11, 24)


def test_a_demonstrations_clock_runs_on_from_the_moment_it_was_set(tmp_path: Path) -> None:
    clock.write(tmp_path / "clock", MORNING)
    with override_settings(DOUDI_TEST_CLOCK=tmp_path / "clock"):
        first = clock.now()
        time.sleep(0.05)
        assert MORNING <= first < clock.now() < MORNING + timedelta(seconds=30)


def test_it_moves_forward_only(tmp_path: Path) -> None:
    clock.write(tmp_path / "clock", MORNING)
    with override_settings(DOUDI_TEST_CLOCK=tmp_path / "clock", DOUDI_MODE="demo"):
        clock.move_to(MORNING + timedelta(days=7))
        assert clock.today() == date(2026, 11, 30)
        with pytest.raises(ClockError):
            clock.move_to(MORNING)


def test_production_refuses_a_test_clock(tmp_path: Path) -> None:
    clock.write(tmp_path / "clock", MORNING)
    with override_settings(DOUDI_TEST_CLOCK=tmp_path / "clock", DOUDI_MODE="production"):
        with pytest.raises(ClockError):
            clock.now()
        with pytest.raises(ClockError):
            clock.move_to(MORNING + timedelta(days=1))


@pytest.mark.parametrize("content", ["", "soon", "2026-11-23T09:00:00", "2026-13-01T00:00:00+08:00"])
def test_an_unreadable_clock_is_an_error_with_advice_never_another_time(tmp_path: Path, content: str) -> None:
    (tmp_path / "clock").write_text(content)
    with override_settings(DOUDI_TEST_CLOCK=tmp_path / "clock"), pytest.raises(ClockError) as caught:
        clock.now()
    assert caught.value.advice


def test_a_missing_clock_file_is_an_error_too(tmp_path: Path, set_clock: Callable[[datetime], None]) -> None:
    set_clock(MORNING)
    with override_settings(DOUDI_TEST_CLOCK=tmp_path / "nothing"), pytest.raises(ClockError):
        clock.now()
