"""Promise P30: identity and account numbers are stored encrypted, and found by a keyed hash."""

from pathlib import Path

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from running_office import VILLAGE_A, OfficeServer

from doudi.engine.values.keys import Keyring
from doudi.office.crypto import CryptoError, blind_index, decrypt, encrypt
from doudi.office.registry.models import BankAccount, Household, Person

# Invented: 4199 is nobody's prefix.
NUMBER = "419901198001010015"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(tmp_path_factory.mktemp("keys") / "keys.json")


@given(text=st.text())
def test_what_was_encrypted_opens_again_and_twice_looks_different(ring: Keyring, text: str) -> None:
    first, second = encrypt(ring, text, "a"), encrypt(ring, text, "a")
    assert first != second
    assert decrypt(ring, first, "a") == decrypt(ring, second, "a") == text


def test_a_value_moved_to_another_column_does_not_open(ring: Keyring) -> None:
    with pytest.raises(CryptoError):
        decrypt(ring, encrypt(ring, NUMBER, "registry_person.id_number"), "registry_bankaccount.number")


def test_a_value_with_one_bit_changed_does_not_open_and_the_error_does_not_quote_it(ring: Keyring) -> None:
    stored = encrypt(ring, NUMBER, "a")
    for place in range(3, len(stored) - 4, 5):
        changed = stored[:place] + ("A" if stored[place] != "A" else "B") + stored[place + 1 :]
        with pytest.raises(CryptoError) as caught:
            decrypt(ring, changed, "a")
        assert NUMBER not in str(caught.value)
        assert stored[5:20] not in str(caught.value)


def test_the_blind_index_depends_on_the_key_and_not_on_the_run(ring: Keyring, tmp_path) -> None:
    other = Keyring.generate(tmp_path / "other.json")
    assert blind_index(ring, NUMBER) == blind_index(ring, NUMBER)
    assert blind_index(ring, NUMBER) != blind_index(other, NUMBER)
    assert len(blind_index(ring, NUMBER)) == 64


def test_p30_the_database_never_sees_the_number_but_the_model_does(as_job, keyring: Keyring) -> None:
    index = blind_index(keyring, NUMBER)
    with as_job("4199"):
        person = Person.objects.create(
            key="k1",
            name="张三",
            id_number=NUMBER,
            id_index=index,
            id_tail_index=blind_index(keyring, NUMBER[-4:]),
            phone="",
            status="met",
            area=VILLAGE_A,
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT id_number, phone FROM registry_person WHERE id = %s", [person.pk])
            stored, empty = cursor.fetchone()
        assert NUMBER not in stored
        assert stored.startswith("a1:")
        assert empty == ""
        found = Person.objects.get(id_index=index)
        assert found.id_number == NUMBER


def test_p30_nothing_that_the_database_wrote_to_the_disk_holds_the_number(office_server: OfficeServer, as_job) -> None:
    other = "419901196505050057"
    with as_job("4199"):
        person = {
            "key": "k2",
            "name": "李四",
            "status": "met",
            "area": VILLAGE_A,
            "id_index": "x",
            "id_tail_index": "y",
        }
        Person.objects.create(id_number=other, phone="13900004199", **person)
        with office_server.connect("admin") as admin:
            admin.execute("CHECKPOINT")
        home = office_server.postgres.home
        holding = [path.name for path in home.rglob("*") if path.is_file() and _holds(path, other, "13900004199")]
        known = [path.name for path in home.rglob("*") if path.is_file() and _holds(path, "registry_person")]
    assert holding == []
    # The search itself works: names of tables are found.
    assert known


def _holds(path: Path, *texts: str) -> bool:
    content = path.read_bytes()
    return any(text.encode() in content for text in texts)


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (Person, {"id_number": NUMBER}),
        (Person, {"id_number__contains": "0015"}),
        (Household, {"address__icontains": "x"}),
        (BankAccount, {"number__in": ["1"]}),
    ],
)
def test_a_search_through_ciphertext_is_a_mistake_not_an_empty_answer(model, lookup) -> None:
    with pytest.raises(FieldError):
        model.objects.filter(**lookup)


def test_not_given_can_be_asked_for() -> None:
    assert "registry_person" in str(Person.objects.filter(id_number="").query)
