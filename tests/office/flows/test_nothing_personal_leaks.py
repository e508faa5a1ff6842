"""Refusals, logs and the audit never repeat what was typed about a person (promises P29, P30)."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.office.flows.lakes import FATHER, MOTHER, SON, id_number
from tests.office.flows.test_apply import at_window
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.errors import Refused
from doudi.office.flows import apply, pay, verify
from doudi.office.flows.verify import Relative
from doudi.office.org.models import User
from doudi.office.registry.models import Household

PLANTED_ID = id_number("19810101", 77)
PLANTED_NAME = "欧阳种植"
PLANTED_PHONE = "13987654321"
PLANTED_ACCOUNT = "6217123412341234999"
PLANTED_WORDS = f"{PLANTED_NAME} {PLANTED_ID} {PLANTED_PHONE} {PLANTED_ACCOUNT}"
KNOWN = (FATHER, MOTHER, SON)


def secrets() -> list[str]:
    planted = [PLANTED_ID, PLANTED_ID[:-1], PLANTED_NAME, PLANTED_PHONE, PLANTED_ACCOUNT]
    return planted + [text for each in KNOWN for text in (each.name, each.id_number)]


def test_p30_no_refusal_log_or_audit_entry_repeats_what_was_typed(
    office: Office, make_user: Callable[..., User], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.load()
    office.open(office.record_visit(reason=PLANTED_WORDS).visit_id)
    finance = make_user("finance", "419901")
    with office.as_user(office.reviewer):
        members = office.person_ids()
    wrong_digit = PLANTED_ID[:-1] + ("0" if PLANTED_ID[-1] != "0" else "1")
    person = {"name": PLANTED_NAME, "phone": PLANTED_PHONE}
    account = {"holder_id": members[0], "bank_name": "银行"}
    with office.as_user(office.clerk):
        household = Household.objects.get(key=office.family)
        office.do(apply.add_member, **person, id_number=PLANTED_ID, relation="99")
        office.do(apply.set_payee_account, **account, account_number=PLANTED_ACCOUNT)
        office.do(apply.end_membership, person_id=office.person_ids()[3], reason=PLANTED_WORDS)
    tries: list[Callable[[], object]] = [
        lambda: at_window(office, **person, id_number=wrong_digit),
        lambda: at_window(office, **person, id_number=PLANTED_ID + "9"),
        lambda: at_window(office, **person | {"name": PLANTED_NAME + "\u202e"}, id_number=PLANTED_ID),
        lambda: at_window(office, **person, id_number=FATHER.id_number),
        lambda: at_window(office, **person, id_number=PLANTED_ID, programme=PLANTED_WORDS),
        lambda: at_window(office, **person, id_number=PLANTED_ID, residence=PLANTED_WORDS),
        lambda: at_window(office, **person, id_number=PLANTED_ID, area=PLANTED_ID[:12]),
        lambda: at_window(office, actor=office.stranger, area="419901102001", **person, id_number=PLANTED_ID),
        lambda: office.do(apply.add_member, **person, id_number=wrong_digit, relation="99"),
        lambda: office.do(apply.add_member, **person, id_number=SON.id_number, relation="99"),
        lambda: office.do(apply.add_member, **person, id_number=PLANTED_ID, relation=PLANTED_WORDS),
        lambda: office.do(apply.set_payee_account, **account, account_number=PLANTED_ACCOUNT + "x"),
        lambda: office.do(apply.set_payee_account, **account | {"bank_name": " "}, account_number=PLANTED_ACCOUNT),
        lambda: office.do(apply.end_membership, person_id=members[1], reason=PLANTED_WORDS),
        lambda: office.do(
            verify.declare_near_relatives, relatives=[Relative(-1, PLANTED_WORDS, official_name=PLANTED_NAME)]
        ),
        lambda: pay.propose_account(
            actor=finance,
            household_id=household.pk,
            holder_id=members[0],
            bank_name="银行",
            number=PLANTED_ACCOUNT + "x",
            reason=PLANTED_WORDS,
            at=MONDAY,
            keyring=office.keyring,
        ),
    ]
    told = []
    for attempt in tries:
        with office.as_user(office.reviewer), pytest.raises(Refused) as refusal:
            attempt()
        told.append(f"{refusal.value} {refusal.value.message} {refusal.value.advice} {refusal.value.where}")
    with office.as_user(office.approver):
        audit = [f"{row.verb} {row.purpose} {row.details} {row.object_id}" for row in Entry.objects.all()]
    assert len(audit) > 20
    # What the database is told is not logged either; only statements with parameters apart would be.
    logged = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    for secret in secrets():
        for place, texts in (("refusal", told), ("audit", audit), ("log", logged)):
            assert [text for text in texts if secret in text] == [], place


def test_p30_a_page_that_refuses_names_no_secret_in_the_log(
    office: Office, client_for: Callable[[User], Client], set_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = client_for(office.clerk)
    for path in ("/cases/new/", f"/cases/{PLANTED_ID}/", f"/cases/?q={PLANTED_ID}", f"/findings/?q={PLANTED_NAME}"):
        client.get(path)
        client.post(path, {"name": PLANTED_NAME, "id_number": PLANTED_ID, "phone": PLANTED_PHONE})
    queries = [line for line in caplog.messages if "?q=" in line or PLANTED_NAME in line or PLANTED_PHONE in line]
    assert queries == []
