"""The search box and the pages of a case on a registry of a whole city, with fifty people at their desks.

    python bench/registry.py [--people 1570000] [--users 50] [--seconds 60] [--state /tmp/doudi-city]

Fills a real PostgreSQL with invented people of a city (names, encrypted numbers, households, search tokens), serves the
office with two workers, and lets township, county and city people search, open households and open a case, each with a
pause as of somebody who reads. Equal means: before anything is timed, sampled people are found by each way of typing
that leads to them, under each person's scope, and a person of another township is not.
The limit: 150 ms for the search box, 200 ms for the page of a case, 95th percentile, from the request to the last byte
of the answer. Beside the times stand processor milliseconds for each answer, of web and database together: on a machine
that others use too they are the figure that can be repeated. Filling takes long; with `--state` the filled register is
kept in that folder and used again, and `--seconds 0` only fills it.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from measure.processor import load, processor_seconds
from psycopg import sql
from pypinyin import Style, lazy_pinyin

from doudi.demo.names import given_name, surname
from doudi.engine.values.identity import check_digit
from doudi.engine.values.keys import Keyring
from doudi.office.crypto import encrypt
from doudi.office.postgres import EmbeddedPostgres
from doudi.office.registry.terms import id_index, id_tail_index
from doudi.office.registry.tokens import person_tokens

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

from browserless import Browser, Page, read  # noqa: E402 - the scripts' folder is on the path only from here on

CITY, COUNTY = "4199", "419901"
TOWNSHIPS = ("419901101", "419901102", "419901201")
COUNTIES, TOWNSHIPS_EACH, VILLAGES_EACH = 8, 10, 20
PAUSE_S = 3.0
LIMITS_MS = {"search": 150, "household": 200, "case": 200}
PER_CHUNK = 20_000


def villages() -> list[str]:
    """The invented divisions of the city; the demonstration's own townships are among them."""
    found = []
    for county in range(1, COUNTIES + 1):
        names = list(TOWNSHIPS) if county == 1 else []
        names += [f"{CITY}{county:02d}{300 + place}" for place in range(TOWNSHIPS_EACH - len(names))]
        found += [f"{township}{village:03d}" for township in names for village in range(1, VILLAGES_EACH + 1)]
    return found


def people_of(chunk: int, count: int) -> Iterator[tuple[int, str, str, str, str, int, str]]:
    """Number, name, identity number, sex, telephone, household and village of invented people, always the same."""

    rng, places = random.Random(chunk), villages()
    for place in range(count):
        number = chunk * PER_CHUNK + place + 1
        household = (number - 1) // 3 + 1
        village = places[household % len(places)]
        sex = "1" if rng.random() < 0.5 else "2"
        # Numbered through: 499 sequences of a sex on each of 28 days of 12 months, then the next year.
        day, sequence = divmod(number, 499)
        year = 1940 + 5 * (day // (28 * 12))
        stem = f"{COUNTY}{year}{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}{sequence * 2 + (sex == '1'):03d}"
        yield (
            number,
            surname(rng) + given_name(rng, "1" if sex == "1" else "2", year),
            stem + check_digit(stem),
            sex,
            f"139{number:08d}" if rng.random() < 0.6 else "",
            household,
            village,
        )


def fill_chunk(work: tuple[str, int, int]) -> None:
    """Copy one chunk of people with everything under which they are found."""

    state, chunk, count = work
    ring = Keyring.load(Path(state) / "keys.json")
    rows = list(people_of(chunk, count))
    with EmbeddedPostgres(Path(state)).connect("admin", "doudi") as admin:
        admin.autocommit = False
        with admin.cursor() as cursor:
            columns = "id, key, name, id_number, id_index, id_tail_index, birth_date, sex, phone, status, area"
            with cursor.copy(f"COPY registry_person ({columns}) FROM STDIN") as copy:
                for number, name, id_number, sex, phone, _, village in rows:
                    born = f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}"
                    copy.write_row(
                        (
                            number,
                            f"b-{number}",
                            name,
                            encrypt(ring, id_number, "registry_person.id_number"),
                            id_index(ring, id_number),
                            id_tail_index(ring, id_number),
                            born,
                            sex,
                            encrypt(ring, phone, "registry_person.phone") if phone else "",
                            "met",
                            village,
                        )
                    )
            households = {row[5]: row[6] for row in rows if (row[0] - 1) % 3 == 0}
            with cursor.copy(
                "COPY registry_household (id, key, number, address, residence, basis, area) FROM STDIN"
            ) as copy:
                for household, village in households.items():
                    address = encrypt(ring, f"{household % 9}组{household % 120}号", "registry_household.address")
                    number = f"H{village[:6]}-{household:07d}"
                    copy.write_row((household, f"bh-{household}", number, address, "rural", "office", village))
            with cursor.copy("COPY registry_search_token (token, area, person_id) FROM STDIN") as copy:
                for number, name, id_number, _, phone, household, village in rows:
                    door = f"{household % 9}组{household % 120}号"
                    for token in person_tokens(ring, name=name, id_number=id_number, phone=phone, door=door):
                        copy.write_row((token, village, number))
        admin.commit()


def fill(state: Path, people: int) -> None:
    """Everybody, two chunks at a time; the one index of the search is made afterwards."""

    server = EmbeddedPostgres(state)
    began = time.perf_counter()
    with server.running(), server.connect("admin", "doudi") as admin:
        admin.autocommit = True
        admin.execute("SET maintenance_work_mem = '512MB'")
        admin.execute("ALTER TABLE registry_search_token DROP CONSTRAINT registry_search_token_pkey")
        for code in sorted({village[:digits] for village in villages() for digits in (4, 6, 9, 12)}):
            kind = {4: "city", 6: "county", 9: "township", 12: "village"}[len(code)]
            admin.execute(
                "INSERT INTO org_area (code, name, kind) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (code, f"{kind} {code[-3:]}", kind),
            )
        chunks = [
            (str(state), chunk, min(PER_CHUNK, people - chunk * PER_CHUNK)) for chunk in range(-(-people // PER_CHUNK))
        ]
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            for done, _ in enumerate(pool.imap_unordered(fill_chunk, chunks), 1):
                print(f"\r{done * PER_CHUNK:,} people", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        admin.execute(
            "ALTER TABLE registry_search_token ADD CONSTRAINT registry_search_token_pkey"
            " PRIMARY KEY (token, area, person_id)"
        )
        admin.execute(
            "INSERT INTO registry_membership (household_id, person_id, relation, from_date, end_reason, area)"
            " SELECT (p.id - 1) / 3 + 1, p.id, CASE (p.id - 1) % 3 WHEN 0 THEN '02' WHEN 1 THEN '10' ELSE '20' END,"
            " DATE '2020-01-01', '', p.area FROM registry_person p"
        )
        for table in ("person", "household", "membership"):
            name = f"registry_{table}"
            question = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}")
            admin.execute(question.format(sql.Literal(name), sql.Identifier(name)))
        admin.execute("VACUUM ANALYZE")
        (size,) = admin.execute("SELECT pg_size_pretty(pg_total_relation_size('registry_search_token'))").fetchone()
        (tokens,) = admin.execute("SELECT count(*) FROM registry_search_token").fetchone()
    print(f"filled {people:,} people, {tokens:,} tokens ({size}) in {time.perf_counter() - began:.0f} s")


def ways_to_type(name: str, id_number: str, rng: random.Random) -> str:
    """One of the ways in which a clerk looks for somebody."""

    spoken = lazy_pinyin(name, style=Style.NORMAL)
    return rng.choice(
        [name, name, name[:2], name[0], "".join(spoken), "".join(part[0] for part in spoken), id_number, id_number[-4:]]
    )


class Desk(threading.Thread):
    """Somebody at a desk: searches, opens what was found, reads, goes on."""

    def __init__(self, base: str, login: tuple[str, str], area: str, case: str, seconds: float, people: int) -> None:
        super().__init__(daemon=True)
        self.browser, self.area, self.case, self.seconds, self.people = Browser(base), area, case, seconds, people
        page = self.browser.get("/login")
        page = self.browser.send(page.form(has="username"), username=login[0], password=login[1])
        assert "/login" not in page.url, login[0]
        self.times: dict[str, list[float]] = {kind: [] for kind in LIMITS_MS}
        self.failure = ""
        self.rng = random.Random(login[0] + area + str(id(self)))

    def run(self) -> None:
        try:
            self._work()
        except (AssertionError, OSError) as error:
            self.failure = repr(error)

    def _work(self) -> None:
        until = time.monotonic() + self.seconds
        time.sleep(self.rng.random() * PAUSE_S)
        while time.monotonic() < until:
            chunk = self.rng.randrange(max(1, self.people // PER_CHUNK))
            *_, sample = people_of(chunk, self.rng.randrange(1, 40))
            typed = ways_to_type(sample[1], sample[2], self.rng)
            page = self.timed("search", "/search/?" + urllib.parse.urlencode({"q": typed}))
            homes = [href for href, _ in page.links if href.startswith("/households/")]
            if homes and self.rng.random() < 0.5:
                self.pause()
                self.timed("household", self.rng.choice(homes))
            if self.case and self.rng.random() < 0.5:
                self.pause()
                self.timed("case", f"/cases/{self.case}/")
            self.pause()

    def pause(self) -> None:
        time.sleep(self.rng.expovariate(1 / PAUSE_S))

    def timed(self, kind: str, path: str) -> Page:
        began = time.perf_counter()
        page = self.browser.fetch(path)
        self.times[kind].append((time.perf_counter() - began) * 1000)
        assert page.status == 200, (page.status, path)
        return read(page)


def prove_equal(base: str, people: int, logins: dict[str, tuple[str, str]]) -> None:
    """Sampled people are found by each way of typing in the areas that hold them, and nowhere else."""
    browsers = {}
    for area, login in logins.items():
        browsers[area] = Browser(base)
        form = browsers[area].get("/login").form(has="username")
        browsers[area].send(form, username=login[0], password=login[1])
    checked = 0
    for chunk in range(0, max(1, people // PER_CHUNK), max(1, people // PER_CHUNK // 5)):
        _, name, id_number, _, _, household, village = next(people_of(chunk, 1))
        for area, browser in browsers.items():
            page = browser.get("/search/?" + urllib.parse.urlencode({"q": id_number}))
            is_found = any(href == f"/households/{household}/" for href, _ in page.links)
            assert is_found == village.startswith(area), (area, village)
            assert (name in page.text) == is_found
            checked += 1
    print(f"{checked} searches found exactly whom they may")


def open_case(base: str, login: tuple[str, str], people: int) -> str:
    """Open a case at the window of the township for one of its people. Returns its number."""
    for chunk in range(max(1, people // PER_CHUNK)):
        for _, name, id_number, _, _, _, village in people_of(chunk, PER_CHUNK):
            if village.startswith(TOWNSHIPS[0]) and int(id_number[6:10]) < 2000:
                browser = Browser(base)
                browser.send(browser.get("/login").form(has="username"), username=login[0], password=login[1])
                form = browser.get("/cases/new/").form(has="id_number")
                answers = {"name": name, "id_number": id_number, "area": form.choices["area"][-1][0]}
                answers |= {"address": "1组1号", "programme": "dibao", "residence": "rural"}
                page = browser.send(form, **answers)
                if "/cases/new/" in page.url:  # who might be meant was shown: somebody has looked and goes on
                    page = browser.send(page.form(has="id_number"), **answers, has_looked="on")
                if "/cases/new/" in page.url:  # in a register that is used again the family's case is open already
                    return re.findall(r"\d{6}-\d{4}-\d{6}", page.text)[0]
                return page.url.split("/cases/")[1].split("/")[0]
    raise AssertionError("nobody of age lives in the township")


def percentile(times: list[float], share: float) -> float:
    """The value below which this share of the times lies, in milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_570_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--state", type=Path, help="keep the filled register here, or use the one that is here")
    wishes = parser.parse_args()
    state = (wishes.state or Path(tempfile.mkdtemp(prefix="doudi-b-", dir="/tmp"))).absolute()
    state.mkdir(exist_ok=True)
    state.chmod(0o711)
    os.environ |= {"DOUDI_MODE": "demo", "DOUDI_STATE": str(state), "DOUDI_KEYS": str(state / "keys.json")}
    office = str(Path(sys.executable).with_name("doudi-office"))
    try:
        people = filled(state, office, wishes.people)
        if wishes.seconds:
            run_on(state, office, wishes.users, wishes.seconds, people)
    finally:
        if wishes.state is None:
            subprocess.run([office, "stop", "--remove"], check=False, capture_output=True)
            shutil.rmtree(state)


def filled(state: Path, office: str, people: int) -> int:
    """Fill the register unless that was done before. Returns how many people it holds."""
    mark = state / "filled.json"
    if mark.exists():
        return int(json.loads(mark.read_text("utf-8")))
    subprocess.run([office, "setup-demo"], check=True, stdout=subprocess.DEVNULL)
    fill(state, people)
    add_city_user()
    mark.write_text(json.dumps(people), "utf-8")
    return people


def add_city_user() -> None:
    """The demonstration has nobody who sees the whole city."""
    add = (
        "import django; django.setup()\n"
        "from doudi.office.console.database import database_running\n"
        "from doudi.office.org.actions import create_user\n"
        "from doudi.office.org.scope import job_scope\n"
        "with database_running(), job_scope('4199', 'benchmark'):\n"
        "    create_user(actor=None, username='city1', display_name='市级', role='reviewer', area='4199',"
        " password='a-long-invented-password')\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "doudi.office.settings", "DOUDI_DB_ROLE": "worker"}
    subprocess.run([sys.executable, "-c", add], check=True, env=environment)


def run_on(state: Path, office: str, users: int, seconds: float, people: int) -> None:
    """Serve the filled register, let people work, and tell how long they waited."""
    known = json.loads((state / "demo-logins.json").read_text("utf-8"))
    logins = {
        TOWNSHIPS[0]: ("clerk1", known["clerk1"]["password"]),
        COUNTY: ("reviewer1", known["reviewer1"]["password"]),
        CITY: ("city1", "a-long-invented-password"),
    }
    port = 8971
    server = subprocess.Popen([office, "serve", "--port", str(port), "--workers", "3"])
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                Browser(base).get("/login")
                break
            except OSError:
                time.sleep(0.2)
        prove_equal(base, people, logins)
        shares = ((TOWNSHIPS[0], 0.6), (COUNTY, 0.3), (CITY, 0.1))
        case = open_case(base, logins[TOWNSHIPS[0]], people)
        desks = [
            Desk(base, logins[area], area, case, seconds, people)
            for area, share in shares
            for _ in range(max(1, round(users * share)))
        ]
        roots = server.pid, int((EmbeddedPostgres(state).data / "postmaster.pid").read_text("utf-8").split()[0])
        used, before = processor_seconds(*roots), load()
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        used = processor_seconds(*roots) - used
        failures = [desk.failure for desk in desks if desk.failure]
        assert not failures, failures
        answers = sum(len(times) for desk in desks for times in desk.times.values())
        each = used / answers * 1000
        print(f"{before} before, {load()} after; {each:.0f} ms of processor for each of {answers} answers")
        for area, _ in shares:
            for kind in LIMITS_MS:
                times = [t for desk in desks if desk.area == area for t in desk.times[kind]]
                if times:
                    print(
                        f"{kind:<10}{len(area) * '·':<12} n={len(times):<6} median={percentile(times, 0.5):.0f} ms"
                        f"  p95={percentile(times, 0.95):.0f} ms  max={max(times):.0f} ms"
                    )
        for kind, limit in LIMITS_MS.items():
            times = [t for desk in desks for t in desk.times[kind]]
            if times:
                ours = percentile(times, 0.95) / 1000
                print(
                    f"RESULT registry-{kind} ratio={limit / 1000 / ours:.2f} ours={ours:.3f} other={limit / 1000:.3f}"
                    " equal=yes"
                )
    finally:
        server.terminate()
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
