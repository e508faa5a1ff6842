"""The keyring 密钥: named secrets in one file that lies apart from all data.

What is sealed can be opened only with the same key and for the same purpose. Sealing draws a fresh salt each time: two
seals of the same data differ, and nothing is concluded from a seal's own digest.
"""

import base64
import binascii
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal, Protocol

import polars as pl

from doudi.engine.values.errors import DoudiError

SecretName = Literal["pseudonym", "seal", "blind_index", "field", "signing"]
SECRET_NAMES: tuple[SecretName, ...] = ("pseudonym", "seal", "blind_index", "field", "signing")
_FIRST_KEY_ID = "a1"
_SECRET_BYTES = 32
_BLOCK_BYTES = 64


class KeyringError(DoudiError):
    """The file of keys is missing, open to others, or not whole."""

    code: ClassVar[str] = "DD-KEYS-001"


@dataclass(frozen=True)
class Secret:
    """32 secret bytes and the id under which they are named in what they produced."""

    key_id: str
    material: bytes = field(repr=False)


@dataclass(frozen=True)
class Keyring:
    """The secrets in use, and the older ones that may still be needed to open something."""

    secrets: Mapping[SecretName, Mapping[str, Secret]] = field(repr=False)
    current: Mapping[SecretName, str]

    @classmethod
    def generate(cls, path: Path) -> "Keyring":
        """Make fresh secrets and write them to a new file that only its owner can read."""
        content = {
            name: {
                "current": _FIRST_KEY_ID,
                "keys": {_FIRST_KEY_ID: base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")},
            }
            for name in SECRET_NAMES
        }
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyringError(
                "there is a keyring already; it is never overwritten, for what it sealed would be lost.",
                advice="Use it, or name another file.",
                where=str(path),
            ) from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"version": 1, "secrets": content}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read the secrets. A file that others can read is refused."""
        where = str(path)
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="ascii")
        except FileNotFoundError:
            raise KeyringError("there is no keyring.", advice="Generate one, or give its path.", where=where) from None
        if mode & 0o077:
            raise KeyringError("others can read the keyring.", advice="Set its mode to 0600.", where=where)
        try:
            content = json.loads(text)["secrets"]
            kept = {name: _secrets_of(content[name]["keys"]) for name in SECRET_NAMES}
            current = {name: str(content[name]["current"]) for name in SECRET_NAMES}
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            # The parser's own message could quote a key.
            raise KeyringError("the keyring is not whole.", advice="Restore it from its backup.", where=where) from None
        if any(current[name] not in kept[name] for name in SECRET_NAMES):
            raise KeyringError("the keyring names a current key that it does not hold.", where=where)
        return cls(kept, current)

    def secret(self, name: SecretName, key_id: str | None = None) -> Secret:
        """The secret in use, or an older one by its id."""
        wanted = key_id or self.current[name]
        try:
            return self.secrets[name][wanted]
        except KeyError:
            raise KeyringError(
                f"the keyring has no {name} key {wanted}.", advice="Add the older key from the keyring's backup."
            ) from None

    def pseudonym(self, kind: Literal["person", "household"], text: str) -> str:
        """The key under which the lake knows a person or household: key id, then a keyed digest."""
        return self.pseudonyms(kind, (text,))[0]

    def pseudonyms(self, kind: Literal["person", "household"], texts: Iterable[str]) -> list[str]:
        """The keys of many people or households: the same as one by one, in a fraction of the time."""
        secret = self.secret("pseudonym")
        # HMAC-SHA256 as RFC 2104 defines it, written out: the library's takes four times as long for a short text.
        block = secret.material.ljust(_BLOCK_BYTES, b"\0")
        inner = bytes(byte ^ 0x36 for byte in block) + kind.encode() + b"\0"
        outer = bytes(byte ^ 0x5C for byte in block)
        begin = f"{secret.key_id}-"
        return [begin + sha256(outer + sha256(inner + text.encode()).digest()).hexdigest()[:32] for text in texts]

    def pseudonyms_of_all(self, kind: Literal["person", "household"], texts: pl.Series) -> pl.Series:
        """The keys of all people or households of a night, in the order of `texts`, which are all different."""
        return pl.Series("key", self.pseudonyms(kind, texts), dtype=pl.String)


class Pseudonyms(Protocol):
    """Who makes pseudonyms: the keyring, or what remembers those that it made."""

    def pseudonyms(self, kind: Literal["person", "household"], texts: Iterable[str]) -> list[str]: ...

    def pseudonyms_of_all(self, kind: Literal["person", "household"], texts: pl.Series) -> pl.Series: ...


def _secrets_of(keys: Mapping[str, str]) -> dict[str, Secret]:
    found = {key_id: Secret(key_id, base64.b64decode(text, validate=True)) for key_id, text in keys.items()}
    if any(len(secret.material) != _SECRET_BYTES for secret in found.values()):
        raise ValueError("a key has another length")
    return found
