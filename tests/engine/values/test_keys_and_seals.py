"""Keys lie in a file of their own; what is sealed opens only whole, with its key, for its purpose."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doudi.engine.values.keys import SECRET_NAMES, Keyring, KeyringError
from doudi.engine.values.seal import SealError, seal, seal_stream, unseal, unseal_stream

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.generate(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.mark.parametrize("size", [0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 2 * MEBIBYTE])
def test_a_seal_gives_back_what_was_sealed(keyring: Keyring, size: int) -> None:
    data = bytes(place % 251 for place in range(size))
    assert unseal(keyring, seal(keyring, data, "identity"), "identity") == data


def test_another_purpose_does_not_open_it(keyring: Keyring) -> None:
    with pytest.raises(SealError):
        unseal(keyring, seal(keyring, b"secret", "identity"), "quarantine")


def test_another_key_does_not_open_it(keyring: Keyring, tmp_path: Path) -> None:
    other = Keyring.generate(tmp_path / "other.json")
    with pytest.raises(SealError):
        unseal(other, seal(keyring, b"secret", "identity"), "identity")


def test_p30_no_bit_can_be_flipped_and_no_byte_cut_or_added(keyring: Keyring) -> None:
    closed = seal(keyring, b"419901", "identity")
    for place in range(len(closed) * 8):
        altered = bytearray(closed)
        altered[place // 8] ^= 1 << (place % 8)
        with pytest.raises(SealError):
            unseal(keyring, bytes(altered), "identity")
    for length in range(len(closed)):
        with pytest.raises(SealError):
            unseal(keyring, closed[:length], "identity")
    with pytest.raises(SealError):
        unseal(keyring, closed + b"\0", "identity")


def test_chunks_can_not_be_dropped_or_swapped(keyring: Keyring) -> None:
    closed = seal(keyring, b"a" * MEBIBYTE + b"b" * MEBIBYTE + b"c", "identity")
    size = 4 + MEBIBYTE + 16
    header = len(closed) - 2 * size - (4 + 1 + 16)
    first, second, last = closed[header:][:size], closed[header + size :][:size], closed[header + 2 * size :]
    for chunks in (second + first + last, first + last, first + second, last):
        with pytest.raises(SealError):
            unseal(keyring, closed[:header] + chunks, "identity")


@settings(max_examples=50)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_never_open(keyring: Keyring, data: bytes) -> None:
    with pytest.raises(SealError):
        unseal(keyring, data, "identity")


def test_p30_two_seals_of_the_same_data_differ_and_show_nothing_of_it(keyring: Keyring) -> None:
    data = b"419901196805314419"
    assert seal(keyring, data, "identity") != seal(keyring, data, "identity")
    assert data not in seal(keyring, data, "identity")


def test_a_stream_is_sealed_and_opened_without_holding_it_whole(keyring: Keyring) -> None:
    closed, opened = io.BytesIO(), io.BytesIO()
    seal_stream(keyring, io.BytesIO(b"x" * (3 * MEBIBYTE)), closed, "accepted")
    closed.seek(0)
    unseal_stream(keyring, closed, opened, "accepted")
    assert opened.getvalue() == b"x" * (3 * MEBIBYTE)


def test_a_keyring_is_made_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = Keyring.generate(path)
    assert path.stat().st_mode & 0o777 == 0o600
    read = Keyring.load(path)
    assert {name: read.secret(name) for name in SECRET_NAMES} == {name: made.secret(name) for name in SECRET_NAMES}
    assert len({made.secret(name).material for name in SECRET_NAMES}) == len(SECRET_NAMES)


def test_a_keyring_is_never_overwritten(tmp_path: Path) -> None:
    Keyring.generate(tmp_path / "keys.json")
    with pytest.raises(KeyringError, match="already"):
        Keyring.generate(tmp_path / "keys.json")


def test_a_keyring_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keyring.generate(path)
    path.chmod(0o640)
    with pytest.raises(KeyringError, match="0600"):
        Keyring.load(path)


def test_a_missing_or_broken_keyring_is_refused_without_quoting_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with pytest.raises(KeyringError, match="no keyring"):
        Keyring.load(path)
    for content in ("", "[]", '{"secrets": {"seal": "hush-hush"}}', json.dumps({"secrets": {}})):
        path.write_text(content)
        path.chmod(0o600)
        with pytest.raises(KeyringError) as caught:
            Keyring.load(path)
        assert "hush" not in str(caught.value)


def test_an_older_key_still_opens_what_it_sealed(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    closed = seal(Keyring.generate(path), b"old", "identity")
    content = json.loads(path.read_text())
    fresh = Keyring.generate(tmp_path / "fresh.json")
    newer = json.loads((tmp_path / "fresh.json").read_text())["secrets"]["seal"]["keys"]["a1"]
    content["secrets"]["seal"] = {
        "current": "a2",
        "keys": {"a1": content["secrets"]["seal"]["keys"]["a1"], "a2": newer},
    }
    path.write_text(json.dumps(content))
    rotated = Keyring.load(path)
    assert rotated.secret("seal").key_id == "a2"
    assert rotated.secret("seal").material == fresh.secret("seal").material
    assert unseal(rotated, closed, "identity") == b"old"


def test_pseudonyms_are_stable_differ_by_kind_and_tell_nothing(keyring: Keyring) -> None:
    number = "419901196805314419"
    person = keyring.pseudonym("person", number)
    assert person == keyring.pseudonym("person", number)
    assert person != keyring.pseudonym("household", number)
    assert person.startswith("a1-")
    assert len(person) == 35
    assert number not in person


def test_secrets_do_not_show_in_a_traceback(keyring: Keyring) -> None:
    assert "b'" not in repr(keyring)
    assert "b'" not in repr(keyring.secret("seal"))
