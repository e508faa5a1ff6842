"""Does the time of an answer tell a record of another township from one that is not there (promise P27)?

    python bench/foreign_or_absent.py [--samples 1000] [--permutations 2000]

A real PostgreSQL and the real web server with one worker. One township opens a case; a clerk of another asks ten routes
for it (foreign) and for one that nobody has (absent), in random order, and times each answer. Equal means: before
anything is timed, the two answers of each route have one status and, but for the id that was asked for, one body. For
each route the difference of the medians is held against a permutation test: under 2 ms, and p over 0.01.
"""

import argparse
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from doudi.engine.values.identity import check_digit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

from browserless import Browser, Page  # noqa: E402 - the scripts' folder is on the path only from here on

LIMIT_MS, LEAST_P = 2.0, 0.01
WARM_UP = 20
ABSENT = {"number": "419901-2026-987654", "household": "987654321"}
ROUTES = (
    "/cases/{number}/",
    "/cases/{number}/why/",
    "/cases/{number}/report/",
    "/cases/{number}/members/",
    "/cases/{number}/declare/",
    "/cases/{number}/answers/",
    "/letters/{number}.pdf",
    "/households/{household}/",
    "/api/v1/cases/{number}",
    "/api/v1/households/{household}",
)
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
Times = npt.NDArray[np.float64]


def log_in(base: str, login: dict[str, str], username: str) -> Browser:
    """Somebody at a desk."""
    browser = Browser(base)
    page = browser.send(browser.get("/login").form(has="username"), username=username, password=login["password"])
    assert "/login" not in page.url, username
    return browser


def open_case(browser: Browser) -> dict[str, str]:
    """A case of the first township, opened at its window: its number and its household."""
    form = browser.get("/cases/new/").form(has="id_number")
    stem = "41990119800101001"
    answers = {"name": "许明月", "id_number": stem + check_digit(stem), "area": form.choices["area"][-1][0]}
    page = browser.send(form, **answers, address="1组1号", programme="dibao", residence="rural")
    number = page.url.split("/cases/")[1].split("/")[0]
    household = browser.get(f"/cases/{number}/").link("/households/").split("/")[2]
    return {"number": number, "household": household}


def told(page: Page, path: str) -> tuple[int, bytes]:
    """What the asker learns: status and body, without the random token and the echo of the address."""
    return page.status, TOKEN.sub(b"", page.body).replace(path.encode(), b"?")


def measure(browser: Browser, route: str, own: dict[str, str], samples: int, rng: random.Random) -> tuple[Times, Times]:
    """Times of `samples` answers to the foreign and to the absent id, in milliseconds, asked in random order."""
    kinds = [True, False] * (samples + WARM_UP)
    rng.shuffle(kinds)
    times: dict[bool, list[float]] = {True: [], False: []}
    for is_foreign in kinds:
        path = route.format(**(own if is_foreign else ABSENT))
        began = time.perf_counter()
        browser.fetch(path)
        times[is_foreign].append((time.perf_counter() - began) * 1000)
    return np.array(times[True][WARM_UP:]), np.array(times[False][WARM_UP:])


def permutation_p(one: Times, other: Times, permutations: int, rng: np.random.Generator) -> float:
    """How often a random split of all times has medians as far apart as these two have."""
    seen, every = abs(np.median(one) - np.median(other)), np.concatenate([one, other])
    as_far = 0
    for _ in range(permutations):
        rng.shuffle(every)
        as_far += abs(np.median(every[: len(one)]) - np.median(every[len(one) :])) >= seen
    return float((as_far + 1) / (permutations + 1))


def run_on(base: str, state: Path, samples: int, permutations: int) -> bool:
    """Ask, time, test. True if no route gives anything away."""
    logins = json.loads((state / "demo-logins.json").read_text("utf-8"))
    own = open_case(log_in(base, logins["clerk1"], "clerk1"))
    stranger = log_in(base, logins["clerk2"], "clerk2")
    for route in ROUTES:
        paths = route.format(**own), route.format(**ABSENT)
        foreign, absent = (told(stranger.get(path), path) for path in paths)
        assert foreign == absent, route
        assert foreign[0] == 404, (route, foreign[0])
    print(f"{len(ROUTES)} routes answer foreign and absent with the same bytes")
    rng, shuffling, is_silent = random.Random(4199), np.random.default_rng(4199), True
    for route in ROUTES:
        foreign_ms, absent_ms = measure(stranger, route, own, samples, rng)
        ours, other = float(np.median(foreign_ms)), float(np.median(absent_ms))
        p = permutation_p(foreign_ms, absent_ms, permutations, shuffling)
        is_like = abs(ours - other) < LIMIT_MS and p > LEAST_P
        is_silent &= is_like
        print(
            f"RESULT foreign_or_absent:{route} ratio={other / ours:.3f} ours={ours / 1000:.6f} other={other / 1000:.6f}"
            f" equal={'yes' if is_like else 'no'} difference_ms={ours - other:+.3f} p={p:.3f} samples={samples}"
        )
    return is_silent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--permutations", type=int, default=2000)
    wishes = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="doudi-b-", dir="/tmp"))
    state.chmod(0o711)
    os.environ |= {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}
    office = str(Path(sys.executable).with_name("doudi-office"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    try:
        subprocess.run([office, "setup-demo"], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([office, "serve", "--port", str(port), "--workers", "1"], stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    Browser(base).get("/login")
                    break
                except OSError:
                    time.sleep(0.2)
            is_silent = run_on(base, state, wishes.samples, wishes.permutations)
        finally:
            server.terminate()
            server.wait(timeout=30)
    finally:
        subprocess.run([office, "stop", "--remove"], check=False, capture_output=True)
        shutil.rmtree(state, ignore_errors=True)
    sys.exit(0 if is_silent else 1)


if __name__ == "__main__":
    main()
