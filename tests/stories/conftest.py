"""Stories: the real server on a fresh city, and people at their desks in real browsers."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

# Test folders are no packages; the desks beside this file are found here.
sys.path.append(str(Path(__file__).parent))
from desks import Office

BIN = Path(sys.executable).parent
STARTS_AT = "2026-11-23T01:00:00+00:00"
AS_OF = "2026-11-20"
SEED = "4199"


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A county from nothing: files built, database set up, one night run and loaded, the web served on loopback."""
    state = Path(tempfile.mkdtemp(prefix="doudi-s-", dir="/tmp"))
    state.chmod(0o711)
    (state / "clock").write_text(STARTS_AT, "ascii")
    environment = os.environ | {
        "DOUDI_MODE": "demo",
        "DOUDI_STATE": str(state),
        "DOUDI_KEYS": str(state / "keys.json"),
        "DOUDI_TEST_CLOCK": str(state / "clock"),
    }
    city = str(state / "city")
    try:
        _run(environment, "doudi", "demo", "build", "--size", "small", "--out", city, "--seed", SEED)
        _run(environment, "doudi-office", "setup-demo")
        _run(environment, "doudi-office", "night", "--extracts", f"{city}/extracts", "--as-of", AS_OF)
        port = _free_port()
        command = [str(BIN / "doudi-office"), "serve", "--port", str(port), "--workers", "2"]
        web = subprocess.Popen(command, env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, web)
            yield Office(address, state, environment, json.loads((state / "demo-logins.json").read_text("utf-8")))
        finally:
            web.terminate()
            web.wait(timeout=30)
            subprocess.run([str(BIN / "doudi-office"), "stop"], env=environment, check=False, capture_output=True)
    finally:
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Where there is none the stories fail: `make system-deps` installs it."""
    # Playwright keeps an event loop in this thread: to later tests in the same process Django would seem to be in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _run(environment: dict[str, str], *command: str) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command[0]} {command[1]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, web: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        assert web.poll() is None, "the web server ended"
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own loopback address
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the web server does not answer")
