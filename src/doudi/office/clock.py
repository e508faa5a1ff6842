"""The office's clock: the only place below the screens that asks for the time.

Demonstrations and tests may set it by a file (`DOUDI_TEST_CLOCK`) which holds one ISO instant; from the moment the
file was written the clock runs on with real time. Production refuses the file. Log-ins, scopes and lock-outs do not
follow this clock but the database's: moving a demonstration's calendar must neither prolong nor end anybody's access.
"""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings

from doudi.engine.values.errors import DoudiError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class ClockError(DoudiError):
    """The test clock is missing, unreadable, or not allowed here."""

    code: ClassVar[str] = "DD-CLOCK-001"


def now() -> datetime:
    """The present instant, in the time of Shanghai."""
    path = _clock_file()
    if path is None:
        return datetime.now(tz=SHANGHAI)
    try:
        text, written_at = path.read_text("ascii"), path.stat().st_mtime
        instant = datetime.fromisoformat(text.strip())
    except (OSError, ValueError):
        raise ClockError(
            "the test clock's file can't be read.", advice="Write one ISO instant into it.", where=str(path)
        ) from None
    if instant.tzinfo is None:
        raise ClockError(
            "the test clock has no time zone.", advice="Write it like 2026-11-23T09:00:00+08:00.", where=str(path)
        )
    return (instant + timedelta(seconds=max(0.0, time.time() - written_at))).astimezone(SHANGHAI)


def today() -> date:
    """The present day in Shanghai."""
    return now().date()


def may_be_set() -> bool:
    """Whether this office runs on a clock that a person may move forward."""
    return settings.DOUDI_MODE != "production" and settings.DOUDI_TEST_CLOCK is not None


def move_to(instant: datetime) -> None:
    """Move the test clock forward. It never goes back, for what was recorded must stay in order."""
    path: Path | None = settings.DOUDI_TEST_CLOCK
    if path is None or not may_be_set():
        raise ClockError("this office runs on real time.", advice="Only a demonstration's clock can be moved.")
    if instant <= now():
        raise ClockError("the clock only moves forward.", advice=f"Name an instant after {now().isoformat()}.")
    write(path, instant)


def write(path: Path, instant: datetime) -> None:
    """Write a clock file in one step, so that no reader meets half of it."""
    if instant.tzinfo is None:
        raise ClockError("the test clock has no time zone.", where=str(path))
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(instant.astimezone(UTC).isoformat(), "ascii")
    fresh.replace(path)
    # A copied or restored file may carry an old time; the clock counts from now.
    os.utime(path)


def _clock_file() -> Path | None:
    path: Path | None = settings.DOUDI_TEST_CLOCK
    if path is not None and settings.DOUDI_MODE == "production":
        raise ClockError("a test clock is set in production.", advice="Unset DOUDI_TEST_CLOCK.", where=str(path))
    return path
