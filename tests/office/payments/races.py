"""Money under load: many people at once, answers lost, processes killed. `make prove` uses the large scales.

Everything here is committed, on a copy of the database, over connections of its own for each thread.
"""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections, transaction
from django.utils import translation
from tests.office.payments.families import AT, COUNTY, DECEMBER, Office, family, faults, references

from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.office.errors import Refused
from doudi.office.flows import pay
from doudi.office.org.actions import create_user
from doudi.office.org.models import User
from doudi.office.org.scope import entered, open_scope
from doudi.office.payments.demo_bank import answer
from doudi.office.payments.ledger import FundTooSmall
from doudi.office.payments.models import Payment, PayRun
from doudi.office.payments.queries import fund as fund_row

FIRST_MONTH = Month(2026, 1)
ROOT = Path(__file__).parents[3]


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Point Django at a committed copy for a while, in every thread."""
    default = connections["default"]
    before = default.settings_dict["NAME"]
    default.close()
    for place in (connections.settings["default"], default.settings_dict):
        place["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        for place in (connections.settings["default"], connections["default"].settings_dict):
            place["NAME"] = before


@contextmanager
def scope_of(user: User) -> Iterator[None]:
    """One committed transaction in the scope of a user, as a request is."""
    token = open_scope(user)
    with transaction.atomic(), entered(token), translation.override("en"):
        yield


def new_office(keyring: Keyring) -> Office:
    """Two people of finance and a fund, committed."""
    users = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE doudi_worker")
        for name, role in (("first", "finance"), ("second", "finance"), ("approver", "approver")):
            users[name] = create_user(
                actor=None, username=name, display_name=name, role=role, area=COUNTY, password=None
            )
    with scope_of(users["first"]):
        fund = pay.open_fund(actor=users["first"], county=COUNTY, programme="dibao", year=2026, name="资金", at=AT)
    return Office(users["first"], users["second"], users["approver"], keyring, fund)


def at_once(count: int, act: Callable[[int], object]) -> list[BaseException | None]:
    """Let `count` threads begin together; gives what each of them raised."""
    barrier, raised = threading.Barrier(count), [None] * count

    def work(number: int) -> None:
        try:
            barrier.wait(timeout=60)
            act(number)
        except Exception as error:  # noqa: BLE001 - handed to the caller, who judges each
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    return raised


@contextmanager
def watching(user: User) -> Iterator[list[str]]:
    """A reader that asks all the time whether any committed transaction does not sum to zero (promise P1)."""
    wrong: list[str] = []
    stop = threading.Event()

    def look() -> None:
        try:
            while not stop.is_set():
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT transaction_id FROM payments_posting GROUP BY transaction_id, fund_id"
                        " HAVING sum(amount_fen) <> 0"
                    )
                    wrong.extend(str(row) for row in cursor.fetchall())
                time.sleep(0.002)
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield wrong
    finally:
        stop.set()
        thread.join(timeout=30)


def race_releases(keyring: Keyring, *, threads: int, affordable: int) -> None:
    """Twelve drafts of one fund, released by many at once, when the fund was cut to what `affordable` of them need."""
    office = new_office(keyring)
    with scope_of(office.first):
        office.appropriate(12 * 50_000)
        booked = office.fund.postings.get(account="available").transaction_id
        family(office, amount_fen=50_000, start=FIRST_MONTH)
        runs = [office.prepare(FIRST_MONTH.plus(place)).pk for place in range(12)]
        pay.correct_appropriation(
            actor=office.first, transaction_id=booked, amount_fen=affordable * 50_000, document="更正", at=AT
        )

    def release(number: int) -> None:
        with scope_of(office.second):
            pay.release_run(actor=office.second, run_id=runs[number % 12], at=AT, keyring=keyring)

    with watching(office.first) as wrong:
        raised = at_once(threads, release)
    assert wrong == []
    assert sum(error is None for error in raised) == affordable
    assert all(isinstance(error, Refused) for error in raised if error)
    assert sum(isinstance(error, FundTooSmall) for error in raised) >= 12 - affordable
    with scope_of(office.first):
        row = fund_row(office.fund.pk, COUNTY)
        assert row is not None
        assert (row.available_fen, row.in_transit_fen) == (0, affordable * 50_000)
        assert PayRun.objects.filter(state="released").count() == affordable
        assert faults(office) == {}


def race_one_release(keyring: Keyring, *, rounds: int, threads: int) -> None:
    """The same draft, released by many at once: one wins, and money leaves once."""
    office = new_office(keyring)
    with scope_of(office.first):
        office.appropriate(10**9)
    for number in range(1, rounds + 1):
        with scope_of(office.first):
            family(office, amount_fen=1_000 + number)
            run = office.prepare()

        def release(_number: int, run_id: int = run.pk) -> None:
            with scope_of(office.second):
                pay.release_run(actor=office.second, run_id=run_id, at=AT, keyring=keyring)

        raised = at_once(threads, release)
        assert sum(error is None for error in raised) == 1
    with scope_of(office.first):
        assert faults(office) == {}
        assert Payment.objects.count() == rounds


@dataclass(frozen=True)
class Retries:
    """How many people repeat everything, how often, for how many families."""

    clients: int
    times: int
    families: int


def race_retries(keyring: Keyring, scale: Retries) -> None:
    """Many people do every step of the same month again and again, without ever seeing an answer (promise P2)."""
    office = new_office(keyring)
    with scope_of(office.first):
        office.appropriate(10**9)
        for _ in range(scale.families):
            family(office)

    def everything(number: int) -> None:
        someone = (office.first, office.second)[number % 2]
        chance = random.Random(number)  # noqa: S311 - only the order of retries
        for _ in range(scale.times):
            step = chance.choice((_prepare, _release, _send, _take_in))
            try:
                with scope_of(someone):
                    step(office, someone)
            except Refused:
                # Nothing but a refusal may come back, not even a deadlock that the database had to end.
                continue

    with watching(office.first) as wrong:
        raised = at_once(scale.clients, everything)
    assert wrong == []
    assert raised == [None] * scale.clients
    _finish(office, families=scale.families)


def _prepare(office: Office, actor: User) -> None:
    pay.prepare_run(actor=actor, county=COUNTY, programme="dibao", month=DECEMBER, at=AT)


def _release(office: Office, actor: User) -> None:
    for run in PayRun.objects.filter(state="draft"):
        pay.release_run(actor=actor, run_id=run.pk, at=AT, keyring=office.keyring)


def _send(office: Office, actor: User) -> None:
    for run in PayRun.objects.exclude(state__in=["draft", "discarded"]):
        content = pay.download_bank_file(actor=actor, run_id=run.pk, keyring=office.keyring)
        pay.mark_sent(actor=actor, run_id=run.pk, handed_over=content, at=AT, keyring=office.keyring)


def _take_in(office: Office, actor: User) -> None:
    """The bank answers every run with one failure in its first line, and always with the same file."""
    for run in PayRun.objects.filter(state__in=["sent", "reconciled"]):
        content = pay.download_bank_file(actor=actor, run_id=run.pk, keyring=office.keyring)
        file = answer(content, fail=references(run)[:1])
        pay.import_return_file(actor=actor, content=file, at=AT, keyring=office.keyring)


def _finish(office: Office, *, families: int) -> None:
    """Do what is still open, then look: every month paid or owed once, and the ledger sound."""
    for step, actor in (
        (_prepare, office.first),
        (_release, office.first),
        (_release, office.second),
        (_send, office.first),
        (_take_in, office.first),
    ):
        try:
            with scope_of(actor):
                step(office, actor)
        except Refused:
            continue
    with scope_of(office.first):
        states = Payment.objects.exclude(state="withdrawn").values_list("entitlement_month_id", "state")
        assert len({month for month, _ in states}) == families
        living = [month for month, state in states if state != "returned"]
        assert len(living) == len(set(living))
        row = fund_row(office.fund.pk, COUNTY)
        assert row is not None
        assert row.available_fen + row.in_transit_fen + row.paid_fen + row.returned_fen + row.suspense_fen == 10**9
        assert (row.suspense_fen, row.in_transit_fen) == (0, 0)
        assert row.paid_fen + row.returned_fen == families * 50_000
        assert faults(office) == {}


def kill_and_restart(keyring: Keyring, environment: dict[str, str], *, kills: int, seed: int) -> None:
    """A process that does all steps in a circle is killed at random instants and started again (promise P2)."""
    office = new_office(keyring)
    with scope_of(office.first):
        office.appropriate(10**9)
        for _ in range(8):
            family(office)
    chance = random.Random(seed)  # noqa: S311 - only the instants of the kills
    begin = "import sys, django; django.setup(); from tests.office.payments.worker import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", begin, office.first.username, office.second.username]
    for _ in range(kills):
        with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.25))
            process.kill()
        with scope_of(office.first):
            assert faults(office) == {}
    _finish(office, families=8)
