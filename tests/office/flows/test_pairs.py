"""Doubtful pairs: real nights, what two people say of them, and what the next night makes of it (promise P14)."""

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from running_office import OfficeServer
from tests.office.flows.walks import MONDAY, Office

from doudi.demo.city import build_city
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.manifest import Run, read_table
from doudi.engine.pipeline.night import run_night
from doudi.engine.pipeline.snapshot import Snapshot, first_night, read_snapshot
from doudi.engine.values.keys import Keyring
from doudi.office.audit.models import Entry
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.models import DoubtfulPair, PairDecision
from doudi.office.flows import review_pairs
from doudi.office.flows.export_snapshot import export_snapshot
from doudi.office.flows.load_night import load_night
from doudi.office.org.models import User

FIRST = date(2026, 11, 20)


@pytest.fixture(scope="module")
def first_run(office_server: OfficeServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city and the lake of its first night; what comes after works on a copy."""
    folder = tmp_path_factory.mktemp("pairs")
    build_city("small", folder / "city", 4199)
    run_on(folder, FIRST, Keyring.load(office_server.keys), first_night())
    return folder


def run_on(folder: Path, day: date, keyring: Keyring, snapshot: Snapshot) -> Run:
    return run_night(
        extracts=folder / "city" / "extracts",
        lake=folder / "lake",
        as_of=day,
        at=datetime.fromisoformat(f"{day}T23:00:00+08:00"),
        pack=load_pack(),
        keyring=keyring,
        snapshot=snapshot,
    )


class Nights:
    """Nights one after the other on the files of one small city, each bound by what the office said before."""

    def __init__(self, office: Office, first: Path, folder: Path) -> None:
        self.office, self.folder, self.count = office, folder / "nights", 0
        shutil.copytree(first, self.folder)

    def run(self) -> Run:
        """Export the snapshot, run the night, load it."""
        office, day = self.office, FIRST + timedelta(days=self.count)
        at = MONDAY + timedelta(days=self.count)
        snapshot = first_night()
        if self.count:
            with office.as_job("419901", "snapshot"):
                export_snapshot(out=self.folder / "snapshot", county="419901", actor=office.service, at=at)
            snapshot = read_snapshot(self.folder / "snapshot")
        self.count += 1
        run = run_on(self.folder, day, office.keyring, snapshot)
        with office.as_job("419901", "loading the night"):
            load_night(lake=run.lake, run_id=run.run_id, keyring=office.keyring, actor=office.service, at=at)
        return run


def certainty(run: Run, pair: DoubtfulPair) -> tuple[str, str | None]:
    """How the pair's record is linked in a night, and to whom."""
    rows = read_table(run, "links").to_pylist()
    own = (pair.source, pair.batch, pair.row)
    row = next(r for r in rows if (r["source"], r["batch"], r["row"]) == own)
    return row["certainty"], row["person_key"]


def pair_of(office: Office, pk: int) -> DoubtfulPair:
    with office.as_user(office.approver):
        return DoubtfulPair.objects.get(pk=pk)


def say(office: Office, user: User, pair: DoubtfulPair, verdict: str, reason: str = "看过身份证。") -> str:
    with office.as_user(user):
        return review_pairs.say(
            actor=user, at=MONDAY, pair_id=pair.pk, verdict=verdict, reason=reason, digest=pair.digest
        )


def confirm(office: Office, user: User, pair: DoubtfulPair) -> None:
    with office.as_user(user):
        review_pairs.confirm(actor=user, at=MONDAY, pair_id=pair.pk, reason="也看过。", digest=pair.digest)


def withdraw(office: Office, user: User, pair: DoubtfulPair) -> None:
    with office.as_user(user):
        review_pairs.withdraw(actor=user, at=MONDAY, pair_id=pair.pk, reason="看错了。")


def test_p14_what_people_say_binds_the_next_night_and_taking_it_back_unbinds_it(
    office: Office, first_run: Path, tmp_path: Path
) -> None:
    nights = Nights(office, first_run, tmp_path)
    first = nights.run()
    with office.as_user(office.approver):
        same, other, doubtful, untouched = DoubtfulPair.objects.order_by("pk")[:4]
        assert set(DoubtfulPair.objects.values_list("state", flat=True)) == {"open"}
        opened = Entry.objects.get(verb="pairs.open")
        assert (opened.purpose, opened.details["opened"]) == (
            "pairs that wait for people",
            DoubtfulPair.objects.count(),
        )
    assert certainty(first, same) == ("grey", None)
    assert say(office, office.reviewer, same, "same") == "asked"
    assert say(office, office.reviewer, other, "different") == "different"
    assert say(office, office.reviewer, doubtful, "unsure") == "unsure"

    # One person's word binds nothing.
    second = nights.run()
    assert certainty(second, same) == ("grey", None)
    parted = certainty(second, other)
    assert parted[0] == "provisional"
    assert parted[1] != other.person_key
    assert pair_of(office, same.pk).state == "asked"
    confirm(office, office.approver, pair_of(office, same.pk))

    third = nights.run()
    assert certainty(third, same) == ("decided", same.person_key)
    # Nobody is asked again: not what is decided, and not what nobody could say as long as no record changed.
    states = {pk: pair_of(office, pk).state for pk in (same.pk, other.pk, doubtful.pk, untouched.pk)}
    assert states == {same.pk: "same", other.pk: "different", doubtful.pk: "unsure", untouched.pk: "open"}

    withdraw(office, office.reviewer, pair_of(office, same.pk))
    withdraw(office, office.reviewer, pair_of(office, other.pk))
    fourth = nights.run()
    assert certainty(fourth, same) == ("grey", None)
    assert certainty(fourth, other) == ("grey", None)
    assert {pair_of(office, pk).state for pk in (same.pk, other.pk)} == {"open"}
    aliases = read_table(fourth, "aliases").to_pylist()
    assert [(a["new_key"], a["reason"]) for a in aliases if a["old_key"] == same.claim_key] == [
        (same.person_key, "decided"),
        (same.claim_key, "parted"),
    ]
    with office.as_user(office.approver):
        (word,) = PairDecision.objects.filter(pair=same)
        assert (word.decided_by, word.confirmed_by, word.withdrawn_by) == (
            office.reviewer,
            office.approver,
            office.reviewer,
        )


@pytest.fixture
def one_night(office: Office, first_run: Path, tmp_path: Path) -> Nights:
    """A city whose first night is loaded."""
    nights = Nights(office, first_run, tmp_path)
    nights.run()
    return nights


def test_p14_same_needs_two_people_a_reason_and_the_records_that_were_shown(
    office: Office, one_night: Nights, make_user: Callable[..., User]
) -> None:
    with office.as_user(office.approver):
        pair, another = DoubtfulPair.objects.order_by("pk")[:2]
    for user in (office.clerk, office.assistant):
        with pytest.raises(NotAllowed):
            say(office, user, pair, "same")
    with pytest.raises(Unacceptable, match="reason"):
        say(office, office.reviewer, pair, "same", " ")
    with pytest.raises(Unacceptable, match="one of the list"):
        say(office, office.reviewer, pair, "perhaps")
    foreign = make_user("reviewer", "419902")
    with pytest.raises(NotYours):
        say(office, foreign, pair, "same")
    with pytest.raises(Refused, match="second word"):
        confirm(office, office.approver, pair)
    say(office, office.reviewer, pair, "same")
    with pytest.raises(Refused, match="can't confirm"):
        confirm(office, office.reviewer, pair)
    with pytest.raises(Refused, match="not waiting"):
        say(office, office.approver, pair, "different")
    with office.as_user(office.approver), pytest.raises(DatabaseError, match="same_by_two"), transaction.atomic():
        PairDecision.objects.update(confirmed_by=office.reviewer, confirmed_at=MONDAY, confirm_reason="by hand")
    with office.as_user(office.approver), pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        PairDecision.objects.update(verdict="different")
    given = {"verdict": "different", "reason": "x", "digest": "x", "decided_at": MONDAY, "area": another.area}
    with (
        office.as_job("419901", "oversteps"),
        pytest.raises(DatabaseError, match="only a person"),
        transaction.atomic(),
    ):
        PairDecision.objects.create(pair=another, decided_by=office.service, **given)
    confirm(office, office.approver, pair)
    assert pair_of(office, pair.pk).state == "same"
    another.digest = "0" * 64
    with pytest.raises(Refused, match="newer records"):
        say(office, office.reviewer, another, "different")


def test_p14_words_that_would_stop_the_night_are_refused_when_they_are_said(office: Office, one_night: Nights) -> None:
    """The claim of one pair, said to be the same as a second person, and two people by a third word."""
    with office.as_user(office.approver):
        pair, other, third = DoubtfulPair.objects.order_by("pk")[:3]
    with office.as_job("419901", "a county's worth of candidates"):
        DoubtfulPair.objects.filter(pk=other.pk).update(claim_key=pair.claim_key)
        DoubtfulPair.objects.filter(pk=third.pk).update(claim_key=other.person_key, person_key=pair.person_key)
    say(office, office.reviewer, pair, "same")
    with pytest.raises(Refused, match="another person already"):
        say(office, office.reviewer, other, "same")
    withdraw(office, office.reviewer, pair)
    say(office, office.reviewer, third, "same")
    say(office, office.reviewer, pair, "same")
    with pytest.raises(Refused, match="contradicts"):
        say(office, office.reviewer, other, "different")


def test_an_unsure_pair_is_asked_again_when_a_record_has_changed_and_one_that_is_gone_waits_no_more(
    office: Office, one_night: Nights
) -> None:
    with office.as_user(office.approver):
        pair, gone = DoubtfulPair.objects.order_by("pk")[:2]
    say(office, office.reviewer, pair, "unsure")
    with office.as_job("419901", "as if the records had been others"):
        DoubtfulPair.objects.filter(pk=pair.pk).update(digest="0" * 64)
        DoubtfulPair.objects.filter(pk=gone.pk).update(claim_key="a1-" + "0" * 32)
    one_night.run()
    assert pair_of(office, pair.pk).state == "open"
    assert pair_of(office, gone.pk).state == "gone"
    # A new word takes the place of the old one, and both stay readable.
    say(office, office.approver, pair_of(office, pair.pk), "different")
    with office.as_user(office.approver):
        words = PairDecision.objects.filter(pair=pair).order_by("pk")
        assert [(word.verdict, word.withdrawn_at is None) for word in words] == [("unsure", False), ("different", True)]


def test_p30_numbers_of_a_pair_lie_encrypted_and_are_shown_masked(
    office: Office, one_night: Nights, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    set_clock(MONDAY)
    with office.as_user(office.approver):
        pair = DoubtfulPair.objects.order_by("pk")[0]
        number = next(each["known"] for each in json.loads(pair.said) if each["field"] == "id_number")
        raw = DoubtfulPair.objects.extra(select={"raw": "said"}).values_list("raw", flat=True)
        assert not any(number in text for text in raw)
        told = [f"{row.details} {row.purpose}" for row in Entry.objects.filter(verb__startswith="pair")]
        assert told
        assert not any(number in text for text in told)
    page = client_for(office.reviewer).get(f"/pairs/{pair.pk}/").content.decode()
    assert number not in page
    assert number[:4] + "*" * 10 + number[-4:] in page


def test_two_people_decide_a_pair_from_the_pages_and_go_on_to_the_next(
    office: Office, one_night: Nights, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    set_clock(MONDAY)
    first, second, clerk = client_for(office.reviewer), client_for(office.approver), client_for(office.clerk)
    assert clerk.get("/pairs/").status_code == 403
    with office.as_user(office.approver):
        pair = DoubtfulPair.objects.order_by("pk")[0]
    listed = first.get("/pairs/").content.decode()
    assert f"/pairs/{pair.pk}/" in listed
    elsewhere = next(code for code in ("419901101", "419901102", "419901201") if not pair.area.startswith(code))
    narrowed = first.get(f"/pairs/?kind={pair.kind}&town={elsewhere}").content.decode()
    assert f'href="/pairs/{pair.pk}/"' not in narrowed
    path = f"/pairs/{pair.pk}/"
    form = {"digest": pair.digest, "verdict": "same", "reason": "同一人：电话核实。"}
    assert first.post(path, {**form, "reason": ""}).status_code == 422
    reply = first.post(path, form)
    assert reply.status_code == 302
    assert reply["location"] not in (path, "/pairs/")
    assert first.post(path, form).status_code == 422
    assert first.post(f"{path}confirm/", form).status_code == 422
    assert second.post(f"{path}confirm/", form).status_code == 302
    assert f'href="{path}"' in first.get("/pairs/?state=same").content.decode()
    assert second.post(f"{path}withdraw/", {"digest": pair.digest, "reason": "两个人"}).status_code == 302
    page = first.get(path).content.decode()
    assert "同一人：电话核实。" in page
    assert "两个人" in page


def test_the_interface_decides_pairs_as_the_desk_does(
    office: Office, one_night: Nights, client_for: Callable[[User], Client], set_clock: Any
) -> None:
    set_clock(MONDAY)
    first, second = client_for(office.reviewer), client_for(office.approver)

    def post(client: Client, path: str, body: object, key: str) -> Any:
        return client.post(
            f"/api/v1/pairs/{path}", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
        )

    row = first.get("/api/v1/pairs/").json()["rows"][0]
    detail = first.get(f"/api/v1/pairs/{row['pair_id']}").json()
    word = {"verdict": "same", "reason": "一样", "digest": detail["digest"]}
    assert post(first, f"{row['pair_id']}/say", word, "pair-0001").json() == {"state": "asked"}
    assert post(first, f"{row['pair_id']}/confirm", word, "pair-0002").status_code == 409
    del word["verdict"]
    assert post(first, f"{row['pair_id']}/confirm", word, "pair-0003").status_code == 409
    assert post(second, f"{row['pair_id']}/confirm", word, "pair-0004").status_code == 204
    assert post(second, f"{row['pair_id']}/withdraw", {"reason": "不对"}, "pair-0005").status_code == 204
    assert first.get(f"/api/v1/pairs/{row['pair_id']}").json()["row"]["state"] == "open"
