"""Pseudonyms are remembered from night to night: the same as the keyring makes, and nobody can read the file."""

from pathlib import Path

import polars as pl
import pytest

from doudi.engine.pipeline.kept_pseudonyms import KeptPseudonyms
from doudi.engine.values.keys import Keyring
from doudi.engine.values.seal import SealError

NIGHTS = (["a", "b", "c"], ["a", "b", "c"], ["b", "a", "d", "c"], ["d"], ["a", "b", "c", "d"])


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.generate(tmp_path / "doudi.keys")


def test_remembered_or_not_the_pseudonyms_are_the_keyrings(tmp_path: Path, keyring: Keyring) -> None:
    kept = KeptPseudonyms(tmp_path / "kept", keyring, worth_keeping=1)
    for night in NIGHTS:
        texts = [f"41990119900101{each}" for each in night]
        found = kept.pseudonyms_of_all("person", pl.Series(texts))
        assert found.to_list() == keyring.pseudonyms("person", texts)
        (file,) = (tmp_path / "kept").iterdir()
        content = file.read_bytes()
        assert not any(text.encode() in content for text in (*texts, *found))
        assert file.stat().st_mode & 0o077 == 0


def test_what_is_known_is_not_made_again(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptPseudonyms(tmp_path / "kept", keyring, worth_keeping=1)
    kept.pseudonyms_of_all("household", pl.Series(["h1", "h2"]))
    made: list[str] = []
    makes = Keyring.pseudonyms
    monkeypatch.setattr(Keyring, "pseudonyms", lambda self, kind, texts: made.extend(texts) or makes(self, kind, texts))
    kept.pseudonyms_of_all("household", pl.Series(["h2", "h3", "h1"]))
    assert made == ["h3"]


def test_few_are_made_without_a_file(tmp_path: Path, keyring: Keyring) -> None:
    KeptPseudonyms(tmp_path / "kept", keyring).pseudonyms_of_all("person", pl.Series(["a"]))
    assert not (tmp_path / "kept").exists()


def test_people_and_households_are_kept_apart(tmp_path: Path, keyring: Keyring) -> None:
    kept = KeptPseudonyms(tmp_path / "kept", keyring, worth_keeping=1)
    person, household = (kept.pseudonyms_of_all(kind, pl.Series(["x"]))[0] for kind in ("person", "household"))
    assert person != household
    assert kept.pseudonyms_of_all("person", pl.Series(["x"]))[0] == person


def test_a_file_that_was_changed_is_refused(tmp_path: Path, keyring: Keyring) -> None:
    kept = KeptPseudonyms(tmp_path / "kept", keyring, worth_keeping=1)
    kept.pseudonyms_of_all("person", pl.Series(["a", "b"]))
    (file,) = (tmp_path / "kept").iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(SealError):
        kept.pseudonyms_of_all("person", pl.Series(["a", "b"]))
